"""Measures of families against the dense matrices they are defined by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families.co_occurrence import co_occurrence
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_metrics import (
    measure_families,
    spectrum,
    with_label_scores,
)
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily, find_families
from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.task_control import Cancelled
from tests.features.families.test_families import NO_NOISE, planted
from tests.tiny_projects import Listener


def with_values(active: np.ndarray, folder: Path) -> tuple[SparseActivations, np.ndarray]:
    """Random activations wherever `active` is true; and the dense array of them."""
    values = np.random.default_rng(5).random(active.shape).astype(np.float32) + 0.1
    values[~active] = 0
    writer = ActivationWriter(folder, active.shape[1])
    latents = np.nonzero(active)[1].astype(np.int32)
    writer.append(active.sum(1), latents, values[active])
    return writer.finish(), values.astype(np.float64)


def directions(n: int) -> np.ndarray:
    rows = np.random.default_rng(6).standard_normal((n, 16))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def off_diagonal(matrix: np.ndarray) -> np.ndarray:
    return matrix[~np.eye(len(matrix), dtype=bool)]


def test_measures_are_those_of_the_dense_matrices(tmp_path: Path) -> None:
    active, _ = planted(roots=3, noise=0.005)
    active[:, 3] = False
    activations, values = with_values(active, tmp_path)
    found = co_occurrence(activations)
    settings = FamilySettings(most_density=0.3, fewest_documents=20)
    families = find_families(found, settings)
    measures, grouping = measure_families(
        activations, found, families, settings, directions(activations.n_latents)
    )
    assert len(measures) == len(families) > 3

    counts = active.sum(0)
    together = active.T.astype(float) @ active
    usable = (counts <= 0.3 * len(active)) & (counts >= 20)
    shares = together / np.maximum(np.minimum.outer(counts, counts), 1)
    unit = values / np.maximum(np.linalg.norm(values, axis=0), 1e-12)
    similar = unit.T @ unit
    is_inside = np.zeros(shares.shape, bool)
    for one in families:
        is_inside[np.ix_(one.members, one.members)] = True
    pairs = np.outer(usable, usable) & ~np.eye(len(usable), dtype=bool)
    inside, across = pairs & is_inside, pairs & ~is_inside
    assert grouping.usable == usable.sum() < activations.n_latents
    assert grouping.inside == pytest.approx(shares[inside].mean())
    assert grouping.across == pytest.approx(shares[across].mean())
    assert grouping.block_ratio == pytest.approx(shares[inside].mean() / shares[across].mean())
    assert grouping.block_ratio_similarity == pytest.approx(
        similar[inside].mean() / similar[across].mean()
    )
    with_root, below_root = [], []
    for one, told in zip(families, measures, strict=True):
        members, children = list(one.members), list(one.children)
        others = np.flatnonzero(usable & ~np.isin(np.arange(len(usable)), members))
        own = off_diagonal(shares[np.ix_(members, members)]).mean()
        assert told.inside == pytest.approx(own)
        assert told.outside == pytest.approx(shares[np.ix_(members, others)].mean())
        assert told.denser == pytest.approx(told.inside / told.outside)
        with_root.append(shares[one.root, children].mean())
        below_root.append(off_diagonal(shares[np.ix_(children, children)]).mean())
        if below_root[-1] > 0:
            assert told.r_cooc == pytest.approx(with_root[-1] / below_root[-1])
        fires = active[:, one.root] | (active[:, children].sum(1) >= 2)
        assert told.documents == fires.sum()
    assert grouping.r_cooc == pytest.approx(np.mean(with_root) / np.mean(below_root))
    times = np.bincount([i for one in families for i in one.members], minlength=len(usable))
    assert grouping.features == (times > 0).sum()
    assert grouping.membership == pytest.approx((times > 0).sum() / usable.sum())
    assert grouping.in_one_family == pytest.approx((times == 1).sum() / (times > 0).sum())
    assert grouping.mean_size == pytest.approx(np.mean([len(one.children) for one in families]))


def test_a_random_grouping_is_no_better_than_none(tmp_path: Path) -> None:
    active, _ = planted(roots=6, noise=0.002)
    activations, _ = with_values(active, tmp_path)
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    of = directions(activations.n_latents)
    grouping = measure_families(activations, found, families, NO_NOISE, of)[1]
    assert grouping.block_ratio is not None
    assert grouping.r_cooc is not None
    assert grouping.random_block_ratio == pytest.approx(1, abs=0.25)
    assert grouping.random_r_cooc == pytest.approx(1, abs=0.6)
    assert grouping.block_ratio > 5 * (grouping.random_block_ratio or 0)
    assert grouping.r_cooc > 5 * (grouping.random_r_cooc or 0)
    assert grouping == measure_families(activations, found, families, NO_NOISE, of)[1]


def test_no_family_and_a_family_of_one_are_measured(tmp_path: Path) -> None:
    active, _ = planted()
    activations, _ = with_values(active, tmp_path)
    found, of = co_occurrence(activations), directions(active.shape[1])
    measures, grouping = measure_families(activations, found, (), NO_NOISE, of)
    assert measures == ()
    assert grouping.families == grouping.features == grouping.membership == 0
    assert grouping.block_ratio is grouping.r_cooc is grouping.random_block_ratio is None
    assert grouping.across > 0
    alone = FeatureFamily(4, (), (), 1)
    pair = FeatureFamily(0, (1,), (FamilyEdge(0, 1, 0.5),), 1)
    (one, two), grouping = measure_families(activations, found, (alone, pair), NO_NOISE, of)
    assert (one.inside, one.denser, one.r_cooc, one.spectrum) == (0, 0, None, ())
    assert one.documents == found.counts[4]
    assert two.r_cooc is None
    assert two.inside > two.outside
    assert len(two.spectrum) == 2
    assert two.dimensions == pytest.approx(1)
    assert grouping.r_cooc is None


def test_members_that_the_settings_leave_out_are_counted_all_the_same(tmp_path: Path) -> None:
    active, _ = planted()
    activations, _ = with_values(active, tmp_path)
    found, of = co_occurrence(activations), directions(active.shape[1])
    root = FeatureFamily(0, (1, 2), (FamilyEdge(0, 1, 0.5), FamilyEdge(0, 2, 0.5)), 1)
    strict = FamilySettings(most_density=0.02)
    (one,), grouping = measure_families(activations, found, (root,), strict, of)
    assert one.inside > 0
    assert grouping.usable == 3 + (found.counts <= 0.02 * len(active)).sum()


def test_dimensions_of_a_family() -> None:
    rng = np.random.default_rng(0)
    plane = rng.standard_normal((40, 2)) @ rng.standard_normal((2, 30))
    shares = spectrum(plane)
    assert shares.sum() == pytest.approx(1)
    assert shares[:2].sum() == pytest.approx(1)
    line = np.outer(rng.standard_normal(12), rng.standard_normal(30)) + 3.0
    assert spectrum(line)[0] == pytest.approx(1)
    many = rng.standard_normal((200, 8))
    centred = np.linalg.svd(many - many.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(spectrum(many), centred / centred.sum())
    assert not len(spectrum(np.ones((5, 30)) / np.sqrt(30)))
    assert not len(spectrum(np.ones((1, 30))))


def test_documents_of_a_family(tmp_path: Path) -> None:
    active = np.zeros((5, 4), bool)
    active[0, 0] = active[1, 1] = active[2, [1, 2]] = active[3, [2, 3]] = active[4, 3] = True
    activations, _ = with_values(active, tmp_path)
    assert family_documents(activations, 0, (1, 2)).tolist() == [0, 2]
    assert family_documents(activations, 3, ()).tolist() == [3, 4]


def test_membership_of_families_with_a_good_label(tmp_path: Path) -> None:
    active, _ = planted()
    activations, _ = with_values(active, tmp_path)
    found = co_occurrence(activations)
    families = find_families(found, NO_NOISE)
    of = directions(activations.n_latents)
    grouping = measure_families(activations, found, families, NO_NOISE, of)[1]
    assert grouping.membership_scored is None
    best = families[0]
    scored = with_label_scores(grouping, families, {best.root: 0.9, families[1].root: 0.5})
    assert scored.membership_scored == pytest.approx(len(best.members) / grouping.usable)
    assert with_label_scores(grouping, families, {}).membership_scored == 0


def test_measuring_can_be_cancelled(tmp_path: Path) -> None:
    active, _ = planted()
    activations, _ = with_values(active, tmp_path)
    found = co_occurrence(activations)
    of = directions(activations.n_latents)
    for at in (1, 2, 4):
        with pytest.raises(Cancelled):
            measure_families(
                activations,
                found,
                find_families(found, NO_NOISE),
                NO_NOISE,
                of,
                Listener(cancel_at=at),
            )
