"""The place of one plot: its head, and the plot or a sentence that says what will be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

if TYPE_CHECKING:
    from saedesk.ui.widgets.plots import Plot, PlotHead


class PlotPlace(QWidget):
    """Copy and save appear at the right of the head under the mouse or the keyboard.

    The plot comes with `set_plot`, later than the place, because making plots takes time.
    """

    def __init__(
        self, title: str, note: str, promise: str, explanation: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.plot: Plot | None = None
        self._title, self._explanation = title, explanation
        self._buttons: list[GhostButton] = []
        self.promise = TextLabel(
            promise, "body", "text3", wrap=True, align=Qt.AlignmentFlag.AlignTop
        )
        self._stack = QStackedLayout()
        self._stack.addWidget(self.promise)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(self._stack, 1)
        self._take_head(SectionHead(title, note, note_right=False))
        self.setAccessibleName(f"Plot: {title}, {note}")
        FocusRingFilter(self, tokens().radius.control)
        self.set_filled(False)

    def set_plot(self, plot: Plot) -> None:
        """Takes its plot; the sentence stays until there is something to draw."""
        from saedesk.ui.widgets.plots import PlotHead

        self.plot = plot
        # The place takes the keyboard for its plot, in which no key does anything.
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stack.addWidget(plot)
        before = self.head
        self._take_head(PlotHead(self._title, before.note.text(), plot))
        self._column.removeWidget(before)
        before.hide()
        before.deleteLater()
        self._buttons = self.head.findChildren(GhostButton)
        for button in self._buttons:
            button.installEventFilter(self)
        self._show_buttons()

    def _take_head(self, head: SectionHead | PlotHead) -> None:
        self.head = head
        head.setFixedHeight(tokens().hit_target)
        head.title.set_explanation(self._explanation)
        self._column.insertWidget(0, head)

    def set_filled(self, filled: bool) -> None:
        """Shows the plot, or the sentence that stands in for it."""
        plot = self.plot if filled else None
        filled = plot is not None
        self._stack.setCurrentWidget(self.promise if plot is None else plot)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if filled else Qt.FocusPolicy.NoFocus)
        self._show_buttons()

    @property
    def is_filled(self) -> bool:
        """Whether the plot is shown."""
        return self.plot is not None and self._stack.currentWidget() is self.plot

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
