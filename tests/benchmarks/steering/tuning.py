"""Other weights and parts of the fused scores, on queries that are not reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from saedesk.search import feature_scores
from saedesk.search.feature_scores import ACTIVATION, DIRECTION, LABEL, PARTS, WORDS
from saedesk.search.steered_ranking import LESS_WEIGHT, PLACE_WEIGHT
from tests.benchmarks.sae_peers.markdown_table import markdown_table
from tests.benchmarks.steering.bench import Bench
from tests.benchmarks.steering.methods import Method
from tests.benchmarks.steering.outcomes import (
    RELEVANCE,
    REPLACED,
    TEXTS,
    Budget,
    Outcomes,
    outcomes,
)
from tests.benchmarks.steering.trials import DOWN, NEAR_UP, UP

SUBSETS = (
    (ACTIVATION, DIRECTION, LABEL),
    (ACTIVATION, LABEL, WORDS),
    (ACTIVATION, DIRECTION, WORDS),
    (ACTIVATION, WORDS),
    (ACTIVATION,),
    (LABEL, WORDS),
)
PLACE_WEIGHTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
LESS_WEIGHTS = (0.1, 0.2, 0.3, 0.45, 0.6)
BOUNDS = (1.0, 1.25, 2.0, np.inf)


def tune(bench: Bench) -> None:
    """Print what every choice comes to."""
    bound = feature_scores.STRONGEST
    # Here the bound is one of the choices, so the parts come without it.
    feature_scores.STRONGEST = np.inf
    up = _choices(bench.methods.places_by_parts, PLACE_WEIGHT, PLACE_WEIGHTS, bound)
    budgets = ((RELEVANCE, 0.9), (REPLACED, 1.0))
    for kind in (UP, NEAR_UP):
        table = outcomes(bench.asked(kind), up, bench.judges, budgets)
        _print(f"{kind}: places", up, table, budgets)
    down = _choices(bench.methods.less_by_parts, LESS_WEIGHT, LESS_WEIGHTS, bound)
    budgets = ((RELEVANCE, 0.97), (RELEVANCE, 0.95))
    table = outcomes(bench.asked(DOWN), down, bench.judges, budgets)
    _print("less", down, table, budgets)
    feature_scores.STRONGEST = bound


def _choices(
    make: Callable[[Sequence[str], float, float], Method],
    own: float,
    weights: Sequence[float],
    bound: float,
) -> dict[str, Method]:
    every = {f"all parts, weight {w:g}": make(PARTS, w / own, bound) for w in weights}
    for other in BOUNDS:
        every[f"all parts, at most {other:g}"] = make(PARTS, 1.0, other)
    for names in SUBSETS:
        every[" + ".join(names)] = make(names, 1.0, bound)
    return every


def _print(
    title: str,
    methods: dict[str, Method],
    table: dict[tuple[str, Budget], Outcomes],
    budgets: Sequence[Budget],
) -> None:
    rows = []
    for name in methods:
        cells = []
        for budget in budgets:
            one = table[name, budget]
            for measures in (one.easy, one.hard):
                cells.append(" / ".join(f"{np.nanmean(measures[m]):.3f}" for m in ("J1", TEXTS)))
            cells.append(f"{one.relevance.mean():.3f}")
        rows.append([name, *cells])
    columns = [""]
    for kind, level in budgets:
        columns += [f"{kind} {level:g}: J1 / JT", "hard", "relevance"]
    print(f"### {title}\n\n{markdown_table(columns, rows)}", flush=True)
