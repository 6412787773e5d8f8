"""The rows that imports left out: file, line, reason, beginning; to be saved as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.export_table import write_table
from saedesk.project.document_writer import MOST_REJECTED_ROWS_KEPT, StoredRejectedRow
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel


class RejectedRowsPanel(QDialog):
    """A table of the rows with a filter."""

    def __init__(
        self, rows: Sequence[StoredRejectedRow], total: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = list(rows)
        self.setWindowTitle("Rows left out")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "surface")
        columns = [
            Column("file", "File", self._file, width=160, sort_key=self._ranks("file")),
            Column(
                "line", "Line", self._line, "right", 80, colour="text2",
                sort_key=np.array([row.line for row in self._rows], np.int64),
                tooltip="Line, row or file number, from 1",
            ),
            Column("reason", "Reason", self._reason, width=280, sort_key=self._ranks("reason")),
            Column("beginning", "How it begins", self._beginning, stretch=True, sortable=False,
                   role="title in a table"),
        ]  # fmt: skip
        self.table = RowTable(
            RowTableModel(columns), tokens().row_height.table_dense, "Rows left out",
            multiple=True,
        )  # fmt: skip
        self.table.set_empty_text("No row fits.")
        self.field = SearchField("Filter", "Ctrl+F")
        self.field.text_changed.connect(self._refresh)
        self.error = TextLabel("", "body", "error", wrap=True)
        self.error.hide()
        self._lay_out(total)
        self._refresh("")
        self.field.setFocus()

    def _lay_out(self, total: int) -> None:
        space = tokens().space
        head = TextLabel(f"{count_of(total, 'row', 'rows')} left out", "head of a panel")
        note = "They are not part of the project; mend them in the file and import it again."
        if total > len(self._rows):
            note += f" The first {MOST_REJECTED_ROWS_KEPT:,} of each import are listed."
        save, close = DefaultButton("Save as CSV…", "download"), DefaultButton("Close")
        save.clicked.connect(self._save)
        close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.addWidget(TextLabel(note, "body", "text2", elide=True), 1)
        top.addWidget(self.field)
        bottom = QHBoxLayout()
        bottom.setSpacing(space[2])
        bottom.addWidget(self.error, 1)
        bottom.addStretch(0)
        bottom.addWidget(save)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(head)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(bottom)
        self.resize(space[8] * 30, space[8] * 17)

    def _ranks(self, name: str) -> np.ndarray:
        values = [getattr(row, name) for row in self._rows]
        rank = {value: at for at, value in enumerate(sorted(set(values)))}
        return np.array([rank[value] for value in values], np.int64)

    def _file(self, at: int) -> str:
        return self._rows[at].file

    def _line(self, at: int) -> str:
        return f"{self._rows[at].line:,}"

    def _reason(self, at: int) -> str:
        return self._rows[at].reason

    def _beginning(self, at: int) -> str:
        return self._rows[at].beginning

    def _refresh(self, text: str) -> None:
        wanted = text.casefold()
        found = [
            at
            for at, row in enumerate(self._rows)
            if wanted in f"{row.file}\n{row.line}\n{row.reason}\n{row.beginning}".casefold()
        ]
        self.table.row_model.set_order(np.array(found, np.int64))

    def _save(self) -> None:
        kinds = (("CSV", "*.csv"),)
        path = choose_file(self, "Save the rows left out", kinds, True, "rows left out.csv")
        if path is None:
            return
        try:
            save_rejected_rows(path if path.suffix else path.with_suffix(".csv"), self._rows)
        except KnownError as error:
            self.error.setText(error.sentence)
            self.error.show()
        else:
            self.error.hide()


def save_rejected_rows(path: Path, rows: Sequence[StoredRejectedRow]) -> None:
    """Write the rows as a table; cells that a spreadsheet would run get an apostrophe."""
    write_table(path, [asdict(row) for row in rows])
