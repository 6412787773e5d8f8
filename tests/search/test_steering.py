"""Steering plans, queries taken apart, and what is left of a query after its sliders moved."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting, NothingToSearch
from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan

WIDTH, LATENTS = 24, 60


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture
def decoder() -> np.ndarray:
    random = np.random.default_rng(0)
    return unit(random.standard_normal((LATENTS, WIDTH))).astype(np.float32)


@pytest.fixture
def query_vector() -> np.ndarray:
    return unit(np.random.default_rng(1).standard_normal(WIDTH)).astype(np.float32)


def test_plan_is_sorted_and_without_zeros() -> None:
    plan = SteeringPlan(((7, 0.5), (2, -0.25), (5, 0.0)))
    assert plan.strengths == ((2, -0.25), (7, 0.5))
    assert plan.strength(2) == -0.25
    assert plan.strength(5) == 0.0


def test_plans_are_equal_whatever_the_order_of_moves() -> None:
    moves = [(3, 0.4), (11, -0.2), (5, 0.1)]
    plans = []
    for order in itertools.permutations(moves):
        plan = SteeringPlan()
        for latent, u in order:
            plan = plan.with_strength(latent, u)
        plans.append(plan)
    assert len(set(plans)) == 1


def test_putting_a_slider_back_is_rest() -> None:
    plan = SteeringPlan().with_strength(3, 0.4)
    assert not plan.at_rest
    assert plan.with_strength(3, -0.0).at_rest
    assert plan.with_strength(3, 0.0) == SteeringPlan()


@pytest.mark.parametrize("strength", [float("nan"), float("inf"), float("-inf"), 1e300])
def test_a_strength_that_is_no_number_is_refused(strength: float) -> None:
    with pytest.raises(BadSetting, match="feature 4"):
        SteeringPlan().with_strength(4, strength)


def test_negative_or_doubled_features_are_refused() -> None:
    with pytest.raises(BadSetting, match="two strengths"):
        SteeringPlan(((1, 0.1), (1, 0.2)))
    with pytest.raises(BadSetting, match="-1"):
        SteeringPlan(((-1, 0.1),))


def test_features_and_rest_sum_to_the_query(decoder: np.ndarray, query_vector: np.ndarray) -> None:
    query = take_apart(query_vector, np.array([9, 4, 30]), np.array([0.1, 0.5, 0.3]), decoder)
    assert query.latents.tolist() == [4, 30, 9]
    assert query.values.tolist() == pytest.approx([0.5, 0.3, 0.1])
    assert query.vector.dtype == query.values.dtype == query.rest.dtype == np.float32
    assert query.latents.dtype == np.int32
    rebuilt = query.rest.astype(float)
    for latent, value in zip(query.latents, query.values, strict=True):
        rebuilt = rebuilt + float(value) * decoder[latent].astype(float)
    np.testing.assert_allclose(rebuilt, query_vector, atol=1e-7)


def test_a_unit_query_keeps_its_bits(decoder: np.ndarray, query_vector: np.ndarray) -> None:
    query = take_apart(query_vector, np.array([4]), np.array([0.5]), decoder)
    assert query.vector.tobytes() == query_vector.tobytes()
    assert query.length == 1.0


def test_a_longer_query_is_scaled_with_its_codes(
    decoder: np.ndarray, query_vector: np.ndarray
) -> None:
    short = take_apart(query_vector, np.array([4]), np.array([0.5]), decoder)
    long = take_apart(query_vector * 20, np.array([4]), np.array([10.0]), decoder)
    assert long.length == pytest.approx(20)
    np.testing.assert_allclose(long.vector, short.vector, atol=1e-6)
    np.testing.assert_allclose(long.values, short.values, atol=1e-6)
    np.testing.assert_allclose(long.rest, short.rest, atol=1e-6)


def test_at_rest_the_steered_query_is_the_query(
    decoder: np.ndarray, query_vector: np.ndarray
) -> None:
    query = take_apart(query_vector, np.array([4, 9]), np.array([0.5, 0.2]), decoder)
    steered = steer(query, SteeringPlan(), decoder)
    assert steered.vector is query.vector
    assert (steered.norm, steered.cosine) == (1.0, 1.0)


def test_steered_vector_norm_and_cosine(decoder: np.ndarray, query_vector: np.ndarray) -> None:
    query = take_apart(query_vector, np.array([4]), np.array([0.5]), decoder)
    steered = steer(query, SteeringPlan(((4, -0.5), (17, 0.8))), decoder)
    moved = query_vector.astype(float).copy()
    for i in range(WIDTH):
        moved[i] += -0.5 * float(decoder[4, i]) + 0.8 * float(decoder[17, i])
    assert steered.norm == pytest.approx(np.sqrt((moved**2).sum()), abs=1e-9)
    np.testing.assert_allclose(steered.vector, moved / np.sqrt((moved**2).sum()), atol=1e-7)
    assert steered.cosine == pytest.approx(moved @ query_vector / np.linalg.norm(moved), abs=1e-6)


def test_cosine_of_one_step_is_the_closed_form(
    decoder: np.ndarray, query_vector: np.ndarray
) -> None:
    query = take_apart(query_vector, np.array([]), np.array([]), decoder)
    along = float(query_vector.astype(float) @ decoder[8].astype(float))
    for u in (-2.0, -0.3, 0.1, 0.5, 10.0):
        steered = steer(query, SteeringPlan(((8, u),)), decoder)
        assert steered.cosine == pytest.approx(
            (1 + u * along) / np.sqrt(1 + 2 * u * along + u * u), abs=1e-6
        )


def test_sliders_that_cancel_the_query_leave_nothing_to_search(decoder: np.ndarray) -> None:
    query = take_apart(decoder[3], np.array([3]), np.array([1.0]), decoder)
    with pytest.raises(NothingToSearch, match="cancel"):
        steer(query, SteeringPlan(((3, -1.0),)), decoder)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_query_without_direction_leaves_nothing_to_search(
    decoder: np.ndarray, value: float
) -> None:
    with pytest.raises(NothingToSearch):
        take_apart(np.full(WIDTH, value, np.float32), np.array([]), np.array([]), decoder)


def test_codes_that_are_no_numbers_leave_nothing_to_search(
    decoder: np.ndarray, query_vector: np.ndarray
) -> None:
    with pytest.raises(NothingToSearch):
        take_apart(query_vector, np.array([4]), np.array([np.nan]), decoder)


def test_wrong_width_and_unknown_features_are_named(
    decoder: np.ndarray, query_vector: np.ndarray
) -> None:
    with pytest.raises(BadInput, match="width 24"):
        take_apart(query_vector[:-1], np.array([]), np.array([]), decoder)
    with pytest.raises(BadInput, match="feature 60"):
        take_apart(query_vector, np.array([60]), np.array([0.1]), decoder)
    query = take_apart(query_vector, np.array([]), np.array([]), decoder)
    with pytest.raises(BadSetting, match="no feature 60"):
        steer(query, SteeringPlan(((60, 0.5),)), decoder)
    with pytest.raises(BadInput, match="width 23"):
        steer(query, SteeringPlan(), decoder[:, :-1])
