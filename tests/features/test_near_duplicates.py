from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.exemplars import strongest_documents
from saedesk.features.near_duplicates import (
    SAME_DIRECTION,
    SHARED,
    STRONGEST,
    near_duplicates,
)
from saedesk.task_control import Cancelled, Unattended
from tests.features.made_up_activations import write_dense
from tests.tiny_projects import Listener

LATENTS, DOCUMENTS = 60, 400


@pytest.fixture
def made(tmp_path: Path):
    """Random features; 1 points nearly as 0, 3 has nearly the documents of 2, 5 is never active."""
    generator = np.random.default_rng(3)
    dense = generator.random((DOCUMENTS, LATENTS)).astype(np.float32)
    dense *= generator.random((DOCUMENTS, LATENTS)) < 0.1
    best = np.argsort(-dense[:, 2])[:STRONGEST]
    dense[:, 3] = np.where(generator.random(DOCUMENTS) < 0.1, 0.3, 0)
    dense[best[:SHARED], 3] = 2 + generator.random(SHARED)
    dense[:, 5] = 0
    directions = generator.standard_normal((LATENTS, 64)).astype(np.float32)
    directions[1] = directions[0] + 0.1 * directions[1]
    directions[5] = directions[4]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions, write_dense(tmp_path / "activations", dense)


def slow_pairs(directions: np.ndarray, activations) -> set[tuple[int, int]]:  # type: ignore[no-untyped-def]
    sets = [set(strongest_documents(activations, i, STRONGEST)[0].tolist()) for i in range(LATENTS)]
    return {
        (i, j)
        for i in range(LATENTS)
        for j in range(i + 1, LATENTS)
        if (sets[i] and sets[j] and directions[i] @ directions[j] > SAME_DIRECTION)
        or len(sets[i] & sets[j]) >= SHARED
    }


def test_same_direction_and_same_documents_are_found_and_nothing_else(made) -> None:
    directions, activations = made
    found = near_duplicates(directions, activations, np.zeros(LATENTS), Unattended())
    assert {(one.of, one.latent) for one in found} == slow_pairs(directions, activations)
    assert {(one.of, one.latent) for one in found} == {(0, 1), (2, 3)}
    assert found[0].cosine > SAME_DIRECTION
    assert found[1].shared >= SHARED


def test_the_worthier_one_stays(made) -> None:
    directions, activations = made
    worth = np.zeros(LATENTS)
    worth[[1, 3]] = 1
    found = near_duplicates(directions, activations, worth, Unattended())
    assert {(one.of, one.latent) for one in found} == {(1, 0), (3, 2)}


def test_nothing_repeats_a_feature_that_is_to_be_hidden_itself(made) -> None:
    directions, activations = made
    directions = directions.copy()
    # A chain: each is near the next one, the ends are not near each other.
    for latent, angle in zip((10, 11, 12), (0, 15, 30), strict=True):
        directions[latent] = 0
        directions[latent, :2] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    worth = np.zeros(LATENTS)
    worth[11] = 1
    found = near_duplicates(directions, activations, worth, Unattended())
    assert {one.latent: one.of for one in found if 10 <= one.latent <= 12} == {10: 11, 12: 11}
    worth[10] = 2
    found = near_duplicates(directions, activations, worth, Unattended())
    assert {one.latent: one.of for one in found if 10 <= one.latent <= 12} == {11: 10}


def test_the_search_can_be_given_up(made) -> None:
    with pytest.raises(Cancelled):
        near_duplicates(*made, np.zeros(LATENTS), Listener(cancel_at=2))
