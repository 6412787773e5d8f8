"""Means with 95 % intervals from a bootstrap over queries, whose trials belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 2_000


@dataclass(frozen=True)
class Estimate:
    """A mean and the interval in which 95 % of the draws lie."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{short(self.mean)} [{short(self.low)}, {short(self.high)}]"


def estimate(values: np.ndarray, clusters: np.ndarray) -> Estimate:
    """The mean of values (n,) that belong to clusters (n,); nan is left out."""
    known = ~np.isnan(values)
    values, clusters = values[known], clusters[known]
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan)
    _, own = np.unique(clusters, return_inverse=True)
    sums, sizes = np.bincount(own, values), np.bincount(own)
    drawn = np.random.default_rng(0).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), DRAWS
    )
    means = (drawn @ sums) / (drawn @ sizes)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(float(values.mean()), float(low), float(high))


def short(number: float) -> str:
    """“.91”, “−.04”."""
    text = f"{abs(number):.2f}"
    text = text.removeprefix("0") if text.startswith("0") else text
    return f"−{text}" if round(number, 2) < 0 else text
