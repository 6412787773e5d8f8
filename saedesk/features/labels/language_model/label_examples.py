"""Which documents of a feature a language model is shown to name it.

Active ones are spread over the quantiles of activation, because labels made from the strongest
alone fit the weaker ones badly (Paulo et al. 2024, "Automatically interpreting millions of
features", section 4). Inactive ones are drawn for every feature with its own seed: half at random,
half the nearest to the active ones. At least half of the active documents are never shown, so that
the label can be judged on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from saedesk.errors import BadSetting
from saedesk.features.sparse_activations import SparseActivations

TextKeys = Callable[[np.ndarray], Sequence[str]]
"""What is the same for documents with the same text, in the order of the rows; "" without one."""

_LOOKED_AT_ONCE = 16
"""Documents whose texts are read at once."""

_LOOKED_AT_FOR_ONE = 20
"""Documents looked at for each that is wanted, before a set stays smaller."""

_USED_FOR_THE_MEAN = 200
"""Strongest documents whose mean vector stands for the active ones."""


@dataclass(frozen=True)
class ExampleSettings:
    """How many documents a language model is shown of one feature."""

    positives: int = 10
    """Active ones; at most half of those there are."""
    random_negatives: int = 5
    hard_negatives: int = 5
    """Inactive ones nearest to the active ones."""
    bands: int = 5
    """Quantile bands of activation, each as often among the active ones."""
    pool: int = 20_000
    """Documents among which the nearest inactive ones are looked for, drawn for every feature."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("positives", "bands", "pool"):
            if getattr(self, name) < 1:
                raise BadSetting(f"{name} must be at least 1, not {getattr(self, name)}.")
        for name in ("random_negatives", "hard_negatives"):
            if getattr(self, name) < 0:
                raise BadSetting(f"{name} must be at least 0, not {getattr(self, name)}.")


@dataclass(frozen=True)
class LabelExamples:
    """Rows of the documents shown; no text occurs twice among them."""

    latent: int
    positives: np.ndarray
    """(p,) int64, strongest first."""
    activations: np.ndarray
    """(p,) float32, of `positives`."""
    random_negatives: np.ndarray
    """(r,) int64; the feature is inactive in them."""
    hard_negatives: np.ndarray
    """(h,) int64, nearest first; the feature is inactive in them."""

    @property
    def rows(self) -> np.ndarray:
        """All rows shown, int64: positives, hard and random negatives."""
        return np.concatenate([self.positives, self.hard_negatives, self.random_negatives])


def draw_examples(
    activations: SparseActivations,
    vectors: np.ndarray,
    latent: int,
    text_keys: TextKeys,
    settings: ExampleSettings | None = None,
    unusable: np.ndarray | None = None,
) -> LabelExamples:
    """The documents to show of one feature; the same for the same seed.

    vectors: (n, d) of the rows, any length. unusable: rows without a direction. Documents without
    text and repeated texts are passed over.
    """
    settings = settings or ExampleSettings()
    rows, values = (np.asarray(part) for part in activations.latent(latent))
    bad = np.empty(0, np.int64) if unusable is None else np.asarray(unusable, np.int64)
    generator = np.random.default_rng((settings.seed, latent))
    seen: set[str] = set()
    wanted = min(settings.positives, (len(rows) + 1) // 2)
    order = _spread_over_bands(len(rows), settings.bands, wanted * _LOOKED_AT_FOR_ONE, generator)
    picked = _with_text(rows[order].astype(np.int64), wanted, text_keys, seen)
    place = np.flatnonzero(np.isin(rows, picked))
    taken = np.concatenate([rows.astype(np.int64), bad])
    strongest = np.setdiff1d(rows[:_USED_FOR_THE_MEAN], bad)
    near = _nearest_inactive(vectors, strongest, taken, settings, generator)
    hard = _with_text(near, settings.hard_negatives, text_keys, seen)
    free = np.concatenate([taken, hard])
    easy = _random_inactive(len(vectors), free, settings.random_negatives, generator)
    return LabelExamples(
        latent,
        rows[place].astype(np.int64),
        values[place].astype(np.float32),
        _with_text(easy, settings.random_negatives, text_keys, seen),
        hard,
    )


def _spread_over_bands(
    count: int, bands: int, most: int, generator: np.random.Generator
) -> np.ndarray:
    """Places among `count`, ordered so that every beginning takes from each band as often.

    At most `most` of each band. The strongest of all, place 0, comes first: it says most.
    """
    edges = np.linspace(0, count, min(bands, max(count, 1)) + 1).astype(int)
    shuffled = [generator.permutation(np.arange(a, b)) for a, b in pairwise(edges)]
    if count:
        shuffled[0] = np.concatenate([[0], shuffled[0][shuffled[0] != 0]])
    longest = min(max(map(len, shuffled)), most)
    turns = [[band[turn] for band in shuffled if turn < len(band)] for turn in range(longest)]
    return np.array([place for turn in turns for place in turn], np.int64)


def _nearest_inactive(
    vectors: np.ndarray,
    active: np.ndarray,
    taken: np.ndarray,
    settings: ExampleSettings,
    generator: np.random.Generator,
) -> np.ndarray:
    """Rows of the pool by cosine to the mean of the active ones, nearest first."""
    count = settings.hard_negatives * _LOOKED_AT_FOR_ONE
    if count == 0 or len(active) == 0:
        return np.empty(0, np.int64)
    mean = _unit(vectors[np.sort(active)]).mean(axis=0)
    n = len(vectors)
    pool = np.arange(n)
    if n > settings.pool:
        pool = np.sort(generator.choice(n, settings.pool, replace=False))
    pool = np.setdiff1d(pool, taken)
    closeness = _unit(vectors[pool]) @ mean
    nearest: np.ndarray = pool[np.argsort(-closeness, kind="stable")[:count]]
    return nearest


def _random_inactive(
    n_rows: int, taken: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Candidates at random, each once, in memory that does not grow with the corpus."""
    drawn = generator.integers(0, max(n_rows, 1), 4 * count * _LOOKED_AT_FOR_ONE)
    candidates = drawn[~np.isin(drawn, taken) & (drawn < n_rows)]
    _, first = np.unique(candidates, return_index=True)
    chosen: np.ndarray = candidates[np.sort(first)].astype(np.int64)
    return chosen


def _with_text(
    candidates: np.ndarray, count: int, text_keys: TextKeys, seen: set[str]
) -> np.ndarray:
    """The first `count` candidates with a text that is not in `seen` yet; it is added there."""
    found: list[int] = []
    for part in _parts(candidates[: count * _LOOKED_AT_FOR_ONE]):
        for row, key in zip(part, text_keys(part), strict=True):
            if len(found) < count and key and key not in seen:
                seen.add(key)
                found.append(int(row))
        if len(found) >= count:
            break
    return np.array(found, np.int64)


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _LOOKED_AT_ONCE):
        yield rows[start : start + _LOOKED_AT_ONCE]


def _unit(vectors: np.ndarray) -> np.ndarray:
    rows = np.asarray(vectors, np.float32)
    unit: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)
    return unit
