"""How documents are compared with what is searched with: by meaning or words, by vectors or not."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.jobs.search_request import LikeBy, Match
from saedesk.ui.search_panels.query_kind import DOCUMENTS, TEXT
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.segmented import SegmentedControl

MATCHES: dict[Match, str] = {"meaning": "Meaning", "words": "Words", "both": "Both"}
COMPARED: dict[LikeBy, str] = {"vectors": "By vectors", "features": "By features"}
ABOUT_MATCHES = (
    "Meaning finds what is close in meaning, whatever its words. Words finds the words, whatever "
    "their endings, and “phrases in quotation marks” word for word. Both joins the two rankings."
)
ABOUT_COMPARED = (
    "By vectors, documents are alike when their vectors point the same way. By features, when the "
    "same features are active in them, as strongly."
)


class QueryWays(QWidget):
    """One control or the other, as it fits what is searched with; none for a feature alone."""

    match_changed = Signal(str)
    """A Match."""
    like_by_changed = Signal(str)
    """A LikeBy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.match = SegmentedControl(list(MATCHES.values()), None, "Search by")
        self.compared = SegmentedControl(list(COMPARED.values()), None, "Compare documents")
        set_plain_tooltip(self.match, ABOUT_MATCHES)
        set_plain_tooltip(self.compared, ABOUT_COMPARED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.match)
        row.addWidget(self.compared)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.match.changed.connect(self._on_match)
        self.compared.changed.connect(self._on_compared)

    def fit(self, kind: str, has_features: bool) -> None:
        """Shows what fits what is searched with."""
        self.match.setVisible(kind == TEXT)
        self.compared.setVisible(kind == DOCUMENTS and has_features)

    def show_ways(self, match: Match, like_by: LikeBy) -> None:
        """Shows what is in force."""
        self.match.set_current(MATCHES[match])
        self.compared.set_current(COMPARED[like_by])

    def _on_match(self, word: str) -> None:
        for match in get_args(Match):
            if MATCHES[match] == word:
                self.match_changed.emit(match)

    def _on_compared(self, word: str) -> None:
        for like_by in get_args(LikeBy):
            if COMPARED[like_by] == word:
                self.like_by_changed.emit(like_by)
