"""Analysing with another encoder: stored beside the first, used by features and queries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.jobs import analyse_features, compare_encoders, label_features
from saedesk.jobs.analyse_features import AnalyseRequest, activation_inputs, sae_to_use
from saedesk.jobs.compare_encoders import CompareEncodersRequest, rows_to_measure
from saedesk.jobs.label_features import LabelRequest
from saedesk.jobs.loaded_sae import LoadedSae, open_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.project_folder import Project
from saedesk.sae.encoders import encoders
from saedesk.sae.encoders.encoder_fidelity import EncoderFidelity
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_rows import TrainingRows
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import K, Listener, train_request


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def analyse(project: Project, encoder: str = "", **settings: float) -> LoadedSae:
    request = AnalyseRequest(device="cpu", encoder=encoder, settings=settings)
    analyse_features.run(project, request, Unattended())
    return opened(project)


def opened(project: Project) -> LoadedSae:
    sae = open_sae(project, sae_to_use(project))
    assert sae is not None
    return sae


@pytest.mark.parametrize("name", ["threshold", "matching_pursuit", "optimised"])
def test_an_analysis_holds_the_codes_of_its_encoder(project: Project, name: str) -> None:
    own = opened(project)
    sae = analyse(project, name)
    assert sae.encoder.name == name
    weights = load_sae(project.path_of(sae.record))
    expected = weights.encode(sae.vectors.values, encoder=name)
    np.testing.assert_allclose(sae.activations.to_csr().toarray(), expected.toarray(), atol=1e-6)
    assert (own.activations.to_csr() != sae.activations.to_csr()).nnz
    assert sae.statistics.count.sum() == expected.nnz
    assert encoders().get(name).title.lower() in sae.describe()


def test_analyses_stand_beside_each_other_and_the_last_one_is_used(project: Project) -> None:
    before = project.artifacts("activations")
    own = opened(project)
    assert own.encoder.name == "own"
    analyse(project, "matching_pursuit")
    assert [a.hash for a in before] == [a.hash for a in project.artifacts("activations")][:1]
    # Nothing is said: as before.
    assert analyse(project).encoder.name == "matching_pursuit"
    assert len(project.artifacts("activations")) == 2
    label_features.run(project, LabelRequest(), Unattended())
    assert len(project.artifacts("activations")) == len(project.artifacts("statistics")) == 2
    with Project.open(project.folder, read_only=True) as again:
        assert opened(again).encoder.name == "matching_pursuit"
    back = analyse(project, "own")
    assert back.encoder.name == "own"
    assert len(project.artifacts("activations")) == 2
    assert (back.activations.to_csr() != own.activations.to_csr()).nnz == 0


def test_other_settings_are_another_analysis(project: Project) -> None:
    few = analyse(project, "matching_pursuit", steps=2)
    assert int(np.diff(few.activations.document_offsets).max()) == 2
    more = analyse(project, "matching_pursuit", steps=6)
    assert int(np.diff(more.activations.document_offsets).max()) > 2
    assert len(project.artifacts("activations")) == 3
    with pytest.raises(BadSetting, match="“k” is no setting of the encoder “threshold”"):
        analyse(project, "threshold", k=3)
    with pytest.raises(BadSetting, match="Name the encoder"):
        analyse(project, steps=3)


def test_the_own_encoder_is_not_named_among_the_inputs(project: Project) -> None:
    """Projects from before there were other encoders find their analysis again."""
    (activations,) = project.artifacts("activations")
    record, vectors = sae_to_use(project), project.current("vectors")
    assert vectors is not None
    assert activations.inputs == activation_inputs(record, vectors)
    assert set(activations.inputs) == {"sae", "vectors", "algorithm"}
    assert "encoder" not in activations.summary
    analyse(project, "own")
    assert project.artifacts("activations") == [activations]


def test_a_removed_analysis_is_no_longer_in_use(project: Project) -> None:
    analyse(project, "matching_pursuit")
    record = sae_to_use(project)
    chosen = project.current("activations", of=record.hash)
    assert chosen is not None
    assert opened(project).activations.n_active == chosen.summary["active"]
    analyse_features.remove_analysis(project, chosen)
    assert opened(project).encoder.name == "own"
    content = json.loads((project.folder / "project.json").read_text())
    assert set(content["current"]) == {"saes", "vectors"}


@pytest.mark.parametrize("name", list(encoders()))
def test_queries_are_taken_apart_with_the_encoder_of_the_analysis(
    project: Project, name: str
) -> None:
    sae = analyse(project, name)
    engine = SearchEngine(project, sae.vectors, sae)
    engine.prepare()
    for row in range(6):
        query = engine.document_query(row)
        latents, values = sae.activations.document(row)
        assert query.latents.tolist() == latents.tolist()
        np.testing.assert_allclose(query.values * query.length, values, atol=2e-5)
    answer = engine.answer("", query, SteeringPlan(((3, 0.4),)), 5)
    for found in answer.steered:
        parts = sum(part.value for part in found.contributions)
        assert parts == pytest.approx(found.score, abs=1e-5)


@pytest.mark.parametrize("kind", ["unit", "centred", "per-dimension"])
def test_a_normalised_input_is_undone_in_search(project: Project, kind: str) -> None:
    from saedesk.jobs import train_sae

    request = train_request(input_normalisation=kind, epochs=4)
    train_sae.run(project, request, Unattended())
    sae = analyse(project)
    engine = SearchEngine(project, sae.vectors, sae)
    weights = load_sae(project.path_of(sae.record))
    np.testing.assert_allclose(np.linalg.norm(sae.directions, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(sae.decoder, weights.decoder)
    engine.prepare()
    query = engine.document_query(4)
    assert query.latents.tolist() == sae.activations.document(4)[0].tolist()
    np.testing.assert_allclose(query.values, sae.activations.document(4)[1], rtol=1e-4)
    # What is left beside the features is the pre-bias and what the SAE does not rebuild.
    codes = weights.encode(query.vector)
    rest = query.vector - (weights.decode(codes)[0] - weights.pre_bias)
    np.testing.assert_allclose(query.rest, rest, atol=1e-5)
    latent = int(query.latents[0])
    answer = engine.answer("", query, SteeringPlan(((latent, float(query.values[0])),)), 5)
    moved = query.vector + query.values[0] * sae.decoder[latent]
    moved /= np.linalg.norm(moved)
    assert answer.cosine == pytest.approx(float(moved @ query.vector), abs=1e-5)
    for found in answer.steered:
        document = sae.vectors.values[found.row]
        score = float(moved @ document / np.linalg.norm(document))
        assert found.score == pytest.approx(score, abs=1e-5)
        parts = sum(part.value for part in found.contributions)
        assert parts == pytest.approx(found.score, abs=1e-5)


def test_the_fidelity_of_every_encoder(project: Project) -> None:
    listener = Listener()
    found = compare_encoders.run(project, CompareEncodersRequest(device="cpu"), listener)
    assert list(found) == listener.partials
    assert found[0].encoder == "own"
    assert {f.encoder for f in found} == set(encoders())
    sae = opened(project)
    weights = load_sae(project.path_of(sae.record))
    rows = rows_to_measure(sae.record, sae.vectors, 2000, 0)
    x = np.array(sae.vectors.values[rows], np.float64)
    for fidelity in found:
        codes = weights.encode(
            sae.vectors.values[rows], encoder=fidelity.encoder, settings=fidelity.settings
        )
        rebuilt = weights.decode(codes).astype(np.float64)
        fvu = ((rebuilt - x) ** 2).sum() / ((x - x.mean(0)) ** 2).sum()
        lengths = np.linalg.norm(rebuilt, axis=1) * np.linalg.norm(x, axis=1)
        assert fidelity.fvu == pytest.approx(fvu, rel=1e-3)
        assert fidelity.cosine == pytest.approx(((rebuilt * x).sum(1) / lengths).mean(), abs=1e-4)
        assert fidelity.l0 == pytest.approx(codes.nnz / len(rows), abs=1e-6)
        assert fidelity.rows == len(rows)
        assert fidelity.seconds_per_1000 > 0
    by_name = {f.encoder: f for f in found}
    assert by_name["optimised"].fvu < by_name["own"].fvu
    assert by_name["matching_pursuit"].settings["steps"] == K


def test_fidelity_is_measured_on_documents_the_training_never_saw(project: Project) -> None:
    sae = opened(project)
    rows = rows_to_measure(sae.record, sae.vectors, 2000, 0)
    config = train_request().config
    split = TrainingRows(
        np.array(sae.vectors.values), batch_size=8, seed=config.seed,
        held_out_share=as_json(config)["held_out_share"],
    )  # fmt: skip
    assert rows.tolist() == split.held_out.tolist()
    assert len(rows_to_measure(sae.record, sae.vectors, 3, 1)) == 3


def test_a_comparison_can_be_cancelled_and_stores_nothing(project: Project) -> None:
    before = sorted(project.folder.rglob("*"))
    with pytest.raises(Cancelled):
        compare_encoders.run(project, CompareEncodersRequest(device="cpu"), Listener(cancel_at=4))
    found = compare_encoders.run(
        project, CompareEncodersRequest(encoders=("own",), rows=2, device="cpu"), Unattended()
    )
    assert isinstance(found[0], EncoderFidelity)
    assert found[0].rows == 2
    assert sorted(project.folder.rglob("*")) == before
    with pytest.raises(BadSetting, match="between 1 and 2,000"):
        compare_encoders.run(project, CompareEncodersRequest(rows=5000), Unattended())
