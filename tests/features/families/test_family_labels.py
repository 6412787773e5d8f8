"""Families read as features, and which text they are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families.edited_families import with_edits
from saedesk.features.families.family_activations import family_activations, family_directions
from saedesk.features.families.family_label_choice import choose_texts, label_candidates
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.sparse_activations import ActivationWriter


def family(root: int, *children: int) -> FeatureFamily:
    return FeatureFamily(root, children, tuple(FamilyEdge(root, i, 0.5) for i in children), 1)


def test_documents_of_a_family_come_with_the_strength_of_its_members(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    dense = np.where(generator.random((50, 7)) < 0.3, generator.random((50, 7)), 0.0)
    dense = dense.astype(np.float32)
    rows, latents = np.nonzero(dense)
    writer = ActivationWriter(tmp_path / "a", 7)
    writer.append(np.bincount(rows, minlength=50), latents, dense[rows, latents])
    families = with_edits([family(0, 1, 2), family(3, 4, 5, 6)], {})
    read = family_activations(writer.finish(), families)
    assert (read.n_documents, read.n_latents) == (50, 2)
    means = np.array([column[column > 0].mean() for column in dense.T])
    found = read.to_csr().toarray()
    for number, one in enumerate(families):
        members = list(one.members)
        strength = (dense / means)[:, members].sum(axis=1)
        belongs = (dense[:, one.root] > 0) | ((dense[:, members[1:]] > 0).sum(axis=1) >= 2)
        np.testing.assert_allclose(found[:, number], np.where(belongs, strength, 0), rtol=1e-5)
        rows, values = read.latent(number)
        assert (np.diff(values) <= 0).all()
        assert set(rows.tolist()) == set(np.flatnonzero(belongs).tolist())
    strongest, values = read.strongest()
    np.testing.assert_array_equal(strongest >= 0, found.any(axis=1))
    np.testing.assert_allclose(values, found.max(axis=1))
    assert family_activations(read, []).n_latents == 0


def test_the_direction_of_a_family_is_the_mean_of_its_members() -> None:
    directions = np.eye(4, dtype=np.float32)
    found = family_directions(directions, [family(0, 1), family(2, 3)])
    assert found == pytest.approx(np.array([[1, 1, 0, 0], [0, 0, 1, 1]]) / np.sqrt(2))


def test_candidates_are_whole_labels_and_their_first_phrases() -> None:
    assert label_candidates("Dark matter, nuclei", "WIMPs, detector (3)") == (
        "Dark matter, nuclei",
        "Dark matter",
        "WIMPs, detector",
        "WIMPs",
    )
    assert label_candidates("", "Stars") == ("Stars",)
    assert label_candidates("", "") == ()


def test_the_best_text_wins_and_of_equal_ones_the_shorter() -> None:
    candidates = [("Dark matter, nuclei", "Dark matter", "WIMPs")]
    assert choose_texts(candidates, [{"Dark matter, nuclei": 0.9, "WIMPs": 0.7}]) == {
        0: "Dark matter, nuclei"
    }
    close = {"Dark matter, nuclei": 0.905, "Dark matter": 0.9, "WIMPs": 0.7}
    assert choose_texts(candidates, [close]) == {0: "Dark matter"}


def test_no_two_families_have_one_text_where_there_is_another() -> None:
    candidates = [("Graphs", "Trees"), ("graphs", "Forests"), ("Graphs",), ()]
    scores = [{"Graphs": 0.9, "Trees": 0.5}, {"graphs": 0.9, "Forests": 0.6}, {}, {}]
    assert choose_texts(candidates, scores) == {0: "Graphs", 1: "Forests", 2: "Graphs"}


def test_without_scores_the_first_candidate_stands() -> None:
    assert choose_texts([("A, b", "A")], [{}]) == {0: "A, b"}


def test_a_text_that_another_family_has_already_is_not_chosen_again() -> None:
    candidates, scores = [("halos", "dark matter")], [{"halos": 0.9, "dark matter": 0.8}]
    assert choose_texts(candidates, scores) == {0: "halos"}
    assert choose_texts(candidates, scores, ["Halos"]) == {0: "dark matter"}
