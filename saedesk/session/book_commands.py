"""Steps that can be undone in what people write about features.

A step that could not be written removes itself from the undo stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from saedesk.project.feature_marks import FeatureMark

if TYPE_CHECKING:
    from saedesk.session.feature_book import FeatureBook
    from saedesk.session.mark_book import MarkBook

_NOTE_COMMAND = 1
"""Steps with this number are offered to one another for merging."""


def features_text(count: int) -> str:
    """ "3 features", for the names of steps."""
    return f"{count:,} feature" + ("" if count == 1 else "s")


class LabelsCommand(QUndoCommand):
    """Other labels in force; they are stored before the command is pushed."""

    def __init__(
        self,
        book: FeatureBook,
        title: str,
        before: Mapping[int, int | None],
        after: Mapping[int, int],
    ) -> None:
        """`before` and `after` are numbers in the history by latent, None for no label."""
        super().__init__(title)
        self._book, self._before, self._after = book, dict(before), dict(after)
        self._is_written = True

    def redo(self) -> None:
        if self._is_written:
            self._is_written = False
            self._book.read_labels_again(self._after)
        else:
            self._book.put_labels_in_force(self._after)
        self._book.labels_edited.emit(frozenset(self._after))

    def undo(self) -> None:
        self._book.put_labels_in_force(self._before)
        self._book.labels_edited.emit(frozenset(self._before))


class FlagCommand(QUndoCommand):
    """Features starred or hidden, or no longer."""

    def __init__(
        self, book: MarkBook, title: str, field: str, latents: tuple[int, ...], value: bool
    ) -> None:
        """`field` is "starred" or "hidden"; `latents` are those that the value is new for."""
        super().__init__(title)
        self._book, self._field, self._latents, self._value = book, field, latents, value

    def redo(self) -> None:
        self.setObsolete(not self._book.store_flag(self._field, self._latents, self._value))

    def undo(self) -> None:
        self._book.store_flag(self._field, self._latents, not self._value)


class TagCommand(QUndoCommand):
    """A tag given to features, or taken away from them."""

    def __init__(
        self, book: MarkBook, title: str, latents: tuple[int, ...], tag: str, added: bool
    ) -> None:
        super().__init__(title)
        self._book, self._latents, self._tag, self._added = book, latents, tag, added

    def redo(self) -> None:
        self.setObsolete(not self._book.store_tag(self._latents, self._tag, self._added))

    def undo(self) -> None:
        self._book.store_tag(self._latents, self._tag, not self._added)


class NoteCommand(QUndoCommand):
    """Another note; what is typed in one go is one step."""

    def __init__(self, book: MarkBook, latent: int, before: str, after: str, edit: int) -> None:
        super().__init__(f"Note of feature {latent}")
        self._book, self._latent, self._edit = book, latent, edit
        self._before, self._after = before, after

    def id(self) -> int:
        return _NOTE_COMMAND

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, NoteCommand):
            return False
        if not self._edit or (other._latent, other._edit) != (self._latent, self._edit):
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self.setObsolete(not self._book.store_note(self._latent, self._after))

    def undo(self) -> None:
        self._book.store_note(self._latent, self._before)


class MarksCommand(QUndoCommand):
    """Whole marks, as an import writes them; they are stored before the command is pushed."""

    def __init__(
        self,
        book: MarkBook,
        title: str,
        before: Mapping[int, FeatureMark],
        after: Mapping[int, FeatureMark],
    ) -> None:
        super().__init__(title)
        self._book, self._before, self._after = book, dict(before), dict(after)
        self._is_written = True

    def redo(self) -> None:
        if self._is_written:
            self._is_written = False
            self._book.read_marks_again(self._after)
        else:
            self._book.store_marks(self._after)

    def undo(self) -> None:
        self._book.store_marks(self._before)
