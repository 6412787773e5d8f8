"""The head of a family's page: its place, its name edited in place, what can be done."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.session.family_book import family_book
from saedesk.session.session import Message, Session
from saedesk.ui.family_panels.family_actions import FamilyActions
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton, PrimaryButton
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.title_editing import TitleField, TitleLabel

_NO_SEARCH = "Search needs the vectors of the documents"
NO_FAMILY = (
    "This is no family at the thresholds of the moment. Lower them, or choose another family."
)
_MENU = "Merge, split, hide, compare, show elsewhere"


class FamilyHead(QWidget):
    """Shows one family; writes its name and its marks through the family book."""

    def __init__(
        self, session: Session, actions: FamilyActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._book, self._actions = session, family_book(session), actions
        self._root: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.place = TextLabel("", "caption", "text2", tabular=True)
        self.title = TitleLabel()
        self.title.double_clicked.connect(self.edit)
        self.pencil = GhostButton("pencil", "Rename this family (F2)")
        self.pencil.clicked.connect(self.edit)
        self.field = TitleField("A name for this family", role="page title", height=32)
        self.field.setMaxLength(LONGEST_FAMILY_NAME)
        self.field.kept.connect(self._keep)
        self.field.given_up.connect(self.give_up)
        self.field.hide()
        self.pin = GhostButton("pin", "Pin this family")
        self.pin.clicked.connect(self._toggle_pinned)
        self.menu_button = GhostButton("ellipsis", _MENU)
        self.menu_button.clicked.connect(self._open_menu)
        self.steer = PrimaryButton(
            "Steer a search",
            "sliders-horizontal",
            "Puts one slider for the whole family into Search",
        )
        self.steer.clicked.connect(self._steer)
        self._build()

    def _build(self) -> None:
        space = tokens().space
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(space[1] + 1)
        line.addWidget(self.title)
        # The icon stands in the middle of the first line, however many there are.
        holder = QVBoxLayout()
        holder.setContentsMargins(0, 2, 0, 0)
        holder.addWidget(self.pencil)
        holder.addStretch(1)
        line.addLayout(holder)
        line.addWidget(self.field, 1)
        line.addStretch(0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.place)
        words.addSpacing(2)
        words.addLayout(line)
        actions = QHBoxLayout()
        actions.setSpacing(2)
        actions.addWidget(self.pin)
        actions.addWidget(self.menu_button)
        actions.addSpacing(space[2])
        actions.addWidget(self.steer)
        right = QVBoxLayout()
        right.setContentsMargins(0, space[4], 0, 0)
        right.addLayout(actions)
        right.addStretch(1)
        top = QHBoxLayout(self)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(space[4])
        top.addLayout(words, 1)
        top.addLayout(right)

    # -- what is shown -----------------------------------------------------------------------

    def show_family(self, root: int | None) -> None:
        """Show another family, or the same as it is now; an edit under way is kept first."""
        if self.is_editing and root != self._root:
            self._end_edit()
        self._root = root
        family = None if root is None else self._book.family(root)
        self.setVisible(root is not None)
        if root is None:
            return
        self.place.setText(self._place_text(root))
        self.title.setText(self._book.name(root))
        pinned = family is not None and family.pinned
        words = (
            "Unpin: let the thresholds change this family"
            if pinned
            else "Pin: keep this family as it is whatever the thresholds"
        )
        self.pin.set_icon("pin", "accentText" if pinned else "text2", filled=pinned)
        self.pin.set_tooltip(words)
        self.pin.setAccessibleName(words)
        missing = NO_FAMILY if family is None else ""
        reason = missing or read_only_reason(self._session)
        for button in (self.pencil, self.pin):
            button.set_disabled_reason(reason)
        self.menu_button.set_disabled_reason(missing)
        search = "" if self._session.search is not None else _NO_SEARCH
        self.steer.set_disabled_reason(missing or search)
        if self.is_editing and family is not None:
            self.field.set_error(None)

    def _place_text(self, root: int) -> str:
        roots = [one.root for one in self._book.families]
        family = self._book.family(root)
        notes = []
        if root in roots:
            notes.append(f"Family {roots.index(root) + 1:,} of {len(roots):,}")
        else:
            notes.append("No family at these thresholds" if family is None else "Hidden family")
        if family is not None and family.pinned:
            notes.append("pinned")
        if family is not None and family.edited:
            notes.append("merged or split by you")
        return " · ".join(notes)

    # -- editing -----------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        """Whether the name is being edited."""
        return not self.field.isHidden()

    @Slot()
    def edit(self) -> None:
        """Edit the name in place."""
        if self._root is None or self.is_editing or not may_write(self._session):
            return
        if self._book.family(self._root) is None:
            self._session.message.emit(Message("warning", NO_FAMILY))
            return
        self.field.set_error(None)
        self.field.setText(self._book.name(self._root))
        self._show_field(True)
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def _keep(self) -> None:
        if not self.is_editing or self._root is None:
            return
        root, text = self._root, self._typed
        is_changed = text != self._book.name(root)
        if is_changed and self._book.family(root) is None:
            # What was typed waits for the family to come back.
            self.field.set_error(NO_FAMILY)
            return
        self.give_up()
        if is_changed and may_write(self._session):
            self._book.rename(root, text)

    @property
    def _typed(self) -> str:
        return " ".join(self.field.text().split())

    def _end_edit(self) -> None:
        """Keep the name, as another family comes; what cannot be kept is told."""
        self._keep()
        if self.is_editing:
            told = f"The name “{self._typed}” was not kept: there was no family to give it to."
            self._session.message.emit(Message("warning", told))
            self.give_up()

    @Slot()
    def give_up(self) -> None:
        """End an edit without keeping it."""
        had_keyboard = self.field.hasFocus()
        self._show_field(False)
        if had_keyboard:
            self.pencil.setFocus(Qt.FocusReason.MouseFocusReason)

    def _show_field(self, shown: bool) -> None:
        self.field.setVisible(shown)
        self.title.setVisible(not shown)
        self.pencil.setVisible(not shown)

    # -- other actions -----------------------------------------------------------------------

    @Slot()
    def _toggle_pinned(self) -> None:
        if self._root is not None:
            self._actions.toggle_pinned([self._root])

    @Slot()
    def _open_menu(self) -> None:
        if self._root is not None:
            button = self.menu_button
            below = QPoint(0, button.height() + tokens().grid)
            self._actions.open_menu([self._root], button.mapToGlobal(below))

    @Slot()
    def _steer(self) -> None:
        if self._root is not None:
            self._actions.steer(self._root)
