"""Families that meet in the same documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families import block_counts
from saedesk.features.families.bridges import FEWEST_DOCUMENTS, bridges_among, bridges_from
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from tests.features.made_up_activations import write_dense


def random_dense(n_documents: int, n_latents: int, seed: int = 0) -> np.ndarray:
    """Every latent fires in a sixth of the documents."""
    generator = np.random.default_rng(seed)
    return (generator.random((n_documents, n_latents)) < 1 / 6).astype(np.float32)


def family(root: int, *children: int) -> FeatureFamily:
    edges = tuple(FamilyEdge(root, child, 0.3) for child in children)
    return FeatureFamily(root, children, edges, 1)


def belongs(dense: np.ndarray, one: FeatureFamily, but: tuple[int, ...] = ()) -> np.ndarray:
    """(documents,) bool by the definition, a document at a time."""
    found = []
    for document in dense:
        firing = [i for i in one.members if document[i] > 0 and i not in but]
        found.append(one.root in firing or len(firing) >= 2)
    return np.array(found)


def test_documents_of_a_family_have_its_root_or_two_of_its_features(tmp_path: Path) -> None:
    dense = random_dense(300, 30, seed=5)
    one = family(12, 13, 14, 15, 16)
    found = family_documents(write_dense(tmp_path, dense), one.root, one.children)
    assert found.tolist() == np.flatnonzero(belongs(dense, one)).tolist()
    assert 0 < len(found) < 300


def test_bridges_are_documents_in_common_without_the_shared_features(tmp_path: Path) -> None:
    dense = random_dense(500, 40, seed=9)
    families = [family(4, 5, 6, 7), family(20, 6, 7, 21, 22), family(30, 31, 32, 33)]
    activations = write_dense(tmp_path, dense)
    found = bridges_from(activations, families, 4)
    own = belongs(dense, families[0])
    wanted = {
        one.root: int((own & belongs(dense, one, families[0].members)).sum())
        for one in families[1:]
    }
    assert min(wanted.values()) >= FEWEST_DOCUMENTS
    assert {bridge.other: bridge.together for bridge in found.found} == wanted
    assert [one.together for one in found.found] == sorted(wanted.values(), reverse=True)
    assert found.documents == found.documents_read == own.sum()
    assert found.found[0].share == max(wanted.values()) / own.sum()


def test_a_family_inside_another_is_no_bridge(tmp_path: Path) -> None:
    dense = random_dense(200, 20, seed=1)
    families = [family(4, 5, 6, 7, 8), family(5, 6, 7, 8)]
    assert bridges_from(write_dense(tmp_path, dense), families, 4).found == ()


def test_many_documents_are_sampled_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = random_dense(600, 40, seed=2)
    families = [family(2, 5, 6, 7), family(20, 21, 22, 23)]
    activations = write_dense(tmp_path, dense)
    exact = bridges_from(activations, families, 2)
    monkeypatch.setattr(block_counts, "MOST_ACTIVATIONS", activations.n_active // 8)
    found = bridges_from(activations, families, 2)
    assert found.documents == exact.documents
    assert found.documents_read < exact.documents_read
    assert found.found[0].share == pytest.approx(exact.found[0].share, abs=0.12)


def test_among_all_the_broadest_come_first_and_shared_features_make_none(tmp_path: Path) -> None:
    dense = random_dense(500, 40, seed=9)
    families = [family(4, 5, 6, 7), family(20, 6, 21), family(30, 31, 32), family(35, 36, 37, 38)]
    found = bridges_among(write_dense(tmp_path, dense), families)
    inside = {one.root: belongs(dense, one) for one in families}
    pairs = {frozenset((one.root, one.other)) for one in found.found}
    assert frozenset((4, 20)) not in pairs
    assert len(pairs) == len(found.found) == 5
    for one in found.found:
        assert one.together == (inside[one.root] & inside[one.other]).sum()
        assert one.documents == inside[one.root].sum() <= inside[one.other].sum()
    shares = [one.share for one in found.found]
    assert shares == sorted(shares, reverse=True)


def test_a_root_that_no_family_has_is_refused(tmp_path: Path) -> None:
    activations = write_dense(tmp_path, random_dense(50, 10))
    with pytest.raises(ValueError, match="no family has the root 9"):
        bridges_from(activations, [family(2, 3, 4)], 9)
