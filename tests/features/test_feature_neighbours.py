from __future__ import annotations

import numpy as np
import pytest

from saedesk.features import feature_neighbours
from saedesk.features.feature_neighbours import active_together, nearest_by_direction
from tests.features.made_up_activations import random_dense, write_dense


def test_nearest_by_direction_leaves_itself_out():
    decoder = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    latents, cosines = nearest_by_direction(decoder, 0, 2)
    assert latents.tolist() == [1, 2]
    assert cosines.tolist() == pytest.approx([0.6, 0])
    assert nearest_by_direction(decoder, 0, 99)[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("entries_at_once", [1, 100, 1 << 20])
def test_active_together_counts_documents_one_by_one(tmp_path, monkeypatch, entries_at_once):
    monkeypatch.setattr(feature_neighbours, "ENTRIES_AT_ONCE", entries_at_once)
    dense = random_dense(90, 12, seed=7)
    activations = write_dense(tmp_path, dense)
    for latent in range(12):
        mine = [row for row in range(90) if dense[row, latent] > 0]
        shares = {
            other: sum(dense[row, other] > 0 for row in mine) / len(mine)
            for other in range(12)
            if mine and other != latent and any(dense[row, other] > 0 for row in mine)
        }
        expected = sorted(shares, key=lambda other: (-shares[other], other))[:5]
        latents, found = active_together(activations, latent, 5)
        assert latents.tolist() == expected
        assert found.tolist() == pytest.approx([shares[other] for other in expected])
