"""The probe of a corpus is made once, kept and cancellable; a finished run has remarks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput
from saedesk.jobs import analyse_features, forecast_training, train_sae
from saedesk.jobs.forecast_training import known_probe, needs_probe, past_runs, probe
from saedesk.jobs.remarks_on_run import remarks_on_run
from saedesk.project.project_folder import Project
from saedesk.resource_files import resource
from saedesk.sae import corpus_probe
from saedesk.sae.architectures import architectures
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.corpus_probe import from_json, probe_corpus, to_json
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, train_request


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


@pytest.fixture
def small_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sixty documents are enough, and a few epochs."""
    monkeypatch.setattr(forecast_training, "FEWEST_DOCUMENTS", 20)
    monkeypatch.setattr(corpus_probe, "EPOCHS", 6)


def test_a_probe_foretells_the_fvu_of_the_sae_of_the_demo() -> None:
    vectors = np.load(resource("demo_vectors") / "vectors.npy")
    shipped = json.loads((resource("demo_sae") / "summary.json").read_text("utf-8"))
    found = probe_corpus(vectors[:2500])
    assert found.law is not None
    told = found.law.fvu(shipped["n_latents"], shipped["k"], len(vectors))
    assert told == pytest.approx(shipped["fvu"], rel=0.15)
    assert from_json(to_json(found)) == found


def test_the_probe_is_kept_and_found_again(
    project: Project, small_probe: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert needs_probe(project)
    made = probe(project, Unattended())
    assert made.points
    assert set(made.step_factors) <= set(architectures())
    assert made.step_factors["topk"] > 0
    assert not needs_probe(project)
    monkeypatch.setattr(forecast_training, "probe_corpus", pytest.fail)
    assert probe(project, Unattended()) == known_probe(project) == made
    project.sweep()
    assert known_probe(project) == made
    vectors = project.current("vectors")
    assert vectors is not None
    for path in (project.folder / "saes").glob(".partial-*/probe.json"):
        path.write_text('{"law": 3}')
    assert known_probe(project) is None
    assert needs_probe(project)


def test_a_cancelled_probe_leaves_nothing(project: Project, small_probe: None) -> None:
    with pytest.raises(Cancelled):
        probe(project, Listener(cancel_at=3))
    assert known_probe(project) is None
    assert not list((project.folder / "saes").glob(".partial-*"))


def test_few_documents_and_no_vectors_are_not_probed(project: Project, tmp_path: Path) -> None:
    assert not needs_probe(project)
    with Project.create(tmp_path / "p.saedesk") as empty:
        assert not needs_probe(empty)
        assert forecast_training.forecast_training(empty, TopKConfig()) is None
        with pytest.raises(BadInput, match="no vectors yet"):
            probe(empty, Unattended())


def test_a_run_tells_the_next_forecast_what_came_true(project: Project) -> None:
    record = train_sae.run(project, train_request(seed=3), Unattended())
    first, run = past_runs(project)
    assert first.fvu is not None
    assert run.fvu == record.summary["fvu"]
    assert run.fvu_ratio == record.summary["forecast_error"]["fvu"]
    assert run.seconds_ratio == record.summary["forecast_error"]["seconds"]
    told = forecast_training.forecast_training(project, train_request(seed=4).config)
    assert told is not None
    assert told.fvu is not None
    # Two runs of this size are known, so it is their mean.
    assert told.fvu[1] == pytest.approx((first.fvu * record.summary["fvu"]) ** 0.5)


# -- remarks on a run --------------------------------------------------------------------------


def test_a_dictionary_that_memorises_is_told_with_both_numbers(project: Project) -> None:
    request = train_request(n_latents=200, k=16, epochs=60, seed=5)
    record = train_sae.run(project, request, Unattended())
    remarks = {remark.kind: remark for remark in remarks_on_run(project, record)}
    told = remarks["memorising"]
    assert told.number >= 1.3
    assert f"{record.summary['fvu']:.3f} on held-out documents" in told.sentence


def test_dead_features_are_counted_in_the_corpus_once_it_is_analysed(project: Project) -> None:
    request = train_request(n_latents=300, k=2, epochs=4, seed=6)
    record = train_sae.run(project, request, Unattended())
    before = {remark.kind: remark for remark in remarks_on_run(project, record)}
    assert "last epoch" in before["dead"].sentence
    statistics = analyse_features.run(
        project, analyse_features.AnalyseRequest(record.hash, "cpu"), Unattended()
    )
    dead = statistics.summary["never_active"]
    after = {remark.kind: remark for remark in remarks_on_run(project, record)}
    assert f"{dead} of 300 features" in after["dead"].sentence
    assert after["dead"].number == pytest.approx(dead / 300)


def test_absorption_names_the_pair(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from saedesk.features.absorption import AbsorbedPair
    from saedesk.jobs import remarks_on_run as module

    record = project.current("saes")
    assert record is not None
    assert "absorption" not in {remark.kind for remark in remarks_on_run(project, record)}
    pairs = [AbsorbedPair(3, 7, 0.4, 20, 18), AbsorbedPair(1, 2, 0.4, 12, 10)]
    monkeypatch.setattr(module, "suspected_absorption", lambda *_: pairs)
    found = {remark.kind: remark for remark in remarks_on_run(project, record)}
    assert found["absorption"].latents == (3, 7)
    assert found["absorption"].number == 2
    assert "18 of 20 documents" in found["absorption"].sentence
