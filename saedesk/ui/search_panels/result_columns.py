"""The plain and the steered list side by side under their heads, with the moves between them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.search_panels.result_head import TYPED, ListHead
from saedesk.ui.search_panels.result_list import ResultList
from saedesk.ui.search_panels.result_rows import RESULTS
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.rank_links import Link, RankLinks
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton

FEWEST_ROWS = 3
PLAIN_SHARE, STEERED_SHARE = 13, 17
"""How the room is divided between the two lists."""


class ResultColumns(QWidget):
    """Gives both lists, their heads and the links their places; shows no answer by itself."""

    more_wanted = Signal()
    """Somebody came to the end of the list, or asked for more."""
    count_changed = Signal()
    """There are more or fewer rows than before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = tokens().space
        self.plain_head = ListHead("Plain", TYPED, space[2], space[1])
        self.steered_head = ListHead("Steered", "nothing changed", space[2], space[2])
        self.plain = ResultList(False, "Results of the query as typed")
        self.steered = ResultList(True, "Results of the steered query")
        self.links = RankLinks()
        self.more = LinkButton("", "body")
        self.more.setFixedHeight(tokens().row_height.result)
        self.more.clicked.connect(self.more_wanted)
        self.more.hide()
        for shown in (self.plain, self.steered):
            shown.reached.connect(self._reveal)
        self._scrolled_to = self._room = 0
        self._keeps_place = False
        self._wanted: object = None
        self._links_shown: list[Link] = []
        self._build()

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
        page = QVBoxLayout(content)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        lists = QHBoxLayout()
        lists.setContentsMargins(side, 0, side, 0)
        lists.setSpacing(0)
        lists.addWidget(self.plain, PLAIN_SHARE)
        lists.addWidget(self.links)
        lists.addWidget(self.steered, STEERED_SHARE)
        page.addLayout(lists)
        page.addWidget(self.more, 0, Qt.AlignmentFlag.AlignHCenter)
        page.addStretch(1)
        self._scroll = ScrollArea(content, "surface", "Results")
        self._scroll.verticalScrollBar().valueChanged.connect(self._on_scrolled)
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

    def show_columns(self, plain: bool, steered: bool) -> None:
        """Shows both lists with the moves between them, or one alone at full width."""
        both = plain and steered
        for widget, wanted in (
            (self.plain, plain),
            (self.plain_head, plain),
            (self._gap, both),
            (self.links, both),
            (self.steered, steered),
            (self.steered_head, steered),
        ):
            if widget.isVisibleTo(self) != wanted:
                widget.setVisible(wanted)

    def show_more(self, count: int | None) -> None:
        """Offers so many results, under the last one; None offers nothing."""
        if count is not None and self.more.text() != f"Show {count} results":
            self.more.setText(f"Show {count} results")
            self.more.setAccessibleName(self.more.text())
            self.more.updateGeometry()
        if self.more.isVisibleTo(self) != (count is not None):
            self.more.setVisible(count is not None)
        self._fill_room()

    def _fill_room(self) -> None:
        """In a high window there is room for more than ten."""
        if self._count() < self._room and self.more.isVisibleTo(self):
            QTimer.singleShot(0, self, self.more_wanted.emit)

    def show_links(self, links: list[Link], animate: bool) -> None:
        """Shows the moves between the lists; the same ones are not painted again."""
        if links != self._links_shown:
            self._links_shown = links
            self.links.set_links(links, animate)

    def keep_place(self, keeps: bool) -> None:
        """Whether the next answer is shown where the one before was, or from its first result."""
        self._keeps_place = keeps

    def open_at_the_top(self, wanted: object) -> None:
        """Another question begins at its first result; one that is steered stays where it was.

        `wanted` is its filter, which makes another question of it.
        """
        if not self._keeps_place or wanted != self._wanted:
            self._scroll.verticalScrollBar().setValue(0)
        self._keeps_place, self._wanted = True, wanted

    def _reveal(self, place: int) -> None:
        """Brings a row into view, and nothing else where it is there."""
        row = tokens().row_height.result
        self._scroll.ensureVisible(0, place * row + row // 2, 0, row // 2)

    def _on_scrolled(self, value: int) -> None:
        """At the end of the list more of it is asked for.

        Not where the keyboard came to the button there: it would run away from it.
        """
        went_down, self._scrolled_to = value > self._scrolled_to, value
        at_end = value == self._scroll.verticalScrollBar().maximum()
        if went_down and at_end and self.more.isVisibleTo(self) and not self.more.hasFocus():
            self.more_wanted.emit()

    # -- geometry --------------------------------------------------------------------------------

    def fit(self, room: int) -> None:
        """Takes no more than the whole rows there is room for, in device-independent pixels."""
        row = tokens().row_height.result
        rows = self._room = (room - self.plain_head.height()) // row
        self._fill_room()
        most = row * min(max(RESULTS, self._count()), max(FEWEST_ROWS, rows))
        self.setMaximumHeight(self.plain_head.height() + most)

    def _count(self) -> int:
        return max(len(self.plain.rows), len(self.steered.rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_scroll_range()

    def _on_scroll_range(self, _low: int = 0, _high: int = 0) -> None:
        bar = self._scroll.verticalScrollBar()
        side = tokens().space[3]
        right = side + (bar.sizeHint().width() if bar.maximum() > 0 else 0)
        if self._heads.contentsMargins().right() != right:
            self._heads.setContentsMargins(side, 0, right, 0)
