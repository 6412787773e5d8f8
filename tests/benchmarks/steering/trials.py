"""What is asked of the steering: a query, a feature to turn, and rivals it is told from.

    up      a clean feature that the query does not have; "near" where it occurs in 3 to 30 of the
            query's first 200 documents, and its rivals likewise
    down    a clean feature that the query has and that 3 or more of its ten results have

Rivals are drawn at random; the hard ones are, for up, the nearest features by decoder, for down,
others that are present in the results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from saedesk.search.exact_scores import best_rows
from saedesk.search.query_features import QueryFeatures
from tests.benchmarks.steering.judges import Judges

RESULTS = 10
RIVALS = 4
HARD_RIVALS = 3
NEAR_RESULTS, NEAR = 200, (3, 30)
VISIBLE = 3
UP, NEAR_UP, DOWN, CATEGORY_UP, CATEGORY_DOWN = "up", "near", "down", "category", "category down"
PER_QUERY = {UP: 3, NEAR_UP: 2, DOWN: 3, CATEGORY_UP: 1, CATEGORY_DOWN: 1}


@dataclass(frozen=True)
class Trial:
    """One question; features are latents."""

    kind: str
    query: int
    target: int
    rivals: tuple[int, ...]
    hard: tuple[int, ...]
    """Empty where there are too few."""


@dataclass(frozen=True, eq=False)
class Query:
    """A query that is asked in many ways."""

    title: str
    features: QueryFeatures
    plain: np.ndarray
    """(n,) float32: cosine of every document searched."""
    first: np.ndarray
    """The rows of its ten results."""


def draw_trials(
    queries: Sequence[Query], codes: csr_matrix, decoder: np.ndarray, judges: Judges, seed: int
) -> list[Trial]:
    """Trials of all kinds; `codes` (n, latents) are those of the documents searched."""
    drawing = _Drawing(codes, decoder, judges, np.random.default_rng(seed))
    return [
        trial for number, query in enumerate(queries) for trial in drawing.of_query(number, query)
    ]


class _Drawing:
    def __init__(
        self,
        codes: csr_matrix,
        decoder: np.ndarray,
        judges: Judges,
        random: np.random.Generator,
    ) -> None:
        self._active = codes > 0
        self._random = random
        self._matched = judges.features[judges.matched]
        named = [bool(name) for name in judges.categories]
        self._named = judges.features[named]
        self._category = dict(zip(judges.features.tolist(), judges.categories, strict=True))
        own = decoder[self._matched]
        closeness = own @ own.T
        np.fill_diagonal(closeness, -1.0)
        nearest = np.argsort(-closeness, axis=1)[:, :HARD_RIVALS]
        self._nearest = {
            int(latent): tuple(self._matched[near].tolist())
            for latent, near in zip(self._matched, nearest, strict=True)
        }

    def of_query(self, number: int, query: Query) -> list[Trial]:
        """The trials of one query."""
        own = set(query.features.latents.tolist())
        present = np.bincount(self._active[query.first].indices, minlength=self._active.shape[1])
        top = best_rows(query.plain, NEAR_RESULTS)
        around = np.bincount(self._active[top].indices, minlength=self._active.shape[1])
        absent = [i for i in self._matched.tolist() if i not in own]
        near = [i for i in absent if NEAR[0] <= around[i] <= NEAR[1]]
        seen = [i for i in self._matched.tolist() if i in own and present[i] >= VISIBLE]
        there = [i for i in self._matched.tolist() if present[i]]
        trials = [self._up(UP, number, target, absent) for target in self._some(absent, UP)]
        if len(near) > RIVALS:
            trials += [
                self._up(NEAR_UP, number, target, near) for target in self._some(near, NEAR_UP)
            ]
        for target in self._some(seen, DOWN):
            others = [i for i in there if i != target]
            hard = self._drawn(others, HARD_RIVALS) if len(others) >= HARD_RIVALS else ()
            rivals = self._drawn(absent, RIVALS)
            trials.append(Trial(DOWN, number, target, rivals, hard))
        return trials + self._by_category(number, own, present)

    def _up(self, kind: str, number: int, target: int, others: list[int]) -> Trial:
        rivals = self._drawn([i for i in others if i != target], RIVALS)
        return Trial(kind, number, target, rivals, self._nearest[target])

    def _by_category(self, number: int, own: set[int], present: np.ndarray) -> list[Trial]:
        absent = [i for i in self._named.tolist() if i not in own]
        seen = [i for i in self._named.tolist() if i in own and present[i] >= VISIBLE]
        trials = []
        for kind, some in ((CATEGORY_UP, absent), (CATEGORY_DOWN, seen)):
            for target in self._some(some, kind):
                name = self._category[target]
                others = self._one_of_each([i for i in absent if self._category[i] != name])
                if len(others) >= RIVALS:
                    trials.append(Trial(kind, number, target, self._drawn(others, RIVALS), ()))
        return trials

    def _one_of_each(self, latents: list[int]) -> list[int]:
        """One feature of each category."""
        shuffled = self._random.permutation(latents).tolist()
        return list({self._category[i]: int(i) for i in shuffled}.values())

    def _some(self, latents: list[int], kind: str) -> tuple[int, ...]:
        return self._drawn(latents, min(len(latents), PER_QUERY[kind]))

    def _drawn(self, latents: list[int], count: int) -> tuple[int, ...]:
        return tuple(self._random.choice(latents, count, replace=False).tolist()) if count else ()
