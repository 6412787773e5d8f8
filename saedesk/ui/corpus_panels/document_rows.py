"""Headings, keys and text fields of the rows in view, read in windows and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import FieldValue
from saedesk.errors import KnownError
from saedesk.project.document_store import DocumentStore
from saedesk.ui.document_words import shown_heading
from saedesk.ui.widgets.painting import LONGEST_LINE
from saedesk.ui.widgets.row_table_model import RowTableModel

WINDOW = 48
"""Rows read at once around the one that is painted."""
KEPT = 2_000


@dataclass(frozen=True)
class ShortRow:
    """A document as a table shows it: no text, nothing long."""

    heading: str
    key: str
    fields: dict[str, FieldValue]


_MISSING = ShortRow("", "", {})


class DocumentRows:
    """Reads rows of a table by position in the corpus."""

    def __init__(self, store: DocumentStore, ids: np.ndarray, model: RowTableModel) -> None:
        self._store, self._ids, self._model = store, ids, model
        self._kept: OrderedDict[int, ShortRow] = OrderedDict()

    def row(self, position: int) -> ShortRow:
        """The row at a position of the corpus; empty when it is not there any more."""
        if position not in self._kept:
            self._read_around(position)
        return self._kept.get(position, _MISSING)

    def _read_around(self, position: int) -> None:
        at = self._model.row_of(position)
        start = max(0, at - WINDOW // 4)
        wanted = self._model.order[start : start + WINDOW] if at >= 0 else np.array([position])
        new = [int(i) for i in wanted if int(i) not in self._kept]
        try:
            rows = self._store.rows(self._ids[new])
        except KnownError:
            return  # The project was closed between the paint event and this line.
        by_id = {row.id: row for row in rows}
        for i in new:
            found = by_id.get(int(self._ids[i]))
            if found is not None:
                self._kept[i] = ShortRow(
                    shown_heading(found)[:LONGEST_LINE],
                    found.key[:LONGEST_LINE],
                    {k: _cut(v) for k, v in found.fields.items()},
                )
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _cut(value: FieldValue) -> FieldValue:
    return value[:LONGEST_LINE] if isinstance(value, str) else value
