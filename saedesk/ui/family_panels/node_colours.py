"""What the colour of a node says: how deep it lies, or any number that features have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor

from saedesk.ui.theme import Theme, tokens

STEPS = 12
"""Shades of a scale. Shared brushes: a brush for each node would cost twenty times as much."""
FIRST_OF_RAMP = 2
"""The ramp begins at the ground, on which its first colours cannot be told from it."""
SPREAD = (2.0, 98.0)
"""Percentiles at which a scale ends, so that one outlier does not make all others alike."""
FADED = 0.8
"""How far nodes that a filter leaves out are mixed into the ground."""


@dataclass(frozen=True, eq=False)
class NodeColours:
    """A number of each feature, and the scale on which it is shown."""

    title: str
    """Of the legend, e.g. "Label score"."""
    values: np.ndarray
    """(n_latents,) float; NaN where a feature has none."""
    low: float
    high: float
    """Where the scale begins and ends; values beyond take its ends."""
    text: Callable[[float], str]
    """A value as a person reads it."""

    @classmethod
    def spanning(
        cls,
        title: str,
        values: np.ndarray,
        text: Callable[[float], str],
        latents: Sequence[int] | np.ndarray | None = None,
    ) -> NodeColours:
        """A scale from the 2nd to the 98th percentile of `values`, or of those of `latents`."""
        values = np.asarray(values, np.float64)
        among = values if latents is None else values[np.asarray(latents, np.int64)]
        finite = among[np.isfinite(among)]
        if not len(finite):
            return cls(title, values, 0.0, 1.0, text)
        low, high = (float(end) for end in np.percentile(finite, SPREAD))
        return cls(title, values, low, high, text)

    def steps(self, latents: np.ndarray) -> np.ndarray:
        """(n,) int64: the shade of each feature, 0 to STEPS − 1; STEPS where it has no value."""
        values = np.asarray(self.values, np.float64)[latents]
        span = self.high - self.low
        share = (values - self.low) / span if span > 0 else np.full(len(values), 0.5)
        known = np.isfinite(values)
        step = np.clip(np.where(known, share, 0) * STEPS, 0, STEPS - 1).astype(np.int64)
        return np.where(known, step, STEPS)

    def value_text(self, latent: int) -> str:
        """The value of a feature, "no value" where it has none."""
        value = float(self.values[latent])
        return self.text(value) if np.isfinite(value) else "no value"


def level_steps(depths: np.ndarray) -> np.ndarray:
    """(n,) int64: the shade of each node where its depth is what the colour says."""
    return np.minimum(depths, len(tokens().graph["level_mix_to_surface"]) - 1)


def palette(colours: NodeColours | None) -> list[QColor]:
    """The shades that `steps` and `level_steps` count, in the theme of the moment."""
    theme = Theme.current()
    if colours is None:
        return [
            theme.mix("accent", "surface", mix) for mix in tokens().graph["level_mix_to_surface"]
        ]
    return [*scale_shades(), theme.colour("surface")]


def scale_shades() -> list[QColor]:
    """STEPS colours from little to much."""
    ramp = Theme.current().ramp("heat")[FIRST_OF_RAMP:]
    shades = []
    for place in np.linspace(0, len(ramp) - 1, STEPS):
        at = min(int(place), len(ramp) - 2)
        shades.append(Theme.current().mix(ramp[at], ramp[at + 1], float(place) - at))
    return shades


def faded(colour: QColor) -> QColor:
    """A colour as it is shown where a filter leaves a node out."""
    return Theme.current().mix(colour, "surface", FADED)
