"""Means and intervals over runs, and the stored values a new run is compared with. No torch."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saedesk.errors import BadInput
from saedesk.resource_files import resource
from saedesk.sae.known_answer.known_answer_data import KnownAnswerSet
from saedesk.sae.known_answer.recovery_scores import METRICS, MetricInfo, RecoveryScores

USUAL_RUNS = 5
"""Seeds of a benchmark when nobody says how many."""
CONFIDENCE_OF_MEAN = 0.95
CONFIDENCE_OF_RANGE = 0.999
"""There are a hundred values in a benchmark, so 95 % would cry wolf five times."""
ROUNDING = 0.005
"""What other processors and versions of torch may change in a value that never varied."""
_SHARES = ("recovered_share", "dead_share")


@dataclass(frozen=True)
class Spread:
    """A metric over several runs."""

    mean: float
    deviation: float
    """Standard deviation between runs (n - 1); 0 for a single one."""
    runs: int

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % t interval of the mean; None for a single run."""
        if self.runs < 2:
            return None
        return _t(CONFIDENCE_OF_MEAN, self.runs) * self.deviation / math.sqrt(self.runs)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % t interval of the mean; None for a single run."""
        half = self.half_width
        return None if half is None else (self.mean - half, self.mean + half)


@dataclass(frozen=True)
class KnownAnswerResult:
    """What an architecture, or one of the bounds, reached on one data set."""

    data_set: str
    """Name of the set."""
    architecture: str
    """Name in the registry, or of a bound (`known_answer_runs.BOUNDS`)."""
    title: str
    """Name for a person."""
    values: Mapping[str, Spread]
    """By name of the metric, see `recovery_scores.METRICS`."""
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Stored results only: where the mean of `USUAL_RUNS` runs is expected."""


def summarise(
    data_set: str, architecture: str, title: str, runs: Sequence[RecoveryScores]
) -> KnownAnswerResult:
    """Mean and deviation of every metric over at least one run."""
    values = {}
    for metric in METRICS:
        numbers = [float(getattr(run, metric.name)) for run in runs]
        mean = math.fsum(numbers) / len(numbers)
        squares = math.fsum((number - mean) ** 2 for number in numbers)
        deviation = math.sqrt(squares / (len(numbers) - 1)) if len(numbers) > 1 else 0.0
        values[metric.name] = Spread(mean, deviation, len(numbers))
    return KnownAnswerResult(data_set, architecture, title, values)


def expected_range(
    metric: MetricInfo, stored: Spread, runs: int, n_features: int
) -> tuple[float, float]:
    """Where the mean of `runs` new runs lies with 99.9 % when nothing has changed.

    mean ± t s sqrt(1/n + 1/m) with n stored and m new runs (the prediction interval for a mean,
    Hahn and Meeker 1991), at least one feature in one run wide for shares and ±.005 for the
    others, within 0 and the largest possible value.
    """
    half = (
        _t(CONFIDENCE_OF_RANGE, stored.runs)
        * stored.deviation
        * math.sqrt(1 / stored.runs + 1 / runs)
    )
    half = max(half, 1 / (n_features * runs) if metric.name in _SHARES else ROUNDING)
    high = stored.mean + half
    return max(0.0, stored.mean - half), high if metric.most is None else min(metric.most, high)


def stored_results(path: Path | None = None) -> tuple[KnownAnswerResult, ...]:
    """The stored values, by data set and architecture; of another file when `path` is given.

    Fast and without torch, for the window. Raises BadInput for a file that is none of ours.
    """
    file = resource("known_answer", "stored_results.json") if path is None else path
    try:
        content = json.loads(file.read_text("utf-8"))
        return tuple(_from_json(entry) for entry in content["results"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"The stored values of the benchmark in {file} cannot be read. Install saedesk again, "
            "or write them with “saedesk benchmark --known-answer --write-reference FILE”."
        ) from error


def results_as_json(
    results: Iterable[KnownAnswerResult],
    data_sets: Iterable[KnownAnswerSet],
    made_with: Mapping[str, str],
) -> dict[str, Any]:
    """The content of a file that `stored_results` reads."""
    sets = {data_set.name: data_set for data_set in data_sets}
    return {
        "about": "Written by “saedesk benchmark --known-answer --write-reference FILE”. low and "
        f"high hold the mean of {USUAL_RUNS} new runs 999 times in 1,000 when nothing has changed.",
        "made_with": dict(made_with),
        "protocols": {name: protocol(data_set) for name, data_set in sets.items()},
        "results": [_as_json(result, sets[result.data_set]) for result in results],
    }


def protocol(data_set: KnownAnswerSet) -> dict[str, Any]:
    """What must be the same for stored values to be comparable."""
    names = ("description", "n_features", "n_active", "steps", "batch_size", "learning_rate")
    return {name: getattr(data_set, name) for name in names}


def _as_json(result: KnownAnswerResult, data_set: KnownAnswerSet) -> dict[str, Any]:
    metrics = {}
    for metric in METRICS:
        spread = result.values[metric.name]
        low, high = expected_range(metric, spread, USUAL_RUNS, data_set.n_features)
        numbers = {"mean": spread.mean, "deviation": spread.deviation, "low": low, "high": high}
        metrics[metric.name] = {name: round(number, 6) for name, number in numbers.items()}
    return {
        "data_set": result.data_set,
        "architecture": result.architecture,
        "title": result.title,
        "runs": result.values[METRICS[0].name].runs,
        "metrics": metrics,
    }


def _from_json(entry: Mapping[str, Any]) -> KnownAnswerResult:
    metrics = {metric.name: entry["metrics"][metric.name] for metric in METRICS}
    runs = int(entry["runs"])
    return KnownAnswerResult(
        data_set=str(entry["data_set"]),
        architecture=str(entry["architecture"]),
        title=str(entry["title"]),
        values={
            name: Spread(float(numbers["mean"]), float(numbers["deviation"]), runs)
            for name, numbers in metrics.items()
        },
        ranges={
            name: (float(numbers["low"]), float(numbers["high"]))
            for name, numbers in metrics.items()
        },
    )


def _t(confidence: float, runs: int) -> float:
    """The two-sided quantile of Student's t with runs - 1 degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.5 + confidence / 2))
