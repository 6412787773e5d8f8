"""Fused scores: four parts on one scale, what is left out, and sums that hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.search import feature_scores
from saedesk.search.exact_scores import ExactScores
from saedesk.search.family_steering import FamilySlider, family_slider
from saedesk.search.feature_scores import KEPT, STRONGEST, FeatureScores, FusedScore, LabelParts
from saedesk.search.steering_plan import Target
from saedesk.search.whitening import Whitening

N, WIDTH, LATENTS = 900, 20, 16
DEAD = 15


@pytest.fixture(scope="module")
def decoder() -> np.ndarray:
    made = np.random.default_rng(0).standard_normal((LATENTS, WIDTH))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def activations(tmp_path_factory: pytest.TempPathFactory) -> SparseActivations:
    random = np.random.default_rng(1)
    latents = np.concatenate([random.choice(DEAD, 2, replace=False) for _ in range(N)])
    writer = ActivationWriter(tmp_path_factory.mktemp("activations"), LATENTS)
    writer.append(np.full(N, 2), latents, random.uniform(0.1, 1.0, 2 * N))
    return writer.finish()


@pytest.fixture(scope="module")
def vectors(activations: SparseActivations, decoder: np.ndarray) -> np.ndarray:
    noise = 0.05 * np.random.default_rng(2).standard_normal((N, WIDTH))
    made = (activations.to_csr() @ decoder + noise).astype(np.float32)
    made[[7, 8]] = [[0.0], [np.nan]]
    return made


class Labels:
    """A label for every target: the direction of its feature, and words in its documents."""

    def __init__(self, activations: SparseActivations, decoder: np.ndarray) -> None:
        self.texts: dict[Target, tuple[str, ...]] = {}
        self.vector: np.ndarray | None = decoder[3].astype(float)
        rows = np.sort(activations.latent(3)[0][::2]).astype(np.int64)
        self.words: tuple[np.ndarray, np.ndarray] | None = (rows, np.full(len(rows), 2.5))

    def texts_of(self, target: Target) -> tuple[str, ...]:
        return self.texts.get(target, ("a label",))

    def parts_of(self, texts: tuple[str, ...]) -> LabelParts:
        return LabelParts(self.vector, self.words, () if texts else ("It has no label.",))


@pytest.fixture
def labels(activations: SparseActivations, decoder: np.ndarray) -> Labels:
    return Labels(activations, decoder)


@pytest.fixture
def made(
    vectors: np.ndarray, activations: SparseActivations, labels: Labels
) -> Callable[[], FeatureScores]:
    exact = ExactScores(vectors, [11])
    return lambda: FeatureScores(vectors, activations, labels, lambda: exact.inverse_norms)


@pytest.fixture
def scores(made: Callable[[], FeatureScores]) -> FeatureScores:
    return made()


def units(vectors: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return vectors / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)


def searchable() -> np.ndarray:
    return np.setdiff1d(np.arange(N), [7, 8, 11])


def parts(found: FusedScore, vectors: np.ndarray) -> np.ndarray:
    rows = searchable()
    return found.parts_of(rows, units(vectors[rows]))


def test_parts_sum_to_the_score_and_are_on_one_scale(
    scores: FeatureScores,
    vectors: np.ndarray,
    activations: SparseActivations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feature_scores, "STRONGEST", np.inf)
    found = scores.of(3)
    assert found.names == ("activation", "direction", "label", "words")
    assert found.left_out == ()
    own = parts(found, vectors)
    rows = searchable()
    assert np.allclose(own.sum(axis=1), found.values[rows], atol=1e-5)
    assert np.isfinite(found.values).all()
    active, values = activations.latent(3)
    keep = np.isin(active, rows)
    active, values = active[keep], values[keep]
    dense = np.zeros(N)
    dense[active] = values
    assert np.allclose(4 * own[:, 0], dense[rows] * values.sum() / (values @ values), atol=1e-6)
    # 0 on average over all documents, 1 on average over those of the feature, by activation.
    weights = dense[rows] / dense[rows].sum()
    for column in 4 * own[:, 1:].T:
        assert column.mean() == pytest.approx(0.0, abs=1e-5)
        assert weights @ column == pytest.approx(1.0, abs=1e-5)


def test_no_part_counts_for_much_more_than_that_of_a_typical_document(
    scores: FeatureScores, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = scores.of(3)
    own = parts(found, vectors)
    assert np.allclose(own.sum(axis=1), found.values[searchable()], atol=1e-5)
    monkeypatch.setattr(feature_scores, "STRONGEST", np.inf)
    unbounded = parts(found, vectors)
    assert (4 * unbounded > STRONGEST).any()
    assert np.allclose(4 * own, np.minimum(4 * unbounded, STRONGEST))


def test_the_direction_is_the_whitened_difference_of_means(
    scores: FeatureScores, vectors: np.ndarray, activations: SparseActivations
) -> None:
    rows = searchable()
    unit = units(vectors)[rows]
    dense = activations.to_csr().toarray()[rows, 3]
    spread = np.cov(unit.T, bias=True)
    spread = 0.5 * spread + 0.5 * np.trace(spread) / WIDTH * np.eye(WIDTH)
    difference = dense @ unit / dense.sum() - unit.mean(axis=0)
    wanted = np.linalg.solve(spread, difference)
    column = 4 * parts(scores.of(3), vectors)[:, 1]
    below = column < STRONGEST
    assert np.corrcoef(column[below], (unit @ wanted)[below])[0, 1] == pytest.approx(1.0, abs=1e-6)
    whitening = Whitening(vectors[rows], 1 / np.linalg.norm(vectors[rows], axis=1))
    direction = whitening.direction(difference)
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    assert not whitening.direction(np.zeros(WIDTH)).any()


def test_parts_that_are_missing_or_tell_nothing_are_left_out_and_said(
    scores: FeatureScores, labels: Labels, vectors: np.ndarray
) -> None:
    # The label and the words are those of feature 3: of no use for feature 5.
    other = scores.of(5)
    assert other.names == ("activation", "direction")
    assert len(other.left_out) == 2
    assert "hardly tells" in other.left_out[0]
    assert "hardly more of them" in other.left_out[1]
    labels.vector = labels.words = None
    labels.texts[3] = ()
    without = scores.of(3)
    assert without.names == ("activation", "direction")
    assert without.left_out == ("It has no label.",)
    assert np.allclose(parts(without, vectors).sum(axis=1), without.values[searchable()], atol=1e-5)


def test_scores_of_all_that_is_turned_are_kept_where_there_is_room(
    made: Callable[[], FeatureScores], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [made().of(latent).bytes for latent in range(13)]
    assert min(sizes) > 4 * N
    for room, kept in ((sum(sizes[:12]), 12), (0, KEPT), (feature_scores.ROOM, DEAD)):
        monkeypatch.setattr(feature_scores, "ROOM", room)
        scores = made()
        first = [scores.of(latent) for latent in range(kept)]
        assert all(scores.of(latent) is first[latent] for latent in range(kept))
        if kept < DEAD:
            scores.of(kept)
            assert scores.of(kept - 1) is first[kept - 1]
            assert scores.of(0) is not first[0]
    monkeypatch.setattr(feature_scores, "KEPT_AT_MOST", KEPT)
    scores = made()
    first = [scores.of(latent) for latent in range(KEPT + 1)]
    assert scores.of(0) is not first[0]


def test_scores_are_kept_until_the_label_changes(
    made: Callable[[], FeatureScores], labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_scores, "ROOM", 0)
    scores = made()
    first = scores.of(3)
    assert scores.of(3) is first
    labels.texts[3] = ("another label",)
    assert scores.of(3) is not first
    for latent in range(4, 4 + KEPT):
        scores.of(latent)
    labels.texts.clear()
    again = scores.of(3)
    assert again is not first
    assert again.values.tobytes() == first.values.tobytes()
    assert not again.values.flags.writeable


def test_a_family_is_scored_by_its_value(
    scores: FeatureScores, decoder: np.ndarray, activations: SparseActivations, vectors
) -> None:
    slider: FamilySlider = family_slider(3, [5, 6], decoder, np.ones(LATENTS))
    found = scores.of(slider)
    assert scores.of(slider.with_strength(0.7)) is found
    dense = activations.to_csr().toarray()
    value = sum(share * dense[:, latent] for latent, share in slider.along)
    rows = searchable()
    own = parts(found, vectors)[:, 0] * len(found.names)
    strength = np.maximum(value[rows], 0)
    typical = strength @ strength / strength.sum()
    assert np.allclose(own, np.minimum(strength / typical, STRONGEST), atol=1e-5)
    members = (dense[rows][:, [3, 5, 6]] > 0).any(axis=1)
    assert found.values[rows][members].mean() > 0.5 > found.values[rows][~members].mean() + 0.3


def test_a_feature_without_documents_has_no_score(scores: FeatureScores, tmp_path: Path) -> None:
    with pytest.raises(NothingToSearch, match="active in no document"):
        scores.of(DEAD)
