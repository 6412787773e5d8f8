"""The saved selections: shown in Corpus, renamed, deleted; every change can be undone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtWidgets import QWidget

from saedesk.project.selection_store import SavedSelection
from saedesk.session.session import Session
from saedesk.ui.features_panels.number_texts import moment_text
from saedesk.ui.selection_panels.origin_words import FROM_FILTER, UNKNOWN, origin_text
from saedesk.ui.selection_panels.saved_list_dialog import ListWords, SavedListDialog
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.row_table_model import Column

WORDS = ListWords(
    "selection",
    "selections",
    "A selection is a set of documents under a name. Save one from the histogram of a feature, or "
    "what the filter in Corpus lets through. Deleting a selection leaves its documents alone.",
    "Nothing is saved yet.",
    "Save what the filter shows…",
    "Show documents",
    "In the table of Corpus (Enter)",
)
NO_FILTER = "Set a filter in Corpus first; what it lets through can be saved then."


def open_selections_dialog(
    session: Session, parent: QWidget, filtered: np.ndarray | None = None
) -> SelectionsDialog | None:
    """Shows the dialog beside the window; `filtered` are the ids that the filter lets through."""
    if session.project is None:
        return None
    dialog = SelectionsDialog(session, filtered, parent.window())
    dialog.show_list()
    return dialog


class SelectionsDialog(SavedListDialog):
    """Enter shows the documents of a row; what the filter shows can be saved."""

    def __init__(
        self, session: Session, filtered: np.ndarray | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, WORDS, parent)
        self._filtered = filtered
        session.selections.changed.connect(self.refresh)
        session.sae_changed.connect(self.refresh)
        self.refresh()

    def _columns(self) -> list[Column]:
        wide = tokens().space[8]
        return [
            Column("name", "Name", self._name, width=wide * 5, stretch=True, sortable=False,
                   role="label"),
            Column("documents", "Documents", self._documents, "right", wide * 3, sortable=False),
            Column("origin", "Comes from", self._origin, width=wide * 5, stretch=True,
                   sortable=False, colour="text2"),
            Column("saved", "Saved", self._saved, width=wide * 5, sortable=False, colour="text2"),
        ]  # fmt: skip

    def _documents(self, number: int) -> str:
        return f"{self._shown[number].n_documents:,}"

    def _origin(self, number: int) -> str:
        return origin_text(self._session, self._shown[number].origin)

    def _saved(self, number: int) -> str:
        return moment_text(self._shown[number].created) or UNKNOWN

    def _read(self) -> Iterable[SavedSelection]:
        return self._session.selections.selections

    def _use(self, number: int) -> None:
        self._session.selections.show(number)

    def _reason_not_to_save(self) -> str:
        return NO_FILTER if self._filtered is None else ""

    def _save_as(self, name: str) -> int:
        assert self._filtered is not None
        return self._session.selections.save(name, self._filtered, FROM_FILTER)

    def _rename_to(self, number: int, name: str) -> None:
        self._session.selections.rename(number, name)

    def _forget(self, number: int) -> None:
        self._session.selections.delete(number)
