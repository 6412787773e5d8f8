"""Merging, splitting and laying edits over what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from saedesk.errors import BadInput
from saedesk.features.families.edited_families import FamilyEdit, merged, split, with_edits
from saedesk.features.families.family_editing import merging, pinning, restoring, splitting
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily


def family(root: int, *edges: tuple[int, int]) -> FeatureFamily:
    made = tuple(FamilyEdge(parent, child, 0.5) for parent, child in edges)
    return FeatureFamily(root, tuple(edge.child for edge in made), made, 1)


def check_tree(one: FeatureFamily) -> None:
    reached = {one.root}
    for edge in one.edges:
        assert edge.parent in reached, "parents before their children"
        assert edge.child not in reached, "one way to each feature"
        reached.add(edge.child)
    assert reached == set(one.members)
    assert len(set(one.members)) == len(one.members)


A = family(0, (0, 1), (0, 2), (2, 3))
B = family(5, (5, 6), (5, 7), (7, 8))


def test_two_families_become_one_tree_with_the_other_root_below() -> None:
    both = merged(A, B, weight=0.3)
    check_tree(both)
    assert both.root == 0
    assert set(both.members) == {*A.members, *B.members}
    assert FamilyEdge(0, 5, 0.3) in both.edges
    assert set(A.edges) | set(B.edges) < set(both.edges)


def test_children_come_from_the_densest_to_the_rarest() -> None:
    counts = np.array([90, 10, 80, 5, 0, 70, 20, 60, 1])
    both = merged(A, B, counts=counts)
    assert both.children == (2, 5, 7, 6, 1, 3, 8)
    check_tree(both)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (A, family(5, (5, 2), (2, 9), (5, 6))),
        (A, family(5, (5, 0), (0, 9), (9, 1))),
        (family(0, (0, 5), (5, 6), (0, 1)), family(5, (5, 6), (6, 7))),
        (A, family(3, (3, 0), (3, 9))),
    ],
)
def test_what_is_in_both_stays_where_it_is_in_the_first(a: FeatureFamily, b: FeatureFamily) -> None:
    both = merged(a, b, weight=0.2)
    check_tree(both)
    assert set(a.edges) <= set(both.edges)
    assert set(both.members) == {*a.members, *b.members}


def test_any_two_trees_merge_into_a_tree() -> None:
    generator = np.random.default_rng(0)
    for _ in range(200):
        trees = []
        for _ in range(2):
            chosen = generator.permutation(12)[: generator.integers(2, 10)].tolist()
            edges = [
                (chosen[int(generator.integers(0, place))], chosen[place])
                for place in range(1, len(chosen))
            ]
            trees.append(family(chosen[0], *edges))
        if trees[0].root != trees[1].root:
            both = merged(*trees)
            check_tree(both)
            assert set(both.members) == {*trees[0].members, *trees[1].members}


def test_a_family_is_not_merged_with_itself() -> None:
    with pytest.raises(BadInput, match="itself"):
        merged(A, A)


def test_a_branch_becomes_a_family() -> None:
    whole = family(0, (0, 1), (0, 2), (2, 3), (3, 4), (2, 5))
    rest, apart = split(whole, 2)
    assert rest == family(0, (0, 1))
    assert apart == family(2, (2, 3), (3, 4), (2, 5))


def test_a_split_that_leaves_a_single_feature_is_refused() -> None:
    with pytest.raises(BadInput, match="nothing below this feature"):
        split(A, 1)
    with pytest.raises(BadInput, match="nothing would be left"):
        split(family(0, (0, 1), (1, 2)), 1)
    for other in (0, 99):
        with pytest.raises(BadInput, match="below its root"):
            split(A, other)


def test_edits_lie_over_what_was_found() -> None:
    small = family(9, (9, 10))
    edits = {
        0: FamilyEdit(name="Mine"),
        5: FamilyEdit(hidden=True),
        20: FamilyEdit(pinned=True, family=family(20, (20, 21), (20, 22), (20, 23), (20, 24))),
        30: FamilyEdit(name="no longer found"),
    }
    shown = with_edits([A, B, small], edits)
    assert [one.root for one in shown] == [20, 0, 5, 9], "the largest first"
    assert [one.name for one in shown] == ["", "Mine", "", ""]
    assert [one.hidden for one in shown] == [False, False, True, False]
    assert [one.pinned for one in shown] == [True, False, False, False]
    assert with_edits([A, B, small], {}) == with_edits([A, B, small], {30: edits[30]})


def test_merging_several_and_taking_them_apart_again() -> None:
    third = family(30, (30, 31))
    counts = np.arange(100)[::-1]
    edits: dict[int, FamilyEdit] = {}
    found = with_edits([A, B, third], edits)
    done = merging(edits, found, counts, lambda a, b: 0.25)
    assert set(done) == {0, 5, 30}
    assert [done[root].merged_into for root in (5, 30)] == [0, 0]
    kept = {root: edit for root, edit in done.items() if edit is not None}
    (whole,) = with_edits([A, B, third], kept)
    assert (whole.merged_from, whole.edited, whole.size) == ((5, 30), True, 10)
    undone = restoring(kept, [whole])
    assert undone == {0: None, 5: None, 30: None}
    # Merged once more, those that were in it go along.
    fourth = family(40, (40, 41))
    with_fourth = with_edits([A, B, third, fourth], kept)
    again = merging(kept, with_fourth, np.arange(100), lambda a, b: 0.25)
    assert {root for root, edit in again.items() if edit.merged_into == 40} == {0, 5, 30}


def test_a_pin_keeps_what_was_found_and_no_more() -> None:
    (shown,) = with_edits([A], {})
    pinned = pinning({}, [shown], True)
    assert pinned == {0: FamilyEdit(pinned=True, family=A)}
    assert pinning({0: pinned[0]}, [replace(shown, pinned=True)], False) == {0: None}
    divided = splitting({}, *_splittable())
    assert divided[2].reshaped
    assert pinning({2: divided[2]}, with_edits([], {2: divided[2]}), True) == {
        2: replace(divided[2], pinned=True)
    }


def _splittable() -> tuple:
    (shown,) = with_edits([family(0, (0, 1), (0, 2), (2, 3))], {})
    return shown, 2
