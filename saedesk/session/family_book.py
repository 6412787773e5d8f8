"""The families of the SAE in use, kept in memory for panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.edited_families import ShownFamily, with_edits
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_metrics import FamilyMeasures, GroupingMeasures
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.jobs import find_families as families_job
from saedesk.jobs.find_families import FamiliesOfSae, FamiliesRequest
from saedesk.jobs.label_families import labels_for
from saedesk.jobs.shown_families import FamilyReading, MeasuredFamily, read_all
from saedesk.session.family_editor import FamilyEditor
from saedesk.session.family_trial import FamilyTrial
from saedesk.session.lane_jobs import LaneJob, find_label_and_measure, label_and_measure
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl

NOT_COUNTED = "Find the families first; thresholds can be moved then."
NO_FEATURES = "There are no features yet. Train an SAE, or load one, first."


def family_book(session: Session) -> FamilyBook:
    """The book of a session, which is made when it is first asked for."""
    return session.findChild(FamilyBook) or FamilyBook(session)


class FamilyBook(FamilyEditor):
    """What is known of the families of one SAE, and what people did to them.

    With another SAE or project it is the same object, and tells that everything changed. Without
    an SAE, or before families were found, it is empty.
    """

    families_changed = Signal()
    """`families` is another tuple."""
    measures_changed = Signal()
    """Labels, scores, measures or stability are other ones."""
    live_changed = Signal(object)
    """FamilySettings that are tried now, or those that are kept."""

    def __init__(self, session: Session) -> None:
        """A child of the session; ask `family_book` for the one there is."""
        super().__init__(session)
        self._trial = LaneQuestion(session, "Trying the thresholds", self)
        self._trial.answered.connect(self._on_tried)
        self._trial.failed.connect(self._refuse)
        # Nobody waits for its answer: what was sorted stays with the pairs.
        self._preparation = LaneQuestion(session, "Sorting what fires together", self)
        self._prepares = False
        self._shows_hidden = False
        self._forget()
        self._read()
        session.sae_changed.connect(self._on_sae_changed)
        session.project_changed.connect(self._on_sae_changed)

    # -- reading -----------------------------------------------------------------------------

    @property
    def families(self) -> tuple[ShownFamily, ...]:
        """Largest first; hidden ones only when `shows_hidden`."""
        return self._shown

    @property
    def shows_hidden(self) -> bool:
        """Whether hidden families are among `families`."""
        return self._shows_hidden

    @shows_hidden.setter
    def shows_hidden(self, shown: bool) -> None:
        if shown != self._shows_hidden:
            self._shows_hidden = shown
            self._show()

    @property
    def settings(self) -> FamilySettings:
        """What `families` were made with: the settings tried last, or those kept."""
        return self._settings

    @property
    def kept_settings(self) -> FamilySettings:
        """What the stored families were made with; the defaults before there are any."""
        return self._kept_settings

    @property
    def co_occurrence(self) -> CoOccurrence | None:
        """What fires together; None before it was counted."""
        return self._counted

    @property
    def is_counted(self) -> bool:
        """Whether thresholds can be moved."""
        return self._counted is not None

    @property
    def is_found(self) -> bool:
        """Whether families are stored, be they ever so few."""
        return self._reading.stored is not None

    def name(self, root: int) -> str:
        """A person's name, else the family's label, else the label of the root."""
        family, label = self._by_root.get(root), self._labels.get(root)
        if family is not None and family.name:
            return family.name
        if label is not None and label.text:
            return label.text
        book = self._session.book
        return f"Feature {root}" if book is None else book.text(root)

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
        """What was measured of all stored families together; None before."""
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

    # -- thresholds --------------------------------------------------------------------------

    def prepare(self) -> None:
        """Sort the pairs once, which takes a second, before somebody moves a threshold.

        From now on this is done whenever they were counted anew.
        """
        self._prepares = True
        if self._counted is not None and not self._counted.ranked:
            self._preparation.ask(FamilyTrial(self._counted, self._settings, self._allowed))

    def try_settings(self, settings: FamilySettings) -> None:
        """Show the families of other settings; nothing is stored before `keep_settings`."""
        if self._counted is None:
            self._refuse(NOT_COUNTED)
            return
        try:
            settings.check()
        except KnownError as error:
            self._refuse(error.sentence)
            return
        self._wanted = settings
        self._trial.ask(FamilyTrial(self._counted, settings, self._allowed))
        self.live_changed.emit(settings)

    def keep_settings(self) -> None:
        """Store the families of the settings tried last; label and measure them afterwards."""
        if self._wanted == self._kept_settings and self.is_found:
            return
        self._run("Keeping the families", families_job.run, self._on_kept)

    def find(self) -> None:
        """Count what fires together, find the families, label and measure them."""
        task = self._run("Finding the families", find_label_and_measure, self._on_stored)
        if task is not None:
            # The families are there long before the last of them is measured.
            task.published.connect(self._on_stored)

    def _run(
        self,
        title: str,
        job: Callable[[Any, FamiliesRequest, TaskControl], FamiliesOfSae],
        on_success: Callable[[Any], None],
    ) -> Task | None:
        if self._sae is None:
            self._refuse(NO_FEATURES)
            return None
        try:
            project = self._session.writable_project()
            wanted = families_job.filter_of(self._reading.stored)
        except KnownError as error:
            self._refuse(error.sentence)
            return None
        request = FamiliesRequest(self._sae.hash, self._wanted, wanted)
        return self._session.run(title, LaneJob(job, project, request), on_success)

    def _on_kept(self, found: FamiliesOfSae) -> None:
        self._on_stored(found)
        self._run("Measuring the families", label_and_measure, self._on_stored)

    # -- what changes --------------------------------------------------------------------------

    def _forget(self) -> None:
        self._sae = self._session.sae
        self._reading = FamilyReading()
        self._found: tuple[FeatureFamily, ...] = ()
        self._labels: dict[int, FamilyLabel] = {}
        self._edits = {}
        self._counted: CoOccurrence | None = None
        self._allowed: np.ndarray | None = None
        self._settings = self._kept_settings = self._wanted = FamilySettings()
        self._shown: tuple[ShownFamily, ...] = ()
        self._by_root = {}
        self._selected = None

    def _read(self) -> None:
        """Read from the project what is stored; what cannot be read is told."""
        project, sae = self._session.project, self._sae
        if project is None or sae is None:
            return
        try:
            self._counted = families_job.counted_co_occurrence(project, sae.hash)
            self._reading = read_all(project, sae.hash, sae.n_latents)
            self._edits = dict(self._reading.edits)
            self._kept_settings = self._reading.settings
            if self._reading.stored is not None:
                record = self._reading.stored.record
                self._allowed = families_job.allowed_features(project, record)
        except KnownError as error:
            self._refuse(error.sentence)
        self._found = self._reading.found
        self._settings = self._wanted = self._kept_settings
        self._arrange()
        if self._prepares:
            self.prepare()

    @Slot()
    def _on_sae_changed(self) -> None:
        if self._session.sae is self._sae:
            return
        self._trial.drop()
        self._forget()
        self._read()
        self._tell_all()
        self.selected_changed.emit(None)

    @Slot(object)
    def _on_stored(self, found: FamiliesOfSae) -> None:
        if self._sae is None or found.sae.hash != self._sae.hash:
            return
        known = self._reading.stored
        if known is not None and known.record.hash == found.record.hash:
            # Only labels and measures came; what is being tried meanwhile goes on.
            self._read_measures()
            return
        self._trial.drop()
        self._read()
        self._tell_all()

    def _read_measures(self) -> None:
        project, sae = self._session.project, self._sae
        if project is None or sae is None:
            return
        try:
            self._reading = read_all(project, sae.hash, sae.n_latents)
        except KnownError as error:
            self._refuse(error.sentence)
        self._arrange()
        self.measures_changed.emit()

    def _tell_all(self) -> None:
        self.live_changed.emit(self._settings)
        self.families_changed.emit()
        self.measures_changed.emit()

    @Slot(object)
    def _on_tried(self, answer: tuple[FamilySettings, tuple[FeatureFamily, ...]]) -> None:
        self._settings, self._found = answer
        self._show()

    def _arrange(self) -> None:
        every = with_edits(self._found, self._edits)
        self._by_root = {one.root: one for one in every}
        self._shown = tuple(one for one in every if self._shows_hidden or not one.hidden)
        self._labels = labels_for(every, self._reading.labelled)

    def _show(self) -> None:
        self._arrange()
        self.families_changed.emit()
