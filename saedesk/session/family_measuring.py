"""What is known of how families hold together, and finding it out again after edits."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily, with_edits
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_metrics import FamilyMeasures, GroupingMeasures
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.find_families import FamiliesRequest, stored_bytes
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.shown_families import FamilyReading, MeasuredFamily, read_all
from saedesk.project.project_folder import Project
from saedesk.session.family_editor import FamilyEditor
from saedesk.session.lane_jobs import LaneJob, label_and_measure
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl, Unattended

NOTHING_TO_MEASURE = "Find the families first; they can be measured then."
MEASURE_AFTER_MS = 2000
"""How long nothing is edited before edited families are measured again: several edits follow one
another within a second or two."""

READ_AT_ONCE = 1 << 20
"""Bytes of stored families that the window reads itself, which takes a tenth of a second with all
that was measured of them; of more, the query lane does (5,000 families with 20 features take a
second)."""


class MeasuredFamilyEditor(FamilyEditor):
    """The part of `FamilyBook` that labels and measures."""

    measures_changed = Signal()
    """Labels, scores, measures or stability are other ones."""
    measuring_changed = Signal()
    """`is_measuring` is another."""
    documents_counted = Signal(int, int)
    """Root of a family and how many documents it has."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._reading = FamilyReading()
        self._missing: tuple[FamilyReading, dict[int, FamilyEdit], int] = self._reading, {}, 0
        self._labels: dict[int, FamilyLabel] = {}
        self._measuring: Task | None = None
        self._delay = QTimer(self, singleShot=True, interval=MEASURE_AFTER_MS)
        self._delay.timeout.connect(self._measure_what_is_missing)
        self._count = LaneQuestion(session, "Counting the documents of a family", self)
        self._count.answered.connect(self._on_counted)
        self._count.failed.connect(self._refuse)
        self._reader = LaneQuestion(session, "Reading the families", self)
        self._reader.answered.connect(self._on_read)
        self._reader.failed.connect(self._refuse)

    # -- reading -----------------------------------------------------------------------------

    def label(self, root: int) -> FamilyLabel | None:
        """The label of a family, or the name a person gave it; None before it was labelled.

        The score is None where the family or its name is another one than was scored.
        """
        return self._labels.get(root)

    def measures(self, root: int) -> FamilyMeasures | None:
        """What was measured of a family; None where it has other members now, or before."""
        known = self._measured(root)
        return None if known is None else known.measures

    @property
    def grouping(self) -> GroupingMeasures | None:
        """What was measured last of all stored families together; None before."""
        return self._reading.grouping

    def stability(self, root: int) -> float | None:
        """Share of replicates that have the family, 0 to 1; None where it was not measured."""
        known = self._measured(root)
        return None if known is None else known.stability

    def edge_stability(self, root: int) -> Mapping[tuple[int, int], float]:
        """Share of replicates that have each edge (parent, child); empty where not measured."""
        known = self._reading.measured.get(root)
        return {} if known is None else known.edges

    def _measured(self, root: int) -> MeasuredFamily | None:
        family = self._by_root.get(root)
        return None if family is None else self._reading.measures_of(family)

    def _read_stored(self, project: Project, sae: LoadedSae) -> FamilyReading | None:
        """All that is stored; None where it is so much that the lane reads it (see `_on_read`).

        What cannot be read is told.
        """
        read = _Reading(project, sae)
        try:
            if stored_bytes(project, sae.hash) > READ_AT_ONCE:
                self._reader.ask(read)
                return None
            return read(Unattended())
        except KnownError as error:
            self._refuse(error.sentence)
            return FamilyReading()

    def _on_read(self, reading: FamilyReading) -> None:
        """Show what the lane read."""
        raise NotImplementedError

    # -- measuring ---------------------------------------------------------------------------

    @property
    def is_measuring(self) -> bool:
        """Whether labels and measures of the families are being made, or wait for their turn."""
        return self._measuring is not None

    @property
    def measures_missing(self) -> int:
        """How many of the stored families, as they were edited, lack a label or measures.

        Counted once: a threshold that is tried changes nothing that is stored.
        """
        reading, edits, missing = self._missing
        if reading is not self._reading or edits != self._edits:
            families = with_edits(self._reading.found, self._edits)
            missing = sum(not self._reading.is_complete(one) for one in families)
            self._missing = self._reading, dict(self._edits), missing
        return missing

    def measure(self) -> None:
        """Label and measure the stored families as they were edited (compute lane)."""
        stored = self._reading.stored
        if stored is None:
            self._refuse(NOTHING_TO_MEASURE)
        else:
            self._measure_families_of(stored.sae.hash)

    def count_documents(self, root: int) -> None:
        """Ask for the documents of a family; `documents_counted` has the newest answer."""
        family, measured = self._by_root.get(root), self.measures(root)
        if measured is not None:
            self._count.drop()
            self.documents_counted.emit(root, measured.documents)
        elif family is not None and self._sae is not None:
            self._count.ask(_DocumentCount(self._sae.activations, family))

    def _measure_families_of(self, sae: str) -> None:
        """Of the SAE with this hash, in use or not; what was begun before is given up."""
        try:
            project = self._session.writable_project()
        except KnownError as error:
            self._refuse(error.sentence)
            return
        self._delay.stop()
        is_shown = self._sae is not None and self._sae.hash == sae
        if is_shown and self._measuring is not None:
            self._measuring.cancel()
        work = LaneJob(label_and_measure, project, FamiliesRequest(sae))
        task = self._session.run("Measuring the families", work, self._on_stored)
        if is_shown:
            self._measuring = task
            task.ended.connect(self._on_measuring_ended)
            self.measuring_changed.emit()

    def _measure_soon(self) -> None:
        """Measure what is missing once nothing more is edited; never in a read-only project."""
        project = self._session.project
        if project is None or project.read_only or self._reading.stored is None:
            return
        if self.measures_missing:
            self._delay.start()
        else:
            self._delay.stop()

    def _forget_measuring(self) -> None:
        """Another SAE is shown; what is measured of the one before goes on."""
        self._delay.stop()
        self._count.drop()
        self._reader.drop()
        if self._measuring is not None:
            self._measuring = None
            self.measuring_changed.emit()

    @Slot()
    def _measure_what_is_missing(self) -> None:
        if self._session.project is not None and self.measures_missing:
            self.measure()

    @Slot(object)
    def _on_measuring_ended(self, _: object) -> None:
        if self.sender() is self._measuring:
            self._measuring = None
            self.measuring_changed.emit()

    @Slot(object)
    def _on_counted(self, answer: tuple[int, int]) -> None:
        self.documents_counted.emit(*answer)

    def _on_stored(self, reading: FamilyReading) -> None:
        """Show what a job stored."""
        raise NotImplementedError


class _Reading:
    """One question: what is stored of the families of an SAE?"""

    def __init__(self, project: Project, sae: LoadedSae) -> None:
        self._project, self._sae = project, sae

    def __call__(self, control: TaskControl) -> FamilyReading:
        control.checkpoint()
        return read_all(self._project, self._sae.hash, self._sae.n_latents)


class _DocumentCount:
    """One question: how many documents has a family?"""

    def __init__(self, activations: SparseActivations, family: ShownFamily) -> None:
        self._activations, self._family = activations, family

    def __call__(self, control: TaskControl) -> tuple[int, int]:
        control.checkpoint()
        family = self._family
        return family.root, len(family_documents(self._activations, family.root, family.children))
