"""The plain and the steered list side by side under their heads, with the moves between them."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.search_panels.result_head import TYPED, ListHead
from saedesk.ui.search_panels.result_list import ResultList
from saedesk.ui.search_panels.result_rows import RESULTS
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.rank_links import RankLinks
from saedesk.ui.widgets.scroll_area import ScrollArea

FEWEST_ROWS = 3
PLAIN_SHARE, STEERED_SHARE = 13, 17
"""How the room is divided between the two lists."""


class ResultColumns(QWidget):
    """Gives both lists, their heads and the links their places; shows no answer by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = tokens().space
        self.plain_head = ListHead("Plain", TYPED, space[2], space[1])
        self.steered_head = ListHead("Steered", "nothing changed", space[2], space[2])
        self.plain = ResultList(False, "Results of the query as typed")
        self.steered = ResultList(True, "Results of the steered query")
        self.links = RankLinks()
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

    def show_columns(self, can_steer: bool) -> None:
        """Shows both lists, or the plain one alone at full width."""
        for widget in (self._gap, self.links, self.steered, self.steered_head):
            widget.setVisible(can_steer)

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
