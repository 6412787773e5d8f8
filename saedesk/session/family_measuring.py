"""What is known of how families hold together, and finding it out again after edits."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families.edited_families import ShownFamily, with_edits
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_metrics import FamilyMeasures, GroupingMeasures
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.shown_families import FamilyReading, MeasuredFamily
from saedesk.session.family_editor import FamilyEditor
from saedesk.session.lane_jobs import LaneJob, label_and_measure
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl

NOTHING_TO_MEASURE = "Find the families first; they can be measured then."
MEASURE_AFTER_MS = 2000
"""How long nothing is edited before edited families are measured again: several edits follow one
another within a second or two."""


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
        self._labels: dict[int, FamilyLabel] = {}
        self._measuring: Task | None = None
        self._delay = QTimer(self, singleShot=True, interval=MEASURE_AFTER_MS)
        self._delay.timeout.connect(self._measure_what_is_missing)
        self._count = LaneQuestion(session, "Counting the documents of a family", self)
        self._count.answered.connect(self._on_counted)
        self._count.failed.connect(self._refuse)

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

    # -- measuring ---------------------------------------------------------------------------

    @property
    def is_measuring(self) -> bool:
        """Whether labels and measures of the families are being made, or wait for their turn."""
        return self._measuring is not None

    @property
    def measures_missing(self) -> int:
        """How many of the stored families, as they were edited, lack a label or measures."""
        families = self._stored_families()
        return sum(not self._reading.is_complete(one) for one in families)

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

    def _stored_families(self) -> tuple[ShownFamily, ...]:
        return with_edits(self._reading.found, self._edits)

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


class _DocumentCount:
    """One question: how many documents has a family?"""

    def __init__(self, activations: SparseActivations, family: ShownFamily) -> None:
        self._activations, self._family = activations, family

    def __call__(self, control: TaskControl) -> tuple[int, int]:
        control.checkpoint()
        family = self._family
        return family.root, len(family_documents(self._activations, family.root, family.children))
