"""A line that says which sliders a new query has put back to rest, and how to keep them."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QWidget

from saedesk.session.search_state import SETTLED_MS, SearchState
from saedesk.session.slider_names import counted
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import TextLabel


class LeftBehind(TextLabel):
    """Hidden while nothing was left behind.

    It goes with the first step after the query, but not before the hand has let go, so that
    nothing moves under it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "caption", "text2", wrap=True, parent=parent)
        side, space = tokens().padding.side_panel, tokens().space
        self.setContentsMargins(side, 0, side, space[2])
        self._state = SearchState()
        self._asked_at = 0.0
        self._is_over = False
        self.hide()

    def start_with(self, state: SearchState) -> None:
        """Another search, of which nothing is known yet."""
        self._state = state
        self._tell("")

    def settle(self, state: SearchState) -> None:
        """The query is known now, and what locked sliders held is in force: no step of a person."""
        self._state = state

    def let_go(self) -> None:
        """Nothing is held any more: what is over may go."""
        if self._is_over:
            self._tell("")

    def show_state(self, state: SearchState, *, is_held: bool = False) -> None:
        """Takes note of a change of the search; `is_held` while something is being moved."""
        before, self._state = self._state, state
        if state.asks_the_same(before):
            self._is_over = self._is_over or state != before
            if not is_held:
                self.let_go()
            return
        now = time.monotonic()
        # Letters typed in one go are one new query.
        is_typed_on = now - self._asked_at < SETTLED_MS / 1000
        self._asked_at = now
        left = [one for one in before.settings.of_one_query if one not in state.settings.turned]
        if left:
            are = "is" if len(left) == 1 else "are"
            self._tell(
                f"{counted(left)} of the query before {are} back at rest. Lock a slider to keep it "
                "in the next query."
            )
        elif not is_typed_on or state.settings.of_one_query:
            self._tell("")

    def _tell(self, sentence: str) -> None:
        self._is_over = False
        if sentence != self.text():
            self.setText(sentence)
            self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))
