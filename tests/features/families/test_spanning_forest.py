from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from saedesk.features.families.spanning_forest import RankedPairs

N = 120


def pairs(seed: int, count: int = 900, steps: int = 0) -> tuple[np.ndarray, ...]:
    """Random pairs of N latents, each once, and numbers for them; `steps` makes ties."""
    rng = np.random.default_rng(seed)
    special, general = np.triu_indices(N, 1)
    some = rng.choice(len(special), count, replace=False)
    strengths = rng.random(count)
    if steps:
        strengths = np.round(strengths * steps) / steps
    return special[some], general[some], strengths


@pytest.mark.parametrize("seed", range(5))
def test_the_forest_is_scipys(seed: int) -> None:
    special, general, strengths = pairs(seed)
    left = np.random.default_rng(seed).random(N) < 0.9
    ranked = RankedPairs.of(special, general, (strengths, strengths, strengths), np.arange(N))
    chosen = ranked.forest(0.3, 0.4, left)
    kept = (strengths >= 0.4) & left[special] & left[general]
    graph = csr_matrix((1.5 - strengths[kept], (special[kept], general[kept])), (N, N))
    tree = minimum_spanning_tree(graph).tocoo()
    expected = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    found = zip(ranked.special[chosen].tolist(), ranked.general[chosen].tolist(), strict=True)
    assert set(found) == expected


def test_ties_are_settled_the_same_way_in_any_order() -> None:
    special, general, strengths = pairs(7, steps=4)
    order = np.random.default_rng(7).permutation(N)
    forests = []
    for shuffle in (np.arange(len(special)), np.random.default_rng(8).permutation(len(special))):
        numbers = (strengths[shuffle],) * 3
        ranked = RankedPairs.of(special[shuffle], general[shuffle], numbers, order)
        chosen = ranked.forest(0.0, 0.0, np.ones(N, bool))
        ends = zip(ranked.special[chosen].tolist(), ranked.general[chosen].tolist(), strict=True)
        forests.append(list(ends))
    assert forests[0] == forests[1]
    components = connected_components(csr_matrix((strengths + 1, (special, general)), (N, N)))[0]
    assert len(forests[0]) == N - components


def test_no_pair_is_no_tree() -> None:
    none = np.zeros(0, np.int32)
    ranked = RankedPairs.of(none, none, (np.zeros(0),) * 3, np.arange(4))
    assert not len(ranked.forest(0.1, 0.0, np.ones(4, bool)))
