"""Shares, their differences and odds with 95 % intervals; many comparisons at once.

Sources: Wilson 1927; Newcombe 1998 ("Interval estimation for the difference between independent
proportions", method 10); Woolf's interval of a log odds ratio with Haldane's and Anscombe's half
added to each cell; Benjamini and Hochberg 1995.
"""

from __future__ import annotations

import math

import numpy as np

Z = 1.959963984540054
"""Of 95 %."""
SMALLEST_EXPECTED = 5.0
"""With fewer documents expected in a cell the exact probabilities are summed (Cochran's rule)."""
_EXACT_TERMS = 256


def wilson_interval(k: np.ndarray | int, n: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Ends (float64, shape of k and n) of the score interval of k/n; 0 and 1 where n is 0."""
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    known = np.maximum(n, 1.0)
    p = k / known
    middle = (p + Z**2 / (2 * known)) / (1 + Z**2 / known)
    half = Z / (1 + Z**2 / known) * np.sqrt(p * (1 - p) / known + Z**2 / (4 * known**2))
    # At the ends the interval touches 0 and 1 exactly, which rounding would miss.
    low = np.where((n == 0) | (k == 0), 0.0, np.clip(middle - half, 0.0, 1.0))
    high = np.where((n == 0) | (k == n), 1.0, np.clip(middle + half, 0.0, 1.0))
    return low, high


def risk_difference_interval(
    k1: np.ndarray, n1: np.ndarray | int, k2: np.ndarray, n2: np.ndarray | int
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of Newcombe's interval of k1/n1 − k2/n2; needs n1, n2 > 0."""
    p1, p2 = np.asarray(k1) / n1, np.asarray(k2) / n2
    (l1, u1), (l2, u2) = wilson_interval(k1, n1), wilson_interval(k2, n2)
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
    return np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0)


def log_odds_ratio(
    k1: np.ndarray, n1: np.ndarray | int, k2: np.ndarray, n2: np.ndarray | int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln of (odds of k1 in n1)/(odds of k2 in n2), and the ends of its interval."""
    cells = [np.asarray(c, np.float64) + 0.5 for c in (k1, n1 - k1, k2, n2 - k2)]
    ratio = np.log(cells[0]) - np.log(cells[1]) - np.log(cells[2]) + np.log(cells[3])
    half = Z * np.sqrt(sum(1.0 / c for c in cells))
    return ratio, ratio - half, ratio + half


def association_p(k1: np.ndarray, n1: int, k2: np.ndarray, n2: int) -> np.ndarray:
    """Two-sided p (float64) that k1 of n1 and k2 of n2 have the same share, one for each entry.

    Pearson's χ² where each cell expects at least 5 documents, else twice the smaller tail of the
    hypergeometric distribution.
    """
    k1, k2 = np.asarray(k1, np.float64), np.asarray(k2, np.float64)
    total, hits = float(n1 + n2), k1 + k2
    expected = np.minimum(hits, total - hits) * (min(n1, n2) / total)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = hits * (total - hits) * n1 * n2
        z = np.abs(k1 * n2 - k2 * n1) * np.sqrt(total / spread)
    scaled = np.nan_to_num(z, nan=0.0) / math.sqrt(2.0)
    p = np.array([math.erfc(one) for one in scaled.tolist()])
    few = np.flatnonzero(expected < SMALLEST_EXPECTED)
    if len(few):
        p[few] = _exact_p(k1[few], n1, k2[few], n2)
    return p


def _exact_p(k1: np.ndarray, n1: int, k2: np.ndarray, n2: int) -> np.ndarray:
    """Twice the smaller hypergeometric tail, from the cell that expects the fewest."""
    # The same table seen from its smallest cell: its support is near 0, so few terms are enough.
    first_is_smaller = n1 <= n2
    hits_are_fewer = k1 + k2 <= (n1 + n2) / 2
    side, n_side, n_other = (k1, n1, n2) if first_is_smaller else (k2, n2, n1)
    k = np.where(hits_are_fewer, side, n_side - side)
    hits = np.where(hits_are_fewer, k1 + k2, n1 + n2 - k1 - k2)
    return np.minimum(1.0, 2.0 * np.minimum(*_tails(k, hits, n_side, n_other)))


def _tails(k: np.ndarray, hits: np.ndarray, n: int, other: int) -> tuple[np.ndarray, np.ndarray]:
    """P(X ≤ k) and P(X ≥ k) for X of `hits` drawn from n and `other`."""
    here = np.exp(_log_choose(n, k) + _log_choose(other, hits - k) - _log_choose(n + other, hits))
    x = k[:, None] + np.arange(_EXACT_TERMS)
    # Ratio of each probability to the one before; 0 beyond the support.
    ratio = np.maximum(hits[:, None] - x, 0) * np.maximum(n - x, 0)
    ratio /= (x + 1) * np.maximum(other - hits[:, None] + x + 1, 1)
    beyond = (here[:, None] * np.cumprod(ratio, axis=1)).sum(axis=1)
    upper = np.minimum(here + beyond, 1.0)
    return np.clip(1.0 - beyond, 0.0, 1.0), upper


def _log_choose(of: int, chosen: np.ndarray) -> np.ndarray:
    """ln of the binomial coefficients; scipy's would take longer to import than to answer."""
    whole = math.lgamma(of + 1.0)
    parts = [math.lgamma(k + 1.0) + math.lgamma(of - k + 1.0) for k in chosen.tolist()]
    return whole - np.array(parts)


def false_discovery_q(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p (n,) float64: the false discovery rate at which each passes.

    NaN stays NaN and is no comparison.
    """
    p = np.asarray(p, np.float64)
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if not len(tested):
        return q
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
