"""What a map of a feature draws: places, or cells of a grid where there are many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.geographic_places import Places

MOST_POINTS = 600
"""More places are drawn in cells; a small map has no room for more points."""
CELLS_ACROSS = 48
"""Of the longer side of what is shown, at most."""
CELL_SIZES = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5)
"""Degrees."""
SMALLEST_SPAN = 1.0
"""Degrees that are shown at least."""
_MARGIN = 0.04
"""Of the span, left free at each side."""


@dataclass(frozen=True)
class MapExtent:
    """What part of the globe is shown, in degrees."""

    west: float
    """−180 … 180; longitudes go on eastwards from here, over the date line where that is inside."""
    east: float
    south: float
    north: float

    def unrolled(self, longitude: np.ndarray) -> np.ndarray:
        """Longitudes (n,) as the map counts them: from `west` on, at most 360 more."""
        return self.west + np.mod(np.asarray(longitude) - self.west, 360.0)


@dataclass(frozen=True, eq=False)
class PlaceMarks:
    """Places or cells with their documents."""

    extent: MapExtent
    latitude: np.ndarray
    """(m,) float64 degrees: the place, or the middle of the cell."""
    longitude: np.ndarray
    """(m,) float64 degrees as `extent` counts them."""
    documents: np.ndarray
    """(m,) int64."""
    active: np.ndarray
    """(m,) int64: those in which the feature fires."""
    mark_of: np.ndarray
    """(p,) int32: the mark in which each place is."""
    cell: float
    """Degrees of a cell's side; 0 where every mark is one place."""

    @property
    def share(self) -> np.ndarray:
        """(m,) float64: the share of the documents in which the feature fires."""
        return np.asarray(self.active / np.maximum(self.documents, 1))


def place_marks(places: Places, active_documents: np.ndarray) -> PlaceMarks:
    """The marks of all places; active_documents (p,) are those of a feature.

    Up to MOST_POINTS places are marks of their own, more are counted in square cells.
    """
    extent = map_extent(places)
    longitude = extent.unrolled(places.longitude)
    if len(places.documents) <= MOST_POINTS and not places.are_cells:
        own = np.arange(len(places.documents), dtype=np.int32)
        active = np.asarray(active_documents, np.int64)
        return PlaceMarks(extent, places.latitude, longitude, places.documents, active, own, 0.0)
    cell = _cell_size(extent)
    column = np.floor((longitude - extent.west) / cell).astype(np.int64)
    row = np.floor((places.latitude - extent.south) / cell).astype(np.int64)
    keys, mark_of = np.unique(row * 100_000 + column, return_inverse=True)
    documents = np.bincount(mark_of, places.documents).astype(np.int64)
    active = np.bincount(mark_of, active_documents).astype(np.int64)
    return PlaceMarks(
        extent,
        extent.south + (keys // 100_000 + 0.5) * cell,
        extent.west + (keys % 100_000 + 0.5) * cell,
        documents,
        active,
        mark_of.astype(np.int32),
        cell,
    )


def map_extent(places: Places) -> MapExtent:
    """The smallest box around all places: longitudes are cut where the widest gap is."""
    longitude = np.unique(np.mod(places.longitude, 360.0))
    gaps = np.diff(np.append(longitude, longitude[0] + 360.0))
    widest = int(np.argmax(gaps))
    west = float(longitude[(widest + 1) % len(longitude)])
    span = 360.0 - float(gaps[widest])
    west, east = _widened(west, west + span, 360.0)
    south, north = _widened(float(places.latitude.min()), float(places.latitude.max()), 180.0)
    south, north = max(-90.0, south), min(90.0, north)
    if east - west >= 360.0:
        west, east = -180.0, 180.0
    turn = 360.0 * np.floor((west + 180.0) / 360.0)
    return MapExtent(west - turn, east - turn, south, north)


def _widened(low: float, high: float, most: float) -> tuple[float, float]:
    span = max(high - low, SMALLEST_SPAN)
    middle, half = (low + high) / 2, min(most, span * (1 + 2 * _MARGIN)) / 2
    return middle - half, middle + half


def _cell_size(extent: MapExtent) -> float:
    longest = max(extent.east - extent.west, extent.north - extent.south)
    fitting = [size for size in CELL_SIZES if longest / size <= CELLS_ACROSS]
    return fitting[0] if fitting else CELL_SIZES[-1]
