"""Rows of a file of vectors that cannot be used, or are there twice, and what to do with them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.jobs.import_vectors import VectorsPreview
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

UNUSABLE: dict[str, Literal["drop", "keep out"]] = {
    "Leave them out": "drop",
    "Keep out of training": "keep out",
}
DUPLICATES: dict[str, Literal["use", "drop", "keep out"]] = {
    "Use them": "use",
    "Keep out of training": "keep out",
    "Leave them out": "drop",
}
_NAMED = 6
_UNUSABLE_HELP = (
    "Left out, these documents have no vector; kept, they have one that no training and no search "
    "looks at."
)
_DUPLICATES_HELP = (
    "Rows equal to an earlier one. A text that is there many times pulls features towards "
    "itself; kept out of training, it is still found by search."
)


class VectorFaultsView(QWidget):
    """A line for each kind of fault that there is: how many, which rows, a choice."""

    changed = Signal()
    """Another choice of what happens to them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unusable_text = TextLabel("", "body", wrap=True, tabular=True, max_lines=3)
        self.duplicates_text = TextLabel("", "body", wrap=True, tabular=True, max_lines=3)
        self.unusable_choice = ChoiceField(
            list(UNUSABLE), accessible_name="Rows that cannot be used"
        )
        self.duplicates_choice = ChoiceField(
            list(DUPLICATES), accessible_name="Rows equal to an earlier one"
        )
        self.unusable_choice.changed.connect(self._on_choice)
        self.duplicates_choice.changed.connect(self._on_choice)
        self.copy_unusable = LinkButton(
            "Copy all row numbers",
            accessible_name="Copy the numbers of all rows that cannot be used",
        )
        self.copy_duplicates = LinkButton(
            "Copy all row numbers", accessible_name="Copy the numbers of all rows equal to another"
        )
        self.copy_unusable.clicked.connect(self._copy_unusable)
        self.copy_duplicates.clicked.connect(self._copy_duplicates)
        self._unusable_rows = self._duplicate_rows = np.zeros(0, np.int64)
        self.unusable_text.set_explanation(_UNUSABLE_HELP)
        self.duplicates_text.set_explanation(_DUPLICATES_HELP)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(tokens().space[4])
        grid.setVerticalSpacing(tokens().space[2])
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.unusable_text, 0, 0)
        grid.addWidget(self.copy_unusable, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.unusable_choice, 0, 2)
        grid.addWidget(self.duplicates_text, 1, 0)
        grid.addWidget(self.copy_duplicates, 1, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.duplicates_choice, 1, 2)
        self.hide()

    @property
    def unusable(self) -> Literal["drop", "keep out"]:
        """What happens to zero, NaN and infinite rows."""
        return UNUSABLE[self.unusable_choice.currentText()]

    @property
    def duplicates(self) -> Literal["use", "drop", "keep out"]:
        """What happens to rows that are equal to an earlier one."""
        return DUPLICATES[self.duplicates_choice.currentText()]

    def show_preview(self, preview: VectorsPreview) -> None:
        """Shows what was found; hides itself where that is nothing."""
        unusable = unusable_sentence(preview)
        self._unusable_rows, self._duplicate_rows = unusable_rows(preview), preview.duplicate_rows
        many = len(preview.duplicate_rows)
        duplicates = ""
        if many:
            duplicates = f"{count_of(many, 'row equals', 'rows equal')} an earlier one: "
            duplicates += f"{row_numbers(preview.duplicate_rows)}."
        for text, label, copy, choice in (
            (unusable, self.unusable_text, self.copy_unusable, self.unusable_choice),
            (duplicates, self.duplicates_text, self.copy_duplicates, self.duplicates_choice),
        ):
            label.setText(text)
            for part in (label, copy, choice):
                part.setVisible(bool(text))
        self.setVisible(bool(unusable or duplicates))

    @Slot()
    def _on_choice(self, _: object = None) -> None:
        self.changed.emit()

    @Slot()
    def _copy_unusable(self) -> None:
        _copy_numbers(self._unusable_rows)

    @Slot()
    def _copy_duplicates(self) -> None:
        _copy_numbers(self._duplicate_rows)


def _copy_numbers(rows: np.ndarray) -> None:
    """Puts row numbers, counted from 1, one a line, on the clipboard."""
    QGuiApplication.clipboard().setText("\n".join(str(row + 1) for row in rows.tolist()))


def unusable_rows(preview: VectorsPreview) -> np.ndarray:
    """(n,) int64: the rows with a document that cannot be used, ascending from 0."""
    return np.union1d(np.union1d(preview.zero_rows, preview.nan_rows), preview.infinite_rows)


def unusable_sentence(preview: VectorsPreview) -> str:
    """“3 rows cannot be used: 2 all zeros (rows 4 and 9), 1 with NaN (row 12).”"""
    kinds = (
        (preview.zero_rows, "all zeros"),
        (preview.nan_rows, "with NaN"),
        (preview.infinite_rows, "with infinite numbers"),
    )
    parts = [f"{len(rows):,} {what} ({row_numbers(rows)})" for rows, what in kinds if len(rows)]
    if not parts:
        return ""
    total = len(unusable_rows(preview))
    return f"{count_of(total, 'row', 'rows')} cannot be used: {', '.join(parts)}."


def row_numbers(rows: np.ndarray) -> str:
    """“rows 4, 9 and 5 more”, counted from 1."""
    named = [f"{int(row) + 1:,}" for row in rows[:_NAMED]]
    more = len(rows) - len(named)
    last = f"{more:,} more" if more else (named.pop() if len(named) > 1 else "")
    word = "row" if len(rows) == 1 else "rows"
    return f"{word} {', '.join(named)}" + (f" and {last}" if last else "")
