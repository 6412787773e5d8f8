"""A short list of documents with a number each, as on the document page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.session.more_like_this import MORE_LIKE_THIS
from saedesk.ui.corpus_panels.short_list import ShortList
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, text_width


@dataclass(frozen=True)
class DocumentLine:
    """A document in the list."""

    document_id: int
    heading: str
    number: float
    is_key: bool = False
    """Whether the document has no words and its key stands for the title."""


class DocumentList(ShortList):
    """Rows of title and number; `activated` carries the document's id."""

    like_wanted = Signal(int)
    """The id of a document to search with."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        self._lines: Sequence[DocumentLine] = ()
        super().__init__(accessible_name, parent)

    @property
    def lines(self) -> Sequence[DocumentLine]:
        """The documents shown."""
        return self._lines

    def set_lines(self, lines: Sequence[DocumentLine]) -> None:
        """Shows other documents."""
        self._lines = lines
        self.setAccessibleDescription("; ".join(line.heading[:80] for line in lines))
        self.rows_changed()

    def row_count(self) -> int:
        return len(self._lines)

    def row_id(self, at: int) -> int:
        return self._lines[at].document_id

    def row_tooltip(self, at: int) -> str:
        return self._lines[at].heading

    def open_menu(self, at: int, place: QPoint) -> None:
        menu, line = QMenu(self), self._lines[at]
        like = menu.addAction(MORE_LIKE_THIS)
        copy = menu.addAction("Copy title")
        chosen = menu.exec(place)
        if chosen is like:
            self.like_wanted.emit(line.document_id)
        elif chosen is copy:
            QGuiApplication.clipboard().setText(line.heading)
        menu.deleteLater()

    def paint_row(self, painter: QPainter, at: int, row: QRect) -> None:
        line, gap = self._lines[at], tokens().space[2]
        wide = text_width("0.00", "body", tabular=True) + gap
        title = row.adjusted(0, 0, -wide - gap, 0)
        draw_line_of_text(
            painter, title, line.heading, "body" if line.is_key else "title in a table"
        )
        number = QRect(row.right() + 1 - wide, row.top(), wide, row.height())
        shown = f"{line.number:.2f}".replace("-", "\u2212")
        draw_line_of_text(painter, number, shown, "body", "text2", RIGHT, tabular=True)
