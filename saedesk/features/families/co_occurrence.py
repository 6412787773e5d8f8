"""How often two features fire in the same document, for the pairs in which that means something.

C_ij = number of documents in which i and j are active (value > 0). Counted latent by latent from
the sparse activations: no (documents, latents) and no (latents, latents) array is ever made, and
of the pairs only those are kept of which one could become an edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from saedesk.features.families.pair_walk import PairWalk
from saedesk.features.families.spanning_forest import RankedPairs
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import TaskControl, Unattended

SMALLEST_SHARE = 0.05
"""Pairs below are not kept. Families are made of shares from .07 upwards (O'Neill et al. 2024,
released code: .1, later .07), so thresholds can be moved without counting again."""


@dataclass(frozen=True, eq=False)
class CoOccurrence:
    """Pairs of latents that fire together often enough to matter."""

    n_documents: int
    counts: np.ndarray
    """(n_latents,) int64: documents in which each latent is active, f_i."""
    rarer: np.ndarray
    """(n_pairs,) int32: the latent of the pair with fewer documents."""
    denser: np.ndarray
    """(n_pairs,) int32: the other one."""
    together: np.ndarray
    """(n_pairs,) int32: C_ij ≥ SMALLEST_SHARE · (f of the rarer + 1)."""
    keys: np.ndarray
    """(n_latents,) uint64: made of the documents a latent is active in, whatever its number.
    They settle ties, so that families do not depend on the order of the latents."""
    ranked: dict[str, RankedPairs] = field(init=False, default_factory=dict, repr=False)
    """The pairs by strength, by the choice of weight: what `find_families` sorted before, so that
    another threshold takes no time. Not stored."""

    @property
    def n_latents(self) -> int:
        """Size of the dictionary."""
        return len(self.counts)

    def order(self) -> np.ndarray:
        """(n_latents,) int64: place of each latent from the rarest to the densest."""
        return _order(self.counts, self.keys)

    def arrays(self) -> dict[str, np.ndarray]:
        """What is stored, by name."""
        names = ("counts", "rarer", "denser", "together", "keys")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def of_arrays(cls, n_documents: int, arrays: dict[str, Any]) -> CoOccurrence:
        """As stored."""
        return cls(n_documents, **{name: np.asarray(array) for name, array in arrays.items()})


def co_occurrence(
    activations: SparseActivations,
    control: TaskControl | None = None,
    *,
    smallest_share: float = SMALLEST_SHARE,
) -> CoOccurrence:
    """Count the pairs of all latents; pairs below `smallest_share` of the rarer are left out."""
    control = control or Unattended()
    counts = np.diff(np.asarray(activations.latent_offsets)).astype(np.int64)
    keys = _document_keys(activations, counts)
    ordered = np.argsort(_order(counts, keys))
    rarer, denser, shared = ([np.zeros(0, np.int32)] for _ in range(3))
    walk = PairWalk(activations, ordered[counts[ordered] > 0], control)
    for tails in walk:
        together = walk.counts(tails)
        fewest = max(1.0, smallest_share * (len(tails.rows) + 1))
        others = np.flatnonzero(together >= fewest)
        rarer.append(np.full(len(others), tails.latent, np.int32))
        denser.append(walk.ordered[others].astype(np.int32))
        shared.append(together[others].astype(np.int32))
    pairs = [np.concatenate(column) for column in (rarer, denser, shared)]
    return CoOccurrence(activations.n_documents, counts, pairs[0], pairs[1], pairs[2], keys)


def _order(counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    place = np.empty(len(counts), np.int64)
    place[np.lexsort((np.arange(len(counts)), keys, counts))] = np.arange(len(counts))
    return place


def _document_keys(activations: SparseActivations, counts: np.ndarray) -> np.ndarray:
    """The sum, modulo 2⁶⁴, of a scrambled number for each document of a latent."""
    scrambled = _scrambled(activations.n_documents)
    keys = np.zeros(len(counts), np.uint64)
    for latent in np.flatnonzero(counts):
        rows = np.asarray(activations.latent(int(latent))[0])
        keys[latent] = scrambled[rows].sum(dtype=np.uint64)
    return keys


def _scrambled(count: int) -> np.ndarray:
    """(count,) uint64: the splitmix64 sequence (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        x = (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
