"""Places, neighbours and Moran's I against the formula written out, and planted structure."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features import spatial_autocorrelation
from saedesk.features.geographic_places import Places, places_of
from saedesk.features.spatial_autocorrelation import SpatialStructure, spatial_structure
from tests.features.made_up_activations import write_dense

N = 400


def coordinates(seed: int = 0, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Points all over the globe; some together, some unknown."""
    rng = np.random.default_rng(seed)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    longitude = rng.uniform(-180, 180, n)
    latitude[1::10], longitude[1::10] = latitude[::10], longitude[::10]
    latitude[5::20] = np.nan
    return latitude, longitude


def angles(places: Places) -> np.ndarray:
    """(p, p) great-circle distances by the haversine formula, in radians."""
    lat, lon = np.radians(places.latitude), np.radians(places.longitude)
    part = np.sin((lat[:, None] - lat) / 2) ** 2
    part += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(np.clip(part, 0, 1)))


def test_places_are_where_the_documents_are():
    latitude, longitude = coordinates()
    places = places_of(latitude, longitude)
    known = ~np.isnan(latitude)
    assert ((places.place_of >= 0) == known).all()
    assert places.latitude[places.place_of[known]] == pytest.approx(latitude[known], abs=1e-3)
    assert places.longitude[places.place_of[known]] == pytest.approx(longitude[known], abs=1e-3)
    assert places.documents.sum() == known.sum()
    assert len(places.documents) == len(np.unique(latitude[known]))
    assert not places.are_cells


def test_neighbours_are_the_nearest_on_the_globe():
    places = places_of(*coordinates(), neighbours=6)
    distance = angles(places)
    np.fill_diagonal(distance, np.inf)
    for at, near in enumerate(places.neighbours):
        assert at not in near
        assert len(set(near.tolist())) == 6
        assert distance[at, near] == pytest.approx(np.sort(distance[at])[:6], abs=1e-9)


def test_the_date_line_and_the_poles_are_no_borders():
    latitude = np.array([0, 0, 89.9, 89.9, 0, 10, 20])
    longitude = np.array([179.9, -179.9, 0, 180, 0, 50, 100.0])
    places = places_of(latitude, longitude, neighbours=1)
    near = places.neighbours[places.place_of, 0]
    assert near[[0, 1, 2, 3]].tolist() == places.place_of[[1, 0, 3, 2]].tolist()
    same = places_of(np.array([5.0, 5.0]), np.array([-170.0, 190.0]))
    assert same.documents.tolist() == [2]


def test_coordinates_that_cannot_be_are_unknown():
    places = places_of(np.array([91, 10, np.nan, 10]), np.array([0, 361, 0, np.inf]))
    assert (places.place_of == -1).all()
    assert places.neighbours.shape[0] == 0


def test_too_many_places_are_gathered_in_cells_of_one_size():
    latitude, longitude = coordinates(n=3000)
    places = places_of(latitude, longitude, most=200)
    assert places.are_cells
    assert 30 < len(places.documents) <= 200
    assert places.documents.sum() == (~np.isnan(latitude)).sum()
    fine = places_of(latitude, longitude)
    distance = angles(fine)
    for at in range(0, len(places.documents), 17):
        members = np.unique(fine.place_of[places.place_of == at])
        spread = distance[np.ix_(members, members)].max()
        assert spread < 0.9, "a cell reaches over a small part of the globe"


def by_formula(z: np.ndarray, neighbours: np.ndarray) -> float:
    """I = N/W Σ w (z_i − m)(z_j − m) / Σ (z_i − m)², term by term."""
    m, total, weights = z.mean(), 0.0, 0.0
    for i, near in enumerate(neighbours):
        for j in near:
            total += (z[i] - m) * (z[j] - m) / len(near)
            weights += 1 / len(near)
    return len(z) / weights * total / ((z - m) ** 2).sum()


@pytest.fixture
def places() -> Places:
    return places_of(*coordinates())


def dense_of(places: Places) -> np.ndarray:
    """Features: around one place; anywhere, rare; nowhere; everywhere alike; anywhere, dense."""
    rng = np.random.default_rng(3)
    dense = np.zeros((N, 5), np.float32)
    lat, lon = coordinates()
    near = (np.abs(lat - 40) < 25) & (np.abs(lon) < 60)
    dense[near, 0] = 1 + rng.random(near.sum())
    dense[:, 1] = (rng.random(N) < 0.06) * rng.random(N)
    dense[:, 3] = 1
    dense[:, 4] = rng.random(N) + 0.01
    return dense


def test_moran_is_the_formula_and_finds_only_what_was_planted(places, tmp_path):
    dense = dense_of(places)
    activations = write_dense(tmp_path, dense)
    for latent in (0, 1, 4):
        found = spatial_structure(activations, latent, places)
        assert isinstance(found, SpatialStructure)
        own = dense[:, latent].astype(float)
        z = np.array([own[places.place_of == p].mean() for p in range(found.n_places)])
        assert found.mean_activation == pytest.approx(z)
        assert found.moran_i == pytest.approx(by_formula(z, places.neighbours))
        hits = [(dense[places.place_of == p, latent] > 0).sum() for p in range(found.n_places)]
        assert found.active_documents.tolist() == hits
        assert found.active_places == np.count_nonzero(hits)
        assert found.permutations == 999
        if latent == 0:
            assert found.moran_i > 0.3
            assert (found.p, found.z_score > 10) == (0.001, True)
        else:
            assert abs(found.moran_i) < 0.15
            assert found.p > 0.02


def test_p_is_even_without_structure(places, tmp_path, monkeypatch):
    monkeypatch.setattr(spatial_autocorrelation, "PERMUTATIONS", 199)
    dense = (np.random.default_rng(8).random((N, 120)) < 0.2).astype(np.float32)
    activations = write_dense(tmp_path, dense)
    p = np.array([spatial_structure(activations, i, places).p for i in range(120)])
    assert 0.35 < p.mean() < 0.65
    assert (p <= 0.05).mean() < 0.12


def test_it_follows_the_seed_and_bounds_its_work(places, tmp_path, monkeypatch):
    activations = write_dense(tmp_path, dense_of(places))
    first, again = (spatial_structure(activations, 4, places, seed=1) for _ in range(2))
    other = spatial_structure(activations, 4, places, seed=2)
    assert (first.p, first.z_score) == (again.p, again.z_score)
    assert first.z_score != other.z_score
    assert first.moran_i == other.moran_i
    monkeypatch.setattr(spatial_autocorrelation, "MOST_GATHERED", 1000)
    assert spatial_structure(activations, 4, places).permutations == 199


def test_nothing_is_said_without_difference_or_with_few_places(places, tmp_path):
    activations = write_dense(tmp_path, dense_of(places))
    assert spatial_structure(activations, 2, places) is None
    assert spatial_structure(activations, 3, places) is None
    few = places_of(np.repeat([1.0, 2, 3], 200)[:N], np.zeros(N))
    assert spatial_structure(activations, 0, few) is None
    unknown = places_of(np.full(N, np.nan), np.zeros(N))
    assert spatial_structure(activations, 0, unknown) is None
