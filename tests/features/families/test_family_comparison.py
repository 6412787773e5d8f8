"""Two families beside each other: counted against a plain count over made-up documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.families.family_comparison import FEWEST_TOGETHER, compare_families
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.field_columns import FieldColumns, NumberColumn, category_column
from saedesk.features.field_contrasts import CategoryContrast, NumberContrast
from saedesk.features.sparse_activations import SparseActivations
from tests.features.made_up_activations import write_dense

DOCUMENTS = 600
FIRST, SECOND = (0, (1, 2, 3)), (10, (3, 11, 12))


def family(root: int, children: tuple[int, ...]) -> FeatureFamily:
    return FeatureFamily(root, children, tuple(FamilyEdge(root, i, 0.5) for i in children), 1)


@pytest.fixture
def dense() -> np.ndarray:
    random = np.random.default_rng(0)
    active = random.random((DOCUMENTS, 20)) < 0.02
    active[:200, 0] = active[200:400, 10] = True
    for row in range(400):
        active[row, random.choice([1, 2] if row < 200 else [11, 12])] = True
    # The first child of the one goes with a child of the other.
    active[150:200, 1] = active[150:200, 11] = True
    return active.astype(np.float32)


@pytest.fixture
def activations(dense: np.ndarray, tmp_path: Path) -> SparseActivations:
    return write_dense(tmp_path, dense)


@pytest.fixture
def columns() -> FieldColumns:
    kinds = category_column("kind", np.repeat([0, 1, 2], 200).astype(np.int32), ("a", "b", "c"))
    return FieldColumns(DOCUMENTS, (kinds,), (NumberColumn("length", np.arange(600.0)),))


def documents(dense: np.ndarray, root: int, children: tuple[int, ...]) -> set[int]:
    belongs = (dense[:, root] > 0) | ((dense[:, list(children)] > 0).sum(axis=1) >= 2)
    return set(np.flatnonzero(belongs).tolist())


def test_members_and_documents_in_common_are_counted(
    dense: np.ndarray, activations: SparseActivations, columns: FieldColumns
) -> None:
    found = compare_families(activations, family(*FIRST), family(*SECOND), columns)
    first, second = documents(dense, *FIRST), documents(dense, *SECOND)
    assert found.members == (3,)
    assert found.documents == (len(first), len(second))
    assert found.documents_in_both == len(first & second)
    assert found.overlap == pytest.approx(len(first & second) / len(first | second))


def test_the_strongest_shares_lead_from_the_one_to_the_other(
    dense: np.ndarray, activations: SparseActivations, columns: FieldColumns
) -> None:
    found = compare_families(activations, family(*FIRST), family(*SECOND), columns)
    best = found.pairs[0]
    assert (best.first, best.second) == (1, 11)
    for pair in found.pairs:
        both = int(((dense[:, pair.first] > 0) & (dense[:, pair.second] > 0)).sum())
        rarer = int(min((dense[:, i] > 0).sum() for i in (pair.first, pair.second)))
        assert (pair.together, pair.documents) == (both, rarer)
        assert both >= FEWEST_TOGETHER
    shares = [pair.share for pair in found.pairs]
    assert shares == sorted(shares, reverse=True)
    assert not {3} & {i for pair in found.pairs for i in (pair.first, pair.second)}


def test_fields_tell_the_two_apart(activations: SparseActivations, columns: FieldColumns) -> None:
    found = compare_families(activations, family(*FIRST), family(*SECOND), columns)
    kinds = next(one for one in found.contrasts if isinstance(one, CategoryContrast))
    by_value = {value.value: value for value in kinds.values}
    assert by_value["a"].difference > 0.9
    assert by_value["b"].difference < -0.9
    length = next(one for one in found.contrasts if isinstance(one, NumberContrast))
    assert length.delta < -0.9


def test_a_family_beside_itself_has_everything_in_common(
    activations: SparseActivations, columns: FieldColumns
) -> None:
    one = family(*FIRST)
    found = compare_families(activations, one, one, columns)
    assert found.members == one.members
    assert found.overlap == 1.0
    assert found.pairs == ()
    assert found.contrasts == ()
