from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families.co_occurrence import CoOccurrence, co_occurrence
from saedesk.features.families.family_stability import (
    FEWEST_GROUPS,
    GROUPS,
    MOST_CELLS,
    GroupCounts,
    Recurrence,
    best_overlaps,
    bootstrap_families,
    could_be_edges,
    groups_for,
)
from saedesk.features.families.family_tree import find_families
from saedesk.task_control import Cancelled, Unattended
from tests.features.families.test_families import NO_NOISE, planted, stored
from tests.tiny_projects import Listener


def as_dense(found: CoOccurrence) -> np.ndarray:
    together = np.zeros((found.n_latents,) * 2, np.int64)
    together[found.rarer, found.denser] = found.together
    return together + together.T


def test_a_draw_of_groups_is_the_count_of_its_documents(tmp_path: Path) -> None:
    active, _ = planted(noise=0.01)
    found = co_occurrence(stored(active, tmp_path / "all"))
    rng = np.random.default_rng(4)
    counted = GroupCounts.of(stored(active, tmp_path / "again"), found, rng, Unattended())
    assert counted.counts.sum(1).tolist() == found.counts.tolist()
    assert counted.together.sum(1).tolist() == found.together.tolist()
    assert np.ptp(counted.documents) <= 1
    # The groups are those that the same generator draws again.
    group = np.random.default_rng(4).permutation(len(active)) % GROUPS
    times = np.random.default_rng(5).multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS))
    drawn = counted.drawn(found, times, 0.2)
    exact = co_occurrence(
        stored(np.repeat(active, times[group], axis=0), tmp_path / "drawn"), smallest_share=0.0
    )
    assert drawn.n_documents == exact.n_documents
    assert drawn.counts.tolist() == exact.counts.tolist()
    order = drawn.order()
    assert (order[drawn.rarer] < order[drawn.denser]).all()
    kept, every = as_dense(drawn), as_dense(exact)
    assert (kept == np.where(kept > 0, every, 0)).all()
    # Of the pairs that were kept in all documents, nothing from .2 upwards is missing.
    least = 0.2 * (np.minimum.outer(exact.counts, exact.counts) + 1)
    expected = (as_dense(found) > 0) & (every > 0) & (every >= least)
    assert ((kept > 0) == expected).all()


def test_whole_trees_return_and_chance_does_not(tmp_path: Path) -> None:
    active, trees = planted(roots=3)
    activations = stored(active, tmp_path / "clear")
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    stability = bootstrap_families(activations, found, families, NO_NOISE, replicates=10)
    assert stability.replicates == 10
    for one, share, edges, overlap in zip(
        families, stability.families, stability.edges, stability.overlaps, strict=True
    ):
        assert len(edges) == len(one.edges)
        if set(one.members) in trees:
            assert share == 1
            assert overlap > 0.97
            assert min(edges) > 0.4
    noisy, _ = planted(roots=3, noise=0.03)
    activations = stored(noisy, tmp_path / "noisy")
    found = co_occurrence(activations)
    some = find_families(found, NO_NOISE)
    assert some
    shaken = bootstrap_families(activations, found, some, NO_NOISE, replicates=10)
    edges = [share for one in stability.edges for share in one]
    shaken_edges = [share for one in shaken.edges for share in one]
    assert np.mean(shaken_edges) < np.mean(edges) - 0.1


def test_groups_say_what_documents_drawn_one_by_one_say(tmp_path: Path) -> None:
    active, _ = planted(roots=3, noise=0.01)
    activations = stored(active, tmp_path / "all")
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    by_groups = bootstrap_families(activations, found, families, NO_NOISE, replicates=40)
    rng = np.random.default_rng(1)
    again = Recurrence(families)
    for number in range(40):
        rows = rng.integers(len(active), size=len(active))
        drawn = co_occurrence(stored(active[rows], tmp_path / f"{number}"))
        again.add(find_families(drawn, NO_NOISE))
    plain = again.stability()
    assert np.mean(by_groups.families) == pytest.approx(np.mean(plain.families), abs=0.1)
    edges = [np.concatenate([np.array(one) for one in s.edges]) for s in (by_groups, plain)]
    assert edges[0].mean() == pytest.approx(edges[1].mean(), abs=0.05)
    assert np.corrcoef(edges)[0, 1] > 0.8


