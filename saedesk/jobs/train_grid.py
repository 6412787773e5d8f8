"""Train several SAEs in one queue; those that see the same batches share one pass over the data.

Each is a run of its own, with name, checkpoint and artifact as if it had been trained alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadInput, BadSetting, KnownError
from saedesk.jobs.curve_parts import RunStored
from saedesk.jobs.training_member import Member, checkpoint_inputs, training_inputs
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest
from saedesk.jobs.training_room import require_room_for
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_cost import training_steps
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.jobs.guarded_run import GuardedRun
    from saedesk.sae.training_rows import TrainingRows


def run(
    project: Project, request: TrainGridRequest, control: TaskControl
) -> tuple[ArtifactRecord, ...]:
    """Train and store the SAEs; returns their records in the order of the requests.

    Publishes `CurvePart`s that name their run, and `RunStored` as soon as a run is finished. What
    was trained before is found and not trained again. A cancel keeps a checkpoint of each run, so
    the same requests go on from there; `finish_early` stores those that have begun as they are
    and begins no more. Of the SAEs to be put in use the first is; the first of a project always.

    Raises KnownError for runs that failed, after the others are stored.
    """
    project.check_writable()
    record = project.current("vectors")
    if record is None:
        raise BadInput(f"{project.name} has no vectors yet. Embed its documents first.")
    requests = _one_in_use(request.requests)
    for one in requests:
        one.config.check()
    queue = _Queue(project, record, control)
    waiting = [one for one in requests if not queue.is_finished(one)]
    if waiting:
        vectors = open_vectors(project, record)
        require_room_for(project, waiting, vectors.values.shape)
        queue.train(passes_of(waiting), vectors)
    return tuple(queue.records[_key(one)] for one in requests if _key(one) in queue.records)


def passes_of(requests: Sequence[TrainRequest]) -> list[list[TrainRequest]]:
    """The requests that see the same batches on the same device, together."""
    from saedesk.sae.training import shares_rows

    found: dict[Any, list[TrainRequest]] = {}
    for one in requests:
        found.setdefault((one.device, shares_rows(one.config)), []).append(one)
    return list(found.values())


def _one_in_use(requests: Sequence[TrainRequest]) -> list[TrainRequest]:
    """The requests without doubles; of those to be put in use only the first stays so."""
    if not requests:
        raise BadSetting("The grid is empty. Choose at least one SAE to train.")
    first = next((one for one in requests if one.put_in_use), None)
    single = {_key(one): one for one in reversed(requests)}
    ordered = sorted(single.values(), key=lambda one: requests.index(one))
    return [one if one is first else replace(one, put_in_use=False) for one in ordered]


def _key(request: TrainRequest) -> tuple[str, Any]:
    return request.architecture, request.config


class _Queue:
    """Pass after pass, with one progress for all."""

    def __init__(self, project: Project, vectors: ArtifactRecord, control: TaskControl) -> None:
        self.records: dict[tuple[str, Any], ArtifactRecord] = {}
        self._project, self._vectors, self._control = project, vectors, control
        self._failures: list[tuple[str, KnownError]] = []

    def is_finished(self, request: TrainRequest) -> bool:
        """Whether the SAE is there; it is put in use where that was asked for."""
        inputs = training_inputs(self._vectors, request)
        found = self._project.find_intact("saes", inputs)
        if found is None:
            return False
        self._project.discard_work("saes", checkpoint_inputs(inputs))
        if request.put_in_use:
            self._project.use(found)
        self._note(request, found)
        return True

    def _note(self, request: TrainRequest, record: ArtifactRecord) -> None:
        self.records[_key(request)] = record
        self._control.publish(RunStored(record))

    def train(self, passes: list[list[TrainRequest]], vectors: Vectors) -> None:
        """Train all; raises KnownError at the end for those that failed."""
        members = [[self._begin(one) for one in together] for together in passes]
        usable = len(vectors.values) - len(vectors.not_trained_on)
        lengths = [sum(training_steps(one.config, usable) for one in part) for part in passes]
        done = 0
        try:
            for together, length in zip(members, lengths, strict=True):
                part = _PartOfAll(self._control, done, sum(lengths))
                self._train_together(together, vectors, part)
                done += length
                if self._control.finish_early():
                    break
        finally:
            for member in [member for together in members for member in together]:
                if member.record is None and not member.checkpoint.exists():
                    member.discard()  # It never began, so there is nothing to go on from.
        self._raise_failures([member for together in members for member in together])

    def _begin(self, request: TrainRequest) -> Member:
        return Member(
            self._project,
            self._vectors,
            request,
            self._control,
            lambda record: self._note(request, record),
        )

    def _train_together(
        self, members: list[Member], vectors: Vectors, control: TaskControl
    ) -> None:
        from saedesk.sae.training import rows_for, run_together

        request = members[0].request
        rows = rows_for(
            vectors.values, request.config, device=request.device, excluded=vectors.not_trained_on
        )
        runs = [_guarded(member, rows) for member in members]
        results = run_together(runs, control)
        for member, run_, result in zip(members, runs, results, strict=True):
            if member.record is None and member.failure is None:
                member.store(result, run_.total_steps)

    @staticmethod
    def _raise_failures(members: list[Member]) -> None:
        failed = [member for member in members if member.failure is not None]
        if not failed:
            return
        if len(members) == 1:
            assert failed[0].failure is not None
            raise failed[0].failure
        said = " ".join(f"{member.name}: {member.failure}" for member in failed)
        stored = sum(member.record is not None for member in members)
        others = f"The other {stored} are stored." if stored > 1 else "The other one is stored."
        raise KnownError(f"{said} {others if stored else ''}".strip())


def _guarded(member: Member, rows: TrainingRows) -> GuardedRun:
    from saedesk.jobs.guarded_run import GuardedRun

    return GuardedRun(member, rows)


class _PartOfAll:
    """The control of one pass: its progress is a part of that of the whole queue."""

    def __init__(self, control: TaskControl, before: int, total: int) -> None:
        self._control, self._before, self._total = control, before, total
        self.checkpoint = control.checkpoint
        self.finish_early = control.finish_early
        self.publish = control.publish

    def report(self, progress: Progress) -> None:
        """Steps of the earlier passes count as done."""
        done = self._before + progress.done
        self._control.report(Progress(done, self._total, progress.unit, progress.note))
