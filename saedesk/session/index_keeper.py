"""The search index of the open project: built where it is missing, lost, damaged or wanted anew.

While it is built, and after it was found damaged, documents are searched exactly; once it is
there, the search that is open uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs import build_index
from saedesk.jobs.build_index import IndexRequest, find_index, index_in_words
from saedesk.project.manifest import ArtifactRecord
from saedesk.search.hnsw_index import needs_index
from saedesk.search.index_description import WAY_OUT
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.message import VECTORS, Message

if TYPE_CHECKING:
    from saedesk.session.live_search import LiveSearch
    from saedesk.session.session import Session
    from saedesk.session.task_lane import Task

TITLE = "Building the search index"
BUILT_AGAIN = "It is built again now; until then every document is compared."
NOT_HERE = "It cannot be built again here, so every document is compared."
AGAIN_DAMAGED = "It was built again already, so every document is compared from now on."


class IndexKeeper(QObject):
    """Builds through the compute lane of the session; a read-only project keeps what it has."""

    built = Signal()
    """There is another index, and the search that is open uses it from now on."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._mended = ""
        """Hash of the vectors whose index was found damaged before, so that it is not built
        again for ever on a disk that loses it."""
        self._in_use: ArtifactRecord | None = None

    @property
    def record(self) -> ArtifactRecord | None:
        """The index of the vectors that are searched, or None."""
        project, vectors = self._session.project, self._session.vectors
        if project is None or vectors is None:
            return None
        return find_index(project, vectors.record)

    @property
    def is_needed(self) -> bool:
        """Whether there are so many vectors that an index answers sooner than all of them."""
        vectors = self._session.vectors
        return vectors is not None and needs_index(*vectors.values.shape)

    def watch(self, search: LiveSearch) -> None:
        """Know what a search that was just made finds candidates with, and mend it if damaged."""
        search.index_damaged.connect(self.mend)
        self._in_use = self.record

    def use_found(self) -> None:
        """Search with the index that is there now, where a job has built one on its way."""
        if self.record != self._in_use:
            self._on_built(self.record)

    def build_missing(self) -> None:
        """A large project whose index was lost gets a new one."""
        project = self._session.project
        can_be_built = project is not None and not project.read_only and self.is_needed
        if can_be_built and self.record is None:
            self._build(IndexRequest())

    def rebuild(self, request: IndexRequest) -> Task:
        """Build the index as asked, and tell what came of it. Raises KnownError if read-only."""
        return self._build(request, tells=True)

    @Slot(str)
    def mend(self, damage: str) -> None:
        """Build an index again that was found damaged, in the way that a sentence says."""
        project, vectors = self._session.project, self._session.vectors
        if project is None or vectors is None:
            return
        again = self._mended == vectors.record.hash
        what_now = NOT_HERE if project.read_only else AGAIN_DAMAGED if again else BUILT_AGAIN
        what_is_wrong = damage.removesuffix(f" {WAY_OUT}")
        self._session.message.emit(Message("warning", f"{what_is_wrong} {what_now}"))
        if not (project.read_only or again):
            self._mended = vectors.record.hash
            self._build(IndexRequest(always=True, anew=True))

    def _build(self, request: IndexRequest, *, tells: bool = False) -> Task:
        job = LaneJob(build_index.run, self._session.writable_project(), request)
        return self._session.run(TITLE, job, self._on_told if tells else self._on_built)

    def _on_built(self, record: ArtifactRecord | None) -> None:
        search = self._session.search
        if record is not None and search is not None:
            self._in_use = record
            search.renew_index()
            self.built.emit()

    def _on_told(self, record: ArtifactRecord | None) -> None:
        self._on_built(record)
        if record is not None:
            told = f"The search index is built: {index_in_words(record)}"
            self._session.tell(told, (VECTORS,))
