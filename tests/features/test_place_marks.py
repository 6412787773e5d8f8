"""What a map draws: places as points, many places as cells, the part of the globe they are in."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.geographic_places import places_of
from saedesk.features.place_marks import CELLS_ACROSS, MOST_POINTS, map_extent, place_marks


def test_few_places_are_points_with_their_own_counts() -> None:
    latitude = np.array([10, 10, 20, 30.0, np.nan])
    longitude = np.array([5, 5, 15, 25.0, 3])
    places = places_of(latitude, longitude)
    active = np.array([1, 0, 1])
    marks = place_marks(places, active)
    assert marks.cell == 0
    assert marks.latitude == pytest.approx(places.latitude)
    assert marks.longitude == pytest.approx(places.longitude)
    assert marks.documents.tolist() == places.documents.tolist()
    assert marks.active.tolist() == [1, 0, 1]
    assert marks.share == pytest.approx(active / places.documents)


def test_many_places_are_counted_in_cells_that_hold_every_document_once() -> None:
    draw = np.random.default_rng(0)
    n = 60_000
    latitude, longitude = draw.uniform(-60, 75, n), draw.uniform(-180, 180, n)
    places = places_of(latitude, longitude)
    assert places.are_cells
    active = draw.binomial(places.documents, 0.1)
    marks = place_marks(places, active)
    assert marks.cell > 0
    assert len(marks.documents) <= CELLS_ACROSS**2
    assert marks.documents.sum() == n
    assert marks.active.sum() == active.sum()
    for mark in (0, len(marks.documents) // 2, len(marks.documents) - 1):
        inside = marks.mark_of == mark
        assert marks.documents[mark] == places.documents[inside].sum()
        assert marks.active[mark] == active[inside].sum()
        assert (np.abs(places.latitude[inside] - marks.latitude[mark]) <= marks.cell / 2).all()
        across = marks.extent.unrolled(places.longitude[inside]) - marks.longitude[mark]
        assert (np.abs(across) <= marks.cell / 2 + 1e-9).all()


def test_more_places_than_points_are_cells_even_where_each_is_exact() -> None:
    draw = np.random.default_rng(1)
    n = MOST_POINTS + 1
    places = places_of(draw.uniform(40, 50, n), draw.uniform(0, 12, n))
    assert not places.are_cells
    marks = place_marks(places, np.zeros(n, np.int64))
    assert marks.cell > 0
    assert 12 / marks.cell <= CELLS_ACROSS


def test_the_extent_goes_over_the_date_line_where_the_places_do() -> None:
    places = places_of(np.array([-10, 10, 0.0]), np.array([170, -170, 178.0]))
    extent = map_extent(places)
    assert -180 <= extent.west < 180
    assert extent.east - extent.west < 30
    unrolled = extent.unrolled(places.longitude)
    assert ((unrolled >= extent.west) & (unrolled <= extent.east)).all()
    assert extent.south < -10 < 10 < extent.north
    europe = map_extent(places_of(np.array([40, 60.0]), np.array([-10, 30.0])))
    assert -15 < europe.west < -10
    assert 30 < europe.east < 35


def test_one_place_and_the_whole_globe_have_an_extent() -> None:
    one = map_extent(places_of(np.array([89.9]), np.array([10.0])))
    assert one.east - one.west >= 1
    assert one.north <= 90
    longitude = np.linspace(-179.5, 179.5, 360)
    every = map_extent(places_of(np.zeros(360), longitude))
    assert (every.west, every.east) == (-180, 180)
