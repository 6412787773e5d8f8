"""How far a slider has to go in this query: the strengths at which results are replaced.

One strength floods some queries and leaves others untouched, so sliders are marked per query, by
how many of the ten results are others than before. Two products with all documents are enough:
under q + u d they are in the order of q·x + u d·x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import best_rows
from saedesk.task_control import TaskControl

RESULTS = 10
TICKS = (1, 2, 3, 5)
"""Numbers of results replaced at which a slider is marked."""
FURTHEST = 1.5
"""Beyond this strength the query has less to say than the feature, whatever the SAE."""
_STRENGTHS = np.geomspace(0.005, FURTHEST, 16)
_LOOKED_AT = 4 * RESULTS
_HALVINGS = 20


@dataclass(frozen=True)
class Calibration:
    """What a slider can do in one query."""

    typed: float
    """The value of the target in the query as typed."""
    up: tuple[tuple[int, float], ...]
    """(results replaced, strength > 0), fewest first; a number that takes more than `FURTHEST`
    is left out."""
    down: tuple[tuple[int, float], ...]
    """(results replaced, strength < 0)."""
    visible: int
    """In how many of the ten results as typed the target is active."""
    is_marked: bool = True
    """Whether the strengths were looked for; where words count or documents are compared by
    features, results are replaced elsewhere, and there are none."""

    @property
    def offers_less(self) -> bool:
        """Whether there is anything in the results of which there can be less."""
        return self.visible > 0


def strengths_that_replace(
    plain: np.ndarray, along: np.ndarray, sign: float = 1.0, control: TaskControl | None = None
) -> tuple[tuple[int, float], ...]:
    """(results replaced, strength) for `TICKS`: the least strength, within a millionth of its grid.

    plain: (n,) q·x̂, −inf for documents that are never found; along: (n,) d·x̂. `sign` −1 turns
    the slider down; with a `control` it may be cancelled.
    """
    first = best_rows(plain, RESULTS)
    tops = []
    for u in _STRENGTHS:
        if control is not None:
            control.checkpoint()
        tops.append(best_rows(plain + np.float32(sign * u) * along, _LOOKED_AT))
    replaced = [len(first) - len(np.intersect1d(first, top[: len(first)])) for top in tops]
    # Whoever comes up between two strengths stands near the top of one of them.
    rows = np.unique(np.concatenate([first, *tops]))
    near, near_along = plain[rows], along[rows]
    marks = []
    for wanted in TICKS:
        place = next((i for i, number in enumerate(replaced) if number >= wanted), None)
        if place is None:
            break
        low = 0.0 if place == 0 else float(_STRENGTHS[place - 1])
        high = float(_STRENGTHS[place])
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            top = rows[best_rows(near + np.float32(sign * middle) * near_along, len(first))]
            if len(first) - len(np.intersect1d(first, top)) >= wanted:
                high = middle
            else:
                low = middle
        marks.append((wanted, sign * high))
    return tuple(marks)
