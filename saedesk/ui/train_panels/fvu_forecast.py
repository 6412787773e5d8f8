"""How the held-out FVU of a running training is likely to go on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEWEST_POINTS = 8
EXPONENTS = np.arange(0.1, 1.6, 0.1)
POINTS = 24


@dataclass(frozen=True, eq=False)
class FvuForecast:
    """Expected values from the last measurement to the last step; all (POINTS,) float64."""

    step: np.ndarray
    likely: np.ndarray
    low: np.ndarray
    high: np.ndarray


def forecast_fvu(step: np.ndarray, fvu: np.ndarray, total_steps: int) -> FvuForecast | None:
    """Continue a curve (n,), (n,) as a + b · step^−c fitted to its later two thirds.

    None while there are too few points, and at the end. The band is twice the spread of the
    residuals and a tenth of the expected change, and begins at the last point.
    """
    if len(step) < FEWEST_POINTS or step[-1] >= total_steps:
        return None
    late = step >= step[-1] / 3
    x, y = step[late], fvu[late]
    if len(x) < 4:
        return None
    best: tuple[float, float, float, float] | None = None
    for exponent in EXPONENTS:
        basis = np.stack([np.ones_like(x), x**-exponent], axis=1)
        solution, *_ = np.linalg.lstsq(basis, y, rcond=None)
        error = float(np.square(basis @ solution - y).sum())
        if solution[1] >= 0 and (best is None or error < best[0]):
            best = (error, float(solution[0]), float(solution[1]), float(exponent))
    if best is None:
        return None
    error, base, factor, exponent = best
    ahead = np.linspace(step[-1], total_steps, POINTS)
    fitted = base + factor * ahead**-exponent
    likely = np.clip(fitted + (y[-1] - fitted[0]), 0.0, None)
    spread = 2 * np.sqrt(error / len(x)) + 0.1 * np.abs(likely - likely[0])
    band = spread * np.sqrt(np.linspace(0.0, 1.0, POINTS))
    return FvuForecast(ahead, likely, np.clip(likely - band, 0.0, None), likely + band)
