"""Move a query until its features, read again, are those that were asked for.

What is decoded and read again is not what was set: the choice of features and the length of the
vector get in between (O'Neill et al. 2024, “iterative encoding optimisation”). Their optimiser is
not published. Here the codes are corrected by what came back too small or too large, which needs
no derivative and therefore works with every way of encoding; the best step is kept, so the result
is never worse than the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

STEPS = 10
SMALLEST_ERROR = 1e-6
"""Normalised squared error from which on nothing is left to gain."""
Codes = dict[int, float]


@dataclass(frozen=True)
class Optimised:
    """The outcome of an optimisation."""

    codes: Codes
    """{latent: value} to decode; values may lie outside what is asked for, and below zero."""
    errors: tuple[float, ...]
    """Normalised squared error of the codes read again, at first and after every step."""


def optimised(
    start: Mapping[int, float],
    wanted: Mapping[int, float],
    read_again: Callable[[Mapping[int, float]], Codes],
    steps: int = STEPS,
) -> Optimised:
    """Codes whose decoded vector has, read again, the codes `wanted` as nearly as was found.

    The error is Σ (read − wanted)² / Σ wanted². `read_again` decodes codes and encodes the
    outcome.
    """
    asked = {latent: max(0.0, value) for latent, value in wanted.items()}
    scale = sum(value**2 for value in asked.values()) or 1.0
    best, read, rate = dict(start), read_again(start), 1.0
    least = _error(read, asked, scale)
    errors = [least]
    for _ in range(steps):
        if least <= SMALLEST_ERROR:
            break
        tried = dict(best)
        for latent in sorted(asked.keys() | read.keys()):
            short = asked.get(latent, 0.0) - read.get(latent, 0.0)
            tried[latent] = tried.get(latent, 0.0) + rate * short
        again = read_again(tried)
        error = _error(again, asked, scale)
        if error < least:
            best, read, least = tried, again, error
        else:
            rate /= 2
        errors.append(least)
    return Optimised(best, tuple(errors))


def _error(read: Mapping[int, float], asked: Mapping[int, float], scale: float) -> float:
    latents = asked.keys() | read.keys()
    return sum((read.get(i, 0.0) - asked.get(i, 0.0)) ** 2 for i in sorted(latents)) / scale
