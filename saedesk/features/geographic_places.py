"""Where documents are on the globe: places, and which of them are neighbours.

Documents at the same coordinates are one place. Where there are more places than `MOST_PLACES`
they are gathered in cells: the globe is cut by a cubic lattice through the earth, so that cells
are about equally large everywhere, the poles and the date line included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_PLACES = 10_000
NEIGHBOURS = 8
FEWEST_PLACES = 10
"""With fewer places nothing is said about space."""
_LATTICE_BITS = 20


@dataclass(frozen=True, eq=False)
class Places:
    """The places of a corpus and their nearest neighbours on the globe."""

    place_of: np.ndarray
    """(n,) int32: the place of each document, −1 without coordinates."""
    latitude: np.ndarray
    """(p,) float64 degrees: the middle of each place's documents."""
    longitude: np.ndarray
    """(p,) float64 degrees, −180 … 180."""
    documents: np.ndarray
    """(p,) int64: documents of each place."""
    neighbours: np.ndarray
    """(p, k) int32: the k nearest other places of each, by great-circle distance."""
    are_cells: bool
    """Whether places near each other were gathered."""


def places_of(
    latitude: np.ndarray,
    longitude: np.ndarray,
    most: int = MOST_PLACES,
    neighbours: int = NEIGHBOURS,
) -> Places:
    """Places of documents by latitude and longitude (n,) in degrees, NaN where unknown.

    Coordinates outside ±90 and ±180 (±360 for longitudes from 0) count as unknown.
    """
    from scipy.spatial import cKDTree

    known = np.flatnonzero((np.abs(latitude) <= 90) & (np.abs(longitude) <= 360))
    points = _on_sphere(latitude[known], longitude[known])
    place, are_cells = _gathered(points, most)
    count = int(place.max(initial=-1)) + 1
    documents = np.bincount(place, minlength=count)
    middle = np.stack([np.bincount(place, points[:, i], count) for i in range(3)], axis=1)
    # Opposite documents in one cell cannot be: a cell is smaller than a hemisphere.
    middle = middle / np.maximum(np.linalg.norm(middle, axis=1, keepdims=True), 1e-12)
    k = max(0, min(neighbours, count - 1))
    near = np.zeros((count, k), np.int32)
    if k:
        _, found = cKDTree(middle).query(middle, k + 1)
        near = _without_itself(found).astype(np.int32)
    place_of = np.full(len(latitude), -1, np.int32)
    place_of[known] = place
    return Places(
        place_of,
        np.degrees(np.arcsin(np.clip(middle[:, 2], -1, 1))),
        np.degrees(np.arctan2(middle[:, 1], middle[:, 0])),
        documents,
        near,
        are_cells,
    )


def _on_sphere(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """(n, 3) float64 unit vectors; their straight distance orders as the great circle does."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    flat = np.cos(lat)
    return np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)], axis=1)


def _gathered(points: np.ndarray, most: int) -> tuple[np.ndarray, bool]:
    """The place of each point, (n,) int64, and whether places were gathered in cells."""
    # Half a lattice unit off, so that 0 and 180 degrees lie inside cells, not on their borders.
    lattice = np.floor((points + 1.0) * 2.0 ** (_LATTICE_BITS - 1) + 0.5).astype(np.int64)
    _, place = np.unique(_keys(lattice), return_inverse=True)
    count = int(place.max(initial=-1)) + 1
    if count <= most:
        return place, False
    first = np.zeros(count, np.int64)
    first[place] = np.arange(len(place))
    corners = lattice[first]
    low, high = 1, _LATTICE_BITS
    # Cells of one size lie inside those of the next, so their number falls with the size.
    while low < high:
        size = (low + high) // 2
        if len(np.unique(_keys(corners >> size))) <= most:
            high = size
        else:
            low = size + 1
    _, cell = np.unique(_keys(corners >> low), return_inverse=True)
    return cell[place], True


def _keys(lattice: np.ndarray) -> np.ndarray:
    shift = np.int64(_LATTICE_BITS + 1)
    return (lattice[:, 0] << (2 * shift)) | (lattice[:, 1] << shift) | lattice[:, 2]


def _without_itself(found: np.ndarray) -> np.ndarray:
    """(p, k) of (p, k + 1): each place's own number taken out, else the farthest."""
    own = found == np.arange(len(found))[:, None]
    own[~own.any(axis=1), -1] = True
    return found[~own].reshape(len(found), found.shape[1] - 1)
