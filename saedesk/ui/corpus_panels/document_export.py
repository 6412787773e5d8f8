"""Saving the documents that are shown, in the order in which they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saedesk.jobs.export_table import write_table
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
        rows: list[dict[str, Any]] = []
        for start in range(0, len(self._ids), _ROWS_AT_ONCE):
            control.checkpoint()
            control.report(Progress(start, len(self._ids), "documents"))
            for row in self._store.rows(self._ids[start : start + _ROWS_AT_ONCE]):
                fields = {f"field:{name}": value for name, value in row.fields.items()}
                rows.append({"key": row.key, "title": row.title, "text": row.text, **fields})
        return write_table(self._path, rows)
