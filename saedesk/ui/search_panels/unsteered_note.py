"""Why nothing is steered where words alone are searched for, and the ways to what is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.live_search import LiveSearch
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

WORDS_ALONE = "Words alone are searched for. Sliders act on meaning, so they do nothing here."
NOT_STEERED = "words alone, not steered"
"""The same where there is room for a note."""


def hint_of(search: LiveSearch | None) -> str:
    """What stands where the features of the query would; "" where words alone are searched for."""
    if search is not None and search.state.by_words_alone:
        return ""
    if search is None or search.query is None:
        return "The features of a query appear here, the strongest first."
    return "No feature of the dictionary is active in this query."


class UnsteeredNote(QWidget):
    """The reason, and links to the searches that sliders steer."""

    match_wanted = Signal(str)
    """"meaning" or "both"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = tokens().space
        self.by_meaning = LinkButton("Search by meaning", "body")
        self.by_both = LinkButton("By both", "body", "Search by meaning and words")
        self.by_meaning.clicked.connect(self._on_meaning)
        self.by_both.clicked.connect(self._on_both)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[2], space[1], space[2], space[2])
        column.setSpacing(space[1])
        column.addWidget(TextLabel(WORDS_ALONE, "body", "text2", wrap=True))
        links = QHBoxLayout()
        links.setSpacing(space[4])
        links.addWidget(self.by_meaning)
        links.addWidget(self.by_both)
        links.addStretch(1)
        column.addLayout(links)
        self.hide()

    def show_ways(self, *, has_encoder: bool) -> None:
        """Offers meaning only where a text can be searched for by it."""
        self.by_meaning.setVisible(has_encoder)
        self.by_both.setVisible(has_encoder)

    def _on_meaning(self) -> None:
        self.match_wanted.emit("meaning")

    def _on_both(self) -> None:
        self.match_wanted.emit("both")
