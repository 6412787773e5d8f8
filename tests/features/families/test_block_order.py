"""Which features stand in the picture of who fires with whom, where, and how often together."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families import block_counts
from saedesk.features.families.block_counts import counts_among, mean_shares
from saedesk.features.families.block_order import (
    MOST_FEATURES,
    MOST_OF_ANOTHER,
    WANTED_FEATURES,
    order_around,
    order_of_all,
    side_by_side,
    tree_order,
)
from saedesk.features.families.bridges import bridges_from
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Cancelled
from tests.features.made_up_activations import random_dense, write_dense
from tests.tiny_projects import Listener


def family(root: int, children: range | tuple[int, ...]) -> FeatureFamily:
    """All children right below the root."""
    edges = tuple(FamilyEdge(root, child, 0.3) for child in children)
    return FeatureFamily(root, tuple(children), edges, 1)


@pytest.fixture
def dense() -> np.ndarray:
    return random_dense(400, 40, seed=3)


@pytest.fixture
def activations(dense: np.ndarray, tmp_path: Path) -> SparseActivations:
    return write_dense(tmp_path, dense)


def test_features_stand_as_in_the_tree_each_branch_whole() -> None:
    edges = ((9, 5), (9, 3), (5, 8), (5, 1), (3, 2), (8, 4))
    made = FeatureFamily(
        9, (5, 3, 8, 1, 2, 4), tuple(FamilyEdge(up, down, 0.2) for up, down in edges), 1
    )
    assert tree_order(made) == (9, 5, 8, 4, 1, 3, 2)


def test_members_without_an_edge_stand_at_the_end() -> None:
    made = FeatureFamily(1, (2, 7), (FamilyEdge(1, 2, 0.2),), 1)
    assert tree_order(made) == (1, 2, 7)


def test_the_chosen_family_is_whole_and_first_then_the_nearest() -> None:
    chosen = family(0, range(1, 30))
    others = [family(100 * at, range(100 * at + 1, 100 * at + 60)) for at in range(1, 9)]
    found = order_around(chosen, others)
    assert found.blocks[0].latents == tuple(range(30))
    assert [block.root for block in found.blocks] == [0, 100, 200, 300]
    assert len(found.latents) == WANTED_FEATURES
    # Of the others the densest stand for all, and it is told how many there are.
    assert found.blocks[1].latents == tuple(range(100, 100 + MOST_OF_ANOTHER))
    assert found.blocks[1].size == 60
    assert found.starts == (0, 30, 50, 70, 90)


def test_a_large_family_leaves_room_for_its_neighbours() -> None:
    found = order_around(family(0, range(1, 120)), [family(500, range(501, 515))])
    assert len(found.blocks[0].latents) == 120
    assert len(found.blocks) == 2
    giant = order_around(family(0, range(1, 5000)), [family(6000, range(6001, 6010))])
    assert len(giant.latents) == MOST_FEATURES


def test_a_feature_of_two_families_stands_in_the_first_and_small_rests_nowhere() -> None:
    chosen = family(0, (1, 2, 3, 4))
    overlapping = family(10, (3, 4, 11, 12))
    mostly_inside = family(1, (2, 3, 4, 20))
    found = order_around(chosen, [overlapping, mostly_inside])
    assert [block.latents for block in found.blocks] == [(0, 1, 2, 3, 4), (10, 11, 12)]
    assert len(set(found.latents.tolist())) == len(found.latents)


def test_all_families_stand_feature_by_feature_until_there_are_too_many() -> None:
    few = [family(20 * at, range(20 * at + 1, 20 * at + 20)) for at in range(10)]
    found = order_of_all(few)
    assert found is not None
    assert [block.root for block in found.blocks] == [one.root for one in few]
    assert len(found.latents) == MOST_FEATURES
    assert order_of_all([*few, family(900, (901, 902, 903))]) is None


def test_counts_are_those_of_the_dense_product(
    activations: SparseActivations, dense: np.ndarray
) -> None:
    latents = np.array([31, 2, 0, 17, 1, 39, *range(3, 16)])
    active = (dense > 0).astype(np.int64)[:, latents]
    np.testing.assert_array_equal(counts_among(activations, latents), active.T @ active)


def test_counting_can_be_cancelled(activations: SparseActivations) -> None:
    with pytest.raises(Cancelled):
        counts_among(activations, np.arange(40), Listener(cancel_at=1))


def expected_mean(dense: np.ndarray, rows: tuple[int, ...], columns: tuple[int, ...]) -> float:
    active = (dense > 0).astype(float)
    shares = [
        active[:, i] @ active[:, j] / active[:, i].sum()
        for i in rows
        for j in columns
        if i != j and active[:, i].any() and active[:, j].any()
    ]
    return float(np.mean(shares))


def test_mean_shares_of_families_are_the_means_over_their_pairs(
    activations: SparseActivations, dense: np.ndarray
) -> None:
    # Latent 1 never fires; 7 and 8 stand in two families.
    families = [family(0, (1, 2, 7, 8)), family(10, (7, 8, 11)), family(20, (21, 22, 23))]
    found = mean_shares(activations, families)
    for at, row in enumerate(families):
        for to, column in enumerate(families):
            wanted = expected_mean(dense, row.members, column.members)
            assert found.shares[at, to] == pytest.approx(wanted, abs=1e-5)
    assert found.documents_read == found.n_documents == 400


def test_mean_shares_of_many_documents_come_from_a_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = np.random.default_rng(0).random((900, 24)) < np.linspace(0.1, 0.4, 24)
    activations = write_dense(tmp_path, dense.astype(np.float32))
    families = [family(2, (5, 6, 9)), family(20, (21, 22, 23))]
    exact = mean_shares(activations, families).shares
    monkeypatch.setattr(block_counts, "MOST_ACTIVATIONS", activations.n_active // 2)
    found = mean_shares(activations, families)
    assert 400 < found.documents_read < 500
    np.testing.assert_allclose(found.shares, exact, atol=0.03)
    np.testing.assert_array_equal(found.shares, mean_shares(activations, families).shares)


def test_families_that_fire_together_lie_side_by_side() -> None:
    rng = np.random.default_rng(4)
    group = rng.permutation(np.repeat(np.arange(4), 6))
    shares = np.where(group[:, None] == group, 0.1, 0.004) * rng.uniform(0.5, 1.5, (24, 24))
    shares[3, 5] = shares[5, 3] = np.nan
    found = side_by_side(shares)
    assert sorted(found.tolist()) == list(range(24))
    assert (np.diff(group[found]) != 0).sum() == 3
    assert side_by_side(np.ones((2, 2))).tolist() == [0, 1]
    assert sorted(side_by_side(np.zeros((5, 5))).tolist()) == list(range(5))


@pytest.mark.slow
def test_a_picture_of_a_large_corpus_is_counted_at_once() -> None:
    activations = large_activations(60_000, 9_216, 40)
    densest = np.argsort(-np.diff(activations.latent_offsets))[:90]
    families = [family(10 * at, range(10 * at + 1, 10 * at + 10)) for at in range(900)]

    def count() -> float:
        started = time.perf_counter()
        counts_among(activations, densest)
        bridges_from(activations, families, 100)
        return time.perf_counter() - started

    assert min(count() for _ in range(5)) < 0.06


def large_activations(n_documents: int, n_latents: int, active: int) -> SparseActivations:
    """In memory; a few latents fire in a tenth of the documents and more, most are rare."""
    drawn = np.random.default_rng(0).random((n_documents, active)) ** 1.6 * n_latents
    keys = np.unique(np.arange(n_documents)[:, None] * n_latents + drawn.astype(np.int64))
    rows, latents = (keys // n_latents).astype(np.int32), (keys % n_latents).astype(np.int32)
    counts = {"document": np.bincount(rows), "latent": np.bincount(latents, minlength=n_latents)}
    offsets = {f"{name}_offsets": np.append(0, np.cumsum(one)) for name, one in counts.items()}
    ones = np.ones(len(keys), np.float32)
    return SparseActivations(
        {
            **offsets,
            "document_latents": latents,
            "document_values": ones,
            "latent_rows": rows[np.argsort(latents, kind="stable")],
            "latent_values": ones,
            "strongest_latents": latents[offsets["document_offsets"][:-1]],
            "strongest_values": ones[:n_documents],
        }
    )
