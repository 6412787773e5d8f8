"""Published families beside those of this SAE: which are found again, and as which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.published_families import (
    FOUND_AGAIN,
    FamiliesCompared,
    compare_published,
    read_published,
)
from saedesk.session.family_book import family_book
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.task_control import TaskControl
from saedesk.ui.features_panels.number_texts import share_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel

_BY = {
    "numbers": "The file is about this SAE: features are the same by their numbers.",
    "labels": "The file is about another SAE: features are the same where their labels are.",
}
_ABOUT_OVERLAP = (
    "Features below the root that are in both, over those in either: 100 % is the same family."
)
_ABOUT_AGAIN = (
    f"Families of the file that overlap at least {FOUND_AGAIN:.0%} with one here. Another SAE of "
    "the same documents should find most of them."
).replace("%", " %")


@dataclass(frozen=True, eq=False)
class _Question:
    path: Path
    families: tuple[ShownFamily, ...]
    texts: dict[int, str]

    def __call__(self, control: TaskControl) -> FamiliesCompared:
        published = read_published(self.path)
        control.checkpoint()
        return compare_published(published, self.families, self.texts)


class PublishedComparison(QWidget):
    """Takes the place of the drawing until it is closed; a row leads to the family here."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, family_book(session)
        self.shown: FamiliesCompared | None = None
        self._question = LaneQuestion(session, "Comparing published families", self)
        self._question.answered.connect(self._on_answer)
        self._question.failed.connect(self._on_failed)
        self.title = TextLabel("", "head of a section", elide=True)
        self.close_button = DefaultButton("Back to the drawing")
        self.close_button.clicked.connect(self.closed)
        self.told = TextLabel("", "body", "text2", wrap=True)
        self.numbers = NumberStrip()
        self.table = RowTable(
            RowTableModel(self._columns()), tokens().row_height.table, "Published families", 0
        )
        self.table.row_activated.connect(self._open)
        self.table.cell_clicked.connect(self._open)
        self._build()

    def _build(self) -> None:
        space = tokens().space
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space[2], 0, space[2])
        column.setSpacing(space[3])
        column.addLayout(head)
        column.addWidget(self.numbers)
        column.addWidget(self.told)
        column.addWidget(self.table, 1)

    def _columns(self) -> list[Column]:
        wide = tokens().space[8] * 4
        return [
            Column("file", "In the file", self._name, stretch=True, width=wide, sortable=False),
            Column(
                "here", "Most like it here", self._ours, stretch=True, width=wide, sortable=False
            ),
            Column(
                "overlap",
                "Overlap",
                self._overlap,
                "right",
                tokens().space[8] * 2 + tokens().space[4],
                sortable=False,
                tooltip=_ABOUT_OVERLAP,
                colour="text2",
            ),
        ]

    def compare(self, path: Path) -> None:
        """Read a file in the query lane and compare it with the families in view."""
        book = self._session.book
        self._show(None)
        self.title.setText(path.name)
        self.told.setText("Reading the file …")
        texts = {} if book is None else {i: one.text for i, one in book.labels.items() if one.text}
        self._question.ask(_Question(path, self._book.families, texts))

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, FamiliesCompared)
        self._show(answer)
        self.told.setText(_BY[answer.by])

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._show(None)
        self.told.setText(sentence)

    def _show(self, found: FamiliesCompared | None) -> None:
        self.shown = found
        for widget in (self.numbers, self.table):
            widget.setVisible(found is not None)
        matches = () if found is None else found.matches
        overlaps = np.array([match.overlap for match in matches])
        self.table.row_model.set_order(np.argsort(-overlaps, kind="stable"), already_sorted=True)
        if found is None:
            return
        ours = len(self._book.families)
        self.numbers.set_entries(
            [
                (f"{len(matches):,}", "In the file", "Families of the file."),
                (f"{found.found_again:,}", "Found again here", _ABOUT_AGAIN),
                (
                    f"{found.ours_found:,}",
                    f"Of {ours:,} here",
                    "Families here that one of them is.",
                ),
                (share_text(found.mean_overlap), "Mean overlap", _ABOUT_OVERLAP),
            ]
        )

    def _name(self, place: int) -> str:
        return "" if self.shown is None else self.shown.matches[place].published.name

    def _ours(self, place: int) -> str:
        root = None if self.shown is None else self.shown.matches[place].root
        return "–" if root is None else self._book.name(root)

    def _overlap(self, place: int) -> str:
        return "" if self.shown is None else share_text(self.shown.matches[place].overlap)

    @Slot(object)
    def _open(self, place: object, _column: str = "") -> None:
        assert isinstance(place, int)
        root = None if self.shown is None else self.shown.matches[place].root
        if root is not None:
            self._book.select(root)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)
