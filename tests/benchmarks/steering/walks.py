"""The first ten results along a slider: from the query as typed to far beyond what is useful."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import best_rows
from tests.benchmarks.steering.trials import RESULTS

STRENGTHS = np.concatenate([[0.0], np.geomspace(0.02, 2.5, 63)])
"""In lengths of the query; each is 8 % more than the one before."""
_LOOKED_AT, _EVERY = 60, 6


@dataclass(frozen=True, eq=False)
class Walk:
    """What one method finds at rising strengths; the first step is the query as typed."""

    rows: np.ndarray
    """(steps, 10) int64."""
    cosine: np.ndarray
    """(steps,) cos(q, q'); nan for methods that leave the query as it is."""


def along_direction(
    plain: np.ndarray, along: np.ndarray, query_along: float, sign: float = 1.0
) -> Walk:
    """q + u v for a direction v at length 1: `along` (n,) is v·x, `query_along` q·v."""
    u = sign * STRENGTHS
    cosine = (1.0 + u * query_along) / np.sqrt(1.0 + 2.0 * u * query_along + u**2)
    return Walk(_tops(plain, along, sign), cosine)


def along_score(plain: np.ndarray, score: np.ndarray, sign: float = 1.0) -> Walk:
    """q·x + u s(x), which leaves the query as it is."""
    return Walk(_tops(plain, score, sign), np.full(len(STRENGTHS), np.nan))


def places_by(plain: np.ndarray, ranked_by: np.ndarray) -> Walk:
    """0 to 10 of the ten places for the best by another score."""
    first = best_rows(plain, RESULTS)
    others = best_rows(ranked_by, 2 * RESULTS)
    steps = []
    for m in range(RESULTS + 1):
        kept = first[: RESULTS - m]
        steps.append(np.concatenate([kept, others[~np.isin(others, kept)][:m]]))
    return Walk(np.stack(steps), np.full(len(steps), np.nan))


def single_step(plain: np.ndarray, scores: np.ndarray, cosine: float) -> Walk:
    """The query as typed and one other."""
    rows = np.stack([best_rows(plain, RESULTS), best_rows(scores, RESULTS)])
    return Walk(rows, np.array([1.0, cosine]))


def _tops(plain: np.ndarray, along: np.ndarray, sign: float) -> np.ndarray:
    """(steps, 10): who comes up between two strengths stands near the top of one of them."""
    along = np.float32(sign) * along.astype(np.float32)
    some = [*STRENGTHS[::_EVERY], STRENGTHS[-1]]
    near = np.unique(
        np.concatenate([best_rows(plain + np.float32(u) * along, _LOOKED_AT) for u in some])
    )
    scores = plain[near] + STRENGTHS[:, None].astype(np.float32) * along[near]
    order: np.ndarray = near[np.argsort(-scores, axis=1, kind="stable")[:, :RESULTS]]
    return order
