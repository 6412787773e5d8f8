"""Saving the documents that are shown, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from saedesk.jobs.export_table import document_cells, document_kinds, write_table
from saedesk.jobs.table_writers import Row
from saedesk.project.document_store import DocumentStore
from saedesk.task_control import Progress, TaskControl

_ROWS_AT_ONCE = 500
FILE_KINDS = (("CSV", "*.csv"), ("JSON Lines", "*.jsonl"), ("Parquet", "*.parquet"))


class SaveDocuments:
    """Key, title, text and fields of some documents into one file; run in the compute lane."""

    def __init__(self, store: DocumentStore, ids: np.ndarray, path: Path) -> None:
        """`ids` (n,) int64, in the order of the rows; the path's ending says the format."""
        self._store, self._ids = store, ids
        self._path = path if path.suffix else path.with_suffix(".csv")

    def __call__(self, control: TaskControl) -> int:
        return write_table(self._path, self._rows(control), document_kinds(self._store))

    def _rows(self, control: TaskControl) -> Iterator[Row]:
        for start in range(0, len(self._ids), _ROWS_AT_ONCE):
            control.checkpoint()
            control.report(Progress(start, len(self._ids), "documents"))
            for document in self._store.rows(self._ids[start : start + _ROWS_AT_ONCE]):
                yield document_cells(document)
