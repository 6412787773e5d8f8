"""Features that are silent where a more special one fires, though their documents are alike.

"A is for absorption" (Chanin et al. 2024, arXiv:2409.14507): a sparse dictionary spares an active
feature by letting the special one carry the direction of the general one too. Here, without known
concepts, a pair of features is suspected when

    cos(d_general, d_special) ≥ .3,
    the general feature fires in at least twice as many documents,
    of the documents of the special feature at least 80 % lie as far along the general direction as
    the documents of the general feature do (x·d_general above the lower quartile of those), and
    the general feature is silent in at least 90 % of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

LEAST_COSINE = 0.3
TIMES_AS_GENERAL = 2.0
SHARE_NEAR = 0.8
SHARE_SILENT = 0.9
FEWEST_DOCUMENTS = 10
"""Of a feature in the sample, to say anything about it."""
_MOST_DOCUMENTS = 8000
_MOST_PROJECTIONS = 20_000_000


@dataclass(frozen=True)
class AbsorbedPair:
    """A general feature that a special one seems to have absorbed."""

    general: int
    special: int
    cosine: float
    """Of the two directions."""
    documents: int
    """Documents of the special feature in the sample that the general one should fire in."""
    silent: int
    """In how many of these it does not."""


def suspected_absorption(
    vectors: np.ndarray, decoder: np.ndarray, activations: SparseActivations, *, seed: int = 0
) -> list[AbsorbedPair]:
    """Suspected pairs, those with the most silent documents first.

    `vectors` (n_documents, d) are the rows that `activations` belong to, `decoder` (n_latents, d)
    has unit rows. A sample of up to 8,000 documents is read.
    """
    room = max(1, _MOST_PROJECTIONS // max(1, len(decoder)))
    chosen = np.random.default_rng(seed).permutation(activations.n_documents)
    rows = np.sort(chosen[: min(_MOST_DOCUMENTS, room)])
    fires = _fires(activations, rows)
    counts = fires.sum(0)
    known = np.flatnonzero(counts >= FEWEST_DOCUMENTS)
    if len(known) < 2:
        return []
    sample = np.asarray(vectors[rows], np.float32)
    directions = np.ascontiguousarray(decoder[known], np.float32)
    fires = fires[:, known]
    near = _near(sample @ directions.T, fires)
    cosines = directions @ directions.T
    found = []
    for special in range(len(known)):
        pair = _strongest_pair(special, fires, near, cosines[special])
        if pair is not None:
            general, documents, silent = pair
            cosine = float(cosines[special, general])
            found.append(
                AbsorbedPair(int(known[general]), int(known[special]), cosine, documents, silent)
            )
    return sorted(found, key=lambda pair: (-pair.silent, pair.general, pair.special))


def _fires(activations: SparseActivations, rows: np.ndarray) -> np.ndarray:
    """(len(rows), n_latents) bool: which latents are active in which documents."""
    found = np.zeros((len(rows), activations.n_latents), bool)
    for at, row in enumerate(rows):
        found[at, activations.document(int(row))[0]] = True
    return found


def _near(projections: np.ndarray, fires: np.ndarray) -> np.ndarray:
    """(rows, latents) bool: lies as far along a direction as three of four documents of it."""
    near = np.empty_like(fires)
    for latent in range(fires.shape[1]):
        along = projections[:, latent]
        near[:, latent] = along >= np.quantile(along[fires[:, latent]], 0.25)
    return near


def _strongest_pair(
    special: int, fires: np.ndarray, near: np.ndarray, cosines: np.ndarray
) -> tuple[int, int, int] | None:
    """The general feature most silent in the documents of `special`: (it, documents, silent)."""
    counts = fires.sum(0)
    is_general = (cosines >= LEAST_COSINE) & (counts >= TIMES_AS_GENERAL * counts[special])
    candidates = np.flatnonzero(is_general)
    candidates = candidates[candidates != special]
    if not len(candidates):
        return None
    documents = fires[:, special]
    inside = near[np.ix_(documents, candidates)]
    silent = inside & ~fires[np.ix_(documents, candidates)]
    near_count, silent_count = inside.sum(0), silent.sum(0)
    suspected = (near_count >= SHARE_NEAR * counts[special]) & (
        silent_count >= SHARE_SILENT * near_count
    )
    if not suspected.any():
        return None
    best = int(np.argmax(np.where(suspected, silent_count, -1)))
    return int(candidates[best]), int(near_count[best]), int(silent_count[best])
