from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.corpus_input import InputRequest
from saedesk.corpus.document import ColumnRole, ColumnUse
from saedesk.errors import BadInput, BadSetting, KnownError
from saedesk.jobs import (
    analyse_features,
    build_index,
    import_documents,
    label_features,
    train_sae,
)
from saedesk.jobs.analyse_features import AnalyseRequest, activation_inputs, sae_to_use
from saedesk.jobs.build_index import IndexRequest
from saedesk.jobs.import_documents import ImportRequest
from saedesk.jobs.label_features import LabelRequest
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.train_sae import CurvePart, read_curve
from saedesk.jobs.unfinished_trainings import next_run_name
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae import training
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import FEATURES, K, Listener, embed, train_request


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def train(project: Project, control=None, **settings) -> ArtifactRecord:
    settings = {"epochs": 6, "seed": 7, **settings}
    return train_sae.run(project, train_request(**settings), control or Unattended())


def comparable(project: Project, record: ArtifactRecord) -> tuple:
    curve = [{**vars(step), "examples_per_second": 0} for step in read_curve(project, record)]
    weights = project.path_of(record, "sae.safetensors").read_bytes()
    return weights, project.path_of(record, "config.json").read_bytes(), curve


def analyse(project: Project) -> ArtifactRecord:
    return analyse_features.run(project, AnalyseRequest(device="cpu"), Unattended())


def test_the_finished_training_is_found_again_and_put_in_use(project: Project) -> None:
    first = project.current("saes")
    second = train(project)
    assert project.current("saes") == second
    assert second.summary["name"] == "Run 2"
    assert train_sae.run(project, train_request(), Unattended()) == first
    assert project.current("saes") == first
    assert len(project.artifacts("saes")) == 2
    assert next_run_name(project) == "Run 3"


@pytest.mark.parametrize("cancel_at", [1, 2, 9, 17])
def test_a_cancelled_training_goes_on_and_ends_the_same(
    project: Project, cancel_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", 1e9)
    listener = Listener(cancel_at=cancel_at)
    with pytest.raises(Cancelled):
        train(project, listener)
    assert len(project.artifacts("saes")) == 1
    kept = list((project.folder / "saes").glob(".partial-*/checkpoint.safetensors"))
    assert len(kept) == (cancel_at > 1)
    rest = Listener()
    resumed = train(project, rest)
    assert rest.checkpoints < 18 - cancel_at + 2
    together = comparable(project, resumed)
    project.remove(resumed)
    assert comparable(project, train(project)) == together
    assert not list((project.folder / "saes").glob(".partial-*"))


def test_stop_and_keep_is_an_artifact_of_its_own(project: Project) -> None:
    kept = train(project, Listener(keep_at=8))
    assert kept.summary["steps"] == 7
    assert kept.inputs["stopped_at_step"] == 7
    assert project.current("saes") == kept
    whole = train(project)
    assert whole.hash != kept.hash
    assert whole.summary["steps"] == whole.summary["total_steps"] > 7
    assert len(project.artifacts("saes")) == 3
    assert whole.summary["name"] == "Run 3"
    analyse(project)


def test_the_window_gets_every_point_of_the_curve_once(project: Project) -> None:
    listener = Listener()
    record = train(project, listener)
    parts = [part for part in listener.partials if isinstance(part, CurvePart)]
    published = [step for part in parts for step in part.steps]
    assert published == read_curve(project, record)
    assert {part.total_steps for part in parts} == {record.summary["total_steps"]}


def test_a_damaged_sae_is_made_again(project: Project) -> None:
    record = train(project)
    path = project.path_of(record, "sae.safetensors")
    before = path.read_bytes()
    path.write_bytes(before[:-9])
    assert train(project).hash == record.hash
    assert path.read_bytes() == before


def test_a_loss_that_is_no_number_stops_with_the_step(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Within the ranges of the settings the loss stays finite, so a gradient is spoiled.
    update = SaeTrainer._update

    def spoil(self: SaeTrainer, gradients) -> None:
        update(self, {name: tensor * float("nan") for name, tensor in gradients.items()})

    monkeypatch.setattr(SaeTrainer, "_update", spoil)
    with pytest.raises(KnownError, match=r"no longer a number at step \d+"):
        train(project)
    assert len(project.artifacts("saes")) == 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"k": 99}, "k"), ({"n_latents": 0}, "Features"), ({"epochs": 0}, "Epochs")],
)
def test_settings_out_of_range_are_named(project: Project, settings, sentence: str) -> None:
    with pytest.raises(BadSetting, match=sentence):
        train(project, **settings)


