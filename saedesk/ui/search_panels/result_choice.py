"""Which of some results are chosen, and how clicks and keys change that."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt

MORE_KEYS, LESS_KEYS = ("+", "="), ("-", "\u2212", "_")
"""Letters that ask for more like the chosen documents, and for less."""
NO_KEYS = Qt.KeyboardModifier.NoModifier


class ChosenDocuments:
    """Ids of documents; the place of the last plain choice is where a range begins."""

    def __init__(self) -> None:
        self.ids: frozenset[int] = frozenset()
        self._anchor = -1

    def keep(self, shown: Sequence[int]) -> None:
        """Gives up those that are not shown any more."""
        self.ids &= frozenset(shown)

    def after(
        self, shown: Sequence[int], place: int, before: int, keys: Qt.KeyboardModifier
    ) -> frozenset[int]:
        """What is chosen after a choice at `place`: with Ctrl beside the others, or not any more,
        with Shift all from the choice before. At least one stays chosen.

        `before` is the place that had the keyboard.
        """
        own = shown[place]
        if keys & Qt.KeyboardModifier.ShiftModifier:
            start = self._anchor if 0 <= self._anchor < len(shown) else before
            low, high = sorted((max(0, start), place))
            return frozenset(shown[low : high + 1])
        self._anchor = place
        if keys & Qt.KeyboardModifier.ControlModifier:
            return (self.ids ^ {own}) or frozenset({own})
        return frozenset({own})