def test_the_seed_decides(tmp_path: Path) -> None:
    active, _ = planted(noise=0.02)
    activations = stored(active, tmp_path)
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    first, same, other = (
        bootstrap_families(activations, found, families, NO_NOISE, replicates=5, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == same != other


def test_features_that_are_not_allowed_do_not_return(tmp_path: Path) -> None:
    active, trees = planted(roots=2)
    activations = stored(active, tmp_path)
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    allowed = ~np.isin(np.arange(active.shape[1]), list(trees[0]))
    stability = bootstrap_families(
        activations, found, families, NO_NOISE, replicates=3, allowed=allowed
    )
    for one, share in zip(families, stability.families, strict=True):
        assert share == 0 or not trees[0] & set(one.members)


def test_overlap_and_empty_lists() -> None:
    assert best_overlaps([(1, 2, 3, 4), (9,)], [(3, 4, 5), (1, 2, 3)]).tolist() == [0.75, 0.0]
    assert best_overlaps([(1, 2)], []).tolist() == [0.0]
    assert best_overlaps([], [(1,)]).tolist() == []


def test_drawing_can_be_cancelled(tmp_path: Path) -> None:
    active, _ = planted()
    activations = stored(active, tmp_path)
    found = co_occurrence(activations)
    with pytest.raises(Cancelled):
        bootstrap_families(activations, found, (), NO_NOISE, Listener(cancel_at=4))


def test_only_pairs_that_a_draw_could_make_an_edge_are_counted(tmp_path: Path) -> None:
    active, _ = planted(noise=0.02)
    activations = stored(active, tmp_path / "all")
    found = co_occurrence(activations)
    settings = replace(NO_NOISE, threshold=0.6, later_threshold=0.6)
    some = could_be_edges(found, settings)
    assert 0 < len(some.together) < len(found.together) / 2
    assert find_families(some, settings) == find_families(found, settings)
    # Nothing that was left out comes near the threshold in any draw.
    counted = GroupCounts.of(activations, found, np.random.default_rng(0), Unattended())
    kept = set(zip(some.rarer.tolist(), some.denser.tolist(), strict=True))
    rng = np.random.default_rng(1)
    for _ in range(20):
        drawn = counted.drawn(found, rng.multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS)), 0.6)
        pairs = zip(drawn.rarer.tolist(), drawn.denser.tolist(), strict=True)
        assert all((a, b) in kept or (b, a) in kept for a, b in pairs)
    few = could_be_edges(found, settings, most=10)
    assert len(few.together) == 10
    share = some.together / some.counts[some.rarer]
    assert (few.together / few.counts[few.rarer]).min() >= np.sort(share)[-10]
    none = could_be_edges(found, settings, np.zeros(found.n_latents, bool))
    assert not len(none.together)


def test_memory_of_the_draws_is_bounded(tmp_path: Path) -> None:
    assert groups_for(10_000_000) == GROUPS
    assert groups_for(40_000_000) * 40_000_000 <= MOST_CELLS
    assert groups_for(10**12) == FEWEST_GROUPS
    active, _ = planted()
    activations = stored(active, tmp_path / "all")
    counted = GroupCounts.of(
        activations, co_occurrence(activations), np.random.default_rng(0), Unattended()
    )
    assert len(active) < 255 * GROUPS
    assert counted.together.dtype == np.uint8


def test_finding_families_hears_of_a_cancel_at_every_step(tmp_path: Path) -> None:
    active, _ = planted(roots=3)
    found = co_occurrence(stored(active, tmp_path / "all"))
    for step in (1, 3, 6):
        with pytest.raises(Cancelled):
            find_families(found, NO_NOISE, control=Listener(cancel_at=step))
    assert find_families(found, NO_NOISE, control=Listener()) == find_families(found, NO_NOISE)
