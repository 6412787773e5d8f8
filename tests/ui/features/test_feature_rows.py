"""Filters, orders and speed of the list of features, on made-up arrays."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from saedesk.features.labels.label_score import LabelScore
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import KEYWORDS, PERSON, FeatureLabel
from saedesk.ui.features_panels.feature_filter import (
    AT_CHANCE,
    DOUBTFUL,
    HIDDEN,
    NEVER_ACTIVE,
    NO_LABEL,
    NOT_SCORED,
    STARRED,
    TAGGED,
    VERY_WELL,
    WELL,
    FeatureFilter,
)
from saedesk.ui.features_panels.feature_rows import (
    DENSITY,
    LABEL,
    NUMBER,
    SCORE,
    STRONGEST,
    FeatureRows,
)

MANY = 100_000
LIMIT_SECONDS = 0.15
"""0.1 is the goal; the rest is for a machine with much else to do."""


def made(
    labels: dict[int, FeatureLabel],
    scores: dict[int, LabelScore],
    marks: dict[int, FeatureMark],
    n_latents: int,
) -> FeatureRows:
    generator = np.random.default_rng(0)
    count = generator.integers(1, 1000, n_latents)
    statistics = SimpleNamespace(
        count=count,
        maximum=generator.random(n_latents),
        density=count / 1000,
        never_active=np.zeros(n_latents, bool),
    )
    book = SimpleNamespace(
        labels=labels,
        shown_scores=scores,
        marks=marks,
        mark=lambda latent: marks.get(latent, FeatureMark()),
    )
    return FeatureRows(SimpleNamespace(statistics=statistics, n_latents=n_latents), book)  # type: ignore[arg-type]


@pytest.fixture
def rows() -> FeatureRows:
    labels = {
        0: FeatureLabel(0, "alpha", KEYWORDS),
        1: FeatureLabel(1, "beta", PERSON),
        2: FeatureLabel(2, "gamma rays", KEYWORDS),
        3: FeatureLabel(3, "", PERSON),
        4: FeatureLabel(4, "delta", KEYWORDS),
    }
    scores = {
        0: LabelScore("embedding", 0.9, 0.85, 0.95, 90),
        1: LabelScore("embedding", 0.95, 0.72, 1.0, 20),
        2: LabelScore("embedding", 0.5, 0.4, 0.6, 90),
        3: LabelScore("embedding", 0.9, 0.9, 0.9, 90),
    }
    marks = {
        0: FeatureMark(starred=True, tags=frozenset({"x", "y"})),
        2: FeatureMark(starred=True, hidden=True, tags=frozenset({"x"})),
        5: FeatureMark(tags=frozenset({"y"})),
    }
    return made(labels, scores, marks, 6)


@pytest.mark.parametrize(
    ("wanted", "latents"),
    [
        (FeatureFilter(), [0, 1, 3, 4, 5]),
        (FeatureFilter(kind=HIDDEN), [2]),
        (FeatureFilter(kind=STARRED), [0]),
        (FeatureFilter(kind=NO_LABEL), [3, 5]),
        (FeatureFilter(kind=NEVER_ACTIVE), []),
        (FeatureFilter(kind=TAGGED), [0, 5]),
        (FeatureFilter(tag="y"), [0, 5]),
        (FeatureFilter(tag="x", kind=HIDDEN), [2]),
        (FeatureFilter(source=KEYWORDS), [0, 4]),
        (FeatureFilter(source=PERSON), [1]),
        (FeatureFilter(score=WELL), [0, 1]),
        (FeatureFilter(score=VERY_WELL), [0]),
        (FeatureFilter(score=DOUBTFUL, kind=HIDDEN), [2]),
        (FeatureFilter(score=AT_CHANCE, kind=HIDDEN), [2]),
        (FeatureFilter(score=NOT_SCORED), [3, 4, 5]),
        (FeatureFilter(text="rays", kind=HIDDEN), [2]),
        (FeatureFilter(text="rays"), []),
        (FeatureFilter(text="A", score=WELL, source=PERSON), [1]),
    ],
)
def test_filters(rows: FeatureRows, wanted: FeatureFilter, latents: list[int]) -> None:
    assert rows.matching(wanted).tolist() == latents


def test_scores_are_ordered_by_what_is_sure(rows: FeatureRows) -> None:
    latents = rows.matching(FeatureFilter())
    assert rows.ordered(latents, SCORE, True).tolist()[:2] == [0, 1], "though 1 scored higher"
    assert rows.score(1) == 0.95
    assert rows.score(3) is None, "a label that was taken away has no score"
    assert rows.ordered(latents, LABEL, False).tolist()[:3] == [0, 1, 4]
    assert rows.n_well_labelled == 2


def best_of(times: int, act: Callable[[], object]) -> float:
    """Seconds of this thread alone: what else the machine does is not ours."""
    seconds = []
    for _ in range(times):
        started = time.thread_time()
        act()
        seconds.append(time.thread_time() - started)
    return min(seconds)


def test_100000_features_open_filter_and_sort_at_once() -> None:
    generator = np.random.default_rng(1)
    words = ["".join(chr(97 + c) for c in generator.integers(0, 26, 7)) for _ in range(4000)]
    pairs = generator.integers(0, len(words), (MANY, 2)).tolist()
    labels = {
        i: FeatureLabel(i, f"{words[a]} {words[b]}", KEYWORDS) for i, (a, b) in enumerate(pairs)
    }
    scores = {
        i: LabelScore("embedding", one, one - 0.1, one + 0.1, 100)
        for i, one in enumerate(generator.random(MANY).tolist())
    }
    marks = {i: FeatureMark(True, tags=frozenset({"t"})) for i in range(0, MANY, 10)}
    rows = made(labels, scores, marks, MANY)
    everything = rows.matching(FeatureFilter())

    def sort_by_new_labels() -> None:
        rows.update_labels([0])
        rows.ordered(everything, LABEL, True)

    acts: dict[str, Callable[[], object]] = {
        "open": lambda: (rows.update_labels(labels), rows.update_marks(marks)),
        "text": lambda: (rows.update_labels([0]), rows.matching(FeatureFilter("ab c"))),
        "filter": lambda: rows.matching(
            FeatureFilter(kind=STARRED, score=WELL, source=KEYWORDS, tag="t")
        ),
        "label": sort_by_new_labels,
        **{
            by: lambda by=by: rows.ordered(everything, by, True)  # type: ignore[misc]
            for by in (DENSITY, STRONGEST, NUMBER, SCORE)
        },
    }
    slow = {name: round(best_of(4, act), 3) for name, act in acts.items()}
    assert all(seconds < LIMIT_SECONDS for seconds in slow.values()), slow
