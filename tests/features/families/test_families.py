from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.features.families.co_occurrence import co_occurrence
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, edge_weights, find_families
from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.task_control import Cancelled
from tests.tiny_projects import Listener

BRANCHES, LEAVES, PER_LEAF = 4, 5, 30
NO_NOISE = FamilySettings(most_density=1.0)


def stored(active: np.ndarray, folder: Path) -> SparseActivations:
    """Activations of 1 wherever `active` (documents, latents) is true."""
    writer = ActivationWriter(folder, active.shape[1])
    latents = np.nonzero(active)[1].astype(np.int32)
    writer.append(active.sum(1), latents, np.ones(len(latents), np.float32))
    return writer.finish()


def planted(roots: int = 2, noise: float = 0.0, seed: int = 0) -> tuple[np.ndarray, list[set[int]]]:
    """Documents under trees of a root, 4 branches and 5 leaves each; and the trees' features.

    A document of a leaf has the leaf, its branch and its root; noise switches entries on and off.
    """
    size = 1 + BRANCHES + BRANCHES * LEAVES
    active = np.zeros((roots * BRANCHES * LEAVES * PER_LEAF, roots * size), bool)
    row = 0
    for root in range(roots):
        for branch in range(BRANCHES):
            for leaf in range(LEAVES):
                on = [0, 1 + branch, 1 + BRANCHES + branch * LEAVES + leaf]
                active[row : row + PER_LEAF, [root * size + i for i in on]] = True
                row += PER_LEAF
    # Leaves and branches of different size, so that nothing is tied by accident.
    rng = np.random.default_rng(seed)
    kept = rng.random(len(active)) < 0.5 + 0.5 * np.linspace(0, 1, len(active))
    active = active[kept]
    active ^= rng.random(active.shape) < noise
    return active, [set(range(root * size, (root + 1) * size)) for root in range(roots)]


def jaccard(first: set[int], second: set[int]) -> float:
    return len(first & second) / len(first | second)


