"""Train every architecture on data whose answer is known, and measure what each one finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from saedesk.errors import BadSetting
from saedesk.sae.architectures import architectures
from saedesk.sae.known_answer.known_answer_data import KnownAnswerSet, known_answer_sets
from saedesk.sae.known_answer.known_answer_results import (
    USUAL_RUNS,
    KnownAnswerResult,
    summarise,
)
from saedesk.sae.known_answer.known_answer_runs import (
    BOUNDS,
    TRUE_DICTIONARY,
    score_bound,
    train_and_score,
)
from saedesk.sae.known_answer.recovery_scores import RecoveryScores
from saedesk.task_control import Progress, TaskControl

MOST_RUNS = 1000


@dataclass(frozen=True)
class BenchmarkRequest:
    """What to run."""

    architectures: tuple[str, ...] = ()
    """Names in the registry; none for all of them."""
    data_sets: tuple[KnownAnswerSet, ...] = known_answer_sets()
    runs: int = USUAL_RUNS
    """Seeds 0, 1, ...: each starts its own SAE."""


def run(request: BenchmarkRequest, control: TaskControl) -> tuple[KnownAnswerResult, ...]:
    """Results by data set, the bounds first, then the architectures by name.

    Raises BadSetting for an unknown architecture or a number of runs out of range.
    """
    if not 1 <= request.runs <= MOST_RUNS:
        raise BadSetting(
            f"The number of seeds must lie between 1 and {MOST_RUNS:,}; it is {request.runs}."
        )
    names = request.architectures or tuple(architectures())
    titles = {name: architectures().get(name).title for name in names}
    progress = _Steps(control, len(names) * request.runs * sum(s.steps for s in request.data_sets))
    results = []
    with _one_torch_thread():
        for data_set in request.data_sets:
            for bound in BOUNDS:
                scores = _scores_of_bound(bound, data_set, request.runs, progress)
                results.append(summarise(data_set.name, bound, bound.capitalize(), scores))
            for name, title in titles.items():
                scores = _scores_of_architecture(name, title, data_set, request.runs, progress)
                results.append(summarise(data_set.name, name, title, scores))
    return tuple(results)


def _scores_of_bound(
    bound: str, data_set: KnownAnswerSet, runs: int, progress: _Steps
) -> list[RecoveryScores]:
    scores: list[RecoveryScores] = []
    for seed in range(runs):
        progress.begin(f"{bound.capitalize()}, {data_set.name}")
        progress.checkpoint()
        is_known = bound == TRUE_DICTIONARY and seed > 0  # no seed changes it
        scores.append(scores[0] if is_known else score_bound(bound, data_set, seed))
    return scores


def _scores_of_architecture(
    name: str, title: str, data_set: KnownAnswerSet, runs: int, progress: _Steps
) -> list[RecoveryScores]:
    scores = []
    for seed in range(runs):
        progress.begin(f"{title}, {data_set.name}, seed {seed}")
        scores.append(train_and_score(name, data_set, seed, control=progress))
        progress.end(data_set.steps)
    return scores


class _Steps:
    """The `TaskControl` of one training after the other: their steps count on."""

    def __init__(self, control: TaskControl, total: int) -> None:
        self._control, self._total = control, total
        self._before, self._note = 0, ""

    def begin(self, note: str) -> None:
        self._note = note
        self.report(Progress(0, None))

    def end(self, steps: int) -> None:
        self._before += steps

    def checkpoint(self) -> None:
        self._control.checkpoint()

    def finish_early(self) -> bool:
        """A training that stops early would not be comparable."""
        return False

    def report(self, progress: Progress) -> None:
        done = self._before + progress.done
        self._control.report(Progress(done, self._total, "steps", self._note))

    def publish(self, partial: object) -> None:
        self._control.publish(partial)


@contextmanager
def _one_torch_thread() -> Iterator[None]:
    """Sums in one order, so that a seed gives the same numbers on any number of cores.

    It is also faster: the matrices are too small to be shared out.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
