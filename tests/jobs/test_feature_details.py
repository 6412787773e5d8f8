"""The page of a feature of a real analysed project, and of invented ones with coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting, DamagedArtifact
from saedesk.features import near_misses
from saedesk.features.document_pages import band_around
from saedesk.features.families.edited_families import FamilyEdit, merged
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.field_columns import FieldColumns
from saedesk.features.field_contrasts import CategoryContrast
from saedesk.features.latent_statistics import latent_statistics
from saedesk.jobs import find_families
from saedesk.jobs.feature_details import FeatureDetails, closest_documents
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.hnsw_index import INDEX_FILE, GuardedHnswIndex, build_index
from saedesk.task_control import Unattended
from tests.features.made_up_activations import write_dense
from tests.jobs.test_document_fields import sights as sights
from tests.jobs.test_families import LOOSE


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as project:
        yield project


@pytest.fixture
def details(project: Project) -> FeatureDetails:
    return FeatureDetails(project, open_analysed_sae(project))


@pytest.fixture
def latent(details: FeatureDetails) -> int:
    """A feature that fires in about a third of the documents."""
    return int(np.argmin(np.abs(details.sae.statistics.density - 0.3)))


@pytest.fixture
def codes(details: FeatureDetails) -> np.ndarray:
    return details.sae.activations.to_csr().toarray()


def test_every_way_to_choose_documents(details, latent, codes) -> None:
    own = codes[:, latent]
    n_active = int((own > 0).sum())
    pages = {
        "strongest": details.strongest(latent, 0, 100),
        "band": details.band(latent, 0, 1, 0, 100),
        "range": details.in_range(latent, 1e-9, np.inf, 0, 100),
        "random": details.random_active(latent, 0, 100, seed=2),
    }
    for page in pages.values():
        assert page.total == n_active
        assert sorted(page.rows.tolist()) == np.flatnonzero(own).tolist()
        assert page.values == pytest.approx(own[page.rows])
    middle = details.band(latent, *band_around(0.5), 0, 100)
    assert 0 < middle.total < n_active
    silent = details.random_inactive(latent, 0, 100, seed=1)
    assert sorted(silent.rows.tolist()) == np.flatnonzero(own == 0).tolist()
    ids = details.document_ids(silent.rows)
    assert ids.tolist() == details.sae.vectors.document_ids[silent.rows].tolist()


def test_near_misses_are_silent_and_near(details, latent, codes) -> None:
    found = details.near_misses(latent)
    silent = np.flatnonzero(codes[:, latent] == 0)
    assert sorted(found.rows.tolist()) == silent.tolist()
    vectors = np.asarray(details.sae.vectors.values, np.float64)
    weight = codes[:, latent].astype(float)
    mean = weight @ vectors
    cosines = vectors @ mean / np.linalg.norm(mean) / np.linalg.norm(vectors, axis=1)
    assert found.cosines == pytest.approx(cosines[found.rows], abs=1e-5)
    assert details.near_misses(latent) is found, "paging asks again"


def built_index(folder: Path, vectors: np.ndarray) -> GuardedHnswIndex:
    """A real index over `vectors`."""
    folder.mkdir()
    build_index(vectors, folder / INDEX_FILE, Unattended(), vectors_hash="these", threads=1)
    rows, dim = vectors.shape
    return GuardedHnswIndex.open(folder, dim=dim, rows=rows, vectors_hash="these")


def test_an_open_index_finds_what_a_sample_misses(
    project, details, latent, tmp_path, monkeypatch
) -> None:
    values = details.sae.vectors.values
    whole = details.near_misses(latent)
    with_index = FeatureDetails(
        project, details.sae, index=built_index(tmp_path / "i", values), seed=1
    )
    monkeypatch.setattr(near_misses, "VALUES_SCANNED", 1)
    monkeypatch.setattr(near_misses, "_BLOCK", 3)
    sample = FeatureDetails(project, details.sae, seed=1).near_misses(latent)
    assert sample.searched <= 3
    found = with_index.near_misses(latent)
    assert found.rows[:5].tolist() == whole.rows[:5].tolist()
    assert found.proposed >= found.searched - 3


def test_an_index_over_other_vectors_is_refused(project, details, tmp_path) -> None:
    index = built_index(tmp_path / "i", details.sae.vectors.values[:-1])
    with pytest.raises(DamagedArtifact, match="59 vectors"):
        FeatureDetails(project, details.sae, index=index)


def test_histogram_threshold_and_filter_agree(project, details, latent, codes) -> None:
    own = codes[:, latent].astype(float)
    histogram = details.histogram(latent)
    assert histogram.counts.sum() == histogram.n_active == (own > 0).sum()
    assert histogram.zero_share == pytest.approx((own == 0).mean())
    for threshold in [0.0, *histogram.edges, *own[own > 0][:3], 99.0]:
        count = int(((own >= threshold) & (own > 0)).sum())
        assert details.count_from(latent, threshold) == count
        ids = details.documents_from(latent, threshold)
        assert len(ids) == count
    half = details.documents_from(latent, float(np.median(own[own > 0])))
    assert project.documents.find(DocumentFilter(document_ids=half)).tolist() == half.tolist()


def test_groups_and_contrasts_of_a_real_category(details, latent, codes) -> None:
    columns = details.fields()
    assert details.fields() is columns
    assert FeatureDetails(details._project, details.sae, fields=columns).fields() is columns
    name = columns.categories[0].name
    histogram = details.histogram(latent)
    groups = details.groups(latent, name, histogram)
    assert sum(group.counts for group in groups).tolist() == histogram.counts.tolist()
    with pytest.raises(BadSetting, match=name):
        details.groups(latent, "no such field", histogram)
    answers = details.field_answers(latent)
    found = next(c for c in answers.contrasts if c.field == name)
    assert isinstance(found, CategoryContrast)
    best = found.values[0]
    cells = {
        int(row.id): row.fields[name]
        for row in details._project.documents.rows(details.sae.vectors.document_ids)
    }
    is_value = np.array([cells[int(i)] == best.value for i in details.sae.vectors.document_ids])
    is_active = codes[:, latent] > 0
    assert best.active == (is_value & is_active).sum()
    assert best.difference == pytest.approx(
        is_value[is_active].mean() - is_value[~is_active].mean()
    )
    assert details.spatial_structure(latent) is None, "there are no coordinates"


def test_neighbours_with_and_without_families(project, details, latent, codes) -> None:
    before = details.neighbours(latent)
    assert not before.has_families
    assert before.parents == before.children == ()
    cosines = details.sae.directions @ details.sae.directions[latent]
    cosines[latent] = np.nan
    assert before.nearest[0][0] == np.nanargmax(cosines)
    assert before.opposed[0][0] == np.nanargmin(cosines)
    active = codes > 0
    for at, other in enumerate(before.by_lift.latents.tolist()):
        both = (active[:, latent] & active[:, other]).mean()
        lift = both / (active[:, latent].mean() * active[:, other].mean())
        assert before.by_lift.lift[at] == pytest.approx(lift)
    found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
    edge = found.families[0].edges[0]
    assert edge in details.neighbours(edge.parent).children
    assert edge in details.neighbours(edge.child).parents
    other = find_families.run(project, FamiliesRequest(), Unattended())
    if not other.families:
        assert details.neighbours(edge.child).parents == ()
    for one in range(details.sae.n_latents):
        details.absorption(one)


def test_relatives_are_those_of_the_families_as_people_edited_them(project, details) -> None:
    found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
    family = found.families[0]
    edge = family.edges[-1]
    holding = [one.root for one in found.families if edge in one.edges]
    assert edge in details.neighbours(edge.child).parents
    put = project.family_edits.put
    put(details.sae.hash, {root: FamilyEdit(hidden=True) for root in holding})
    assert edge not in details.neighbours(edge.child).parents, "all its families are hidden"
    put(details.sae.hash, dict.fromkeys(holding))
    assert edge in details.neighbours(edge.child).parents
    other = next(i for i in range(details.sae.n_latents) if i not in family.members)
    joined = merged(family, FeatureFamily(other, (), (), 1), weight=0.25)
    put(details.sae.hash, {family.root: FamilyEdit(family=joined, reshaped=True)})
    assert FamilyEdge(family.root, other, 0.25) in details.neighbours(other).parents


def test_closest_documents_are_exact(project) -> None:
    vectors = open_vectors(project, project.current("vectors"))
    values = np.asarray(vectors.values, np.float64)
    values = values / np.linalg.norm(values, axis=1, keepdims=True)
    ids, cosines = closest_documents(vectors, int(vectors.document_ids[4]), 5)
    expected = values @ values[4]
    expected[4] = -2
    assert ids.tolist() == vectors.document_ids[np.argsort(-expected)[:5]].tolist()
    assert cosines == pytest.approx(np.sort(expected)[::-1][:5], abs=1e-5)
    assert len(closest_documents(vectors, 10**9, 5)[0]) == 0


@pytest.fixture
def invented(project: Project, sights: Project, tmp_path: Path) -> FeatureDetails:
    """A north feature, one that never fires, one that always does, over documents with places."""
    ids = np.sort(sights.documents.find())
    codes = np.zeros((len(ids), 3), np.float32)
    codes[40:, 0] = 1.5
    codes[:, 2] = 1
    activations = write_dense(tmp_path / "codes", codes)
    real = open_analysed_sae(project)
    rng = np.random.default_rng(0)
    vectors = Vectors(
        rng.normal(size=(len(ids), 8)).astype(np.float32),
        ids,
        np.array([3]),
        real.vectors.record,
    )
    decoder = np.eye(3, 8, dtype=np.float32)
    sae = LoadedSae(real.record, vectors, decoder, activations, latent_statistics(activations))
    return FeatureDetails(sights, sae)


def test_places_of_a_feature(invented: FeatureDetails) -> None:
    found = invented.spatial_structure(0)
    assert found is not None
    assert found.moran_i > 0.5
    assert found.p == 0.001
    assert found.n_places == 59, "one document has no latitude"
    contrasts = {c.field: c for c in invented.field_answers(0).contrasts}
    assert contrasts["visitors"].effect == pytest.approx(1)
    assert 0.5 < contrasts["visitors"].at_least < 1
    for silent_or_everywhere in (1, 2):
        assert invented.spatial_structure(silent_or_everywhere) is None
        assert invented.field_answers(silent_or_everywhere).contrasts == ()


def test_features_that_fire_nowhere_or_everywhere(invented: FeatureDetails) -> None:
    assert invented.strongest(1, 0, 5).total == invented.random_inactive(2, 0, 5).total == 0
    assert invented.random_inactive(1, 0, 100).total == 59, "a bad row is never drawn"
    assert len(invented.near_misses(1).rows) == len(invented.near_misses(2).rows) == 0
    assert invented.histogram(1).zero_share == 1
    assert invented.histogram(2).zero_share == 0
    assert invented.count_from(2, 1.0) == 60
    assert len(invented.documents_from(1, 0.0)) == 0


def test_fields_of_other_documents_are_refused(invented: FeatureDetails) -> None:
    with pytest.raises(ValueError, match="other documents"):
        FeatureDetails(invented._project, invented.sae, fields=FieldColumns(59))
