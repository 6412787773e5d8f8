"""Which features fire with a feature more often than chance: lift and both conditional shares.

    lift_j = P(i and j) / (P(i) P(j)) = C_ij N / (f_i f_j)

Raw counts only find the dense features; lift alone finds coincidences of rare ones, so that pairs
in fewer than `FEWEST_TOGETHER` documents are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.share_intervals import wilson_interval
from saedesk.features.sparse_activations import SparseActivations

FEWEST_TOGETHER = 5
"""Documents two features must share before their lift is told."""
MOST_ACTIVATIONS = 1 << 21
"""Activations counted for one feature, about 30 ms; where its documents have more, a seeded
sample of them is counted."""


@dataclass(frozen=True, eq=False)
class CoActive:
    """Features that fire where one feature fires; arrays are (c,), best first."""

    latents: np.ndarray
    """int32."""
    together: np.ndarray
    """int64: documents in which both fire, among the `documents_read`."""
    documents: np.ndarray
    """int64: documents of the other feature in the corpus."""
    share_of_this: np.ndarray
    """float64: P(other | this), together / documents_read."""
    share_of_other: np.ndarray
    """float64: P(this | other)."""
    lift: np.ndarray
    """float64: 1 when both fire independently."""
    lift_low: np.ndarray
    lift_high: np.ndarray
    """float64: 95 % interval of lift, from Wilson's of `share_of_this`."""
    documents_read: int
    """Documents of this feature that were counted."""
    documents_of_this: int
    """All of them; more than `documents_read` where a sample was counted."""


@dataclass(frozen=True, eq=False)
class FiringTogether:
    """How often every latent fires in a feature's documents; ranked in different ways."""

    latent: int
    counts: np.ndarray
    """(n_latents,) int64 among the documents read; 0 for the feature itself."""
    documents: np.ndarray
    """(n_latents,) int64: documents of each latent in the corpus."""
    documents_read: int
    n_documents: int
    """Documents of the corpus."""

    def by_lift(self, count: int, fewest: int = FEWEST_TOGETHER) -> CoActive:
        """Highest lift first, then most together, then by number."""
        found = np.flatnonzero(self.counts >= max(1, fewest))
        lift = self.counts[found] / np.maximum(self.documents[found], 1)
        return self._chosen(found[np.lexsort((found, -self.counts[found], -lift))][:count])

    def by_share(self, count: int, fewest: int = FEWEST_TOGETHER) -> CoActive:
        """Highest P(other | this) first, then highest lift, then by number."""
        found = np.flatnonzero(self.counts >= max(1, fewest))
        order = np.lexsort((found, self.documents[found], -self.counts[found]))
        return self._chosen(found[order][:count])

    def _chosen(self, latents: np.ndarray) -> CoActive:
        together, others = self.counts[latents], self.documents[latents]
        this, read = int(self.documents[self.latent]), self.documents_read
        share = together / max(read, 1)
        low, high = wilson_interval(together, read)
        base = np.maximum(others, 1) / max(self.n_documents, 1)
        return CoActive(
            latents.astype(np.int32),
            together,
            others,
            share,
            np.minimum(share * this / np.maximum(others, 1), 1.0),
            share / base,
            low / base,
            high / base,
            read,
            this,
        )


def firing_together(activations: SparseActivations, latent: int, seed: int = 0) -> FiringTogether:
    """Count what fires in the documents of a feature.

    Exact up to MOST_ACTIVATIONS activations in its documents; of denser features a sample of the
    documents drawn by `seed`.
    """
    documents = np.diff(activations.latent_offsets).astype(np.int64)
    rows = np.asarray(activations.latent(latent)[0])
    counts = np.zeros(activations.n_latents, np.int64)
    if not len(rows):
        return FiringTogether(latent, counts, documents, 0, activations.n_documents)
    offsets = activations.document_offsets
    usual = max(1.0, activations.n_active / max(activations.n_documents, 1))
    most = max(1, int(MOST_ACTIVATIONS / usual))
    if len(rows) > most:
        rows = np.random.default_rng((seed, latent)).choice(rows, most, replace=False)
    rows = np.sort(rows).astype(np.int64)
    starts = np.asarray(offsets[rows])
    lengths = np.asarray(offsets[rows + 1]) - starts
    ends = np.cumsum(lengths)
    gather = np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1])
    counts += np.bincount(activations.document_latents[gather], minlength=activations.n_latents)
    counts[latent] = 0
    return FiringTogether(latent, counts, documents, len(rows), activations.n_documents)
