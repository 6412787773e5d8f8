"""Families: the list, the page of one with its drawing, and who fires with whom."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from saedesk.session.family_book import family_book
from saedesk.session.session import Message, Session
from saedesk.ui.family_panels.family_actions import FamilyActions
from saedesk.ui.family_panels.family_aside import FamilyAside
from saedesk.ui.family_panels.family_list import FamilyList
from saedesk.ui.family_panels.family_page import FamilyPage
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.keyboard_place import has_keyboard

_NO_PROJECT = "Families are groups of features that fire together. Open a project first."
_NO_SAE = (
    "Families are groups of features that fire together, from the general to the special. Train a "
    "sparse autoencoder to have features."
)
_NOT_ANALYSED = (
    "The features of this SAE have not been looked for in the documents yet. It takes a minute, "
    "and then their families can be found."
)
_NOT_FOUND = (
    "Families are groups of features that fire together, from the general to the special. They "
    "have not been looked for in this SAE yet; it takes seconds to minutes."
)
_FILLS = {
    "train": "Train an SAE",
    "analyse": "Find the features",
    "find": "Find the families",
}


class FamiliesWorkspace(QWidget):
    """List, page and right column; below 1360 pixels the right column is a drawer."""

    drawer_changed = Signal()
    """The right column became a drawer, or a column again."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, family_book(session)
        self._is_narrow: bool | None = None
        self._fills = ""
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.actions_of = FamilyActions(session, self)
        self.list = FamilyList(session, self.actions_of)
        self.page = FamilyPage(session, self.actions_of)
        self.aside = FamilyAside(session, self._book)
        self.list.opened.connect(self._open_drawing)
        self.list.rename_wanted.connect(self.page.head.edit)
        self.list.filtered.connect(self.page.drawing.set_filter)
        self._build()
        self._book.families_changed.connect(self._refresh)
        self._book.refused.connect(self._tell)
        for signal in (session.project_changed, session.sae_changed, session.runs_changed):
            signal.connect(self._refresh)
        session.lanes_replaced.connect(self._follow_tasks)
        self._follow_tasks()
        self._refresh()
        self._set_narrow(False)

    def _build(self) -> None:
        self.empty = EmptyPanel("")
        self.empty.activated.connect(self._fill)
        self._content = QWidget()
        row = QHBoxLayout(self._content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._line = Hairline(Qt.Orientation.Vertical)
        row.addWidget(self.list)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(self.page, 1)
        row.addWidget(self._line)
        row.addWidget(self.aside)
        # In a narrow window the drawer makes room; names of families are worth theirs.
        self.list.setFixedWidth(tokens().layout.family_list)
        self.aside.setFixedWidth(tokens().layout.heat_map)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._content)
        self._stack.addWidget(self.empty)

    # -- the right column --------------------------------------------------------------------

    @property
    def has_drawer(self) -> bool:
        """Whether the right column is a drawer at the width of the moment."""
        return bool(self._is_narrow) and self._stack.currentWidget() is self._content

    @property
    def is_drawer_visible(self) -> bool:
        """Whether the right column is shown."""
        return not self.aside.isHidden()

    def set_drawer_visible(self, visible: bool) -> None:
        """Show or hide the right column."""
        self.aside.setVisible(visible)
        self._line.setVisible(visible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window()
        width = self.width() + tokens().layout.rail if window is self else window.width()
        self._set_narrow(width < tokens().layout.narrow_below)

    def _set_narrow(self, narrow: bool) -> None:
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        self.set_drawer_visible(not narrow)
        self.drawer_changed.emit()

    # -- keyboard ----------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Put the keyboard into the list; where there is none, on the button that fills it."""
        button = self.empty.button
        first: QWidget = self if button.isHidden() or not button.isEnabled() else button
        if self._stack.currentWidget() is self._content:
            first = self.list.table
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_filter(self) -> None:
        """Put the keyboard into the filter of the list."""
        if self._stack.currentWidget() is self._content:
            self.list.focus_filter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.focus_filter()
        elif event.key() == Qt.Key.Key_F2 and self._book.selected is not None:
            self.page.head.edit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _open_drawing(self) -> None:
        if self._book.selected is not None:
            self.page.drawing.open_family(self._book.selected)
            self.page.drawing.focus_drawing()

    # -- empty states ------------------------------------------------------------------------

    @Slot()
    def _refresh(self) -> None:
        project = self._session.project
        if project is None:
            self._show_empty(_NO_PROJECT, "")
        elif project.current("saes") is None:
            self._show_empty(_NO_SAE, "train")
        elif self._session.sae is None:
            self._show_empty(_NOT_ANALYSED, "analyse")
        elif not self._book.is_found:
            self._show_empty(_NOT_FOUND, "find")
        else:
            self._show_content()
        self.drawer_changed.emit()

    def _show_content(self) -> None:
        # Who waited here for the families finds the keyboard in their list.
        waited = self._stack.currentWidget() is self.empty and has_keyboard(self)
        self._stack.setCurrentWidget(self._content)
        if self._book.selected is None and self._book.families:
            self._book.select(self._book.families[0].root)
        if waited:
            self.focus_first()

    def _show_empty(self, sentence: str, fills: str) -> None:
        waited = has_keyboard(self)
        if waited:
            # Where a button goes or is dimmed, Qt hands the keyboard to the rail.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fills = fills
        self.empty.set_text(sentence, _FILLS.get(fills, ""))
        self._explain_button()
        self._stack.setCurrentWidget(self.empty)
        if waited:
            self.focus_first()

    @Slot()
    def _follow_tasks(self) -> None:
        self._session.compute.changed.connect(self._explain_button)

    @Slot()
    def _explain_button(self) -> None:
        reason = ""
        if self._fills in ("find", "analyse"):
            reason = read_only_reason(self._session)
            if any(task.title in _WORK for task in self._session.compute.tasks):
                reason = "This is under way; the footer says how far it is."
        if reason and self.empty.button.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.empty.button.set_disabled_reason(reason)

    @Slot()
    def _fill(self) -> None:
        if self._fills == "train":
            self._session.show("train")
        elif not may_write(self._session):
            return
        elif self._fills == "analyse":
            self._session.analyse()
        elif self._fills == "find":
            self._book.find()

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self._session.message.emit(Message("warning", sentence))


_WORK = ("Finding the families", "Finding and labelling the features")
"""Tasks that fill what is empty here."""
