"""The families of the SAE in use, kept in memory for panels; edits are undone through commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families import family_editing
from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily, with_edits
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, edge_weight, find_families
from saedesk.jobs import find_families as families_job
from saedesk.jobs.find_families import FamiliesOfSae, FamiliesRequest
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.project.project_folder import Project
from saedesk.session.family_commands import FamilyEditsCommand
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.task_control import TaskControl

NOT_COUNTED = "Find the families first; thresholds can be moved then."


def family_book(session: Session) -> FamilyBook:
    """The book of a session, which is made when it is first asked for."""
    return session.findChild(FamilyBook) or FamilyBook(session)


class FamilyBook(QObject):
    """What is known of the families of one SAE, and what people did to them.

    With another SAE or project it is the same object, and tells that everything changed. Without
    an SAE, or before families were found, it is empty.
    """

    families_changed = Signal()
    """`families` is another tuple."""
    measures_changed = Signal()
    """Labels, scores, measures or stability are other ones."""
    selected_changed = Signal(object)
    """The root of the selected family, or None."""
    live_changed = Signal(object)
    """FamilySettings that are tried now, or those that are kept."""
    refused = Signal(str)
    """A sentence: why something could not be done."""

    def __init__(self, session: Session) -> None:
        """A child of the session; ask `family_book` for the one there is."""
        super().__init__(session)
        self._session = session
        self._trial = LaneQuestion(session, "Trying the thresholds", self)
        self._trial.answered.connect(self._on_tried)
        self._trial.failed.connect(self._refuse)
        self._shows_hidden = False
        self._selected: int | None = None
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
        """What the families are made with now: the settings tried, or those kept."""
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
        return self._stored is not None

    def family(self, root: int) -> ShownFamily | None:
        """The family of a root, hidden or not; None where there is none."""
        return self._by_root.get(root)

    def name(self, root: int) -> str:
        """A person's name, else the family's label, else the label of the root."""
        family, label = self._by_root.get(root), self.label(root)
        if family is not None and family.name:
            return family.name
        if label is not None and label.text:
            return label.text
        book = self._session.book
        return f"Feature {root}" if book is None else book.text(root)

    def label(self, root: int) -> FamilyLabel | None:
        """The label of a family with its score; None before it was labelled."""
        return None

    def measures(self, root: int) -> Any | None:
        """FamilyMeasures of a family; None where it was not measured as it is now."""
        return None

    @property
    def grouping(self) -> Any | None:
        """GroupingMeasures of all stored families; None before they were measured."""
        return None

    def stability(self, root: int) -> float | None:
        """Share of replicates that have the family; None where it was not measured."""
        return None

    def edge_stability(self, root: int) -> Mapping[tuple[int, int], float]:
        """Share of replicates that have each edge (parent, child); empty where not measured."""
        return {}

    @property
    def selected(self) -> int | None:
        """Root of the selected family. While thresholds are tried it may be among no families."""
        return self._selected

    def select(self, root: int | None) -> None:
        """Select a family by its root, or none."""
        if root != self._selected:
            self._selected = root
            self.selected_changed.emit(root)

    # -- thresholds --------------------------------------------------------------------------

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
        self._trial.ask(_Trial(self._counted, settings))
        self.live_changed.emit(settings)

    def keep_settings(self) -> None:
        """Store the families of the settings tried last, and measure them in the background."""
        if self._wanted != self._kept_settings or not self.is_found:
            self._run("Keeping the families", families_job.run)

    def find(self) -> None:
        """Count what fires together, find the families, label and measure them."""
        self._run("Finding the families", families_job.run)

    def _run(
        self, title: str, job: Callable[[Project, FamiliesRequest, TaskControl], FamiliesOfSae]
    ) -> None:
        sae = self._sae
        if sae is None:
            self._refuse("There are no features yet. Train an SAE, or load one, first.")
            return
        try:
            project = self._session.writable_project()
        except KnownError as error:
            self._refuse(error.sentence)
            return
        request = FamiliesRequest(sae.hash, self._wanted)
        self._session.run(title, LaneJob(job, project, request), self._on_found)

    # -- edits, each a step to undo ------------------------------------------------------------

    def rename(self, root: int, text: str) -> None:
        """Give a family a name; "" takes it away, so that its label is shown again."""
        name = " ".join(text.split())
        if len(name) > LONGEST_FAMILY_NAME:
            self._refuse(f"The name of a family has at most {LONGEST_FAMILY_NAME} characters.")
        elif root in self._by_root:
            title = f"Name of the family “{self.name(root)}”"
            self._push(title, family_editing.renaming(self._edits, root, name))

    def merge(self, roots: Iterable[int]) -> None:
        """Make one family of several, below the most general of their roots."""
        families = self._families_of(roots)
        if self._sae is not None:
            counts = np.asarray(self._sae.statistics.count)
            title = f"Merge {len(families):,} families"
            self._edit(title, family_editing.merging, families, counts, self._weight)

    def split(self, root: int, child: int) -> None:
        """Make a feature of a family, with all below it, a family of its own."""
        if (family := self._by_root.get(root)) is not None:
            self._edit("Split a family", family_editing.splitting, family, child)

    def set_pinned(self, roots: Iterable[int], pinned: bool) -> None:
        """Keep families as they are now whatever the thresholds, or no longer."""
        families = self._families_of(roots)
        title = f"{'Pin' if pinned else 'Unpin'} {_families_text(len(families))}"
        self._edit(title, family_editing.pinning, families, pinned)

    def set_hidden(self, roots: Iterable[int], hidden: bool) -> None:
        """Hide families, or show them again."""
        families = self._families_of(roots)
        title = f"{'Hide' if hidden else 'Show'} {_families_text(len(families))}"
        self._edit(title, family_editing.hiding, families, hidden)

    def restore(self, roots: Iterable[int]) -> None:
        """Undo all merging and splitting of families, however long ago it was done."""
        families = self._families_of(roots)
        title = f"Restore {_families_text(len(families))}"
        self._edit(title, family_editing.restoring, families)

    def _families_of(self, roots: Iterable[int]) -> list[ShownFamily]:
        return [self._by_root[root] for root in dict.fromkeys(roots) if root in self._by_root]

    def _weight(self, a: int, b: int) -> float:
        """Of an edge between two features, whether they were counted together or not."""
        assert self._sae is not None
        activations = self._sae.activations
        rows = activations.latent(a)[0], activations.latent(b)[0]
        together = np.array(len(np.intersect1d(*rows, assume_unique=True)))
        rarer, denser = sorted(len(one) for one in rows)
        weight = edge_weight(together, np.array(rarer), np.array(denser), self._kept_settings)
        return float(weight)

    def _edit(self, title: str, editing: Callable[..., family_editing.Edits], *what: Any) -> None:
        try:
            self._push(title, editing(self._edits, *what))
        except KnownError as error:
            self._refuse(error.sentence)

    def _push(self, title: str, after: family_editing.Edits) -> None:
        if after:
            before = {root: self._edits.get(root) for root in after}
            self._session.undo.push(FamilyEditsCommand(self, title, before, after))

    def store_edits(self, edits: Mapping[int, FamilyEdit | None]) -> bool:
        """For the commands: whether these edits could be written."""
        assert self._sae is not None
        try:
            self._session.opened_project().family_edits.put(self._sae.hash, edits)
        except KnownError as error:
            self._refuse(error.sentence)
            return False
        for root, edit in edits.items():
            self._edits.pop(root, None)
            if edit is not None:
                self._edits[root] = edit
        self._show()
        self._follow_merge()
        return True

    def _follow_merge(self) -> None:
        """The selected family is another one, or none, once it is no family of its own."""
        if self._selected is not None and self._selected not in self._by_root:
            edit = self._edits.get(self._selected)
            self.select(None if edit is None else edit.merged_into)

    # -- what changes --------------------------------------------------------------------------

    def _forget(self) -> None:
        self._sae: LoadedSae | None = self._session.sae
        self._stored: FamiliesOfSae | None = None
        self._found: tuple[FeatureFamily, ...] = ()
        self._edits: dict[int, FamilyEdit] = {}
        self._counted: CoOccurrence | None = None
        self._settings = self._kept_settings = self._wanted = FamilySettings()
        self._shown: tuple[ShownFamily, ...] = ()
        self._by_root: dict[int, ShownFamily] = {}
        self._selected = None

    def _read(self) -> None:
        """Read from the project what is stored; what cannot be read is told."""
        project, sae = self._session.project, self._sae
        if project is None or sae is None:
            return
        try:
            self._edits = project.family_edits.edits(sae.hash)
            self._counted = families_job.counted_co_occurrence(project, sae.hash)
            self._stored = families_job.families_in_use(project, sae.hash)
            if self._stored is not None:
                self._found = self._stored.families
                self._kept_settings = families_job.settings_of(self._stored.record)
        except KnownError as error:
            self._refuse(error.sentence)
        self._settings = self._wanted = self._kept_settings
        self._arrange()

    @Slot()
    def _on_sae_changed(self) -> None:
        if self._session.sae is self._sae:
            return
        self._trial.drop()
        self._forget()
        self._read()
        self.families_changed.emit()
        self.measures_changed.emit()
        self.selected_changed.emit(None)
        self.live_changed.emit(self._settings)

    def _on_found(self, found: FamiliesOfSae) -> None:
        if self._sae is None or found.sae.hash != self._sae.hash:
            return
        self._trial.drop()
        self._read()
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

    def _show(self) -> None:
        self._arrange()
        self.families_changed.emit()

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self.refused.emit(sentence)
        self._session.message.emit(Message("warning", sentence))


class _Trial:
    """Families of other settings, as the query lane finds them."""

    def __init__(self, counted: CoOccurrence, settings: FamilySettings) -> None:
        self._counted, self._settings = counted, settings

    def __call__(self, _: TaskControl) -> tuple[FamilySettings, tuple[FeatureFamily, ...]]:
        return self._settings, find_families(self._counted, self._settings)


def _families_text(count: int) -> str:
    return f"{count:,} famil" + ("y" if count == 1 else "ies")
