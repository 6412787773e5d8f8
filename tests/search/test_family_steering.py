"""A family as one slider: how far it moves the query, what it reads, and that it can rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.search.family_steering import (
    PARTS,
    WEIGHTINGS,
    family_slider,
    natural_range,
    with_families,
)
from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from tests.features.made_up_activations import write_dense

WIDTH, LATENTS = 24, 40
ROOT, CHILDREN = 3, (7, 11, 19, 30)


@pytest.fixture
def decoder() -> np.ndarray:
    random = np.random.default_rng(0)
    rows = random.standard_normal((LATENTS, WIDTH)) + 1.5 * random.standard_normal(WIDTH)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def density() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.001, 0.1, LATENTS)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_step_moves_the_query_as_far_as_that_of_one_feature(
    decoder: np.ndarray, density: np.ndarray, part, weighting
) -> None:
    slider = family_slider(ROOT, CHILDREN, decoder, density, part, weighting)
    move = sum(weight * decoder[latent].astype(np.float64) for latent, weight in slider.moves)
    assert np.linalg.norm(move) == pytest.approx(1.0, abs=1e-6)
    turned = {"both": {ROOT, *CHILDREN}, "parent": {ROOT}, "children": set(CHILDREN)}[part]
    assert {latent for latent, _ in slider.moves} == turned


def test_the_parent_alone_is_the_slider_of_its_feature(
    decoder: np.ndarray, density: np.ndarray
) -> None:
    slider = family_slider(ROOT, CHILDREN, decoder, density, "parent").with_strength(0.4)
    assert slider.value_in({ROOT: 0.25, 7: 0.9}) == pytest.approx(0.25)
    plan = with_families(SteeringPlan(), [slider])
    assert plan.strengths == ((ROOT, pytest.approx(0.4)),)


def test_shares_of_the_move_follow_the_weights(decoder: np.ndarray, density: np.ndarray) -> None:
    moves = dict(family_slider(ROOT, CHILDREN, decoder, density).moves)
    weights = np.array([density[latent] for latent in moves])
    given = np.array(list(moves.values()))
    assert given / given.sum() == pytest.approx(weights / weights.sum())


def test_at_rest_nothing_is_added_bit_for_bit(decoder: np.ndarray, density: np.ndarray) -> None:
    slider = family_slider(ROOT, CHILDREN, decoder, density)
    plan = SteeringPlan(((5, 0.3),))
    assert with_families(plan, [slider]) is plan
    vector = np.random.default_rng(2).standard_normal(WIDTH)
    query = take_apart(vector, np.array([ROOT, 5]), np.array([0.2, 0.1]), decoder)
    empty = with_families(SteeringPlan(), [slider, slider.with_strength(0.5).with_strength(0.0)])
    assert steer(query, empty, decoder).vector is query.vector


def test_zero_takes_what_the_query_has_of_the_family_away(
    decoder: np.ndarray, density: np.ndarray
) -> None:
    slider = family_slider(ROOT, CHILDREN, decoder, density)
    codes = {ROOT: 0.3, 11: 0.2, 5: 0.4}
    typed = slider.value_in(codes)
    assert typed > 0
    direction = sum(weight * decoder[latent].astype(np.float64) for latent, weight in slider.moves)
    members = sum(codes[latent] * decoder[latent].astype(np.float64) for latent in (ROOT, 11))
    assert (members - typed * direction) @ direction == pytest.approx(0, abs=1e-7)


def test_features_and_families_add_up(decoder: np.ndarray, density: np.ndarray) -> None:
    slider = family_slider(ROOT, CHILDREN, decoder, density).with_strength(0.5)
    plan = with_families(SteeringPlan(((7, 0.25), (5, -0.1))), [slider])
    weights = dict(slider.moves)
    assert plan.strength(7) == pytest.approx(0.25 + 0.5 * weights[7])
    assert plan.strength(5) == -0.1
    assert plan.strength(ROOT) == pytest.approx(0.5 * weights[ROOT])


def test_the_natural_range_holds_nine_of_ten_documents(decoder: np.ndarray, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    dense = np.where(
        random.random((400, LATENTS)) < 0.1, random.uniform(0.1, 0.5, (400, LATENTS)), 0
    )
    activations = write_dense(tmp_path, dense.astype(np.float32))
    slider = family_slider(ROOT, CHILDREN, decoder, (dense > 0).mean(axis=0))
    natural = natural_range(slider, activations)
    assert natural is not None
    members = [ROOT, *CHILDREN]
    values = np.array([slider.value_in(dict(enumerate(row.tolist()))) for row in dense])
    active = values[(dense[:, members] > 0).any(axis=1)]
    inside = ((active >= natural[0]) & (active <= natural[1])).mean()
    assert 0.88 <= inside <= 0.92


def test_dead_features_are_left_where_they_are(decoder: np.ndarray, density: np.ndarray) -> None:
    density[11] = 0.0
    slider = family_slider(ROOT, CHILDREN, decoder, density)
    assert 11 not in dict(slider.moves)
    density[list(CHILDREN)] = 0.0
    with pytest.raises(BadSetting, match="active in any document"):
        family_slider(ROOT, CHILDREN, decoder, density, "children")


def test_features_that_cancel_one_another_are_refused(decoder: np.ndarray) -> None:
    opposed = decoder.copy()
    opposed[7] = -opposed[ROOT]
    with pytest.raises(BadSetting, match="cancel one another out"):
        family_slider(ROOT, (7,), opposed, np.ones(LATENTS))


def test_a_planted_family_comes_up_and_its_sibling_does_not() -> None:
    """Documents of a topic tree: raising one family brings its topic, not the other one's."""
    random = np.random.default_rng(4)
    decoder = np.linalg.qr(random.standard_normal((WIDTH, WIDTH)))[0].astype(np.float32)
    families = {0: (1, 2, 3), 10: (11, 12, 13)}
    topics = random.integers(0, 3, 300)
    codes = np.zeros((300, WIDTH))
    for row, topic in enumerate(topics):
        if topic < 2:
            root = list(families)[topic]
            codes[row, root] = 0.5
            codes[row, random.choice(families[root])] = 0.4
        codes[row, random.integers(14, WIDTH)] = 0.6
    documents = codes @ decoder + 0.02 * random.standard_normal((300, WIDTH))
    documents /= np.linalg.norm(documents, axis=1, keepdims=True)
    query = take_apart(decoder[20], np.array([20]), np.array([1.0]), decoder)
    slider = family_slider(0, families[0], decoder, (codes > 0).mean(axis=0)).with_strength(0.7)
    before, after = (
        topics[np.argsort(-(documents @ steer(query, plan, decoder).vector))[:10]]
        for plan in (SteeringPlan(), with_families(SteeringPlan(), [slider]))
    )
    assert (after == 0).sum() >= 9 > (before == 0).sum()
    assert (after == 1).sum() <= (before == 1).sum()
