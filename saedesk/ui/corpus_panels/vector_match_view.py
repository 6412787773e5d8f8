"""Which row of a file of vectors belongs to which document: how, how many, and the first pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.embedding.vector_files.vector_file import VectorTable
from saedesk.jobs.import_vectors import Match, VectorsPreview
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel

WAYS: dict[str, Match] = {
    "By key": "key",
    "In their order": "order",
    "As new documents": "new documents",
}
_HELP = {
    "key": "A row belongs to the document with the same key.",
    "order": "The first row belongs to the first document, the second to the second, and so on.",
    "new documents": "Every row becomes a document, with what lies beside the vectors.",
}
_ROWS = 5
_FEWEST_ROWS = 1


@dataclass(frozen=True)
class FaultChoices:
    """What happens to rows that cannot be used, and to those equal to an earlier one."""

    unusable: Literal["drop", "keep out"] = "drop"
    duplicates: Literal["use", "drop", "keep out"] = "use"

    def counts(self, preview: VectorsPreview) -> tuple[int, int]:
        """How many rows with a document are left out, and how many kept out of training."""
        faults = (preview.zero_rows, preview.nan_rows, preview.infinite_rows)
        found = (
            (sum(map(len, faults)), self.unusable),
            (len(preview.duplicate_rows), self.duplicates),
        )
        left_out = sum(many for many, choice in found if choice == "drop")
        kept_out = sum(many for many, choice in found if choice == "keep out")
        return left_out, kept_out


class VectorMatchView(QWidget):
    """Two choosers, the counts, and the first pairs in a small table."""

    changed = Signal()
    """Another way of matching, or another column of keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.way = ChoiceField(list(WAYS), prefix="Match", accessible_name="Match rows")
        self.key = ChoiceField([], prefix="Key", accessible_name="Column of keys")
        self.way.changed.connect(self._on_change)
        self.key.changed.connect(self._on_change)
        self.help = TextLabel("", "caption", "text3", wrap=True)
        self.counts = TextLabel("", "body", wrap=True, tabular=True)
        self.table = RowTable(
            RowTableModel([]), tokens().row_height.table_dense, "First pairs", tokens().space[2], 0
        )
        self.table.set_empty_text("No row has a document.")
        self.table.setFixedHeight(_table_height(_ROWS))
        space = tokens().space
        choosers = QHBoxLayout()
        choosers.setSpacing(space[2])
        choosers.addWidget(self.way)
        choosers.addWidget(self.key)
        choosers.addSpacing(space[2])
        choosers.addWidget(self.help, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[2])
        column.addLayout(choosers)
        column.addWidget(self.counts)
        column.addWidget(self.table)

    @property
    def match(self) -> Match:
        """The way that is chosen."""
        return WAYS[self.way.currentText()]

    @property
    def key_column(self) -> str:
        """The column of keys; "" where none is chosen."""
        return self.key.currentText() if self.match == "key" else ""

    def offer(self, table: VectorTable, documents: int, match: str, key_column: str) -> None:
        """Offers what this table allows, with a choice already made; tells nobody."""
        # Rows become documents where there are none yet; later they have to find theirs.
        possible = [
            name
            for name, way in WAYS.items()
            if bool(documents) != (way == "new documents") and (table.key_columns or way != "key")
        ]
        chosen = next((name for name in possible if WAYS[name] == match), possible[-1])
        self.way.set_items(possible, chosen)
        columns = list(table.key_columns)
        self.key.set_items(columns, key_column if key_column in columns else None)
        self._fit()

    def show_preview(self, preview: VectorsPreview, choices: FaultChoices) -> None:
        """Shows how the rows are matched, and what becomes of them."""
        self.counts.show()
        self.show_counts(preview, choices)
        # Numbers beside the same numbers tell nothing.
        self.table.setVisible(preview.match != "new documents" or says_something(preview))
        self._show_examples(preview)

    def show_counts(self, preview: VectorsPreview, choices: FaultChoices) -> None:
        """Says how many documents get a vector with other choices about faults."""
        self.counts.setText(counts_text(preview, choices))
        self.counts.set_colour("text1" if preview.matched else "error")

    def give_up_height(self, pixels: int) -> None:
        """Makes the table of pairs lower than it wants to be; its rows then scroll."""
        lowest = _table_height(_FEWEST_ROWS)
        height = max(lowest, _table_height(_ROWS) - max(0, pixels))
        if self.table.height() != height:
            self.table.setFixedHeight(height)

    @property
    def given_up(self) -> int:
        """By how much the table is lower than it wants to be, in device-independent pixels."""
        return 0 if self.table.isHidden() else _table_height(_ROWS) - self.table.height()

    def clear(self, failed: bool = False) -> None:
        """Nothing is known of this choice yet, or never will be."""
        for shown in (self.counts, self.table):
            shown.setVisible(not failed)
        self.counts.setText("")
        self.table.row_model.set_order(np.zeros(0, np.int64), already_sorted=True)

    def _show_examples(self, preview: VectorsPreview) -> None:
        rows = preview.examples
        model = self.table.row_model
        new = preview.match == "new documents"
        # New documents without words have nothing but their key.
        says_more = any(key != heading for _, key, heading in rows)
        columns = [
            Column(
                "row", "Row", _Cell(rows, 0), "right", 72, colour="text2", tooltip="Counted from 1"
            )
        ]
        if preview.match != "order":
            key = Column(
                "key", "Key", _Cell(rows, 1), width=180, colour="text2", stretch=not says_more
            )
            columns.append(key)
        if says_more:
            title = "New document" if new else "Document"
            columns.append(
                Column(
                    "document", title, _Cell(rows, 2), width=240, stretch=True,
                    role="title in a table",
                )
            )  # fmt: skip
        model.set_columns(columns)
        model.set_order(np.arange(len(rows)), already_sorted=True)

    def _fit(self) -> None:
        self.key.setVisible(self.match == "key")
        self.help.setText(_HELP[self.match])

    @Slot()
    def _on_change(self, _: object = None) -> None:
        self._fit()
        self.clear()
        self.changed.emit()


