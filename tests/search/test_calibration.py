"""Where a slider replaces results, against trying every strength; the best of many scores."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.search.calibration import FURTHEST, strengths_that_replace
from saedesk.search.exact_scores import best_rows


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_marks_are_the_least_strengths_that_replace_so_many(seed: int, sign: float) -> None:
    random = np.random.default_rng(seed)
    plain = random.standard_normal(3_000).astype(np.float32) / 8
    along = random.standard_normal(3_000).astype(np.float32) / 10
    plain[::50] = -np.inf
    first = set(best_rows(plain, 10).tolist())
    tried = np.linspace(0.0, FURTHEST, 3_001)
    replaced = np.array(
        [len(first - set(best_rows(plain + np.float32(sign * u) * along, 10).tolist()))
         for u in tried]
    )  # fmt: skip
    marks = dict(strengths_that_replace(plain, along, sign))
    for number in (1, 2, 3, 5):
        reached = np.flatnonzero(replaced >= number)
        if not len(reached):
            assert number not in marks
            continue
        least = tried[reached[0]]
        # Now and then a result comes and goes between two strengths of the grid.
        assert sign * marks[number] >= least - 1e-3
        top = best_rows(plain + np.float32(marks[number] * 1.00001) * along, 10)
        assert len(first - set(top.tolist())) >= number
        assert sign * marks[number] <= least + 0.1


def test_a_direction_that_changes_nothing_has_no_marks() -> None:
    plain = np.linspace(0, 1, 500, dtype=np.float32)
    assert strengths_that_replace(plain, np.zeros(500, np.float32)) == ()
    assert strengths_that_replace(plain[:6], plain[:6]) == ()


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_many_are_those_of_a_full_sort(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 5_000))
    scores = random.standard_normal(n).astype(np.float32)
    if seed % 2:
        scores = np.round(scores, 1)  # Many are equal.
    scores[random.random(n) < (0.999 if seed > 5 else 0.2)] = -np.inf
    if seed == 3:
        scores[:] = 0.5
    everything = np.argsort(-scores, kind="stable")
    everything = everything[scores[everything] > -np.inf]
    for count in (0, 1, 10, n // 20, n - 1, n, n + 5):
        assert best_rows(scores, count).tolist() == everything[: max(0, count)].tolist()
