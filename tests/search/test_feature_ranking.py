from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.search.explanation import Contribution
from saedesk.search.family_steering import family_slider
from saedesk.search.feature_ranking import FeatureRanking, cosine_of_values, direction_of
from saedesk.search.target_values import shares_of

DECODER = np.eye(4, 6, dtype=np.float32)


@pytest.fixture
def activations(tmp_path: Path) -> SparseActivations:
    writer = ActivationWriter(tmp_path, 4)
    # Documents 0 to 5; feature 2 is active in 1, 3 and 4, feature 0 in 3 and 5.
    writer.append(
        np.array([0, 1, 1, 2, 1, 1]),
        np.array([2, 1, 2, 0, 2, 0]),
        np.array([0.3, 0.9, 0.5, 0.2, 0.3, 0.4], np.float32),
    )
    return writer.finish()


COSINES = np.array([0.2, -0.9, 0.7, 0.1, 0.95, -0.3], np.float32)


def test_active_documents_come_first_and_silent_ones_by_direction(
    activations: SparseActivations,
) -> None:
    ranking = FeatureRanking(2, {}, COSINES, activations, None)
    assert ranking.best(9).tolist() == [3, 1, 4, 2, 0, 5]
    assert ranking.scores([3, 1, 2]) == pytest.approx([0.5, 0.3, 0.0])
    assert ranking.ranks([3, 4, 5]) == [1, 3, 6]
    assert ranking.active == 3
    assert [(part.latent, part.kind) for part in ranking.parts(3)] == [(2, "typed")]
    assert ranking.parts(3)[0].value == pytest.approx(0.5)
    assert ranking.parts(2) == ()


def test_filters_and_rows_that_never_appear_hold(activations: SparseActivations) -> None:
    cosines = COSINES.copy()
    cosines[3] = -np.inf
    allowed = np.array([1, 1, 0, 1, 1, 1], bool)
    ranking = FeatureRanking(2, {}, cosines, activations, allowed)
    assert ranking.best(9).tolist() == [1, 4, 0, 5]
    assert ranking.ranks([2, 3]) == ranking.scores([2, 3]) == [None, None]


def test_what_is_turned_counts_beside_the_feature(activations: SparseActivations) -> None:
    ranking = FeatureRanking(2, {0: 2.0, 1: -1.0}, COSINES, activations, None)
    # 3: .5 + 2·.2, 5: 2·.4, 1 and 4: .3, 0 is silent, 2: −.9
    assert ranking.best(9).tolist() == [3, 5, 1, 4, 0, 2]
    for row in range(6):
        (score,) = ranking.scores([row])
        assert sum(part.value for part in ranking.parts(row)) == pytest.approx(score, abs=1e-5)
    assert {part.kind for part in ranking.parts(3)} == {"typed", "up"}
    assert ranking.parts(2)[0].kind == "down"


def test_a_feature_turned_down_to_nothing_has_a_part_of_nothing_that_says_why(
    activations: SparseActivations,
) -> None:
    ranking = FeatureRanking(2, {2: -1.0, 0: 2.0}, COSINES, activations, None)
    parts = {part.latent: part for part in ranking.parts(3)}
    assert parts[2].value == 0.0
    assert parts[2].kind == "down"
    assert parts[2].moved == pytest.approx(-0.5)
    assert ranking.scores([3]) == pytest.approx([sum(part.value for part in parts.values())])


def test_a_family_is_ranked_by_its_own_value(activations: SparseActivations) -> None:
    family = family_slider(2, [0], DECODER, np.array([0.5, 1.0, 1.0, 1.0]))
    shares = shares_of(family)
    ranking = FeatureRanking(family, {}, COSINES, activations, None)
    values = {3: 0.5 * shares[2] + 0.2 * shares[0], 1: 0.3 * shares[2], 5: 0.4 * shares[0]}
    for row, value in values.items():
        assert ranking.scores([row]) == [pytest.approx(value, abs=1e-6)]
    direction = direction_of(family, DECODER)
    assert direction @ direction == pytest.approx(1.0)
    assert direction[2] == pytest.approx(2 * direction[0])


def test_a_feature_without_a_direction_is_refused() -> None:
    with pytest.raises(NothingToSearch, match="no direction"):
        direction_of(1, np.zeros((2, 3), np.float32))


def test_silent_documents_keep_their_order_behind_what_is_given_a_place(
    activations: SparseActivations,
) -> None:
    ranking = FeatureRanking(2, {}, COSINES, activations, None)
    first = ranking.with_first([5, 3], {5: [Contribution(0, 0.25, "place", 0, "activation")]})
    assert first.best(9).tolist() == [5, 3, 1, 4, 2, 0]
    assert first.ranks([5, 2]) == [1, 5]
    assert first.scores([5, 3]) == pytest.approx([0.25, 0.5])
    assert [part.kind for part in first.parts(5)] == ["place"]
    assert first.parts(3) == ranking.parts(3)
    assert ranking.best(1).tolist() == [3]


def test_the_cosine_of_values_is_that_of_documents_that_take_part(
    activations: SparseActivations,
) -> None:
    allowed = np.array([1, 1, 0, 1, 1, 1], bool)
    before = FeatureRanking(2, {}, COSINES, activations, allowed).values
    after = FeatureRanking(2, {0: 2.0, 1: -1.0}, COSINES, activations, allowed).values
    np.testing.assert_allclose(before, [0, 0.3, 0, 0.5, 0.3, 0], atol=1e-6)
    np.testing.assert_allclose(after, [0, 0.3, 0, 0.9, 0.3, 0.8], atol=1e-6)
    expected = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert cosine_of_values(before, after) == pytest.approx(expected)
    assert cosine_of_values(before, before) == 1.0
    assert cosine_of_values(np.zeros(3), np.ones(3)) == 1.0
    with pytest.raises(NothingToSearch, match="cancel the query out"):
        cosine_of_values(before, 0.0 * before)
