"""The tables of the benchmark, and the goals beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.benchmarks.sae_peers.markdown_table import markdown_table
from tests.benchmarks.steering.bench import Results, clusters
from tests.benchmarks.steering.goals import goals_section
from tests.benchmarks.steering.intervals import estimate, short
from tests.benchmarks.steering.outcomes import (
    COSINE,
    COSINES,
    ONCE,
    RELEVANCE,
    REPLACED,
    TEXTS,
    Budget,
    Outcomes,
)
from tests.benchmarks.steering.plain_search import Unhurt
from tests.benchmarks.steering.trials import CATEGORY_DOWN, CATEGORY_UP, DOWN, NEAR_UP, UP

SINGLE = ("once", "as far as that")
AT_RELEVANCE, ONE_PLACE, DOWN_RELEVANCE = (RELEVANCE, 0.9), (REPLACED, 1), (RELEVANCE, 0.97)
TEXT_PLACES, LABEL_PLACES = "places by label and words", "places by a search for the label"
PLACES, RESIDUAL, LESS = "places (product)", "residual direction (product)", "less (product)"
PAIRS = (
    (UP, AT_RELEVANCE, PLACES, TEXT_PLACES),
    (UP, AT_RELEVANCE, PLACES, LABEL_PLACES),
    (UP, AT_RELEVANCE, PLACES, "places by the rewritten query"),
    (UP, AT_RELEVANCE, PLACES, RESIDUAL),
    (UP, ONE_PLACE, PLACES, TEXT_PLACES),
    (NEAR_UP, AT_RELEVANCE, PLACES, TEXT_PLACES),
    (UP, AT_RELEVANCE, RESIDUAL, "label embedding"),
    (UP, AT_RELEVANCE, RESIDUAL, "rewriting as a direction"),
    (UP, AT_RELEVANCE, RESIDUAL, "Rocchio, centred"),
    (UP, (ONCE, 0.0), "residual direction, as far as that", "text rewriting, once"),
    (DOWN, DOWN_RELEVANCE, LESS, RESIDUAL),
    (DOWN, DOWN_RELEVANCE, LESS, "label embedding"),
    (DOWN, DOWN_RELEVANCE, LESS, "rewriting as a direction"),
    (DOWN, DOWN_RELEVANCE, LESS, "Rocchio, centred"),
)


def sections(results: Results) -> Iterator[str]:
    """The report, part by part."""
    yield "## Steering\n"
    yield "\n".join(f"- {name}: {value}" for name, value in results.facts.items()) + "\n"
    yield "\n".join(
        [
            "J1 is the SAE of another size and seed, JT the mean of three text judges; both are "
            "shares of trials in which the feature turned is told among five by the ten results "
            "(chance .20; hard: among its four nearest, chance .25). Moved: how far its score went "
            "the wanted way, 1 being from any document to one of the feature's, J1. Relevance: the "
            "mean cosine of the ten with the query as typed, over that of its own ten.\n",
        ]
    )
    yield _up(results, UP, "Up: any feature the query has not")
    yield _up(results, NEAR_UP, "Up: features near the query")
    yield _cosines(results)
    yield _down(results)
    yield _categories(results)
    yield _pairs(results)
    yield goals_section(results)


def plain_section(unhurt: Sequence[Unhurt]) -> str:
    """nDCG@10 with everything at rest beside plain dense search, with all digits."""
    rows = [
        [
            f"{one.name}, {one.queries} queries, {one.documents:,} documents",
            repr(one.plain),
            repr(one.at_rest),
            repr(one.clamp_at_rest),
            "yes" if one.plain == one.at_rest == one.clamp_at_rest else "NO",
            f"{one.same_lists} of {one.queries}",
        ]
        for one in unhurt
    ]
    columns = ["", "plain dense search", "all at rest", "clamp, at rest", "equal", "same ten"]
    return "### Plain search, nDCG@10\n\n" + markdown_table(columns, rows)


def _up(results: Results, kind: str, title: str) -> str:
    columns = [
        *("", "relevance ≥ .9: J1 / JT", "hard", "moved", "overlap, relevance"),
        *("one of ten replaced: J1 / JT", "hard", "relevance"),
    ]
    rows = []
    for name in _methods(results, kind):
        if any(mark in name for mark in SINGLE):
            continue
        kept, one = _of(results, kind, name, AT_RELEVANCE), _of(results, kind, name, ONE_PLACE)
        rows.append([name, *_cells(kept), _both(one.easy), _both(one.hard), _mean(one.relevance)])
    once = [
        [name, *_cells(_of(results, kind, name, (ONCE, 0.0)))]
        for name in _methods(results, kind)
        if any(mark in name for mark in SINGLE)
    ]
    return "\n".join(
        [
            f"### {title} ({len(results.trials[kind])} trials)\n",
            markdown_table(columns, rows),
            markdown_table(["", "J1 / JT", "hard", "moved", "overlap, relevance"], once),
        ]
    )


def _down(results: Results) -> str:
    columns = [
        *("", "relevance ≥ .97: J1 / JT", "hard", "moved", "overlap, relevance"),
        *("cosine ≥ .95: J1 / JT", "hard", "overlap"),
    ]
    rows = []
    for name in _methods(results, DOWN):
        single = any(mark in name for mark in SINGLE)
        kept = _of(results, DOWN, name, (ONCE, 0.0) if single else DOWN_RELEVANCE)
        row = [f"{name} (as it comes)" if single else name, *_cells(kept)]
        near = _of(results, DOWN, name, (COSINE, 0.95))
        known = not single and not np.isnan(near.cosine).all()
        row += [_both(near.easy), _both(near.hard), _mean(near.overlap)] if known else ["–"] * 3
        rows.append(row)
    count = len(results.trials[DOWN])
    return "\n".join(
        [
            f"### Down: features that 3 or more of the ten results have ({count} trials)\n",
            markdown_table(columns, rows),
        ]
    )


def _cosines(results: Results) -> str:
    rows = []
    for name in _methods(results, UP):
        first = _of(results, UP, name, (COSINE, COSINES[0]))
        if any(mark in name for mark in SINGLE) or np.isnan(first.cosine).any():
            continue
        cells = [_of(results, UP, name, (COSINE, cosine)) for cosine in COSINES]
        rows.append([name, *(f"{_both(one.easy)} ({_mean(one.overlap)})" for one in cells)])
    return "\n".join(
        [
            "### Up at equal cosine, the published axis: J1 / JT (overlap)\n",
            "A direction wins here mainly by lying where the corpus is spread; compare at equal "
            "relevance or overlap.\n",
            markdown_table(["", *(f"{_number(cosine)}" for cosine in COSINES)], rows),
        ]
    )


def _categories(results: Results) -> str:
    rows = []
    for kind, budgets in (
        (CATEGORY_UP, (AT_RELEVANCE, ONE_PLACE, (REPLACED, 2))),
        (CATEGORY_DOWN, (DOWN_RELEVANCE,)),
    ):
        for name in _methods(results, kind):
            if any(mark in name for mark in SINGLE):
                continue
            cells = [_mean(_of(results, kind, name, budget).easy["J3"]) for budget in budgets]
            rows.append([f"{kind.removeprefix('category') or 'up'}: {name}", *cells])
            rows[-1] += ["–"] * (4 - len(rows[-1]))
    counts = ", ".join(f"{len(results.trials[kind])}" for kind in (CATEGORY_UP, CATEGORY_DOWN))
    columns = ["", "relevance ≥ .9 (down: .97)", "one replaced", "two replaced"]
    return "\n".join(
        [f"### Gold categories, J3 ({counts} trials)\n", markdown_table(columns, rows)]
    )


def _pairs(results: Results) -> str:
    rows = []
    for kind, budget, one, other in PAIRS:
        mine, theirs = _of(results, kind, one, budget), _of(results, kind, other, budget)
        own = clusters(results.trials[kind])
        cells = [
            str(estimate(getattr(mine, ease)[name] - getattr(theirs, ease)[name], own))
            for ease in ("easy", "hard")
            for name in ("J1", TEXTS)
        ]
        where = f"{budget[0]} {_number(budget[1])}" if budget[0] != ONCE else "same cosine"
        rows.append([f"{kind}, {where}: {one} − {other}", *cells])
    columns = ["", "J1", "JT", "J1, hard", "JT, hard"]
    return "\n".join(["### Paired differences, 95 %\n", markdown_table(columns, rows)])


def _methods(results: Results, kind: str) -> list[str]:
    return list(dict.fromkeys(name for name, _ in results.tables[kind]))


def _of(results: Results, kind: str, name: str, budget: Budget) -> Outcomes:
    return results.tables[kind][name, budget]


def _cells(one: Outcomes) -> list[str]:
    overlap = f"{_mean(one.overlap)}, {_mean(one.relevance)}"
    return [_both(one.easy), _both(one.hard), _mean(one.moved["J1"]), overlap]


def _both(measures: dict[str, np.ndarray]) -> str:
    return " / ".join(_mean(measures[name]) for name in ("J1", TEXTS))


def _mean(values: np.ndarray) -> str:
    return short(float(np.nanmean(values))) if not np.isnan(values).all() else "–"


_number: Callable[[float], str] = "{:g}".format
