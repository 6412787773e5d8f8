"""The library as notebooks and scripts use it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.errors import BadInput, NothingToSearch
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families, import_vectors
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.jobs.opened_project import Feature, FeatureList, OpenedProject, SearchResults
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import request_to_json
from saedesk.jobs.turned_families import Turned
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended

QUERY = "dark matter halos of galaxies"
HOSTILE = "<img src=x onerror=alert(1)>\x1b[2J"


@pytest.fixture
def project(project_copy: Path) -> Iterator[OpenedProject]:
    with Project.open(project_copy) as writing:
        sae = writing.current("saes")
        writing.labels.add(sae.hash, [FeatureLabel(0, HOSTILE, PERSON, "somebody")])
    with saedesk.open_project(project_copy) as opened:
        yield opened


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


TABLE_TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_features_are_a_sequence_that_shows_itself(project: OpenedProject) -> None:
    features = project.features()
    assert len(features) == 24
    assert [f.id for f in features] == list(range(24))
    assert isinstance(features[2:4], FeatureList)
    assert features[3] == features[2:4][1]
    densest = max(features, key=lambda f: f.density)
    lines = repr(features).splitlines()
    assert "24 features" in lines[0]
    assert lines[2].split()[0] == str(densest.id)
    assert "\x1b" not in repr(features)


def test_labels_are_text_in_a_notebook_too(project: OpenedProject) -> None:
    (feature,) = project.features().find("ONERROR")
    assert feature.id == 0
    shown = _Tags(project.features().find("onerror")._repr_html_())
    assert shown.tags == TABLE_TAGS
    assert "<img src=x onerror=alert(1)> [2J" in shown.words


def test_never_active_features_have_no_mean() -> None:
    nan = float("nan")
    shown = repr(FeatureList([Feature(0, "", 0, 0.0, nan, nan)]))
    assert "nan" not in shown


def test_a_search_is_iterated_and_explained(project: OpenedProject) -> None:
    found = project.search(QUERY, {3: 0.4}, count=5)
    assert isinstance(found, SearchResults)
    assert len(found) == len(list(found)) == 5
    assert [row.rank for row in found] == [1, 2, 3, 4, 5]
    assert found.cosine < 1
    assert list(found.features.values()) == sorted(found.features.values(), reverse=True)
    parts = found.contributions(2)
    assert sum(parts.values()) == pytest.approx(found.steered[1].score, abs=1e-5)
    assert "not explained by features" in parts
    with pytest.raises(BadInput, match="no result 6"):
        found.contributions(6)
    shown = _Tags(found._repr_html_())
    assert shown.tags == TABLE_TAGS
    assert found.steered[0].document.heading in shown.words
    assert repr(found).splitlines()[0] == (
        f"5 results for “{QUERY}”, steered; cosine to it {found.cosine:.3f}"
    )


def test_the_steered_vector_is_the_one_that_was_searched_with(project: OpenedProject) -> None:
    vector = project.steer(QUERY, {3: 0.4})
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    best = project.search(QUERY, {3: 0.4}, count=1).steered[0]
    assert float(project.vectors[best.row] @ vector) == pytest.approx(best.score, abs=1e-4)
    np.testing.assert_array_equal(project.steer(QUERY, {}), project.take_apart(QUERY).vector)


def test_codes_and_strongest_documents_agree(project: OpenedProject) -> None:
    codes = project.activations
    assert codes.shape == (60, 24)
    np.testing.assert_allclose(
        codes.toarray(), project.sae.encode(project.vectors).toarray(), rtol=1e-5, atol=1e-6
    )
    feature = int(np.argmax(np.diff(codes.tocsc().indptr)))
    documents = project.documents_of(feature, 3)
    values = codes.tocsc()[:, feature].toarray().ravel()
    assert [value for _, value in documents] == pytest.approx(np.sort(values)[::-1][:3])
    row = int(np.argmax(values))
    assert documents[0][0].id == project.document_ids[row]
    with pytest.raises(BadInput, match="no feature 24"):
        project.documents_of(24)


def test_an_empty_query_says_so(project: OpenedProject) -> None:
    with pytest.raises(NothingToSearch):
        project.search("  ")


def test_documents_are_a_query_too(project: OpenedProject) -> None:
    like = [int(i) for i in project.document_ids[[4, 9]]]
    found = project.search(like=like, count=5)
    assert not {row.document.id for row in found} & set(like)
    assert "documents like the given ones" in repr(found)
    with pytest.raises(BadInput, match="not for both"):
        project.search(QUERY, like=like)


def test_documents_are_taken_apart_and_steered_without_a_model(project: OpenedProject) -> None:
    like = [int(i) for i in project.document_ids[[4, 9]]]
    one = project.take_apart(like=like[:1])
    stored = project.vectors[4] / np.linalg.norm(project.vectors[4])
    assert float(one.vector @ stored) == pytest.approx(1, abs=1e-5)
    vector = project.steer(like=like, steer_by={3: 0.4})
    best = project.search(like=project.document_ids[[4, 9]], steer={3: 0.4}, count=1).steered[0]
    assert float(project.vectors[best.row] @ vector) == pytest.approx(best.score, abs=1e-4)
    for call in (project.steer, project.take_apart):
        with pytest.raises(BadInput, match="not for both"):
            call(QUERY, like=like)


def test_without_an_sae_documents_are_a_query_as_they_are(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((12, 8)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    with Project.create(tmp_path / "p.saedesk") as writing:
        request = ImportVectorsRequest(tmp_path / "vectors.npy")
        import_vectors.run(writing, request, Unattended())
    with saedesk.open_project(tmp_path / "p.saedesk") as opened:
        like = [int(opened.document_ids[3])]
        expected = vectors[3] / np.linalg.norm(vectors[3])
        np.testing.assert_allclose(opened.steer(like=like), expected, atol=1e-6)
        np.testing.assert_allclose(opened.take_apart(like=like).rest, expected, atol=1e-6)
        with pytest.raises(BadInput):
            opened.steer(like=like, steer_by={0: 1.0})


@pytest.mark.parametrize("like", [["12"], "12", [1.5], [True]])
def test_keys_are_no_ids_of_documents(project: OpenedProject, like: object) -> None:
    for call in (project.search, project.steer, project.take_apart):
        with pytest.raises(BadInput, match=r"not the id of a document\. Ids are whole numbers"):
            call(like=like)


def test_families_are_there_once_they_are_found(project: OpenedProject, project_copy: Path) -> None:
    with pytest.raises(BadInput, match="no families yet"):
        project.families()
    with Project.open(project_copy) as writing:
        stored = find_families.run(writing, FamiliesRequest(), Unattended())
    with saedesk.open_project(project_copy) as again:
        assert tuple(one.family for one in again.families()) == stored.families


def test_a_family_turned_is_one_part_of_a_score(project_copy: Path) -> None:
    with Project.open(project_copy) as writing:
        settings = FamilySettings(threshold=0.05, later_threshold=0.05, above_chance=0.0)
        stored = find_families.run(writing, FamiliesRequest(settings=settings), Unattended())
        root, sae = stored.families[0].root, writing.current("saes").hash
        writing.family_edits.put(sae, {root: FamilyEdit("Some quite peculiar family")})
    with saedesk.open_project(project_copy) as opened:
        family = opened.family(root)
        found = opened.search(QUERY, steer={3: 0.1}, families={family: 0.4})
        (effect,) = (one for one in found.answer.effects if one.target == family)
        assert effect.after is not None
        for rank, row in enumerate(found, start=1):
            parts = found.contributions(rank)
            assert sum(parts.values()) == pytest.approx(row.score, abs=1e-5)
            (own,) = (part for part in row.contributions if part.target == family)
            assert parts["Family: Some quite peculiar family"] == own.value
            change = row.score - row.score_before
            assert sum(part.value for part in row.change) == pytest.approx(change, abs=1e-5)
    request = SearchRequest(QUERY, plan=found.answer.plan)
    kept = request_to_json(request)
    sliders = Turned(SteeringPlan(((3, 0.1),)), (family.with_strength(0.4),)).to_json()
    with Project.open(project_copy) as writing:
        for kind in ("search", "preset"):
            writing.saved_searches.save(kind, "as one", {**kept, "sliders": sliders}, sae)
            writing.saved_searches.save(kind, "by feature", kept, sae)
    with saedesk.open_project(project_copy) as opened:
        for asked in ({"saved": "as one"}, {"query": QUERY, "preset": "as one"}):
            assert opened.search(**asked).steered == found.steered
        # A plan alone does not know which features a family moved.
        for asked in ({"saved": "by feature"}, {"query": QUERY, "preset": "by feature"}):
            (first, *_) = opened.search(**asked)
            assert not any(part.target for part in first.contributions)
            assert first.score == found.steered[0].score
        # What is given beside a preset goes before: the same family stands elsewhere.
        other = opened.search(QUERY, preset="as one", families={family: 0.2})
        own = opened.search(QUERY, steer={3: 0.1}, families={family: 0.2})
        assert other.steered == own.steered
