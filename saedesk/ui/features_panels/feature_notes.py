"""What a person marked a feature with: hidden, tags and a note, under the head of its page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.features_panels.note_field import NoteField
from saedesk.ui.features_panels.tag_field import TagField
from saedesk.ui.features_panels.wrapping_row import WrappingRow
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import LinkButton

_ABOUT_TAGS = "Tags gather features; the list can be filtered by them"
_ABOUT_NOTE = "Plain text, kept while you type"


class FeatureNotes(QWidget):
    """Writes through the session's book; every change can be undone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._latent: int | None = None
        self.hidden_chip = FilterChip(
            "Hidden", removable=True, tooltip="Left out of the list; the cross shows it again"
        )
        self.hidden_chip.removed.connect(self._show_again)
        self.hidden_chip.clicked.connect(self._show_again)
        self.tags: list[FilterChip] = []
        self.add_tag = LinkButton("Add a tag")
        self.add_tag.clicked.connect(self.open_tag_field)
        self.tag_field = TagField()
        self.tag_field.setFixedWidth(tokens().space[8] * 6)
        self.tag_field.setFixedHeight(tokens().space[6])
        self.tag_field.chosen.connect(self._on_tag)
        self.tag_field.given_up.connect(self._close_tag_field)
        self.add_note = LinkButton("Add a note")
        self.add_note.clicked.connect(self.edit_note)
        self.note = NoteField()
        self.note.kept.connect(self._on_note)
        self.note.left.connect(self._on_note_left)
        self._row = WrappingRow([])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens().space[2], 0, 0)
        column.setSpacing(tokens().space[2])
        column.addWidget(self._row)
        column.addWidget(self.note)
        self._parts = (self.hidden_chip, self.add_tag, self.tag_field, self.add_note)
        for part in self._parts:
            part.setParent(self._row)
        self.tag_field.hide()
        self.note.hide()

    def show_feature(self, latent: int) -> None:
        """Show another feature; a note that is being typed is kept first."""
        if latent != self._latent:
            self.note.keep()
            self._latent = latent
            self.tag_field.hide()
            self.note.show_other(self._note())
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the marks again."""
        book, latent = self._session.book, self._latent
        if book is None or latent is None:
            return
        mark, refused = book.mark(latent), read_only_reason(self._session)
        self._show_tags(sorted(mark.tags, key=str.casefold), refused)
        self.hidden_chip.setVisible(mark.hidden)
        self.hidden_chip.setEnabled(not refused)
        self.note.show_note(mark.note)
        self.note.setReadOnly(bool(refused))
        set_plain_tooltip(self.note, refused)
        self.note.setVisible(bool(mark.note) or self.note.hasFocus())
        self.add_note.setVisible(self.note.isHidden())
        self.add_tag.setVisible(self.tag_field.isHidden())
        for link, about in ((self.add_note, _ABOUT_NOTE), (self.add_tag, _ABOUT_TAGS)):
            link.setEnabled(not refused)
            set_plain_tooltip(link, refused or about)
        self._arrange()

    @Slot()
    def open_tag_field(self) -> None:
        """Let a tag be typed."""
        book = self._session.book
        if book is None or not may_write(self._session):
            return
        self.tag_field.set_tags(book.tags())
        self.tag_field.show()
        self.add_tag.hide()
        self._arrange()
        self.tag_field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def edit_note(self) -> None:
        """Put the keyboard into the note."""
        if not may_write(self._session):
            return
        self.note.show()
        self.add_note.hide()
        self._arrange()
        self.note.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_tags(self, tags: list[str], refused: str) -> None:
        if [chip.text() for chip in self.tags] != tags:
            for chip in self.tags:
                chip.hide()
                chip.deleteLater()
            self.tags = []
            for tag in tags:
                chip = FilterChip(tag, removable=True, tooltip="The cross takes the tag away")
                chip.removed.connect(self._on_untag)
                self.tags.append(chip)
        for chip in self.tags:
            chip.setEnabled(not refused)

    def _arrange(self) -> None:
        hidden, add_tag, field, add_note = self._parts
        self._row.set_widgets([hidden, *self.tags, add_tag, field, add_note])

    def _note(self) -> str:
        book, latent = self._session.book, self._latent
        return "" if book is None or latent is None else book.mark(latent).note

    # -- writing -----------------------------------------------------------------------------

    @Slot()
    def _show_again(self) -> None:
        book, latent = self._session.book, self._latent
        if book is not None and latent is not None and may_write(self._session):
            book.set_hidden([latent], False)

    @Slot()
    def _on_untag(self) -> None:
        book, latent, chip = self._session.book, self._latent, self.sender()
        if book is None or latent is None or not may_write(self._session):
            return
        tag = next(known.text() for known in self.tags if known is chip)
        book.remove_tag([latent], tag)
        self.add_tag.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_tag(self, tag: str) -> None:
        book, latent = self._session.book, self._latent
        if book is not None and latent is not None and may_write(self._session):
            book.add_tag([latent], tag)
            # Several are given one after the other.
            self.tag_field.set_tags(book.tags())

    @Slot()
    def _close_tag_field(self) -> None:
        self.tag_field.hide()
        self.add_tag.show()
        self._arrange()
        self.add_tag.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str, int)
    def _on_note(self, text: str, edit: int) -> None:
        book, latent = self._session.book, self._latent
        if book is not None and latent is not None and may_write(self._session):
            book.set_note(latent, text, edit)

    @Slot()
    def _on_note_left(self) -> None:
        if self.note.hasFocus():
            self.add_note.show()
            self._arrange()
            self.add_tag.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()
