"""The plain and the steered list side by side, with every move drawn between them."""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.ui.search_panels.result_list import RESULTS, ResultList
from saedesk.ui.search_panels.shown_result import (
    DocumentCaption,
    plain_results,
    rank_links,
    steered_results,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import RIGHT, draw_hairline, draw_line_of_text
from saedesk.ui.widgets.rank_links import Link, RankLinks
from saedesk.ui.widgets.scroll_area import ScrollArea

CALM_SECONDS = 0.3
"""Rows slide to their new places only when the answer before is at least this old."""
FEWEST_ROWS = 3
PLAIN_SHARE, STEERED_SHARE = 13, 17
"""How the room is divided between the two lists."""

TYPED = "the query as typed"


class ListHead(QWidget):
    """Title and note of a list over its columns."""

    def __init__(self, title: str, note: str, left: int, right: int) -> None:
        super().__init__()
        self._title, self._note = title, note
        self._left, self._right = left, right
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().space[8] + tokens().space[2] + tokens().line)
        self._tell()

    @property
    def title(self) -> str:
        """The title."""
        return self._title

    @property
    def note(self) -> str:
        """What stands after the title."""
        return self._note

    def set_text(self, title: str, note: str) -> None:
        """Shows another title and note."""
        if (title, note) != (self._title, self._note):
            self._title, self._note = title, note
            self._tell()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 7, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        space = tokens().space
        line = QRect(self._left, space[1], self.width() - self._left - self._right, self.height())
        line.setHeight(self.height() - space[1])
        score = draw_line_of_text(painter, line, "Score", "column head", "text2", RIGHT)
        used = draw_line_of_text(painter, line, self._title, "head of a section")
        line.setLeft(line.left() + int(used) + space[2])
        line.setRight(line.right() - int(score) - space[2])
        draw_line_of_text(painter, line, self._note, "body", "text2")
        y = self.height() - 1
        draw_hairline(painter, self._left, y, self.width() - self._right, y)

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._title}, {self._note}")


