"""Invented documents under known trees of topics, for the benchmarks of families.

A tree is a root, BRANCHES features below it and LEAVES below each of those. A document takes some
leaves; with each come its branch and its root. Noise is the share of these activations that are
replaced by another feature drawn at random, as when an SAE reads a text wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.features.sparse_activations import ActivationWriter, SparseActivations

BRANCHES = 4
DOCUMENTS_AT_ONCE = 8192


@dataclass(frozen=True)
class Planted:
    """What is planted; features are numbered tree by tree, each from its root to its leaves."""

    trees: int
    size: int
    """Features of a tree: a root, BRANCHES, and leaves shared out among them in turn."""
    alone: int = 0
    """Further features, in no tree."""
    topics: int = 2
    """Leaves of a document."""
    active: int = 0
    """Features of every document, filled up with random ones; 0 for those of its leaves only."""

    @property
    def n_latents(self) -> int:
        return self.trees * self.size + self.alone

    def members(self) -> list[set[int]]:
        """The features of each tree."""
        return [set(range(i * self.size, (i + 1) * self.size)) for i in range(self.trees)]

    def edges(self) -> set[tuple[int, int]]:
        """(parent, child) of all trees."""
        found = set()
        for root in range(0, self.trees * self.size, self.size):
            found |= {(root, root + 1 + branch) for branch in range(BRANCHES)}
            for leaf in range(self.size - 1 - BRANCHES):
                found.add((root + 1 + leaf % BRANCHES, root + 1 + BRANCHES + leaf))
        return found


def write(
    planted: Planted, documents: int, folder: Path, *, noise: float = 0.0, seed: int = 0
) -> SparseActivations:
    """The activations of so many documents, written to `folder` or read where they are already."""
    if (folder / "strongest_values.npy").exists():
        return SparseActivations.open(folder)
    writer = ActivationWriter(folder, planted.n_latents)
    for part in codes(planted, documents, noise=noise, seed=seed):
        writer.append(*part)
    return writer.finish()


def codes(
    planted: Planted, documents: int, *, noise: float = 0.0, seed: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Counts, latents and values of some documents at a time; the same every time."""
    rng = np.random.default_rng(seed)
    leaves = planted.size - 1 - BRANCHES
    # Some trees, leaves and other features are several times as frequent as others.
    tree_share = _shares(rng, planted.trees, 0.5)
    leaf_share = _shares(rng, leaves, 0.5)
    feature_share = _shares(rng, planted.n_latents, 1.0)
    for first in range(0, documents, DOCUMENTS_AT_ONCE):
        rows = min(DOCUMENTS_AT_ONCE, documents - first)
        shape = (rows, planted.topics)
        root = _draw(rng, tree_share, shape) * planted.size
        leaf = _draw(rng, leaf_share, shape)
        path = np.stack([root, root + 1 + leaf % BRANCHES, root + 1 + BRANCHES + leaf], 2)
        path = path.reshape(rows, -1)
        wrong = rng.random(path.shape) < noise
        path[wrong] = rng.integers(planted.n_latents, size=int(wrong.sum()))
        if planted.active:
            more = _draw(rng, feature_share, (rows, 2 * planted.active))
            path = np.concatenate([path, more], 1)
        kept = _first_of_each(path, planted.active or path.shape[1])
        latents = path[kept].astype(np.int32)
        values = rng.random(len(latents), np.float32) + np.float32(0.05)
        yield kept.sum(1), latents, values


def _shares(rng: np.random.Generator, count: int, spread: float) -> np.ndarray:
    return np.cumsum(rng.lognormal(0, spread, count))


def _draw(rng: np.random.Generator, shares: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    drawn = rng.random(shape) * shares[-1]
    return np.searchsorted(shares, drawn, side="right").clip(0, len(shares) - 1)


def _first_of_each(features: np.ndarray, most: int) -> np.ndarray:
    """(rows, columns) bool: the first time of each feature of a row, `most` of them at most."""
    order = np.argsort(features, 1, kind="stable")
    sorted_ = np.take_along_axis(features, order, 1)
    is_first = np.ones(features.shape, bool)
    is_first[:, 1:] = sorted_[:, 1:] != sorted_[:, :-1]
    kept = np.zeros(features.shape, bool)
    np.put_along_axis(kept, order, is_first, 1)
    return kept & (np.cumsum(kept, 1) <= most)
