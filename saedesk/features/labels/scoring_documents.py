"""Documents on which a label is scored: active ones nobody labelled from, and inactive ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadSetting
from saedesk.features.sparse_activations import SparseActivations

NEAREST = 2
"""Of the nearest inactive documents at most one in so many is taken."""

RowsRead = Callable[[int], np.ndarray]
"""The rows that whoever labelled a feature has read."""


@dataclass(frozen=True)
class ScoringSettings:
    """On which documents labels are scored."""

    positives: int = 40
    """Active documents of a feature, spread evenly over its quantiles of activation."""
    negatives: int = 40
    """Inactive documents: one half at random, one half near to the active ones' mean."""
    fewest: int = 8
    """Of each, below which a label gets no score."""
    pool: int = 20_000
    """Documents among which near inactive ones are looked for, drawn for every block."""
    features_at_once: int = 256
    """Features whose documents are in memory together."""
    seed: int = 0
    """Every feature draws with its own seed, made from this one and its number."""

    def __post_init__(self) -> None:
        for name in ("positives", "negatives", "fewest", "pool", "features_at_once"):
            if getattr(self, name) < 1:
                raise BadSetting(f"{name} must be at least 1, not {getattr(self, name)}.")


@dataclass(frozen=True)
class ScoringDocuments:
    """Documents of one feature."""

    latent: int
    rows: np.ndarray
    """(n,) int64, each once."""
    is_active: np.ndarray
    """(n,) bool."""


def scoring_documents(
    activations: SparseActivations,
    vectors: np.ndarray,
    latents: Sequence[int],
    rows_read: RowsRead,
    settings: ScoringSettings,
    unusable: np.ndarray | None = None,
) -> list[ScoringDocuments]:
    """Documents for these features; those with too few to spare are left out.

    vectors: (n, d) of the rows, any length. unusable: rows without a direction. Memory is that of
    the pool and of `latents` together.
    """
    bad = np.empty(0, np.int64) if unusable is None else np.asarray(unusable, np.int64)
    chosen = [_positives(activations, latent, rows_read, bad, settings) for latent in latents]
    able = [
        (latent, rows)
        for latent, rows in zip(latents, chosen, strict=True)
        if len(rows) >= settings.fewest
    ]
    if not able:
        return []
    near = _Pool(activations, vectors, bad, settings, able[0][0])
    found = []
    for latent, positives in able:
        taken = np.concatenate([activations.latent(latent)[0], rows_read(latent), bad])
        mean = unit_rows(vectors[positives]).mean(axis=0)
        hard = near.draw(latent, mean, taken, settings.negatives // 2)
        others = np.concatenate([taken, hard])
        easy = _random_rows(len(vectors), others, settings.negatives - len(hard), settings, latent)
        rows = np.concatenate([positives, hard, easy]).astype(np.int64)
        if len(hard) + len(easy) >= settings.fewest:
            is_active = np.arange(len(rows)) < len(positives)
            found.append(ScoringDocuments(latent, rows, is_active))
    return found


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """(n, d) float32 rows at length 1; rows of zeros stay."""
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = rows / np.maximum(lengths, 1e-30)
    return unit


def _positives(
    activations: SparseActivations,
    latent: int,
    rows_read: RowsRead,
    bad: np.ndarray,
    settings: ScoringSettings,
) -> np.ndarray:
    """Ascending rows of active documents that were not read, drawn evenly over their ranks."""
    rows = np.asarray(activations.latent(latent)[0], np.int64)
    spare = rows[~np.isin(rows, np.concatenate([rows_read(latent), bad]))]
    if len(spare) <= settings.positives:
        return np.sort(spare)
    generator = np.random.default_rng((settings.seed, latent, 0))
    edges = np.linspace(0, len(spare), settings.positives + 1).astype(int)
    return np.sort(spare[generator.integers(edges[:-1], edges[1:])])


def _random_rows(
    n_rows: int, taken: np.ndarray, count: int, settings: ScoringSettings, latent: int
) -> np.ndarray:
    """Up to `count` rows that are not taken, drawn with the feature's own seed."""
    generator = np.random.default_rng((settings.seed, latent, 1))
    free = n_rows - len(np.unique(taken))
    if free <= 4 * count:
        every = np.setdiff1d(np.arange(n_rows), taken)
        return generator.permutation(every)[:count]
    found = np.empty(0, np.int64)
    while len(found) < count:
        drawn = generator.integers(0, n_rows, 2 * count)
        drawn = drawn[~np.isin(drawn, taken)]
        _, first = np.unique(np.concatenate([found, drawn]), return_index=True)
        found = np.concatenate([found, drawn])[np.sort(first)]
    return found[:count]


class _Pool:
    """Documents among which inactive ones near to a feature are looked for.

    Drawn from as many of the nearest as the feature has active documents: the very nearest ones
    are nearer to the active ones' mean than most active documents are, so that even a perfect
    label could not tell them apart.
    """

    def __init__(
        self,
        activations: SparseActivations,
        vectors: np.ndarray,
        bad: np.ndarray,
        settings: ScoringSettings,
        block: int,
    ) -> None:
        generator = np.random.default_rng((settings.seed, block, 2))
        n = len(vectors)
        rows = generator.choice(n, min(settings.pool, n), replace=False)
        self._rows = np.setdiff1d(rows, bad)
        self._unit = unit_rows(vectors[self._rows])
        self._share = len(self._rows) / n
        self._activations, self._seed = activations, settings.seed

    def draw(self, latent: int, mean: np.ndarray, taken: np.ndarray, count: int) -> np.ndarray:
        """Up to `count` rows of the pool that are not taken, near to `mean` by cosine."""
        closeness = self._unit @ mean
        closeness[np.isin(self._rows, taken)] = -np.inf
        n_active = len(self._activations.latent(latent)[0])
        nearest = min(
            max(NEAREST * count, int(n_active * self._share)), int(np.isfinite(closeness).sum())
        )
        if nearest == 0:
            return np.empty(0, np.int64)
        best = np.sort(self._rows[np.argpartition(-closeness, nearest - 1)[:nearest]])
        generator = np.random.default_rng((self._seed, latent, 3))
        return generator.permutation(best)[:count]