def test_a_batch_larger_than_the_corpus_and_more_features_than_documents(
    project: Project,
) -> None:
    record = train(project, batch_size=500, n_latents=100, epochs=3)
    assert np.isfinite(record.summary["reconstruction_loss"])
    assert np.isfinite(record.summary["fvu"])
    assert analyse(project).summary["n_latents"] == 100


def test_training_needs_vectors(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.saedesk") as empty:
        for job, request in (
            (train_sae.run, train_request()),
            (analyse_features.run, AnalyseRequest()),
            (label_features.run, LabelRequest()),
            (build_index.run, IndexRequest()),
        ):
            with pytest.raises(BadInput, match="yet"):
                job(empty, request, Unattended())


def test_an_sae_is_chosen_by_the_start_of_its_hash(project: Project) -> None:
    first = project.current("saes")
    train(project)
    assert sae_to_use(project, first.hash[:6]) == first
    with pytest.raises(BadInput, match="no single SAE called “zzz”"):
        sae_to_use(project, "zzz")


# -- analysis ----------------------------------------------------------------------------------


def test_activations_are_those_of_the_sae(project: Project) -> None:
    import torch

    from saedesk.sae.formats.saedesk_format import load_sae

    record = project.current("saes")
    loaded = open_sae(project, record)
    assert loaded is not None
    weights = load_sae(project.path_of(record)).parameters
    x = torch.from_numpy(np.array(loaded.vectors.values))
    dense = ((x - weights["pre_bias"]) @ weights["W_enc"].T + weights["b_enc"]).relu().numpy()
    expected = np.zeros_like(dense)
    top = np.argsort(-dense, axis=1)[:, :K]
    np.put_along_axis(expected, top, np.take_along_axis(dense, top, 1), 1)
    assert np.allclose(loaded.activations.to_csr().toarray(), expected, atol=1e-5)
    assert np.array_equal(loaded.statistics.count, (expected > 0).sum(0))
    assert loaded.n_latents == FEATURES
    assert loaded.describe() == f"TopK · k {K} · {FEATURES} features"


@pytest.mark.parametrize("kind", ["activations", "statistics"])
def test_analysing_again_makes_only_what_is_damaged(project: Project, kind: str) -> None:
    statistics = analyse(project)
    before = {p: p.read_bytes() for k in ("activations", "statistics") for p in files(project, k)}
    times = {p: p.stat().st_mtime_ns for p in before}
    assert analyse(project) == statistics
    assert {p: p.stat().st_mtime_ns for p in before} == times
    path = max(files(project, kind), key=lambda p: p.stat().st_size)
    path.write_bytes(before[path][:-1] + bytes([before[path][-1] ^ 1]))
    analyse(project)
    assert {p: p.read_bytes() for p in before} == before


def test_documents_that_came_after_the_training_are_analysed_too(
    project: Project, tmp_path: Path
) -> None:
    before = open_sae(project, sae_to_use(project))
    assert before is not None
    more = tmp_path / "more.csv"
    more.write_text("id,title,abstract\nnew-1,Dark matter,Lensing weighs halos of dark matter.\n")
    uses = (
        ColumnUse("id", ColumnRole.KEY),
        ColumnUse("title", ColumnRole.TITLE),
        ColumnUse("abstract", ColumnRole.TEXT),
    )
    request = ImportRequest(InputRequest((more,), uses, "utf-8", ","))
    import_documents.run(project, request, Unattended())
    embed(project)
    still = open_sae(project, sae_to_use(project))
    assert still is not None
    assert len(still.vectors.values) == len(before.vectors.values)
    analyse(project)
    after = open_sae(project, sae_to_use(project))
    assert after is not None
    assert after.activations.n_documents == len(before.vectors.values) + 1
    latents, _ = after.activations.document(len(before.vectors.values))
    assert len(latents)
    assert len(project.artifacts("activations")) == 2
    label(project)
    assert len(project.artifacts("activations")) == len(project.artifacts("statistics")) == 1


def test_a_zero_vector_has_no_features(project: Project) -> None:
    from saedesk.jobs.analyse_features import _without_bad_rows
    from saedesk.sae.formats.saedesk_format import load_sae

    record = sae_to_use(project)
    vectors = np.array(open_sae(project, record).vectors.values)
    (whole,) = load_sae(project.path_of(record)).encode_chunks(vectors)
    is_bad = np.zeros(len(vectors), bool)
    is_bad[[0, 7]] = True
    left = _without_bad_rows(whole, is_bad)
    assert left.counts[[0, 7]].tolist() == [0, 0]
    ends = np.cumsum(whole.counts)
    expected = np.concatenate([whole.latents[ends[0] : ends[6]], whole.latents[ends[7] :]])
    assert np.array_equal(left.latents, expected)
    assert len(left.values) == left.counts.sum()


def files(project: Project, kind: str) -> list[Path]:
    return sorted((project.folder / kind).glob("*/*"))


def test_a_cancelled_analysis_leaves_nothing_listed(project: Project) -> None:
    train(project)
    known = project.manifest
    with pytest.raises(Cancelled):
        analyse_features.run(project, AnalyseRequest(), Listener(cancel_at=1))
    assert project.manifest == known
    assert open_sae(project, project.current("saes")) is None
    analyse(project)
    assert open_sae(project, project.current("saes")) is not None


# -- labels ------------------------------------------------------------------------------------


def label(project: Project, control=None) -> label_features.LabelResult:
    return label_features.run(project, LabelRequest(), control or Unattended())


def test_labelling_again_changes_nothing(project: Project) -> None:
    sae = project.current("saes").hash
    before = project.labels.current(sae)
    result = label(project)
    assert project.labels.current(sae) == before
    assert all(len(project.labels.history(sae, latent)) == 1 for latent in before)
    assert result.labelled == len(before)
    assert result.labelled + result.kept + result.unlabelled == FEATURES


def test_a_persons_label_is_never_replaced(project: Project) -> None:
    sae = project.current("saes").hash
    project.labels.add(sae, [FeatureLabel(0, "mine", PERSON), FeatureLabel(1, "", PERSON)])
    result = label(project)
    assert result.kept == 2
    assert project.labels.current(sae)[0].text == "mine"
    assert project.labels.current(sae)[1].text == ""


def test_a_label_typed_while_labels_are_made_stays(project: Project) -> None:
    sae = project.current("saes").hash
    latent = min(project.labels.current(sae))
    for known in project.labels.current(sae).values():
        project.labels.put_in_force(sae, known.latent, None)
    current = project.labels.current

    def typing_meanwhile(asked: str):
        answer = current(asked)
        project.labels.add(sae, [FeatureLabel(latent, "typed meanwhile", PERSON)])
        return answer

    project.labels.current = typing_meanwhile  # type: ignore[method-assign]
    label(project)
    assert current(sae)[latent].text == "typed meanwhile"


def test_cancelled_labelling_and_unknown_labellers(project: Project) -> None:
    sae = project.current("saes").hash
    before = project.labels.current(sae)
    with pytest.raises(Cancelled):
        label(project, Listener(cancel_at=2))
    assert project.labels.current(sae) == before
    with pytest.raises(BadSetting, match="no labeler “guess”"):
        label_features.run(project, LabelRequest(labeler="guess"), Unattended())
    train(project)
    with pytest.raises(BadInput, match="not analysed yet"):
        label(project)


# -- index -------------------------------------------------------------------------------------


def test_a_small_project_needs_no_index(project: Project) -> None:
    assert build_index.run(project, IndexRequest(), Unattended()) is None


@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_beside_a_damaged_index_all_is_compared_and_it_is_built_again(
    project: Project, damage: str
) -> None:
    from saedesk.jobs.search_documents import SearchEngine

    record = build_index.run(project, IndexRequest(always=True), Unattended())
    assert record is not None
    assert build_index.run(project, IndexRequest(always=True), Unattended()) == record
    path = max((project.folder / "indexes").glob("*/*"), key=lambda p: p.stat().st_size)
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content[:-50] if damage == "cut" else content)
    loaded = open_sae(project, project.current("saes"))
    engine = SearchEngine(project, loaded.vectors, loaded)
    found = engine.answer("", engine.document_query(3), SteeringPlan())
    assert found.plain[0].row == 3
    assert found.exact
    assert str(path) in engine.index_damage
    # A search writes nothing: building is for whoever reads what is wrong.
    assert project.artifacts("indexes") == [record]
    again = build_index.run(project, IndexRequest(always=True), Unattended())
    assert again is not None
    assert project.is_intact(again)
    engine.renew_index()
    assert engine.index_damage == ""
    found = engine.answer("", engine.document_query(3), SteeringPlan())
    assert found.plain[0].row == 3
    assert not found.exact


def test_activations_are_named_by_what_made_them(project: Project) -> None:
    record = project.current("saes")
    (activations,) = project.artifacts("activations")
    assert activations.inputs == activation_inputs(record, project.current("vectors"))
    assert json.loads((project.folder / "project.json").read_text())["current"] == {
        "saes": record.hash,
        "vectors": record.inputs["vectors"],
    }
