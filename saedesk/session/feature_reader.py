"""Asks the query lane about single features; of several questions only the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Slot

from saedesk.jobs.feature_details import FeatureDetails
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.project_folder import Project
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.task_control import TaskControl

Reads = Callable[[FeatureDetails, TaskControl], Any]


class FeatureReader(LaneQuestion):
    """`answered` has what the newest question read.

    The details, which keep the fields and families of the corpus, are shared by all readers of a
    session. They are made and used in the query lane only.
    """

    def __init__(self, session: Session, title: str, parent: QObject | None = None) -> None:
        super().__init__(session, title, parent)
        # Made before whoever asks hears of new documents, so that it has forgotten the old ones.
        self._shared = session.findChild(_SharedOpening) or _SharedOpening(session)
        session.sae_changed.connect(self.drop)

    def read(self, reads: Reads) -> bool:
        """Ask this of the SAE in use, and forget what was asked before; False without an SAE."""
        opening = self._shared.opening()
        if opening is None:
            self.drop()
            return False
        self.ask(_Reading(opening, reads))
        return True


class _Opening:
    """Makes the details of an SAE when the lane first needs them."""

    def __init__(self, project: Project, sae: LoadedSae, engine: SearchEngine) -> None:
        self.project, self.sae = project, sae
        self._engine = engine
        self._details: FeatureDetails | None = None

    def details(self) -> FeatureDetails:
        if self._details is None:
            self._details = FeatureDetails(self.project, self.sae)
        # An index is as large as the vectors, so it is not opened for this; the search, which
        # runs in the same lane, may have opened it.
        self._details.use_index(self._engine.index_in_memory)
        return self._details


class _Reading:
    """One question, as the lane runs it."""

    def __init__(self, opening: _Opening, reads: Reads) -> None:
        self._opening, self._reads = opening, reads

    def __call__(self, control: TaskControl) -> Any:
        details = self._opening.details()
        control.checkpoint()
        return self._reads(details, control)


class _SharedOpening(QObject):
    """What all readers of a session use; a child of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._opening: _Opening | None = None
        # Fields of documents that were there may come with new ones.
        session.documents_changed.connect(self.forget)
        session.lanes_replaced.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        self._opening = None

    def opening(self) -> _Opening | None:
        project, sae, search = self._session.project, self._session.sae, self._session.search
        if project is None or sae is None or search is None:
            self._opening = None
        elif self._opening is None or self._opening.sae is not sae:
            self._opening = _Opening(project, sae, search.engine)
        return self._opening
