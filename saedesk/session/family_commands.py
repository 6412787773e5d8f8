"""Steps that can be undone in what people do to families.

A step that could not be written removes itself from the undo stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from saedesk.features.families.edited_families import FamilyEdit

if TYPE_CHECKING:
    from saedesk.session.family_editor import FamilyEditor

Edits = Mapping[int, FamilyEdit | None]
"""By root, None for a family as it was found."""


class FamilyEditsCommand(QUndoCommand):
    """Other edits of some families."""

    def __init__(self, book: FamilyEditor, title: str, before: Edits, after: Edits) -> None:
        """`before` and `after` are edits by root, None for a family as it was found."""
        super().__init__(title)
        self._book, self._before, self._after = book, dict(before), dict(after)

    def redo(self) -> None:
        self.setObsolete(not self._book.store_edits(self._after))

    def undo(self) -> None:
        self._book.store_edits(self._before)
