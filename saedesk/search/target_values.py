"""What a target is made of: the features it turns, and those that its value is the sum of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.steering_plan import Target


def moves_of(target: Target) -> tuple[tuple[int, float], ...]:
    """(latent, weight): what one unit of a feature or a family adds to each feature."""
    return ((target, 1.0),) if isinstance(target, int) else target.moves


def shares_of(target: Target) -> dict[int, float]:
    """{latent: what one unit of its activation adds to the value of a target}."""
    return {target: 1.0} if isinstance(target, int) else dict(target.along)


def summed_activations(
    shares: Mapping[int, float], activations: SparseActivations
) -> tuple[np.ndarray, np.ndarray]:
    """Σ share · activation of every document (n,) float64, and where any is active, (n,) bool."""
    values = np.zeros(activations.n_documents)
    is_active = np.zeros(activations.n_documents, bool)
    for latent, share in shares.items():
        rows, active = activations.latent(latent)
        values[rows] += share * np.asarray(active, np.float64)
        is_active[rows] = True
    return values, is_active
