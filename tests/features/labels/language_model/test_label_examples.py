from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.features.labels.language_model.label_examples import (
    ExampleSettings,
    LabelExamples,
    draw_examples,
)
from saedesk.features.labels.scoring_documents import ScoringSettings, scoring_documents
from saedesk.features.sparse_activations import SparseActivations
from tests.features.made_up_activations import write_dense

N = 400
ACTIVE = 100
"""Rows 0 to 99 have feature 0, the strongest first; rows 100 to 139 are near to them."""


def _unlike(rows: np.ndarray) -> Sequence[str]:
    return [f"text {row}" for row in rows]


@pytest.fixture(scope="module")
def activations(tmp_path_factory: pytest.TempPathFactory) -> SparseActivations:
    dense = np.zeros((N, 4), np.float32)
    dense[:ACTIVE, 0] = np.linspace(10, 1, ACTIVE)
    dense[::3, 1] = 1.0
    dense[7, 2] = 1.0
    return write_dense(tmp_path_factory.mktemp("activations"), dense)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    made = np.random.default_rng(0).normal(size=(N, 8)).astype(np.float32)
    made[: ACTIVE + 40, 0] += 20
    return made


def _drawn(activations, vectors, latent=0, keys=_unlike, **settings) -> LabelExamples:
    return draw_examples(activations, vectors, latent, keys, ExampleSettings(**settings))


def test_active_ones_are_spread_over_the_quantiles(activations, vectors) -> None:
    examples = _drawn(activations, vectors)
    assert len(examples.positives) == 10
    assert np.bincount(examples.positives // 20).tolist() == [2, 2, 2, 2, 2]
    assert examples.positives[0] == 0
    assert np.all(np.diff(examples.activations) < 0)
    rows, values = activations.latent(0)
    shown = dict(zip(rows.tolist(), values.tolist(), strict=True))
    assert [shown[i] for i in examples.positives.tolist()] == examples.activations.tolist()


def test_inactive_ones_are_near_and_at_random(activations, vectors) -> None:
    examples = _drawn(activations, vectors)
    assert len(examples.hard_negatives) == len(examples.random_negatives) == 5
    assert np.all((examples.hard_negatives >= ACTIVE) & (examples.hard_negatives < ACTIVE + 40))
    assert np.all(examples.random_negatives >= ACTIVE)
    assert len(set(examples.rows.tolist())) == 20


def test_every_feature_has_its_own_negatives_and_a_seed_repeats_them(activations, vectors) -> None:
    one, same, other = (_drawn(activations, vectors, i) for i in (0, 0, 1))
    assert one.rows.tolist() == same.rows.tolist()
    assert one.random_negatives.tolist() != other.random_negatives.tolist()
    seeded = _drawn(activations, vectors, 0, seed=1)
    assert seeded.random_negatives.tolist() != one.random_negatives.tolist()


def test_half_of_the_active_ones_are_never_shown_and_score(activations, vectors) -> None:
    examples = _drawn(activations, vectors, positives=90)
    assert len(examples.positives) == 50
    (judged,) = scoring_documents(
        activations, vectors, [0], lambda _: examples.rows, ScoringSettings(20, 20, 4)
    )
    assert not set(judged.rows.tolist()) & set(examples.rows.tolist())


def test_equal_texts_are_shown_once_and_empty_ones_never(activations, vectors) -> None:
    def keys(rows: np.ndarray) -> list[str]:
        return ["" if row % 2 else f"text {row // 10}" for row in rows]

    examples = _drawn(activations, vectors, keys=keys)
    shown = keys(examples.rows)
    assert "" not in shown
    assert len(set(shown)) == len(shown) >= 10


def test_a_pool_smaller_than_the_corpus_and_unusable_rows(activations, vectors) -> None:
    broken = vectors.copy()
    broken[100:120] = np.nan
    examples = draw_examples(
        activations, broken, 0, _unlike, ExampleSettings(pool=200), np.arange(100, 120)
    )
    assert len(examples.hard_negatives) == 5
    assert not set(examples.rows.tolist()) & set(range(100, 120))


def test_features_with_one_document_and_with_none(activations, vectors) -> None:
    assert _drawn(activations, vectors, 2).positives.tolist() == [7]
    assert len(_drawn(activations, vectors, 3).positives) == 0


def test_settings_outside_their_range_are_named() -> None:
    with pytest.raises(BadSetting, match="positives"):
        ExampleSettings(positives=0)
