"""Where the ticks of an axis stand and how values become places on a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A linear way from values to places; `low` lies at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def inside(self, value: float) -> float:
        """Where a value lies, at the nearer end where it lies outside."""
        return self.place(min(max(value, self.low), self.high))


def round_step(span: float, ticks: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts `span` into at most `ticks`."""
    raw = max(span, 1e-12) / max(1, ticks)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 5):
        if power * factor >= raw * (1 - 1e-9):
            return power * factor
    return power * 10


def linear_ticks(low: float, high: float, ticks: int) -> list[float]:
    """Round values from `low` to `high`, both included where they are round.

    About `ticks` of them, and three at least.
    """
    found: list[float] = []
    for wanted in range(ticks, ticks + 4):
        step = round_step(high - low, wanted)
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
        found = [at * step for at in range(first, last + 1)]
        if len(found) >= 3:
            break
    return found


def logarithmic_ticks(low: float, high: float, ticks: int) -> list[float]:
    """1, 2, 5 times powers of ten between 10^low and 10^high, thinned to about `ticks`."""
    inside: list[float] = []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [
            factor * 10.0**power
            for power in range(math.floor(low) - 1, math.ceil(high) + 1)
            for factor in factors
        ]
        inside = [v for v in found if low - 1e-6 <= math.log10(v) <= high + 1e-6]
        if len(inside) <= ticks + 1:
            return inside
    return inside[:: max(1, math.ceil(len(inside) / (ticks + 1)))]
