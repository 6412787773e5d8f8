"""Several SAEs in one queue: the same bits as alone, one pass, and no failure takes the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.errors import BadSetting, KnownError, OutOfRoom
from saedesk.jobs import train_grid, train_sae, training_room
from saedesk.jobs.curve_parts import CurvePart, RunStored
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest, grid_of
from saedesk.jobs.unfinished_trainings import unfinished_trainings
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae import training
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.sae.training_rows import TrainingRows
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, train_request

STEPS = 18


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def base(**settings) -> TrainRequest:
    return train_request(**{"epochs": 6, "seed": 7, **settings})


def three() -> tuple[TrainRequest, ...]:
    return grid_of(base(), n_latents=(16, 24, 40))


def run(project: Project, requests, control=None) -> tuple[ArtifactRecord, ...]:
    return train_grid.run(project, TrainGridRequest(tuple(requests)), control or Unattended())


def weights(project: Project, record: ArtifactRecord) -> bytes:
    return project.path_of(record, "sae.safetensors").read_bytes()


def trained_alone(project: Project, requests) -> dict[str, bytes]:
    found = {}
    for request in requests:
        record = train_sae.run(project, request, Unattended())
        found[record.hash] = weights(project, record)
        project.remove(record)
    return found


def names(records) -> list[str]:
    return [record.summary["name"] for record in records]


def checkpoints(project: Project) -> int:
    return len(list((project.folder / "saes").glob(".partial-*/checkpoint.safetensors")))


def test_a_grid_gives_the_same_bits_as_single_trainings_in_one_pass(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = trained_alone(project, three())
    read: list[int] = []
    batch = TrainingRows.batch

    def counted(self: TrainingRows, step: int):
        read.append(step)
        return batch(self, step)

    monkeypatch.setattr(TrainingRows, "batch", counted)
    listener = Listener()
    records = run(project, three(), listener)
    assert read == list(range(STEPS))
    assert {record.hash: weights(project, record) for record in records} == alone
    assert names(records) == ["Run 2", "Run 3", "Run 4"]
    assert [record.summary["n_latents"] for record in records] == [16, 24, 40]
    told = [part.record for part in listener.partials if isinstance(part, RunStored)]
    assert told == list(records)
    for record in records:
        name = record.summary["name"]
        parts = [p for p in listener.partials if isinstance(p, CurvePart) and p.run == name]
        steps = [step for part in parts for step in part.steps]
        assert steps == train_sae.read_curve(project, record)
    assert listener.reports[-1].done == listener.reports[-1].total == 3 * STEPS
    assert not list((project.folder / "saes").glob(".partial-*"))


def test_a_stopped_grid_goes_on_and_ends_with_the_same_bits(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", 1e9)
    alone = trained_alone(project, three())
    with pytest.raises(Cancelled):
        run(project, three(), Listener(cancel_at=9))
    assert checkpoints(project) == 3
    assert [t.name for t in unfinished_trainings(project)] == ["Run 2", "Run 3", "Run 4"]
    # One of them goes on alone first, so the others are behind it no more than before.
    first = train_sae.run(project, three()[1], Unattended())
    records = run(project, three())
    assert records[1] == first
    assert {record.hash: weights(project, record) for record in records} == alone
    assert names(records) == ["Run 2", "Run 3", "Run 4"]
    assert unfinished_trainings(project) == []


def test_what_is_trained_already_is_found(project: Project) -> None:
    known = train_sae.run(project, three()[0], Unattended())
    listener = Listener()
    records = run(project, three(), listener)
    assert records[0] == known
    assert listener.reports[-1].total == 2 * STEPS
    again = Listener()
    assert run(project, three(), again) == records
    assert again.reports == []


def test_other_batches_follow_in_a_pass_of_their_own(project: Project) -> None:
    requests = (*three()[:2], base(batch_size=12), base(seed=8))
    assert [len(part) for part in train_grid.passes_of(requests)] == [2, 1, 1]
    listener = Listener()
    assert len(run(project, requests, listener)) == 4
    done = [report.done for report in listener.reports]
    assert done == sorted(done)
    assert done[-1] == listener.reports[-1].total


def test_stop_and_keep_stores_what_has_begun_and_begins_no_more(project: Project) -> None:
    requests = (*three()[:2], base(seed=8))
    records = run(project, requests, Listener(keep_at=8))
    assert [record.inputs["stopped_at_step"] for record in records] == [7, 7]
    assert not any(record.summary["settled"] for record in records)
    assert not list((project.folder / "saes").glob(".partial-*"))


def test_a_training_that_settles_is_stored_before_the_others(project: Project) -> None:
    patient = base(epochs=40, learning_rate=3e-2, early_stopping_epochs=4)
    long = replace(patient, config=replace(patient.config, early_stopping_epochs=0))
    listener = Listener()
    settled, whole = run(project, (patient, long), listener)
    assert settled.summary["settled"]
    assert settled.summary["steps"] < settled.summary["steps_done"] < 120
    assert not whole.summary["settled"]
    assert whole.summary["steps"] == 120
    at = {p.record.hash: i for i, p in enumerate(listener.partials) if isinstance(p, RunStored)}
    last = max(i for i, p in enumerate(listener.partials) if isinstance(p, CurvePart))
    assert at[settled.hash] < last < at[whole.hash]
    curve = {step.step: step.fvu for step in train_sae.read_curve(project, settled)}
    assert settled.summary["fvu"] == curve[settled.summary["steps"]]
    assert settled.summary["precision"] in ("float32", "bfloat16", "int8")


def test_a_failure_is_named_and_the_others_are_stored(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = SaeTrainer._update

    def spoil(self: SaeTrainer, gradients) -> None:
        if self.config.n_latents == 24:
            gradients = {name: tensor * float("nan") for name, tensor in gradients.items()}
        update(self, gradients)

    monkeypatch.setattr(SaeTrainer, "_update", spoil)
    with pytest.raises(KnownError, match=r"^Run 3: .* no longer a number.* other 2 are stored"):
        run(project, three())
    assert names(project.artifacts("saes")) == ["Run 1", "Run 2", "Run 4"]
    assert not list((project.folder / "saes").glob(".partial-*"))


def test_only_the_first_of_a_grid_is_put_in_use(project: Project) -> None:
    quiet = [replace(one, put_in_use=False) for one in three()]
    before = project.current("saes")
    run(project, quiet[:1])
    assert project.current("saes") == before
    records = run(project, [quiet[0], *three()[1:]])
    assert project.current("saes") == records[1]


def test_the_room_is_that_of_all_together(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_room, "_free_memory", lambda device: 1_000_000)
    with pytest.raises(OutOfRoom, match=r"these 3 SAEs together need .* 1.0 MB are free"):
        run(project, three())
    assert names(project.artifacts("saes")) == ["Run 1"]
    run(project, three()[:1])


def test_an_empty_grid_is_said(project: Project) -> None:
    with pytest.raises(BadSetting, match="grid is empty"):
        run(project, ())


def test_the_forecast_and_its_error_are_kept(project: Project) -> None:
    (record,) = run(project, three()[:1])
    before, error = record.summary["forecast"], record.summary["forecast_error"]
    assert before["seconds"] > 0
    assert before["size_bytes"] == 2 * 16 * 384 * 4
    low, likely, high = before["fvu"]
    assert low < likely < high
    assert error["fvu"] == pytest.approx(record.summary["fvu"] / likely, rel=1e-3)
    assert error["seconds"] == pytest.approx(
        record.summary["seconds"] / before["seconds"], rel=0.01
    )


# -- grid_of -----------------------------------------------------------------------------------


def test_every_combination_once() -> None:
    found = grid_of(base(), n_latents=(16, 24), k=(2, 4, 4))
    assert [(one.config.n_latents, one.config.k) for one in found] == [
        (16, 2),
        (16, 4),
        (24, 2),
        (24, 4),
    ]
    assert [one.preset for one in found] == ["", "", "", "Quick look"]
    assert grid_of(base()) == (base(),)


def test_every_architecture_takes_the_sparsity_of_the_grid() -> None:
    every = tuple(architectures())
    found = grid_of(base(), k=(2, 5), architectures=every)
    for one in found:
        one.config.check()
        assert type(one.config) is architectures().get(one.architecture).Config
        assert one.config.batch_size == 20
    for name in every:
        own = [one.config for one in found if one.architecture == name]
        sparsity = architectures().get(name).settings_for_sparsity
        if sparsity(2) != sparsity(5):
            assert len(own) == 2
        if hasattr(own[0], "k"):
            assert [config.k for config in own] == [2, 5]


def test_a_combination_that_cannot_be_trained_is_named() -> None:
    with pytest.raises(BadSetting, match="TopK, 16 features, k 20: k is 20"):
        grid_of(base(), n_latents=(24, 16), k=(4, 20))
    with pytest.raises(BadSetting, match="nothing: There is no architecture"):
        grid_of(base(), architectures=("topk", "nothing"))
