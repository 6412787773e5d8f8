"""How well each method did on each trial, at strengths that cost the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.steering.judges import JUDGES, TEXT_JUDGES, Judges
from tests.benchmarks.steering.methods import Asked, Method
from tests.benchmarks.steering.trials import CATEGORY_DOWN, CATEGORY_UP, DOWN, RESULTS
from tests.benchmarks.steering.walks import Walk

RELEVANCE, REPLACED, COSINE, ONCE = "relevance", "replaced", "cosine", "once"
Budget = tuple[str, float]
RELEVANCES = (0.99, 0.98, 0.97, 0.95, 0.93, 0.9, 0.85, 0.8)
NUMBERS = (1, 2, 3, 4, 5, 6, 8)
COSINES = (0.95, 0.9, 0.8, 0.7)
BUDGETS: tuple[Budget, ...] = (
    *((RELEVANCE, level) for level in RELEVANCES),
    *((REPLACED, number) for number in NUMBERS),
    *((COSINE, cosine) for cosine in COSINES),
    (ONCE, 0.0),
)
"""The largest strength that keeps so much relevance or cosine; the least that replaces so many."""
TEXTS = "JT"
MEASURES = ("J1", TEXTS, "J3")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What one method came to at one budget, trial by trial; nan where it says nothing."""

    easy: dict[str, np.ndarray]
    """(trials,) share of right answers of each measure, 0 to 1."""
    hard: dict[str, np.ndarray]
    """The same among hard rivals."""
    moved: dict[str, np.ndarray]
    """(trials,) how far the score of the target went the wanted way."""
    overlap: np.ndarray
    relevance: np.ndarray
    cosine: np.ndarray


Table = dict[tuple[str, Budget], Outcomes]


def outcomes(
    asked: Sequence[Asked],
    methods: Mapping[str, Method],
    judges: Judges,
    budgets: Sequence[Budget] = BUDGETS,
) -> Table:
    """Every method on every trial at every budget."""
    found: dict[tuple[str, Budget], list[_Answer]] = {
        (name, budget): [] for name in methods for budget in budgets
    }
    for one in asked:
        for name, method in methods.items():
            walk = _Judged(one, method(one), judges)
            for budget in budgets:
                found[name, budget].append(walk.answer(walk.step_at(budget)))
    return {key: _gathered(answers) for key, answers in found.items()}


@dataclass(frozen=True, eq=False)
class _Answer:
    easy: dict[str, float]
    hard: dict[str, float]
    moved: dict[str, float]
    overlap: float
    relevance: float
    cosine: float


class _Judged:
    """A walk with what the judges say at every step."""

    def __init__(self, asked: Asked, walk: Walk, judges: Judges) -> None:
        trial = asked.trial
        self._sign = -1.0 if trial.kind in (DOWN, CATEGORY_DOWN) else 1.0
        self._names = ("J3",) if trial.kind in (CATEGORY_UP, CATEGORY_DOWN) else JUDGES
        self._rivals, self._hard = len(trial.rivals), len(trial.hard)
        places = [judges.place(i) for i in (trial.target, *trial.rivals, *trial.hard)]
        self._change = {
            name: self._sign * self._rise(judges.scores[name], places, walk.rows)
            for name in self._names
        }
        self.cosine = walk.cosine
        relevance = asked.plain[walk.rows].mean(axis=1)
        self.relevance = relevance / relevance[0]
        first = walk.rows[0]
        self.replaced = np.array([RESULTS - np.isin(rows, first).sum() for rows in walk.rows])

    @staticmethod
    def _rise(scores: np.ndarray, places: list[int], rows: np.ndarray) -> np.ndarray:
        """(features, steps): the mean score of the ten less that of the query as typed."""
        means: np.ndarray = scores[np.array(places)][:, rows].mean(axis=2)
        return means - means[:, :1]

    def step_at(self, budget: Budget) -> int:
        """The step of the walk that a budget stops at."""
        kind, level = budget
        if kind == ONCE:
            return len(self.relevance) - 1
        if kind == REPLACED:
            enough = np.flatnonzero(self.replaced >= level)
            return int(enough[0]) if len(enough) else len(self.replaced) - 1
        kept = self.relevance if kind == RELEVANCE else np.nan_to_num(self.cosine, nan=-1.0)
        below = np.flatnonzero(kept < level)
        return max(0, int(below[0]) - 1) if len(below) else len(kept) - 1

    def answer(self, step: int) -> _Answer:
        changes = {name: change[:, step] for name, change in self._change.items()}
        easy = {name: _right(c[: 1 + self._rivals]) for name, c in changes.items()}
        hard = {
            name: _right(np.concatenate([c[:1], c[1 + self._rivals :]])) if self._hard else np.nan
            for name, c in changes.items()
        }
        moved = {name: float(c[0]) for name, c in changes.items()}
        return _Answer(
            _measures(easy),
            _measures(hard),
            _measures(moved),
            1.0 - self.replaced[step] / RESULTS,
            float(self.relevance[step]),
            float(self.cosine[step]),
        )


def _right(changes: np.ndarray) -> float:
    """1 where the first has changed most; ties are shared."""
    most = changes.max()
    return float(changes[0] >= most - 1e-9) / int((changes >= most - 1e-9).sum())


def _measures(by_judge: dict[str, float]) -> dict[str, float]:
    """By measure; the text judges are one, the mean of their answers."""
    found = {name: by_judge.get(name, np.nan) for name in ("J1", "J3")}
    found[TEXTS] = float(np.mean([by_judge.get(name, np.nan) for name in TEXT_JUDGES]))
    return found


def _gathered(answers: Sequence[_Answer]) -> Outcomes:
    def by_measure(field: str) -> dict[str, np.ndarray]:
        return {name: np.array([getattr(a, field)[name] for a in answers]) for name in MEASURES}

    return Outcomes(
        by_measure("easy"),
        by_measure("hard"),
        by_measure("moved"),
        np.array([a.overlap for a in answers]),
        np.array([a.relevance for a in answers]),
        np.array([a.cosine for a in answers]),
    )
