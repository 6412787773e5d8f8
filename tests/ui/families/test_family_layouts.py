"""Where features and families stand: nothing overlaps, related things are near, all repeatable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from saedesk.ui.family_panels.disc_packing import packed
from saedesk.ui.family_panels.family_layout import (
    column_starts,
    next_node,
    row_centres,
    tree_of,
    visible_nodes,
)
from saedesk.ui.family_panels.family_rings import ring_places
from saedesk.ui.family_panels.family_search import neighbour_towards
from saedesk.ui.family_panels.label_places import chosen_labels, level_of, scales_of
from saedesk.ui.family_panels.node_sizes import node_radii, stability_classes, strength_classes
from saedesk.ui.family_panels.overview_layout import FamilyDiscs, overview_layout
from saedesk.ui.family_panels.overview_sides import _in_rows
from tests.ui.families.made_up_families import densities, family, random_family

SMALL = {0: [1, 2], 1: [3, 4], 4: [5]}


def test_a_tree_has_its_levels_and_parents() -> None:
    tree = tree_of(family(SMALL).family, densities(6))
    assert tree.latents.tolist() == [0, 1, 2, 3, 4, 5]
    assert tree.depths.tolist() == [0, 1, 1, 2, 2, 3]
    assert tree.parents.tolist() == [-1, 0, 0, 1, 1, 4]
    assert np.isnan(tree.weights[0])


def test_features_below_the_smallest_density_go_with_all_below_them() -> None:
    share = np.array([0.05, 0.001, 0.02, 0.03, 0.04, 0.05])
    tree = tree_of(family(SMALL).family, share, 0.01)
    assert tree.latents.tolist() == [0, 2]


@pytest.mark.parametrize("rows", [1, 4, 11, 40])
def test_the_densest_features_fill_the_rows_and_parents_come_first(rows: int) -> None:
    tree = tree_of(random_family(200, seed=3).family, densities(200))
    shown = visible_nodes(tree, rows)
    part = tree.part(shown)
    assert part.leaves().sum() == rows
    assert shown[tree.parents[np.flatnonzero(shown)[1:]]].all()
    assert tree.densities[shown].min() >= np.sort(tree.densities)[::-1][shown.sum() - 1]


def test_deep_branches_are_folded_unless_they_are_opened() -> None:
    tree = tree_of(family(SMALL).family, densities(6))
    assert tree.latents[visible_nodes(tree, 20, levels=2)].tolist() == [0, 1, 2]
    assert tree.latents[visible_nodes(tree, 20, opened=[1], levels=2)].tolist() == [0, 1, 2, 3, 4]


def test_what_is_opened_and_closed_by_hand_wins() -> None:
    tree = tree_of(random_family(200, seed=3).family, densities(200))
    assert visible_nodes(tree, 5, opened=[0])[tree.children_of(0)].all()
    closed = visible_nodes(tree, 500, closed=[0])
    assert closed.tolist() == [True] + [False] * 199


def test_rows_do_not_overlap_and_a_parent_stands_between_its_children() -> None:
    tree = tree_of(random_family(60, seed=1).family, densities(60))
    heights = np.where(np.arange(60) % 3 == 0, 40.0, 22.0)
    centres, total = row_centres(tree, heights, 100.0, 2.0)
    for depth in range(int(tree.depths.max()) + 1):
        level = np.flatnonzero(tree.depths == depth)
        level = level[np.argsort(centres[level])]
        gaps = np.diff(centres[level]) - (heights[level][1:] + heights[level][:-1]) / 2
        assert gaps.min(initial=0) >= -1e-9
    for place in np.flatnonzero(~tree.leaves()):
        below = centres[tree.children_of(place)]
        assert centres[place] == pytest.approx((below.min() + below.max()) / 2)
    assert centres.min() >= 0
    assert centres.max() <= total


def test_few_rows_are_set_apart_but_not_without_end() -> None:
    tree = tree_of(family({0: [1, 2, 3, 4]}).family, densities(5))
    heights = np.full(5, 20.0)
    assert row_centres(tree, heights, 120.0, 2.0)[1] == pytest.approx(120)
    assert row_centres(tree, heights, 900.0, 2.0)[1] == pytest.approx(160)


def test_columns_share_the_room_there_is() -> None:
    needed, around = np.array([60.0, 100.0, 150.0]), np.full(3, 40.0)
    assert column_starts(needed, around, 430.0, 60.0, 300.0)[-1] == pytest.approx(430)
    tight = column_starts(needed, around, 360.0, 60.0, 300.0)
    assert tight[-1] == pytest.approx(360)
    assert np.diff(tight)[0] == pytest.approx(100)
    assert column_starts(needed, around, 5000.0, 60.0, 300.0)[-1] == pytest.approx(900)
    assert column_starts(needed, around, 50.0, 60.0, 300.0)[-1] == pytest.approx(300)


def test_arrow_keys_walk_along_the_edges() -> None:
    tree = tree_of(family(SMALL).family, densities(6))
    centres, _total = row_centres(tree, np.full(6, 20.0), 0.0, 1.0)
    assert next_node(tree, centres, 0, "right") == 1
    assert next_node(tree, centres, 5, "left") == 4
    assert next_node(tree, centres, 0, "left") == 0
    assert next_node(tree, centres, 1, "down") == 2
    assert next_node(tree, centres, 3, "up") == 3
    assert next_node(tree, centres, 4, "up") == 3


@pytest.mark.parametrize("size", [2, 5, 24, 60, 471])
@pytest.mark.parametrize("to_root", [1.0, 0.5, 0.0])
def test_no_two_nodes_of_a_disc_overlap_and_all_lie_in_it(size: int, to_root: float) -> None:
    tree = tree_of(random_family(size, seed=size, to_root=to_root).family, densities(size))
    radii = node_radii(tree.densities)
    places, edge = ring_places(tree, radii)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) - radii[:, None] - radii[None]
    np.fill_diagonal(apart, 1)
    assert apart.min() > 0
    assert (np.linalg.norm(places, axis=1) + radii).max() == pytest.approx(edge, rel=1e-6)


def test_a_star_of_470_is_a_round_disc_not_a_wide_ring() -> None:
    tree = tree_of(random_family(471, to_root=1.0).family, np.full(471, 0.005))
    radii = node_radii(tree.densities)
    _places, edge = ring_places(tree, radii)
    assert (radii**2).sum() / edge**2 > 0.4


@pytest.mark.parametrize("seed", range(4))
def test_discs_never_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    radii = rng.lognormal(3, 0.6, 90)
    pairs = [(int(a), int(b), 1.0) for a, b in rng.integers(0, 90, (200, 2)) if a != b]
    centres = packed(radii, pairs, 1.4)
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2) - radii[:, None] - radii[None]
    np.fill_diagonal(apart, 1)
    assert apart.min() > -1e-6
    span = np.ptp(centres, axis=0)
    assert (np.pi * radii**2).sum() / span.prod() > 0.45
    assert span[0] > span[1]


def test_linked_discs_lie_nearer_one_another_than_others() -> None:
    groups = np.arange(100) % 5
    links = [
        (a, b, 1.0) for a, b in itertools.combinations(range(100), 2) if groups[a] == groups[b]
    ]
    centres = packed(np.full(100, 10.0), links)
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    same = groups[:, None] == groups[None]
    inside, across = apart[same & (apart > 0)].mean(), apart[~same].mean()
    assert inside < 0.65 * across


def test_one_family_and_none_can_be_laid_out() -> None:
    share = densities(6)
    assert len(overview_layout([], share).latents) == 0
    one = overview_layout([family(SMALL).family], share)
    assert one.latents.tolist() == [0, 1, 2, 3, 4, 5]
    assert one.centres.tolist() == [[0.0, 0.0]]


def test_the_overview_is_the_same_every_time_and_keeps_all_nodes() -> None:
    families = [random_family(8 + n % 20, 40 * n, seed=n).family for n in range(30)]
    share = densities(1200)
    links = [(0, 40, 0.4), (80, 400, 0.2), (0, 99_999, 1.0)]
    first, again = (overview_layout(families, share, links) for _ in range(2))
    assert (first.places == again.places).all()
    assert len(first.latents) == sum(len(one.members) for one in families)
    away = np.linalg.norm(first.places - first.centres[first.families], axis=1) + first.radii
    assert (away <= first.disc_radii[first.families] + 1e-6).all()
    has = first.parents >= 0
    assert (first.families[first.parents[has]] == first.families[has]).all()


def overlaps(corners: np.ndarray, sizes: np.ndarray) -> int:
    low, high = corners, corners + sizes
    over = (low[:, None] < high[None]) & (low[None] < high[:, None])
    return int((over.all(axis=2).sum() - len(corners)) // 2)


@pytest.mark.parametrize("level", [-8, -3, 0, 4, 9])
def test_labels_never_overlap_at_any_scale_of_a_level(level: int) -> None:
    rng = np.random.default_rng(level + 20)
    anchors = rng.uniform(0, 1500, (600, 2))
    sizes = np.column_stack([rng.uniform(20, 160, 600), rng.choice([16.0, 32.0], 600)])
    offsets = np.column_stack([rng.uniform(-80, 10, 600), rng.uniform(-8, 20, 600)])
    scales = scales_of(level)
    chosen = chosen_labels(anchors, offsets, sizes, scales)
    assert chosen[0]
    for scale in np.linspace(*scales, 9):
        assert level_of(float(scale) * (1 - 1e-9) + 1e-12) in (level - 1, level)
        assert overlaps((anchors * scale + offsets)[chosen], sizes[chosen]) == 0


def test_every_label_left_out_lies_on_one_of_more_importance() -> None:
    rng = np.random.default_rng(0)
    anchors = rng.uniform(0, 400, (80, 2))
    sizes, offsets = np.full((80, 2), (60.0, 16.0)), np.zeros((80, 2))
    chosen = chosen_labels(anchors, offsets, sizes, (1.0, 1.0))
    for out in np.flatnonzero(~chosen):
        earlier = np.flatnonzero(chosen[:out])
        close = np.abs(anchors[earlier] - anchors[out]) < sizes[0]
        assert close.all(axis=1).any()


def test_more_labels_appear_with_the_zoom() -> None:
    rng = np.random.default_rng(0)
    anchors, sizes = rng.uniform(0, 1000, (400, 2)), np.full((400, 2), (90.0, 16.0))
    counts = [
        chosen_labels(anchors, -sizes / 2, sizes, scales_of(level)).sum()
        for level in range(-8, 13, 4)
    ]
    assert counts == sorted(counts)
    assert counts[0] < 40
    assert counts[-1] > 300


def test_a_label_covers_no_obstacle() -> None:
    anchors, sizes = np.array([[0.0, 0.0], [0.0, 100.0]]), np.full((2, 2), (50.0, 16.0))
    stones = np.array([[20.0, 8.0]])
    assert chosen_labels(anchors, np.zeros((2, 2)), sizes, (1.0, 1.0), stones).tolist() == [
        False,
        True,
    ]


def test_the_widths_of_edges_and_the_doubt_in_them_have_their_classes() -> None:
    assert strength_classes(np.array([0.07, 0.1, 0.2, 0.39, 0.4, 1])).tolist() == [0, 0, 1, 1, 2, 2]
    assert stability_classes(np.array([np.nan, 1.0, 0.8, 0.7, 0.5, 0.4])).tolist() == [
        0,
        0,
        0,
        1,
        1,
        2,
    ]


def test_the_area_of_a_node_grows_with_its_density() -> None:
    radii = node_radii(np.array([0.002, 0.01, 0.05]))
    assert radii == pytest.approx([4.557, 7.1, 12.786], abs=1e-3)


def test_arrow_keys_walk_over_the_plane_past_what_is_filtered_out() -> None:
    centres = np.array([[0.0, 0.0], [10, 1], [20, 0], [0, 10], [-10, 0]])
    kept = np.array([True, False, True, True, True])
    assert neighbour_towards(centres, np.ones(5, bool), 0, "right") == 1
    assert neighbour_towards(centres, kept, 0, "right") == 2
    assert neighbour_towards(centres, kept, 0, "down") == 3
    assert neighbour_towards(centres, kept, 0, "up") == 0


def test_discs_of_families_that_come_again_are_not_laid_out_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share, known = densities(400), FamilyDiscs()
    families = [random_family(20, 40 * n, seed=n).family for n in range(6)]
    first = overview_layout(families, share, known=known)
    laid: list[int] = []
    module = "saedesk.ui.family_panels.overview_layout.ring_places"
    monkeypatch.setattr(module, lambda *a: laid.append(1) or ring_places(*a))
    again = overview_layout(families[1:], share, known=known)
    assert not laid
    alone = overview_layout(families[1:], share)
    assert (again.places == alone.places).all()
    assert first.latents[20:].tolist() == again.latents.tolist()
    laid.clear()
    rarer = overview_layout(families[1:], share, (), float(share[100]), known=known)
    assert len(laid) == 5, "other features are in them"
    assert len(rarer.latents) < len(again.latents)


@pytest.mark.parametrize("seed", range(5))
def test_the_nodes_under_a_name_are_those_that_a_look_at_all_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform(-300, 300, (200, 2))
    low = rng.uniform(-340, 340, (40, 2))
    high = low + rng.uniform(1, 60, (40, 2))
    which, at = _in_rows(places, low, high)
    found = set(zip(which.tolist(), at.tolist(), strict=True))
    assert len(found) == len(which)
    inside = ((places > low[:, None]) & (places < high[:, None])).all(axis=2)
    assert {(int(a), int(b)) for a, b in zip(*np.nonzero(inside), strict=True)} <= found
    assert len(found) < inside.size / 2