class ResultArea(QWidget):
    """Both lists under their heads; without steering only the plain one, at full width."""

    explained = Signal(object, bool)
    """ResultRow or None, and whether it is one of the steered list."""
    document_opened = Signal(int)
    """The id of a document somebody wants to read."""
    like_wanted = Signal(int, bool)
    """The id of a document to search with, and whether beside those before."""
    copy_wanted = Signal()
    title_copy_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: SearchAnswer | None = None
        self._caption = DocumentCaption(())
        self._can_steer = True
        self._chosen: int | None = None
        self._in_steered = True
        self._answered_at = 0.0
        self._links_shown: list[Link] = []
        space = tokens().space
        self.plain_head = ListHead("Plain", TYPED, space[2], space[1])
        self.steered_head = ListHead("Steered", "nothing changed", space[2], space[2])
        self.plain = ResultList(False, "Results of the query as typed")
        self.steered = ResultList(True, "Results of the steered query")
        self.links = RankLinks()
        self._build()
        for shown in (self.plain, self.steered):
            shown.selected.connect(self._on_selected)
            shown.opened.connect(self._on_opened)
            shown.like_wanted.connect(self.like_wanted)
            shown.copy_wanted.connect(self._on_copy)
            shown.side_wanted.connect(self._on_side)
        self.steered.hovered.connect(self._on_hovered)

    def _build(self) -> None:
        side = tokens().space[3]
        self._heads = QHBoxLayout()
        self._heads.setContentsMargins(side, 0, side, 0)
        self._heads.setSpacing(0)
        self._heads.addWidget(self.plain_head, PLAIN_SHARE)
        self._gap = QWidget()
        self._gap.setFixedWidth(self.links.width())
        self._heads.addWidget(self._gap)
        self._heads.addWidget(self.steered_head, STEERED_SHARE)
        content = QWidget()
        content.setProperty("ground", "surface")
        lists = QHBoxLayout(content)
        lists.setContentsMargins(side, 0, side, 0)
        lists.setSpacing(0)
        lists.addWidget(self.plain, PLAIN_SHARE)
        lists.addWidget(self.links)
        lists.addWidget(self.steered, STEERED_SHARE)
        self._scroll = ScrollArea(content, "surface", "Results")
        # The wheel turns by whole rows, so that none is cut where it comes to rest.
        self._scroll.verticalScrollBar().setSingleStep(tokens().row_height.result)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_scroll_range)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._heads)
        column.addWidget(self._scroll, 1)
        self.setMinimumHeight(self.plain_head.height() + FEWEST_ROWS * tokens().row_height.result)
        self.setMaximumHeight(self.sizeHint().height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        rows = RESULTS * tokens().row_height.result
        return QSize(tokens().space[8] * 24, self.plain_head.height() + rows)

    # -- what is shown ---------------------------------------------------------------------------

    def set_source(self, caption: DocumentCaption, can_steer: bool) -> None:
        """Sets what stands under titles, and whether there are features to steer with."""
        self._caption = caption
        self._can_steer = can_steer
        for widget in (self._gap, self.links, self.steered, self.steered_head):
            widget.setVisible(can_steer)
        self.plain_head.set_text("Plain" if can_steer else "Results", TYPED)
        self._in_steered = can_steer
        self.forget()

    def forget(self) -> None:
        """Forgets which document was chosen: the first of the next answer is explained."""
        self._chosen = None
        self._in_steered = self._can_steer
        self._answered_at = 0.0

    def show_answer(self, answer: SearchAnswer) -> None:
        """Shows an answer; what did not change is not painted again."""
        now = time.monotonic()
        animate = now - self._answered_at > CALM_SECONDS and self._answer is not None
        self._answered_at = now
        same_plain = self._answer is not None and _same_results(self._answer, answer)
        self._answer = answer
        self.plain_head.set_text(self.plain_head.title, _asked(answer))
        for shown in (self.plain, self.steered):
            shown.set_searched_with(len(answer.like))
        if not same_plain or self._can_steer:
            self.plain.set_rows(plain_results(answer, self._caption))
        if self._can_steer:
            self.steered.set_rows(steered_results(answer, self._caption), animate)
            self._show_links(rank_links(answer), animate)
            self.steered_head.set_text("Steered", _changes(answer))
        self._select_again()

    def _show_links(self, links: list[Link], animate: bool) -> None:
        if links != self._links_shown:
            self._links_shown = links
            self.links.set_links(links, animate)

    # -- the chosen result -----------------------------------------------------------------------

    @property
    def chosen(self) -> ResultRow | None:
        """The result that is explained."""
        results, place = self._results(), self._chosen_place()
        return results[place] if results else None

    def _results(self) -> tuple[ResultRow, ...]:
        if self._answer is None:
            return ()
        return self._answer.steered if self._in_steered else self._answer.plain

    def _chosen_place(self) -> int:
        """Where the chosen document is now; the first place when it left the list."""
        for place, result in enumerate(self._results()):
            if result.row == self._chosen:
                return place
        return 0

    def _select_again(self) -> None:
        place = self._chosen_place() if self._results() else -1
        self.plain.set_selected(-1 if self._in_steered else place)
        self.steered.set_selected(place if self._in_steered else -1)
        self._emphasise(-1)
        self.explained.emit(self.chosen, self._in_steered)

    def _emphasise(self, hovered: int) -> None:
        rank = self.steered.selected_place if self._in_steered else self._steered_place()
        at_rest = self._answer is None or self._answer.plan.at_rest
        if at_rest:
            self.links.set_emphasis(None, None)
        else:
            self.links.set_emphasis(None if hovered < 0 else hovered, None if rank < 0 else rank)

    def _steered_place(self) -> int:
        chosen = self.chosen
        if self._answer is None or chosen is None:
            return -1
        rows = [result.row for result in self._answer.steered]
        return rows.index(chosen.row) if chosen.row in rows else -1

    def _on_selected(self, place: int) -> None:
        self._in_steered = self.sender() is self.steered
        results = self._results()
        if 0 <= place < len(results):
            self._chosen = results[place].row
            self._select_again()

    def _on_opened(self, place: int) -> None:
        shown = self.steered if self.sender() is self.steered else self.plain
        if 0 <= place < len(shown.rows):
            self.document_opened.emit(shown.rows[place].document_id)

    def _on_hovered(self, place: int) -> None:
        self._emphasise(place)

    def _on_side(self) -> None:
        if not self._can_steer:
            return
        other = self.plain if self.sender() is self.steered else self.steered
        other.setFocus(Qt.FocusReason.TabFocusReason)
        self._in_steered = other is self.steered
        self._select_again()

    def _on_copy(self, what: str) -> None:
        if what == "title" and self.chosen is not None:
            self.title_copy_wanted.emit(self.chosen.document.heading)
        elif what == "results":
            self.copy_wanted.emit()

    # -- geometry --------------------------------------------------------------------------------

    def fit(self, room: int) -> None:
        """Takes no more than the whole rows there is room for, in device-independent pixels."""
        row = tokens().row_height.result
        rows = (room - self.plain_head.height()) // row
        most = row * min(RESULTS, max(FEWEST_ROWS, rows))
        self.setMaximumHeight(self.plain_head.height() + most)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_scroll_range()

    def _on_scroll_range(self, _low: int = 0, _high: int = 0) -> None:
        bar = self._scroll.verticalScrollBar()
        side = tokens().space[3]
        right = side + (bar.sizeHint().width() if bar.maximum() > 0 else 0)
        if self._heads.contentsMargins().right() != right:
            self._heads.setContentsMargins(side, 0, right, 0)


def _same_results(before: SearchAnswer, after: SearchAnswer) -> bool:
    return before.plain is after.plain


def _asked(answer: SearchAnswer) -> str:
    """What the plain list answers."""
    if not answer.like:
        return TYPED
    return "like one document" if len(answer.like) == 1 else f"like {len(answer.like)} documents"


def _changes(answer: SearchAnswer) -> str:
    """“4 features changed”."""
    changed = len(answer.plan.strengths)
    if not changed:
        return "nothing changed"
    return f"{changed} feature{'s' if changed > 1 else ''} changed"