def test_counts_are_those_of_the_dense_product(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    active = rng.random((300, 40)) < rng.random(40) * 0.5
    active[:, 7] = False
    found = co_occurrence(stored(active, tmp_path), smallest_share=0.0)
    exact = active.T.astype(np.int64) @ active
    assert found.counts.tolist() == exact.diagonal().tolist()
    counted = np.zeros_like(exact)
    counted[found.rarer, found.denser] = found.together
    counted += counted.T
    np.fill_diagonal(exact, 0)
    exact[7] = exact[:, 7] = 0
    np.testing.assert_array_equal(counted, exact)
    assert (found.counts[found.rarer] <= found.counts[found.denser]).all()


def test_only_pairs_that_could_become_an_edge_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    activations = stored(rng.random((500, 30)) < 0.1, tmp_path)
    everything = co_occurrence(activations, smallest_share=0.0)
    some = co_occurrence(activations, smallest_share=0.12)
    share = everything.together / (everything.counts[everything.rarer] + 1)
    assert 0 < len(some.together) == (share >= 0.12).sum() < len(everything.together)


def test_counting_can_be_cancelled(tmp_path: Path) -> None:
    active, _ = planted()
    with pytest.raises(Cancelled):
        co_occurrence(stored(active, tmp_path), Listener(cancel_at=1))


def test_planted_families_are_found_whole(tmp_path: Path) -> None:
    active, trees = planted(roots=3)
    families = find_families(co_occurrence(stored(active, tmp_path)), NO_NOISE)
    top = [one for one in families if one.found_in_pass == 1 and len(one.members) > 6]
    assert (
        sorted(jaccard(set(one.members), tree) for one in top for tree in trees)[-3:] == [1.0] * 3
    )
    assert len(top) == 3
    size = 1 + BRANCHES + BRANCHES * LEAVES
    for one in top:
        assert one.root % size == 0, "the most general feature is the root"
        parents = {edge.child: edge.parent for edge in one.edges}
        leaf = one.root + 1 + BRANCHES
        assert parents[leaf] == one.root + 1
        assert parents[one.root + 1] == one.root
        assert all(0 < edge.weight <= 1 for edge in one.edges)
        assert one.children[:1] != one.children[-1:]


def test_families_fade_with_noise_rather_than_break(tmp_path: Path) -> None:
    scores = []
    for noise in (0.0, 0.002, 0.02, 0.2):
        active, trees = planted(noise=noise)
        families = find_families(co_occurrence(stored(active, tmp_path / f"{noise}")), NO_NOISE)
        best = [
            max((jaccard(set(one.members), tree) for one in families), default=0.0)
            for tree in trees
        ]
        scores.append(float(np.mean(best)))
    assert scores[0] == 1.0
    assert scores[1] > 0.9
    assert scores[1] >= scores[2] >= scores[3]


def renamed(one: FeatureFamily, names: np.ndarray) -> tuple[object, ...]:
    """A family in the names of another order of the latents."""
    edges = {(int(names[e.parent]), int(names[e.child]), round(e.weight, 12)) for e in one.edges}
    return int(names[one.root]), tuple(int(names[i]) for i in one.children), frozenset(edges)


@pytest.mark.parametrize("seed", range(5))
def test_families_do_not_depend_on_the_order_of_the_latents(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    active, _ = planted(noise=0.01, seed=seed)
    # Features that fire on the same documents are the same feature twice; not asked for here.
    permutation = rng.permutation(active.shape[1])
    first = find_families(co_occurrence(stored(active, tmp_path / "a")), NO_NOISE)
    second = find_families(co_occurrence(stored(active[:, permutation], tmp_path / "b")), NO_NOISE)
    assert first
    own = np.arange(active.shape[1])
    assert [renamed(one, own) for one in first] == [renamed(one, permutation) for one in second]


def test_the_same_feature_twice_changes_nothing_above_it(tmp_path: Path) -> None:
    active, trees = planted()
    doubled = np.concatenate([active, active[:, [1 + BRANCHES]]], axis=1)
    families = find_families(co_occurrence(stored(doubled, tmp_path)), NO_NOISE)
    found = max(families, key=lambda one: jaccard(set(one.members), trees[0]))
    assert set(found.members) == trees[0] | {active.shape[1]}


@pytest.mark.parametrize("seed", range(3))
def test_twins_may_change_places_and_nothing_else(tmp_path: Path, seed: int) -> None:
    active, _ = planted(noise=0.002, seed=seed)
    size = active.shape[1]
    doubled = np.concatenate([active, active[:, :12]], axis=1)
    permutation = np.random.default_rng(seed).permutation(doubled.shape[1])
    first = find_families(co_occurrence(stored(doubled, tmp_path / "a")), NO_NOISE)
    second = find_families(co_occurrence(stored(doubled[:, permutation], tmp_path / "b")), NO_NOISE)

    def of_originals(families: tuple[FeatureFamily, ...], names: np.ndarray) -> list[list[int]]:
        return sorted(sorted(int(names[i]) % size for i in one.members) for one in families)

    assert first
    own = np.arange(doubled.shape[1])
    assert of_originals(first, own) == of_originals(second, permutation)


def test_dead_and_rare_and_dense_latents_belong_to_no_family(tmp_path: Path) -> None:
    active, trees = planted()
    more = np.zeros((len(active), 3), bool)
    more[:, 0] = True
    more[:3, 1] = True
    families = find_families(
        co_occurrence(stored(np.concatenate([active, more], axis=1), tmp_path)),
        FamilySettings(most_density=0.6),
    )
    assert {i for one in families for i in one.members} == set.union(*trees)


def test_nothing_together_is_no_family(tmp_path: Path) -> None:
    active = np.eye(12, dtype=bool).repeat(10, axis=0)
    found = co_occurrence(stored(active, tmp_path))
    assert not len(found.together)
    assert find_families(found) == ()
    silent = co_occurrence(stored(np.zeros((5, 4), bool), tmp_path / "silent"))
    assert find_families(silent) == ()


def test_one_giant_component_is_one_tree_without_a_circle(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    active = rng.random((2000, 60)) < np.linspace(0.05, 0.4, 60)
    found = co_occurrence(stored(active, tmp_path))
    by_chance = FamilySettings(most_density=1.0, passes=1, above_chance=0.0)
    families = find_families(found, by_chance)
    assert families
    for one in families:
        assert len(one.edges) == len(one.children) == len(set(one.children))
        assert one.root not in one.children


def test_what_chance_explains_is_no_family(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    active = rng.random((2000, 60)) < np.linspace(0.005, 0.4, 60)
    found = co_occurrence(stored(active, tmp_path))
    assert find_families(found, FamilySettings(most_density=1.0, above_chance=0.0))
    assert find_families(found, FamilySettings(most_density=1.0)) == ()


def test_thresholds_tried_before_leave_nothing_behind(tmp_path: Path) -> None:
    active, _ = planted(roots=3, noise=0.02)
    activations = stored(active, tmp_path)
    found = co_occurrence(activations)
    tried = [
        FamilySettings(threshold=share, later_threshold=share, above_chance=chance, weight=weight)
        for share, chance, weight in (
            (0.1, 4.0, "max"),
            (0.5, 4.0, "max"),
            (0.1, 0.0, "max"),
            (0.1, 4.0, "mean"),
            (0.1, 4.0, "max"),
        )
    ]
    got = [find_families(found, settings) for settings in tried]
    assert got == [find_families(co_occurrence(activations), settings) for settings in tried]
    assert len(set(got)) == 4
    assert got[0] == got[-1]
    # The same edges, so that what comes again is known at a glance.
    assert {id(edge) for one in got[0] for edge in one.edges} == {
        id(edge) for one in got[-1] for edge in one.edges
    }


def test_a_leaf_that_shares_by_luck_with_its_root_does_not_cut_off_its_branch(
    tmp_path: Path,
) -> None:
    # 400 documents of the root, 200 of the branch, 190 of them also the root's; a leaf of 25 lies
    # wholly within both, which is a greater share than the branch has with the root.
    active = np.zeros((2000, 9), bool)
    active[:400, 0] = True
    active[210:410, 1] = True
    active[330:355, 2] = True
    for leaf in range(3, 9):
        start = 20 * (leaf - 3) + 210 * (leaf > 5)
        active[start : start + 19, leaf] = True
    families = find_families(co_occurrence(stored(active, tmp_path)), NO_NOISE)
    below = {edge.child: edge.parent for one in families for edge in one.edges if one.root == 0}
    assert below[1] == 0
    assert below[2] == 1


def test_a_family_inside_another_is_told_apart_unless_they_are_nearly_the_same(
    tmp_path: Path,
) -> None:
    active, _ = planted()
    found = co_occurrence(stored(active, tmp_path))
    all_of_them = find_families(found, FamilySettings(most_density=1.0, largest_overlap=1.0))
    few = find_families(found, FamilySettings(most_density=1.0, largest_overlap=0.0))
    assert len(all_of_them) > len(few) >= 2
    for number, one in enumerate(few):
        for other in few[:number]:
            assert not set(one.children) & set(other.children)


def test_later_passes_look_below_the_roots(tmp_path: Path) -> None:
    active, _ = planted()
    found = co_occurrence(stored(active, tmp_path))
    families = find_families(found, FamilySettings(most_density=1.0, passes=3))
    roots = {}
    for one in families:
        assert one.root not in roots, "no feature is the root of two families"
        roots[one.root] = one.found_in_pass
    first = find_families(found, FamilySettings(most_density=1.0, passes=1))
    assert {one.root for one in first} <= set(roots)


def test_the_weight_is_symmetric_and_by_choice(tmp_path: Path) -> None:
    active = np.zeros((40, 2), bool)
    active[:30, 0] = True
    active[:9, 1] = True
    found = co_occurrence(stored(active, tmp_path), smallest_share=0.0)
    assert edge_weights(found, FamilySettings(weight="max")).tolist() == [9 / 10]
    assert edge_weights(found, FamilySettings(weight="min")).tolist() == [9 / 31]
    (mean,) = edge_weights(found, FamilySettings(weight="mean"))
    assert mean == pytest.approx((9 / 10 + 9 / 31) / 2)


def test_settings_out_of_range_are_named(tmp_path: Path) -> None:
    active, _ = planted()
    found = co_occurrence(stored(active, tmp_path))
    with pytest.raises(BadSetting, match=r"Threshold must lie between 0\.05 and 1"):
        find_families(found, FamilySettings(threshold=0.01))
