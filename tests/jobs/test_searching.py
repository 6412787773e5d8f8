from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.errors import BadInput, ModelProblem, NothingToSearch
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine, check_strengths
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan

QUERY = "dark matter halos"


@pytest.fixture(scope="module")
def engine(small_project: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("search") / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder, read_only=True) as project:
        loaded = open_sae(project, project.current("saes"))
        assert loaded is not None
        made = SearchEngine(project, loaded.vectors, loaded)
        made.prepare()
        yield made


@pytest.fixture(scope="module")
def query(engine: SearchEngine):
    return engine.take_apart(QUERY)


def ask(engine: SearchEngine, query, strengths=(), count: int = 10, **conditions) -> SearchAnswer:
    plan = SteeringPlan(tuple(strengths))
    return engine.answer(QUERY, query, plan, count, DocumentFilter(**conditions))


def test_sliders_at_rest_give_plain_dense_search(engine: SearchEngine, query) -> None:
    found = ask(engine, query, count=60)
    vectors = np.array(engine.vectors.values, np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = vectors @ query.vector.astype(np.float64)
    order = np.argsort(-scores)
    assert [row.row for row in found.steered] == order.tolist()
    assert np.allclose([row.score for row in found.steered], scores[order], atol=1e-5)
    assert found.plain == found.steered
    assert found.cosine == 1.0
    assert found.exact
    assert found.kept == 60
    assert found.steered[0].document.fields["category"] == "Cosmology"


def strong_feature(engine: SearchEngine, category: str) -> int:
    """The feature whose activations lie most in one category."""
    documents = engine._project.documents.rows(engine.vectors.document_ids)
    is_there = np.array([d.fields["category"] == category for d in documents])
    dense = engine.sae.activations.to_csr().toarray()
    return int(np.argmax(dense[is_there].sum(0) - dense[~is_there].sum(0)))


@pytest.mark.parametrize("strengths", [(0.5,), (-0.4,), (0.75, -0.75)])
def test_contributions_sum_to_the_score(engine: SearchEngine, query, strengths) -> None:
    plan = [(latent, u) for latent, u in enumerate(strengths)]
    found = ask(engine, query, plan)
    for row in found.steered:
        total = sum(part.value for part in row.contributions)
        assert total == pytest.approx(row.score, abs=1e-5)
    assert found.cosine < 1


def test_steering_moves_the_results_towards_the_feature_and_away(
    engine: SearchEngine, query
) -> None:
    latent = strong_feature(engine, "Language")
    dense = engine.sae.activations.to_csr().toarray()[:, latent]

    def mean_activation(strength: float) -> float:
        return float(
            dense[[row.row for row in ask(engine, query, [(latent, strength)]).steered]].mean()
        )

    assert mean_activation(0.75) > mean_activation(0.0)
    found = ask(engine, query, [(latent, 0.75)], count=60)
    by_row = {row.row: row for row in found.steered}
    assert [r.rank for r in found.steered] == list(range(1, 61))
    for place, plain in enumerate(found.plain):
        assert by_row[plain.row].rank_before == plain.rank == place + 1
        assert found.ranks_after[place] == by_row[plain.row].rank
    risen = [row for row in found.steered if row.rank < (row.rank_before or 99)]
    fallen = [row for row in found.steered if row.rank > (row.rank_before or 0)]
    directions = engine.sae.decoder[latent]
    values = np.asarray(engine.vectors.values) @ directions
    assert values[[r.row for r in risen]].mean() > values[[r.row for r in fallen]].mean()


def test_filters_hold_for_plain_and_steered(engine: SearchEngine, query) -> None:
    found = ask(engine, query, [(0, 0.5)], categories={"category": ("Biology",)})
    assert found.passed == 10
    assert len(found.steered) == len(found.plain) == 10
    for row in (*found.plain, *found.steered):
        assert row.document.fields["category"] == "Biology"
    with pytest.raises(NothingToSearch, match="No document passes the filter"):
        ask(engine, query, categories={"category": ("Nothing",)})


def test_documents_that_were_shown_are_not_read_again(
    engine: SearchEngine, query, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    rows = engine._project.documents.rows
    monkeypatch.setattr(
        engine._project.documents, "rows", lambda ids: read.extend(map(int, ids)) or rows(ids)
    )
    first = ask(engine, query, count=5)
    read.clear()
    again = ask(engine, query, count=8)
    shown = {row.document.id for row in first.plain}
    assert sorted(read) == sorted({row.document.id for row in again.plain} - shown)
    assert again.plain[:5] == first.plain


def test_empty_queries_and_unknown_features(engine: SearchEngine) -> None:
    for text in ("", "  \n"):
        with pytest.raises(NothingToSearch):
            engine.take_apart(text)
    with pytest.raises(BadInput, match="no feature 24; they are numbered 0 to 23"):
        check_strengths(((24, 0.5),), 24)
    with pytest.raises(BadInput, match="Train an SAE"):
        check_strengths(((0, 0.5),), 0)
    assert check_strengths(((3, 0.0), (2, 0.5)), 24).strengths == ((2, 0.5),)


def test_hostile_queries_are_only_text(engine: SearchEngine) -> None:
    for text in ('"; DROP TABLE documents; --', "\x00\x1b[2J", "🦆" * 500, "a" * 100_000):
        found = engine.answer(text, engine.take_apart(text), SteeringPlan())
        assert len(found.plain) == 10


def test_a_document_is_nearest_to_itself(engine: SearchEngine) -> None:
    found = engine.answer("", engine.document_query(17), SteeringPlan())
    assert found.plain[0].row == 17
    assert found.plain[0].score == pytest.approx(1, abs=1e-5)


def test_vectors_of_another_model_are_not_searched_with_this_one(project_copy: Path) -> None:
    path = project_copy / "project.json"
    text = path.read_text("utf-8")
    with Project.open(project_copy, read_only=True) as project:
        fingerprint = project.current("vectors").inputs["model_fingerprint"]
    path.write_text(text.replace(fingerprint, "0" * len(fingerprint)), "utf-8")
    with Project.open(project_copy, read_only=True) as project:
        loaded = open_sae(project, project.current("saes"))
        with pytest.raises(ModelProblem, match="Embed the documents again"):
            SearchEngine(project, loaded.vectors, loaded).take_apart("x")


def test_the_library_opens_a_project_for_reading(project_copy: Path) -> None:
    with saedesk.open_project(project_copy) as project:
        assert project.name == "abstracts"
        assert project.vectors.shape == (60, 384)
        assert len(project.document_ids) == project.documents.count() == 60
        assert list(project.saes) == ["Run 1"]
        features = project.features()
        assert len(features) == 24
        assert sum(f.documents for f in features) > 60
        plain = project.search(QUERY, count=5)
        steered = project.search(QUERY, {features[0].id: 0.5}, count=5)
        assert len(plain.plain) == 5
        assert steered.cosine < 1
        assert "60 documents" in repr(project)
        with pytest.raises(BadInput):
            project.search(QUERY, {999: 1.0})


# -- documents as the query ----------------------------------------------------------------------


def test_documents_are_a_query_and_are_left_out_of_its_results(engine: SearchEngine) -> None:
    values = np.array(engine.vectors.values, np.float64)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    ids = np.asarray(engine.vectors.document_ids)
    for rows in ([17], [3, 17, 40]):
        like = ids[rows].tolist()
        found = engine.answer(
            "", engine.documents_query(like), SteeringPlan(), 60, DocumentFilter(), like
        )
        scores = values @ values[rows].mean(axis=0)
        expected = [row for row in np.argsort(-scores) if row not in rows]
        assert [row.row for row in found.plain] == expected
        assert [row.rank for row in found.plain] == list(range(1, 61 - len(rows)))
        assert found.like == tuple(like)
        assert found.passed == 60 - len(rows)
    steered = engine.answer(
        "", engine.documents_query(like), SteeringPlan(((0, 0.7),)), 60, DocumentFilter(), like
    )
    assert not {row.row for row in steered.steered} & set(rows)
    for row in steered.steered:
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
        assert row.rank_before == 1 + [r.row for r in steered.plain].index(row.row)


def test_the_features_of_one_document_are_its_own(engine: SearchEngine) -> None:
    codes = engine.sae.activations.to_csr()[23].toarray()[0]
    query = engine.documents_query([int(engine.vectors.document_ids[23])])
    assert set(query.latents.tolist()) == set(np.flatnonzero(codes).tolist())
    assert np.allclose(query.values, codes[query.latents], atol=1e-5)


def test_a_document_without_a_vector_is_named(engine: SearchEngine) -> None:
    with pytest.raises(NothingToSearch, match="no usable vector of document 9999"):
        engine.documents_query([9999])
    with pytest.raises(NothingToSearch, match="Choose a document"):
        engine.documents_query([])


def unknown_encoder(folder: Path, **changed: str) -> None:
    """Rewrite the record of the vectors as that of vectors that somebody brought."""
    path = folder / "project.json"
    content = json.loads(path.read_text("utf-8"))
    for record in content["artifacts"]:
        if record["kind"] == "vectors":
            record["inputs"] |= {"imported": "00", "model": "", "model_fingerprint": "", **changed}
    path.write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "nobody has said which encoder"),
        ({"model": "acme/vectors-2"}, "“acme/vectors-2”.*not on this computer"),
        ({"model": "acme/v", "model_fingerprint": "0" * 16}, "“acme/v”.*not on this computer"),
    ],
)
def test_without_the_encoder_documents_can_still_be_searched_with(
    project_copy: Path, changed: dict[str, str], said: str
) -> None:
    unknown_encoder(project_copy, **changed)
    with Project.open(project_copy, read_only=True) as project:
        loaded = open_sae(project, project.current("saes"))
        engine = SearchEngine(project, loaded.vectors, loaded)
        for attempt in (engine.prepare, lambda: engine.take_apart("dark matter")):
            with pytest.raises(ModelProblem, match=said):
                attempt()
        assert bool(engine.text_problem) == ("model_fingerprint" not in changed)
        query = engine.documents_query([5])
        assert len(query.latents)
        assert len(engine.answer("", query, SteeringPlan(), like=(5,)).plain) == 10
