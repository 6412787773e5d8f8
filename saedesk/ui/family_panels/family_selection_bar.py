"""The bar over the list while several families are selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.family_panels.family_actions import FamilyActions
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import TextLabel

_TWO = "Select exactly two families to compare them"


class FamilySelectionBar(QWidget):
    """How many are selected, and what can be done to all of them."""

    ended = Signal()
    """One row is to be selected again."""

    def __init__(
        self,
        session: Session,
        actions: FamilyActions,
        roots: Callable[[], list[int]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._roots = session, actions, roots
        self.setProperty("ground", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Selected families")
        self.count = TextLabel("", "label", "text1", tabular=True)
        self.merge = DefaultButton("Merge", tooltip="Make one family of the selected ones (M)")
        self.merge.clicked.connect(self._on_merge)
        self.compare = GhostButton("git-compare", "Compare the two selected families")
        self.compare.clicked.connect(self._on_compare)
        self.pin = GhostButton("pin", "Pin the selected families, or unpin them (P)")
        self.pin.clicked.connect(self._on_pin)
        self.hide_button = GhostButton("eye-off", "Hide the selected families, or show them (H)")
        self.hide_button.clicked.connect(self._on_hide)
        self.end = GhostButton("x", "Select one family only (Escape)")
        self.end.clicked.connect(self.ended)
        pad, space = tokens().padding.side_panel, tokens().space
        row = QHBoxLayout()
        row.setContentsMargins(pad, space[1], pad - space[1], space[1])
        row.setSpacing(2)
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.merge, self.compare, self.pin, self.hide_button, self.end):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(Hairline())
        self.hide()

    @Slot()
    def show_selection(self) -> None:
        """Show how many families are selected now; one alone needs no bar."""
        roots = self._roots()
        self.setVisible(len(roots) > 1)
        self.count.setText(f"{len(roots):,} selected")
        reason = read_only_reason(self._session)
        for button in (self.merge, self.pin, self.hide_button):
            button.set_disabled_reason(reason)
        self.compare.set_disabled_reason("" if len(roots) == 2 else _TWO)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
            return
        super().keyPressEvent(event)

    @Slot()
    def _on_merge(self) -> None:
        self._actions.merge(self._roots())

    @Slot()
    def _on_compare(self) -> None:
        roots = self._roots()
        if len(roots) == 2:
            self._actions.compare_wanted.emit(*roots)

    @Slot()
    def _on_pin(self) -> None:
        self._actions.toggle_pinned(self._roots())

    @Slot()
    def _on_hide(self) -> None:
        self._actions.toggle_hidden(self._roots())
