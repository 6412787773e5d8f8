"""Other weights and parts of the fused scores, on queries that are not reported."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.search.feature_scores import ACTIVATION, DIRECTION, LABEL, PARTS, WORDS
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
from tests.benchmarks.steering.product import weight_of_places
from tests.benchmarks.steering.trials import DOWN, NEAR_UP, UP

SUBSETS = (
    PARTS,
    (ACTIVATION, DIRECTION, LABEL),
    (ACTIVATION, LABEL, WORDS),
    (ACTIVATION, DIRECTION, WORDS),
    (ACTIVATION, WORDS),
    (ACTIVATION,),
    (LABEL, WORDS),
)
WEIGHTS = (0.15, 0.2, 0.25, 0.3, 0.4, 0.6)
LESS_WEIGHTS = (0.1, 0.2, 0.3, 0.45, 0.6)


def tune(bench: Bench) -> None:
    """Print what every choice comes to."""
    up = _choices(bench, WEIGHTS, less=False)
    budgets = ((RELEVANCE, 0.9), (REPLACED, 1.0))
    for kind in (UP, NEAR_UP):
        table = outcomes(bench.asked(kind), up, bench.judges, budgets)
        _print(f"{kind}: places", up, table, budgets)
    down = _choices(bench, LESS_WEIGHTS, less=True)
    budgets = ((RELEVANCE, 0.97), (RELEVANCE, 0.95))
    table = outcomes(bench.asked(DOWN), down, bench.judges, budgets)
    _print("less", down, table, budgets)


def _choices(bench: Bench, weights: Sequence[float], *, less: bool) -> dict[str, Method]:
    make = bench.methods.less_by_parts if less else bench.methods.places_by_parts
    every = {f"all, {w:g}": make(PARTS, weight_of_places(w)) for w in weights}
    for names in SUBSETS[1:]:
        every[f"{' + '.join(names)}, .3"] = make(names, 1.0)
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