class _Cell:
    """The text of one column of the pairs."""

    def __init__(self, rows: tuple[tuple[int, str, str], ...], at: int) -> None:
        self._rows, self._at = rows, at

    def __call__(self, row: int) -> str:
        value = self._rows[row][self._at]
        return f"{cast(int, value) + 1:,}" if self._at == 0 else str(value)


def says_something(preview: VectorsPreview) -> bool:
    """Whether the first pairs say more than that row 1 is row 1."""
    return any(not (str(row + 1) == key == heading) for row, key, heading in preview.examples)


def counts_text(preview: VectorsPreview, choices: FaultChoices | None = None) -> str:
    """How many rows have a document, what becomes of them, and what is left over at either side."""
    left_out, kept_out = (choices or FaultChoices()).counts(preview)
    without_vector = preview.without_vector + left_out
    if preview.match == "new documents":
        made = count_of(preview.matched, "new document", "new documents")
        parts = [f"{made}, one for each row"]
        if without_vector:
            parts.append(f"{without_vector:,} of them {_get(without_vector)} no vector")
    elif preview.matched == preview.documents and not preview.without_document:
        parts = [f"All {preview.documents:,} documents get their vector"]
        if without_vector:
            having = preview.documents - without_vector
            parts = [f"{having:,} of {preview.documents:,} documents {_get(having)} their vector"]
            parts.append(f"{without_vector:,} {_get(without_vector)} none")
    else:
        parts = [f"{count_of(preview.matched, 'row has', 'rows have')} a document"]
        if left_out:
            parts[0] += f", {left_out:,} of them {_is(left_out)} left out"
        if without_vector:
            left = count_of(without_vector, "document gets", "documents get")
            parts.append(f"{left} no vector")
        if preview.without_document:
            rows = count_of(preview.without_document, "row has", "rows have")
            parts.append(f"{rows} no document and {_is(preview.without_document)} left out")
    if kept_out:
        parts.append(f"{count_of(kept_out, 'vector is', 'vectors are')} kept out of training")
    return "; ".join(parts) + "."


def _get(count: int) -> str:
    return "gets" if count == 1 else "get"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _table_height(rows: int) -> int:
    return tokens().row_height.column_head + rows * tokens().row_height.table_dense
