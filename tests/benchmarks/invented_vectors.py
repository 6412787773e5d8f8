"""Vectors that are shaped as those of a text encoder, as many as wanted, written to a file.

A vector is mean + field + topic + its own part, at length 1. Measured on 30,000 arXiv abstracts
under MiniLM (384 wide) and imitated here: the mean has the length .36; 38 % of the variance lies
between topics, in few dimensions (falling as e^(−i/12)), the rest within them, in many (falling
as e^(−i/95)); the 64 widest dimensions hold 65 % of the variance, 128 hold 82 %. Wider vectors
fall as e^(−i/τ) with τ = 95 (d/384)^⅔. Sizes of topics follow Zipf's law. Everything is turned by
a random signed permutation; distances do not depend on it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

ROWS_AT_ONCE = 20_000
MEAN_LENGTH = 0.36
BETWEEN_TOPICS = 0.38
FIELDS = 40
ROWS_OF_A_TOPIC = 150
FALL_BETWEEN = 12.0
FALL_WITHIN = 95.0


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows at length 1, float32."""
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


class InventedVectors:
    """Draws documents, queries and directions of features from one made-up world."""

    def __init__(self, rows: int, width: int, seed: int = 0) -> None:
        self.rows, self.width = rows, width
        self._random = np.random.default_rng(seed)
        tau = FALL_WITHIN * (width / 384) ** (2 / 3)
        self._within = _spectrum(width, tau, (1 - MEAN_LENGTH**2) * (1 - BETWEEN_TOPICS))
        between = _spectrum(width, FALL_BETWEEN, (1 - MEAN_LENGTH**2) * BETWEEN_TOPICS)
        self._mean = self._draw(1, _spectrum(width, tau, MEAN_LENGTH**2))[0]
        fields = self._draw(FIELDS, between * 0.5**0.5)
        topics = max(2 * FIELDS, rows // ROWS_OF_A_TOPIC)
        self._topics = self._draw(topics, between * 0.5**0.5)
        self._topics += fields[self._random.integers(FIELDS, size=topics)]
        sizes = 1.0 / (10.0 + np.arange(topics))
        self._shares = np.cumsum(sizes / sizes.sum())
        self._order = self._random.permutation(width)
        self._signs = self._random.choice(np.float32([-1, 1]), size=width)

    def documents(self, count: int) -> np.ndarray:
        """(count, d) float32 at length 1."""
        topics = np.searchsorted(self._shares, self._random.random(count))
        topics = np.minimum(topics, len(self._topics) - 1)
        drawn = self._mean + self._topics[topics] + self._draw(count, self._within)
        return self._turned(unit(drawn))

    def queries(self, documents: np.ndarray, noise: float = 0.5) -> np.ndarray:
        """Documents (m, d) moved by `noise` along the spectrum within topics, at length 1."""
        moved = self._turned(self._draw(len(documents), self._within))
        return unit(np.asarray(documents, np.float32) + noise * moved)

    def features(self, documents: np.ndarray) -> np.ndarray:
        """Unit directions (m, d): half of topics, half of documents less the mean."""
        half = len(documents) // 2
        topics = self._topics[self._random.integers(len(self._topics), size=half)]
        own = np.asarray(documents[half:], np.float32) - self._turned(self._mean[None])
        return np.concatenate([unit(self._turned(topics)), unit(own)])

    def write(self, path: Path) -> np.ndarray:
        """All rows to `path` (.npy, float16), a piece at a time; the file, mapped to be read."""
        file = np.lib.format.open_memmap(path, "w+", np.float16, (self.rows, self.width))
        for start in range(0, self.rows, ROWS_AT_ONCE):
            piece = file[start : start + ROWS_AT_ONCE]
            piece[:] = self.documents(len(piece))
        file.flush()
        return np.load(path, mmap_mode="r", allow_pickle=False)

    def _draw(self, count: int, spread: np.ndarray) -> np.ndarray:
        return self._random.standard_normal((count, self.width), dtype=np.float32) * spread

    def _turned(self, vectors: np.ndarray) -> np.ndarray:
        return vectors[:, self._order] * self._signs


def _spectrum(width: int, fall: float, variance: float) -> np.ndarray:
    """Standard deviations (d,) float32 whose squares fall exponentially and sum to `variance`."""
    squares = np.exp(-np.arange(width) / fall)
    return np.sqrt(squares * (variance / squares.sum())).astype(np.float32)
