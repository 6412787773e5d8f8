"""Documents of one feature, page by page: strongest, by band, at random, without the feature.

Every choice has one fixed order, so that pages never overlap and none is left out. Nothing is
gathered before a page is asked for: a page of a feature that fires in a million documents costs
what a page of one that fires in ten does, but for the draws, which permute the numbers drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.activation_thresholds import count_at_or_above
from saedesk.features.sparse_activations import SparseActivations

BAND_WIDTH = 0.1
"""Share of a feature's documents that a band of the slider holds."""


@dataclass(frozen=True, eq=False)
class DocumentPage:
    """Some consecutive documents of a choice."""

    rows: np.ndarray
    """(p,) int64: rows of the activations."""
    values: np.ndarray
    """(p,) float32: activations, 0 where the feature is silent."""
    offset: int
    """How many documents of the choice come before."""
    total: int
    """How many documents the choice holds."""


def strongest_page(
    activations: SparseActivations, latent: int, offset: int, count: int
) -> DocumentPage:
    """All documents in which the feature fires, strongest first, ties by row."""
    rows, values = activations.latent(latent)
    return _page(rows, values, offset, count)


def range_page(
    activations: SparseActivations, latent: int, low: float, high: float, offset: int, count: int
) -> DocumentPage:
    """Documents with low ≤ activation < high, strongest first; all up to the end with high = inf.

    The largest activation is included where `high` is equal to it, as in a histogram's last bin.
    """
    rows, values = activations.latent(latent)
    reaches_end = len(values) and high == float(values[0])
    first = 0 if reaches_end else count_at_or_above(values, high)
    part = slice(first, max(first, count_at_or_above(values, low)))
    return _page(rows[part], values[part], offset, count)


def band_around(position: float, width: float = BAND_WIDTH) -> tuple[float, float]:
    """The quantiles of a slider's band at `position` (0 weakest … 1 strongest).

    At the ends the band keeps its width and stops moving. Raises ValueError for a position or
    width outside 0 … 1.
    """
    if not (0 <= position <= 1 and 0 < width <= 1):
        raise ValueError(f"a band needs a position and a width in 0 … 1, not {position}, {width}")
    low = min(max(position - width / 2, 0.0), 1.0 - width)
    return low, low + width


def band_page(
    activations: SparseActivations,
    latent: int,
    low_q: float,
    high_q: float,
    offset: int,
    count: int,
) -> DocumentPage:
    """Documents between two quantiles of the active values, strongest first.

    The document of rank i (0 strongest) of n lies at quantile (n − i − ½)/n and in the band when
    low_q ≤ quantile < high_q, so that bands side by side share no document, whatever the ties; a
    band too narrow for any document holds the one nearest its middle.
    Raises ValueError unless 0 ≤ low_q ≤ high_q ≤ 1.
    """
    if not 0 <= low_q <= high_q <= 1:
        raise ValueError(f"quantiles must satisfy 0 <= low <= high <= 1, not {low_q}, {high_q}")
    rows, values = activations.latent(latent)
    n = len(rows)
    first, stop = _rank_below(n, high_q), _rank_below(n, low_q)
    if n and stop <= first:
        first = min(n - 1, int(n * (1 - (low_q + high_q) / 2)))
        stop = first + 1
    return _page(rows[first:stop], values[first:stop], offset, count)


def random_active_page(
    activations: SparseActivations, latent: int, offset: int, count: int, seed: int
) -> DocumentPage:
    """All documents in which the feature fires, shuffled by `seed`."""
    rows, values = activations.latent(latent)
    drawn = _shuffled(len(rows), latent, seed)[_slice(offset, count)]
    return DocumentPage(np.asarray(rows[drawn], np.int64), values[drawn], offset, len(rows))


def random_inactive_page(
    activations: SparseActivations,
    latent: int,
    offset: int,
    count: int,
    seed: int,
    bad_rows: np.ndarray | None = None,
) -> DocumentPage:
    """All documents in which the feature is silent, shuffled by `seed`.

    bad_rows: rows without a usable vector, in which no feature could fire; never drawn.
    """
    left_out = silent_not(activations, latent, bad_rows)
    total = activations.n_documents - len(left_out)
    drawn = _shuffled(total, latent, seed)[_slice(offset, count)]
    # The i-th of the other rows lies as many rows later as rows left out come before it.
    before = np.searchsorted(left_out - np.arange(len(left_out)), drawn, side="right")
    values = np.zeros(len(drawn), np.float32)
    return DocumentPage(drawn + before, values, offset, total)


def silent_not(
    activations: SparseActivations, latent: int, bad_rows: np.ndarray | None = None
) -> np.ndarray:
    """Rows that are not among a feature's silent documents: active or bad; ascending int64."""
    rows = np.sort(activations.latent(latent)[0]).astype(np.int64)
    if bad_rows is None or not len(bad_rows):
        return rows
    return np.union1d(rows, np.asarray(bad_rows, np.int64))


def _rank_below(n: int, quantile: float) -> int:
    """The first rank whose document lies below a quantile."""
    # A hair's breadth, so that n · (1 − .9) does not miss a whole number by a rounding.
    return max(0, int(np.floor(n * (1 - quantile) - 0.5 + 1e-6)) + 1)


def _shuffled(total: int, latent: int, seed: int) -> np.ndarray:
    return np.random.default_rng((seed, latent)).permutation(total)


def _slice(offset: int, count: int) -> slice:
    if offset < 0 or count < 0:
        raise ValueError(f"a page needs an offset and a count from 0, not {offset}, {count}")
    return slice(offset, offset + count)


def _page(rows: np.ndarray, values: np.ndarray, offset: int, count: int) -> DocumentPage:
    part = _slice(offset, count)
    return DocumentPage(np.array(rows[part], np.int64), np.array(values[part]), offset, len(rows))
