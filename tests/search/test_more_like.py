from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.search.more_like import (
    FeatureLikeness,
    MoreLikeWeights,
    mean_code,
    mean_of_corpus,
    rocchio,
    turned_code,
)

LATENTS = 12


@pytest.fixture
def activations(tmp_path: Path) -> SparseActivations:
    generator = np.random.default_rng(1)
    counts = generator.integers(0, 5, 40)
    counts[0] = 4
    latents = np.concatenate([generator.permutation(LATENTS)[:n] for n in counts])
    writer = ActivationWriter(tmp_path, LATENTS)
    writer.append(counts, latents, generator.random(len(latents)) + 0.05)
    return writer.finish()


def slow_likeness(dense: np.ndarray, code: dict[int, float]) -> np.ndarray:
    prototype = np.zeros(LATENTS)
    prototype[list(code)] = list(code.values())
    return np.minimum(dense, prototype).sum(1) / np.maximum(dense, prototype).sum(1)


def dense_of(activations: SparseActivations) -> np.ndarray:
    return activations.to_csr().toarray().astype(np.float64)


def test_likeness_is_the_generalised_jaccard_of_the_codes(activations: SparseActivations) -> None:
    code = mean_code(activations, [0, 3, 5])
    found = FeatureLikeness(activations).scores(code)
    np.testing.assert_allclose(found, slow_likeness(dense_of(activations), code), atol=1e-6)
    alone = FeatureLikeness(activations).scores(mean_code(activations, [0]))
    assert alone[0] == pytest.approx(1.0)
    assert (np.delete(alone, 0) < 1.0).all()


def test_the_parts_of_a_place_sum_to_its_score(activations: SparseActivations) -> None:
    like, unlike = mean_code(activations, [0, 3]), mean_code(activations, [7, 9])
    weights = MoreLikeWeights(unlike=0.7)
    allowed = np.ones(40, bool)
    allowed[[0, 3, 7, 9]] = False
    ranking = FeatureLikeness(activations).ranking(like, unlike, allowed, weights=weights)
    dense = dense_of(activations)
    wanted = slow_likeness(dense, like)
    expected = wanted - 0.7 * slow_likeness(dense, unlike)
    expected[~allowed | (wanted == 0)] = -np.inf
    best = ranking.best(40)
    assert best.tolist() == [i for i in np.argsort(-expected, kind="stable") if expected[i] > -9]
    assert ranking.ranks(best) == list(range(1, len(best) + 1))
    assert ranking.ranks([0]) == ranking.scores([0]) == [None]
    for row, score in zip(best.tolist(), ranking.scores(best), strict=True):
        assert score == pytest.approx(expected[row], abs=1e-6)
        parts = ranking.parts(row)
        assert sum(part.value for part in parts) == pytest.approx(score, abs=1e-5)
        assert {part.latent for part in parts} <= set(activations.document(row)[0].tolist())
    assert any(part.value < 0 for row in best for part in ranking.parts(int(row)))


def test_features_that_are_turned_change_the_order(activations: SparseActivations) -> None:
    likeness = FeatureLikeness(activations)
    like = mean_code(activations, [0])
    absent = next(i for i in range(LATENTS) if i not in like)
    down = next(iter(like))
    strengths = {absent: 0.8, down: -9.0}
    ranking = likeness.ranking(like, {}, None, strengths)
    turned = {**{i: v for i, v in like.items() if i != down}, absent: 0.8}
    assert turned_code(like, strengths) == pytest.approx(turned)
    expected = slow_likeness(dense_of(activations), turned)
    best = int(ranking.best(1)[0])
    assert best == int(np.argmax(expected))
    parts = [part for row in ranking.best(40) for part in ranking.parts(int(row))]
    kinds = {part.latent: part.kind for part in parts}
    assert kinds[absent] == "up"
    # Nothing is left of what was turned down; the part says how much that took away.
    gone = [part for part in parts if part.latent == down]
    assert {(part.value, part.kind) for part in gone} == {(0.0, "down")}
    assert all(part.moved < 0.0 for part in gone)
    with pytest.raises(NothingToSearch, match="no feature to compare"):
        likeness.ranking({}, {}, None)


def test_rocchio_is_centred() -> None:
    generator = np.random.default_rng(2)
    common = np.zeros(16)
    common[0] = 3.0
    vectors = generator.standard_normal((500, 16)) + common
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    centre = mean_of_corpus(vectors, np.ones(500, bool))
    np.testing.assert_allclose(centre, unit.mean(0), atol=1e-12)
    like, unlike, typed = vectors[:3], vectors[3:5], 7.0 * vectors[9]
    weights = MoreLikeWeights(typed=1.0, like=0.8, unlike=0.4)
    expected = unit[9] + 0.8 * unit[:3].mean(0) - 0.4 * (unit[3:5].mean(0) - unit.mean(0))
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(rocchio(like, unlike, centre, typed, weights), expected, atol=1e-12)
    # What all documents share is not taken away with those that are not wanted.
    few = rocchio(like, unlike, centre)
    assert few[0] == pytest.approx(rocchio(like, unlike[:0], centre)[0], rel=0.15)
    assert rocchio(like, unlike, 0 * centre)[0] < 0.9 * few[0]
    assert (unit[3:5] @ few < unit[3:5] @ rocchio(like, unlike[:0], centre)).all()


def test_documents_that_cancel_out_are_refused() -> None:
    one = np.array([[1.0, 0.0], [-1.0, 0.0]])
    with pytest.raises(NothingToSearch, match="cancel one another out"):
        rocchio(one, one[:0], np.zeros(2))


def test_a_mean_of_many_rows_is_taken_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saedesk.search.more_like.ROWS_OF_MEAN", 100)
    vectors = np.random.default_rng(3).standard_normal((1000, 4)) + 5.0
    searchable = np.ones(1000, bool)
    vectors[17] = np.nan
    searchable[17] = False
    unit = vectors[searchable] / np.linalg.norm(vectors[searchable], axis=1, keepdims=True)
    np.testing.assert_allclose(mean_of_corpus(vectors, searchable), unit.mean(0), atol=0.05)
    assert not mean_of_corpus(vectors, np.zeros(1000, bool)).any()
