from __future__ import annotations

import numpy as np
import pytest

from saedesk.features import feature_neighbours
from saedesk.features.families.family_tree import FamilyEdge
from saedesk.features.feature_neighbours import (
    active_together,
    nearest_and_opposed,
    nearest_by_direction,
    relatives,
)
from tests.features.made_up_activations import random_dense, write_dense


def test_nearest_by_direction_leaves_itself_out():
    decoder = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    latents, cosines = nearest_by_direction(decoder, 0, 2)
    assert latents.tolist() == [1, 2]
    assert cosines.tolist() == pytest.approx([0.6, 0])
    assert nearest_by_direction(decoder, 0, 99)[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("entries_at_once", [1, 100, 1 << 20])
def test_active_together_counts_documents_one_by_one(tmp_path, monkeypatch, entries_at_once):
    monkeypatch.setattr(feature_neighbours, "ENTRIES_AT_ONCE", entries_at_once)
    dense = random_dense(90, 12, seed=7)
    activations = write_dense(tmp_path, dense)
    for latent in range(12):
        mine = [row for row in range(90) if dense[row, latent] > 0]
        shares = {
            other: sum(dense[row, other] > 0 for row in mine) / len(mine)
            for other in range(12)
            if mine and other != latent and any(dense[row, other] > 0 for row in mine)
        }
        expected = sorted(shares, key=lambda other: (-shares[other], other))[:5]
        latents, found = active_together(activations, latent, 5)
        assert latents.tolist() == expected
        assert found.tolist() == pytest.approx([shares[other] for other in expected])


def test_nearest_and_opposed_in_order_with_ties_by_number():
    rng = np.random.default_rng(3)
    directions = rng.normal(size=(60, 5)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions[[9, 30]] = directions[7]
    directions[[4, 50]] = -directions[7]
    (nearest, high), (opposed, low) = nearest_and_opposed(directions, 7, 6)
    assert nearest[:2].tolist() == [9, 30]
    assert opposed[:2].tolist() == [4, 50]
    cosines = directions.astype(float) @ directions[7].astype(float)
    order = np.argsort(cosines)
    assert opposed[2:].tolist() == order[2:6].tolist()
    assert nearest[2:].tolist() == order[::-1][3:7].tolist()
    assert high == pytest.approx(cosines[nearest], abs=1e-6)
    assert low == pytest.approx(cosines[opposed], abs=1e-6)


def test_nearest_and_opposed_of_few_features():
    decoder = np.array([[1, 0], [0.6, 0.8], [-1, 0]], np.float32)
    (nearest, _), (opposed, cosines) = nearest_and_opposed(decoder, 0, 99)
    assert nearest.tolist() == [1, 2]
    assert opposed.tolist() == [2, 1]
    assert cosines.tolist() == pytest.approx([-1, 0.6])
    (nearest, _), (opposed, _) = nearest_and_opposed(decoder[:1], 0, 5)
    assert len(nearest) == len(opposed) == 0


def test_relatives_are_told_once_with_the_strongest_edge():
    edges = [
        FamilyEdge(1, 5, 0.3),
        FamilyEdge(2, 5, 0.4),
        FamilyEdge(5, 8, 0.2),
        FamilyEdge(5, 7, 0.2),
        FamilyEdge(2, 5, 0.6),
        FamilyEdge(1, 2, 0.9),
    ]
    parents, children = relatives(edges, 5)
    assert parents == (FamilyEdge(2, 5, 0.6), FamilyEdge(1, 5, 0.3))
    assert children == (FamilyEdge(5, 7, 0.2), FamilyEdge(5, 8, 0.2))
    assert relatives(edges, 8) == ((FamilyEdge(5, 8, 0.2),), ())
    assert relatives([], 8) == ((), ())
