"""How large a node is, how wide and dark an edge; the values are the token file's."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from PySide6.QtGui import QColor

from saedesk.ui.theme import Theme, tokens

STABLE_FROM = 0.8
"""Share of the recounts in which an edge is there again, from which it counts as stable."""
UNSTABLE_BELOW = 0.5
"""Below, it is more often gone than there."""


@cache
def _radius_terms() -> tuple[float, float]:
    """The two numbers of "a + b * sqrt(density in percent)"."""
    first, second = re.findall(r"\d+(?:\.\d+)?", tokens().graph["node_radius"])[:2]
    return float(first), float(second)


def node_radii(densities: np.ndarray) -> np.ndarray:
    """(n,) float64: radii whose area follows the share of all documents; pixels at scale 1."""
    base, factor = _radius_terms()
    return base + factor * np.sqrt(100 * np.asarray(densities, np.float64))


def strength_classes(weights: np.ndarray) -> np.ndarray:
    """(n,) int64: 0, 1 or 2 for weak, middling and strong edges."""
    classes = np.searchsorted(tokens().graph["edge_classes_from"], weights, side="right") - 1
    return np.asarray(np.clip(classes, 0, len(edge_widths()) - 1), np.int64)


def edge_widths() -> tuple[float, ...]:
    """Width of each class of strength."""
    return tuple(tokens().graph["edge_widths"])


def stability_classes(shares: np.ndarray) -> np.ndarray:
    """(n,) int64: 0 stable or not known (NaN), 1 doubtful, 2 more often gone than there."""
    known = np.where(np.isfinite(shares), shares, 1.0)
    return np.asarray((known < STABLE_FROM).astype(np.int64) + (known < UNSTABLE_BELOW), np.int64)


def edge_colour() -> QColor:
    """The colour of an edge that is not chosen."""
    # The strong line of the dark theme is hardly seen where it is thin and curved.
    return Theme.current().colour("text4" if Theme.current().is_dark else "lineStrong")
