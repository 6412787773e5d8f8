"""Vectors with features turned up or down, each at its own length.

x' = ‖x‖ · normalise(x / ‖x‖ + Σ u_i d_i): the steering of a query (`query_features.steer`) for
many vectors at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import BadInput
from saedesk.search.query_features import SHORTEST_STEERED_QUERY, added
from saedesk.search.steering_plan import SteeringPlan

if TYPE_CHECKING:
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder


def steered_vectors(vectors: np.ndarray, plan: SteeringPlan, decoder: np.ndarray) -> np.ndarray:
    """Vectors (n, d) moved by the strengths of `plan` along rows of `decoder` (n_latents, d).

    (n, d) float32. Rows that are zero or not finite, and those that the strengths cancel, come
    back as they are. Raises BadSetting for an unknown feature, BadInput for another width.
    """
    if vectors.ndim != 2 or vectors.shape[1] != decoder.shape[1]:
        raise BadInput(
            f"The vectors have {vectors.shape[-1]:,} numbers each, the SAE reads "
            f"{decoder.shape[1]:,}. Use the vectors it was trained on."
        )
    rows = np.array(vectors, dtype=np.float32)
    if plan.at_rest:
        return rows
    move = added(plan.strengths, decoder)
    usable = np.isfinite(rows).all(axis=1) & rows.any(axis=1)
    wide = rows[usable].astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    moved = wide / lengths + move
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    moved *= lengths / np.maximum(norms, SHORTEST_STEERED_QUERY)
    rows[usable] = np.where(norms > SHORTEST_STEERED_QUERY, moved, wide)
    return rows


def steer_vectors(
    vectors: np.ndarray, strengths: Mapping[int, float], sae: SparseAutoencoder
) -> np.ndarray:
    """`steered_vectors` for notebooks: features of `sae` turned by {feature: strength}.

    `vectors` are (n, d), or (d,) for one; the result has the same shape, float32.
    """
    single = np.ndim(vectors) == 1
    plan = SteeringPlan(tuple(strengths.items()))
    moved = steered_vectors(np.atleast_2d(vectors), plan, sae.decoder)
    return moved[0] if single else moved
