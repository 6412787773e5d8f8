"""The families of the SAE in use, kept in memory for panels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.edited_families import ShownFamily, with_edits
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.jobs import find_families as families_job
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.label_families import labels_for
from saedesk.jobs.shown_families import FamilyReading
from saedesk.session.family_measuring import MeasuredFamilyEditor
from saedesk.session.family_trial import AllowedFeatures, FamilyTrial, TriedFamilies
from saedesk.session.lane_jobs import LaneJob, find_label_and_measure, find_to_keep
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl

NOT_COUNTED = "Find the families first; thresholds can be moved then."
NO_FEATURES = "There are no features yet. Train an SAE, or load one, first."


def family_book(session: Session) -> FamilyBook:
    """The book of a session, which is made when it is first asked for."""
    return session.findChild(FamilyBook) or FamilyBook(session)


class FamilyBook(MeasuredFamilyEditor):
    """What is known of the families of one SAE, and what people did to them.

    With another SAE or project it is the same object, and tells that everything changed. Without
    an SAE, or before families were found, it is empty.
    """

    families_changed = Signal()
    """`families` is another tuple."""
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
    def filter(self) -> FeatureFilter:
        """Which features may be in `families`, by their labels: tried last, or kept."""
        return self._filter

    @property
    def is_trying(self) -> bool:
        """Whether `families` are of settings or a filter that are not kept."""
        return (self._settings, self._filter) != self._kept

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

    # -- thresholds --------------------------------------------------------------------------

    def prepare(self) -> None:
        """Sort the pairs once, which takes a second, before somebody moves a threshold.

        From now on this is done whenever they were counted anew.
        """
        self._prepares = True
        if self._counted is not None and not self._counted.ranked:
            self._preparation.ask(FamilyTrial(self._counted, self._kept[0], self._allowed))

    def try_settings(self, settings: FamilySettings) -> None:
        """Show the families of other settings; nothing is stored before `keep_settings`."""
        self._try(settings, self._wanted[1])

    def set_filter(self, wanted: FeatureFilter) -> None:
        """Try another filter with the settings as they are; it is kept with them."""
        self._try(self._wanted[0], wanted)

    def _try(self, settings: FamilySettings, wanted: FeatureFilter) -> None:
        project, sae = self._session.project, self._sae
        if self._counted is None or project is None or sae is None:
            self._refuse(NOT_COUNTED)
            return
        try:
            settings.check()
            wanted.check()
        except KnownError as error:
            self._refuse(error.sentence)
            return
        self._wanted = settings, wanted
        lets_in: AllowedFeatures = self._allowed
        if wanted != self._kept[1]:
            lets_in = partial(families_job.let_in, project, sae.record, self._counted, wanted)
        self._trial.ask(FamilyTrial(self._counted, settings, lets_in, wanted))
        self.live_changed.emit(settings)

    def keep_settings(self) -> None:
        """Store the families of the settings tried last; label and measure them afterwards."""
        if self._wanted == self._kept and self.is_found:
            return
        self._run("Keeping the families", find_to_keep, self._on_kept)

    def find(self) -> None:
        """Count what fires together, find the families, label and measure them."""
        task = self._run("Finding the families", find_label_and_measure, self._on_stored)
        if task is not None:
            # The families are there long before the last of them is measured.
            task.published.connect(self._on_stored)

    def _run(
        self,
        title: str,
        job: Callable[[Any, FamiliesRequest, TaskControl], FamilyReading],
        on_success: Callable[[Any], None],
    ) -> Task | None:
        if self._sae is None:
            self._refuse(NO_FEATURES)
            return None
        try:
            project = self._session.writable_project()
        except KnownError as error:
            self._refuse(error.sentence)
            return None
        self._asked = self._wanted
        request = FamiliesRequest(self._sae.hash, *self._wanted)
        return self._session.run(title, LaneJob(job, project, request), on_success)

    def _on_kept(self, found: FamilyReading) -> None:
        self._on_stored(found)
        if found.stored is not None:
            # Of the SAE whose families were kept: another one may be in use by now.
            self._measure_families_of(found.stored.sae.hash)

    # -- what changes --------------------------------------------------------------------------

    def _forget(self) -> None:
        self._sae = self._session.sae
        self._reading = FamilyReading()
        self._found: tuple[FeatureFamily, ...] = ()
        self._labels: dict[int, FamilyLabel] = {}
        self._edits = {}
        self._counted: CoOccurrence | None = None
        self._allowed: np.ndarray | None = None
        self._settings, self._filter = self._kept = FamilySettings(), FeatureFilter()
        self._wanted = self._asked = self._kept
        self._shown: tuple[ShownFamily, ...] = ()
        self._by_root = {}
        self._selected = None

    def _read(self) -> None:
        """Read from the project what is stored; what cannot be read is told."""
        project, sae = self._session.project, self._sae
        if project is None or sae is None:
            return
        reading = self._read_stored(project, sae)
        if reading is not None:
            self._edits = dict(reading.edits)
            self._take(reading)

    @Slot(object)
    def _on_read(self, reading: FamilyReading) -> None:
        self._edits = dict(reading.edits)
        self._take(reading)
        self._tell_all()

    def _take(self, reading: FamilyReading) -> None:
        """Show what was read, as it is stored."""
        project, sae = self._session.opened_project(), self._sae
        assert sae is not None
        self._reading = reading
        try:
            self._counted = families_job.counted_co_occurrence(project, sae.hash)
            self._kept = reading.settings, families_job.filter_of(reading.stored)
            if reading.stored is not None:
                self._allowed = families_job.allowed_features(project, reading.stored.record)
        except KnownError as error:
            self._refuse(error.sentence)
        self._found = reading.found
        self._settings, self._filter = self._wanted = self._kept
        self._arrange()
        if self._prepares:
            self.prepare()
        self._measure_soon()

    @Slot()
    def _on_sae_changed(self) -> None:
        if self._session.sae is self._sae:
            return
        self._trial.drop()
        self._forget_measuring()
        self._forget()
        self._read()
        self._tell_all()
        self.selected_changed.emit(None)

    @Slot(object)
    def _on_stored(self, reading: FamilyReading) -> None:
        stored, known = reading.stored, self._reading.stored
        if self._sae is None or stored is None or stored.sae.hash != self._sae.hash:
            return
        if known is not None and known.record.hash == stored.record.hash:
            # Only labels and measures came; what is being tried meanwhile goes on.
            self._reading = reading
            self._arrange()
            self.measures_changed.emit()
            return
        # What was tried while this was being stored goes on as well.
        meanwhile = None if self._wanted == self._asked else self._wanted
        self._trial.drop()
        self._take(reading)
        self._tell_all()
        if meanwhile is not None:
            self._try(*meanwhile)

    def _tell_all(self) -> None:
        self.live_changed.emit(self._settings)
        self.families_changed.emit()
        self.measures_changed.emit()

    @Slot(object)
    def _on_tried(self, answer: TriedFamilies) -> None:
        self._settings, self._filter, self._found = answer
        self._show()

    def _arrange(self) -> None:
        every = with_edits(self._found, self._edits)
        self._by_root = {one.root: one for one in every}
        self._shown = tuple(one for one in every if self._shows_hidden or not one.hidden)
        self._labels = labels_for(every, self._reading.labelled)

    def _show(self) -> None:
        self._arrange()
        self.families_changed.emit()
