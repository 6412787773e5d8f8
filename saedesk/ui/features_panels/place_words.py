"""Degrees in words, and where the lines of a graticule stand."""

from __future__ import annotations

import math
from collections.abc import Callable

from saedesk.features.place_marks import MapExtent, PlaceMarks

_STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0)
"""Degrees between two lines."""


def parallel_stretch(extent: MapExtent) -> float:
    """How long a degree of longitude is drawn beside one of latitude: true in the middle."""
    middle = math.radians((extent.south + extent.north) / 2)
    return max(0.3, math.cos(middle)) if extent.north - extent.south < 90 else 1.0


def graticule_step(span: float, most: int) -> float:
    """Degrees between lines so that at most about `most` fit into a span."""
    return next((step for step in _STEPS if span / step <= most), _STEPS[-1])


def graticule(
    low: float, high: float, step: float, text: Callable[[float], str]
) -> list[tuple[float, str]]:
    """Place and text of every line between two ends, `step` apart."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(at * step, text(at * step)) for at in range(first, last + 1)]


def longitude_text(degrees: float) -> str:
    """ "120° W"; beyond the date line counted from the other side."""
    east = (degrees + 180) % 360 - 180
    if abs(abs(east) - 180) < 1e-9 or abs(east) < 1e-9:
        return f"{abs(east):g}°"
    return f"{abs(east):.5g}° {'E' if east > 0 else 'W'}"


def latitude_text(degrees: float) -> str:
    """ "37.6° N"."""
    if abs(degrees) < 1e-9:
        return "0°"
    return f"{abs(degrees):.4g}° {'N' if degrees > 0 else 'S'}"


def mark_title(marks: PlaceMarks, at: int) -> str:
    """The place, or that it is a cell of so many degrees around it."""
    latitude, longitude = float(marks.latitude[at]), float(marks.longitude[at])
    where = f"{latitude_text(round(latitude, 2))}, {longitude_text(round(longitude, 2))}"
    return f"{marks.cell:g}° around {where}" if marks.cell else where
