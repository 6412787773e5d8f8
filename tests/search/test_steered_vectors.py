from __future__ import annotations

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting
from saedesk.search.query_features import steer, take_apart
from saedesk.search.steered_vectors import steered_vectors
from saedesk.search.steering_plan import SteeringPlan

PLAN = SteeringPlan(((1, 0.7), (4, -0.3)))


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(9, 16)).astype(np.float32)


@pytest.fixture
def decoder() -> np.ndarray:
    rows = np.random.default_rng(1).normal(size=(6, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_vector_moves_as_a_query_does_and_keeps_its_length(vectors, decoder) -> None:
    moved = steered_vectors(vectors, PLAN, decoder)
    nothing = np.zeros(0)
    for before, after in zip(vectors, moved, strict=True):
        query = take_apart(before, nothing.astype(np.int32), nothing, decoder)
        expected = steer(query, PLAN, decoder).vector * np.linalg.norm(before)
        np.testing.assert_allclose(after, expected, rtol=1e-5, atol=1e-6)


def test_at_rest_nothing_moves_by_a_bit(vectors, decoder) -> None:
    moved = steered_vectors(vectors, SteeringPlan(), decoder)
    np.testing.assert_array_equal(moved, vectors)
    moved[0] = 0
    assert vectors[0].any(), "the caller's vectors are not written to"


def test_rows_without_a_direction_come_back_as_they_are(vectors, decoder) -> None:
    vectors[2], vectors[5, 3] = 0, np.nan
    vectors[7] = -2 * decoder[1]
    moved = steered_vectors(vectors, SteeringPlan(((1, 1.0),)), decoder)
    np.testing.assert_array_equal(moved[[2, 5, 7]], vectors[[2, 5, 7]])
    assert np.abs(moved[0] - vectors[0]).max() > 0.1


def test_what_does_not_fit_is_named(vectors, decoder) -> None:
    with pytest.raises(BadInput, match="16 numbers each, the SAE reads 8"):
        steered_vectors(vectors, PLAN, decoder[:, :8])
    with pytest.raises(BadSetting, match="no feature 6"):
        steered_vectors(vectors, SteeringPlan(((6, 1.0),)), decoder)
