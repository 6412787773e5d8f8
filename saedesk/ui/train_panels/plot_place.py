"""The place of one plot: its head, and the plot or a sentence that says what will be there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.plots import Plot, PlotHead
from saedesk.ui.widgets.text_label import TextLabel


class PlotPlace(QWidget):
    """Copy and save appear at the right of the head under the mouse or the keyboard."""

    def __init__(
        self, title: str, note: str, plot: Plot, promise: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.plot = plot
        self.head = PlotHead(title, note, plot)
        self.head.setFixedHeight(tokens().hit_target)
        self._buttons = self.head.findChildren(GhostButton)
        self.promise = TextLabel(
            promise, "body", "text3", wrap=True, align=Qt.AlignmentFlag.AlignTop
        )
        # The place takes the keyboard for its plot, in which no key does anything.
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.promise)
        self._stack.addWidget(plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(self._stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"Plot: {title}, {note}")
        FocusRingFilter(self, tokens().radius.control)
        for button in self._buttons:
            button.installEventFilter(self)
        self.set_filled(False)

    def set_filled(self, filled: bool) -> None:
        """Shows the plot, or the sentence that stands in for it."""
        self._stack.setCurrentWidget(self.plot if filled else self.promise)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if filled else Qt.FocusPolicy.NoFocus)
        self._show_buttons()

    @property
    def is_filled(self) -> bool:
        """Whether the plot is shown."""
        return self._stack.currentWidget() is self.plot

    def enterEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().enterEvent(event)
        self._show_buttons()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().leaveEvent(event)
        self._show_buttons()

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._show_buttons()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self._show_buttons()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_buttons()
        return False

    def _show_buttons(self) -> None:
        keyboard = QApplication.focusWidget()
        inside = keyboard is self or keyboard in self._buttons
        wanted = self.is_filled and (self.underMouse() or inside)
        for button in self._buttons:
            button.setVisible(wanted)
