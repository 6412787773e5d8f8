"""What is open, selected, running and undoable: the one object that panels talk through."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from saedesk.errors import KnownError
from saedesk.jobs import (
    analyse_features,
    embed_documents,
    import_documents,
    train_grid,
)
from saedesk.jobs.curve_parts import RunStored
from saedesk.jobs.import_documents import ImportResult
from saedesk.jobs.loaded_sae import LoadedSae, open_sae
from saedesk.jobs.remove_sae import remove_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_without_vectors import are_missing, no_vectors_of
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest
from saedesk.jobs.unfinished_trainings import next_run_name, unfinished_trainings
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session.corpus_prober import CorpusProber
from saedesk.session.edited_labels import EditedLabels
from saedesk.session.exchange import Exchange
from saedesk.session.feature_book import FeatureBook
from saedesk.session.garbage_collection import GarbageCollection
from saedesk.session.index_keeper import IndexKeeper
from saedesk.session.lane_jobs import LaneJob, analyse_and_label, embed_and_index
from saedesk.session.live_search import LiveSearch
from saedesk.session.message import DOCUMENTS, LABELS, SAE, Offer
from saedesk.session.message import Message as Message
from saedesk.session.model_labels import ModelLabels
from saedesk.session.selection import Selection
from saedesk.session.selection_book import SelectionBook
from saedesk.session.settings import Settings
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.embedding.query_encoder import QueryEncoder

WINDOW_WAITS_MS = 200
"""A label or star typed during an import is refused after this time instead of freezing."""


class Session(Selection):
    """Owns the open project, the lanes, the undo stack and the selection."""

    project_changed = Signal()
    """Another project was opened, or none is open now."""
    documents_changed = Signal()
    vectors_changed = Signal()
    runs_changed = Signal()
    """An SAE was added or removed, or another one is in use."""
    sae_changed = Signal()
    """`sae`, `book` and `search` are other objects now (or None)."""
    message = Signal(object)
    """Message."""
    message_over = Signal(str)
    """One of the things that messages are about changed, which no other signal here says."""
    training_part = Signal(object)
    """CurvePart of the running training."""

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Python threads give way every millisecond, so that the window gets its turn.
        sys.setswitchinterval(0.001)
        self.settings = settings or Settings()
        self.garbage = GarbageCollection(self, lambda: self.search and self.search.is_dragging)
        self.undo = QUndoStack(self)
        self.compute = TaskLane("compute", self)
        self.query = TaskLane("query", self)
        self.project: Project | None = None
        self.vectors: Vectors | None = None
        self.sae: LoadedSae | None = None
        self.book: FeatureBook | None = None
        self.search: LiveSearch | None = None
        self.training: Task | None = None
        self.prober = CorpusProber(self)
        self.exchange = Exchange(self)
        self.model_labels = ModelLabels(self)
        self.selections = SelectionBook(self)
        self.index = IndexKeeper(self)
        self._on_success: dict[Task, Callable[[Any], None]] = {}
        self._queued_runs: dict[Task, int] = {}
        """Of trainings that are not over: the first number that their runs leave free."""
        self._stuck: list[TaskLane] = []
        self._encoders: dict[str, QueryEncoder] = {}
        self.edited_labels = EditedLabels(self, self._encoders)

    # -- projects ----------------------------------------------------------------------------

    def create_project(self, folder: Path) -> bool:
        """Make and open an empty project; False (and a message) when that fails."""
        return self._open(Project.create, folder)

    def open_project(self, folder: Path) -> bool:
        """Open a project, read-only where another program writes it; False when that fails."""
        if self._is_open_for_writing(folder):
            # A second lock on it would fail, and it would come back read-only.
            return True
        return self._open(Project.open_or_read, folder)

    def _is_open_for_writing(self, folder: Path) -> bool:
        project = self.project
        return (
            project is not None
            and not project.read_only
            and folder.exists()
            and folder.samefile(project.folder)
        )

    def _open(self, how: Callable[[Path], Project], folder: Path) -> bool:
        try:
            project = how(folder)
        except KnownError as error:
            self.message.emit(Message("error", error.sentence))
            return False
        self.close_project()
        self.project = project
        project.database.wait_for_writers(WINDOW_WAITS_MS)
        if not project.read_only:
            project.sweep()
        self._load_vectors()
        self._load_sae()
        self._remember()
        self.project_changed.emit()
        self.index.build_missing()
        if project.read_only:
            self.message.emit(
                Message(
                    "warning",
                    f"{project.name} is open in another saedesk or cannot be written, so it is "
                    "read-only here.",
                )
            )
        return True

    def close_project(self) -> None:
        """Cancel what runs, then close; the lanes go on living for the next project."""
        if self.project is None:
            return
        self.prober.give_way()
        is_idle = self._finish_tasks()
        self._remember()
        self._drop_sae()
        self.vectors = None
        self._forget_selection()
        project, self.project = self.project, None
        if is_idle:
            project.close()
        else:
            self.message.emit(
                Message(
                    "warning",
                    f"A task on {project.name} does not stop. The project stays locked until "
                    "this program ends.",
                )
            )
        self.project_changed.emit()

    def _finish_tasks(self) -> bool:
        """Wait until the lanes are idle, by replacing them: a closed lane is an idle one.

        False when a task does not stop in time; its lane then lives on, because deleting a
        thread that runs ends the program.
        """
        is_idle = True
        # What a task brought home no longer matters, and must not start another one.
        self._on_success.clear()
        self.training = None
        if not (self.compute.tasks or self.query.tasks):
            return is_idle
        old = (self.compute, self.query)
        self.compute, self.query = TaskLane("compute", self), TaskLane("query", self)
        for lane in old:
            if lane.close():
                lane.deleteLater()
            else:
                is_idle = False
                self._stuck.append(lane)
        self.lanes_replaced.emit()
        return is_idle

    lanes_replaced = Signal()
    """`compute` and `query` may be other objects now."""

    def _remember(self) -> None:
        if self.project is not None:
            features = 0 if self.sae is None else self.sae.n_latents
            count = self.project.documents.count()
            self.settings.remember_project(self.project.folder, self.project.name, count, features)

    def close(self) -> bool:
        """End everything, in order; False when a task did not stop in time."""
        self.garbage.look_at_all()
        self._on_success.clear()
        closed = [lane.close() for lane in (self.compute, self.query, *self._stuck)]
        stopped = all(closed)
        if stopped:
            self.garbage.end()
        if stopped and self.project is not None:
            self._remember()
            self.project.close()
            self.project = None
        return stopped

    # -- across workspaces ---------------------------------------------------------------------

    def steer_with(self, latent: int) -> None:
        """Put a slider for the feature into Search and show it there."""
        if self.search is not None:
            self.search.add_feature(latent)
            self.show("search")

    def document_ids(self, rows: np.ndarray) -> np.ndarray:
        """The documents of some rows of the vectors of the SAE in use."""
        vectors = self.sae.vectors if self.sae is not None else self.vectors
        assert vectors is not None
        return np.asarray(vectors.document_ids[rows])

    # -- tasks -------------------------------------------------------------------------------

    def run(
        self,
        title: str,
        work: Callable[[TaskControl], Any],
        on_success: Callable[[Any], None] | None = None,
        *,
        can_pause: bool = False,
    ) -> Task:
        """Queue work on the compute lane; `on_success(result)` runs in the GUI thread.

        A failure becomes a message.
        """
        self.prober.give_way()
        task = Task(title, work)
        task.can_pause = can_pause
        if on_success is not None:
            self._on_success[task] = on_success
        task.ended.connect(self._on_task_ended)
        return self.compute.submit(task)

    @Slot(object)
    def _on_task_ended(self, outcome: object) -> None:
        task = self.sender()
        if task is self.training and task is not None:
            self.training = None
            self.runs_changed.emit()
        on_success = self._on_success.pop(task, None) if isinstance(task, Task) else None
        self._queued_runs.pop(task, None)  # type: ignore[call-overload]
        if isinstance(outcome, Failed):
            self.message.emit(Message("error", outcome.sentence, outcome.details))
        elif isinstance(outcome, Succeeded) and on_success is not None:
            on_success(outcome.result)

    def import_documents(self, request: import_documents.ImportRequest) -> Task:
        """Import files into the open project."""
        names = ", ".join(path.name for path in request.input.paths[:2])
        return self.run(
            f"Importing {names}",
            LaneJob(import_documents.run, self.writable_project(), request),
            self._on_imported,
            can_pause=True,
        )

    def embed(self, request: embed_documents.EmbedRequest) -> Task:
        """Embed the documents of the open project; builds the index of a large one."""
        job = LaneJob(embed_and_index, self.writable_project(), request)
        return self.run(f"Embedding with {request.model}", job, self._on_embedded, can_pause=True)

    def train(self, request: TrainRequest) -> Task:
        """Train an SAE, or go on with a stopped training; then analyse and label it.

        Only the first SAE of a project is put in use unasked.
        """
        return self.train_grid(TrainGridRequest((request,)))

    def train_grid(self, request: TrainGridRequest) -> Task:
        """Train several SAEs in one task; each is analysed and labelled once all are done.

        An SAE that is finished before the others is in the project at once.
        """
        project = self.writable_project()
        quiet = TrainGridRequest(tuple(replace(one, put_in_use=False) for one in request.requests))
        name, after = self._next_runs(project, request.requests)
        many = len(request.requests)
        task = self.run(
            f"Training {name}" if many == 1 else f"Training {many} runs from {name}",
            LaneJob(train_grid.run, project, quiet),
            can_pause=True,
        )
        self._queued_runs[task] = after
        task.can_finish_early = True
        task.published.connect(self._on_training_published)
        task.started.connect(self._on_training_started)
        return task

    def _next_runs(self, project: Project, requests: tuple[TrainRequest, ...]) -> tuple[str, int]:
        """“run 5” and the first number after it and its grid; a stopped training keeps its name.

        Numbers given to trainings that wait or run are taken, whether the lane, which has a pace
        of its own, has come to write them down or not.
        """
        for stopped in unfinished_trainings(project):
            if stopped.request.config == requests[0].config:
                return stopped.name.lower(), 0
        name, _, number = next_run_name(project).partition(" ")
        first = max(int(number), *self._queued_runs.values(), 0)
        return f"{name.lower()} {first}", first + len(requests)

    def analyse(self, record: ArtifactRecord | None = None, encoder: str = "") -> Task:
        """Encode the corpus with an SAE, count, and label its features.

        `encoder` is one of `saedesk.sae.encoders`; "" stays with the one in use.
        """
        project = self.writable_project()
        hash_ = "" if record is None else record.hash
        request = analyse_features.AnalyseRequest(hash_, encoder=encoder)
        job = LaneJob(analyse_and_label, project, request)
        return self.run("Finding and labelling the features", job, self._on_analysed)

    def use_sae(self, record: ArtifactRecord) -> None:
        """Put another SAE of the project in use."""
        if self.project is None or self._is_in_use(record):
            return
        if not self.project.read_only:
            self.project.use(record)
        self._load_sae(record)
        self.runs_changed.emit()

    def remove_sae(self, record: ArtifactRecord) -> None:
        """Take an SAE and what was made from it out of the project."""
        project = self.writable_project()
        was_in_use = self._is_in_use(record)
        if was_in_use:
            self._drop_sae()
        remove_sae(project, record)
        self.message_over.emit(SAE)
        if was_in_use:
            self._load_sae()
        self.runs_changed.emit()

    def _is_in_use(self, record: ArtifactRecord) -> bool:
        assert self.project is not None
        # A read-only project does not remember which one was chosen.
        chosen = self.sae.record if self.sae is not None and self.project.read_only else None
        current = chosen or self.project.current("saes")
        return current is not None and current.hash == record.hash

    def writable_project(self) -> Project:
        """The open project; raises KnownError where there is none or it is read-only."""
        project = self.opened_project()
        project.check_writable()
        return project

    def opened_project(self) -> Project:
        """The open project; raises KnownError where there is none."""
        if self.project is None:
            raise KnownError("Open a project first.")
        return self.project

    @Slot()
    def _on_training_started(self) -> None:
        task = self.sender()
        if isinstance(task, Task):
            self.training = task
            self.runs_changed.emit()

    def _on_imported(self, result: ImportResult) -> None:
        if result.already_there:
            told = f"{result.record.source} was imported before; nothing changed."
            self.tell(told, (DOCUMENTS,))
            return
        self.documents_changed.emit()
        if self.search is not None and are_missing(self.search.engine.vectors):
            self._drop_sae()
            self.search_words()  # The new documents have words too.

    def _on_embedded(self, result: embed_documents.EmbedResult) -> None:
        self.exchange.take_vectors(result.record)

    def take_new_vectors(self, *, documents_changed: bool = False) -> None:
        """Read the vectors that are in use now, and analyse the SAE in use on them."""
        if documents_changed:
            self.documents_changed.emit()
        self._load_vectors()
        self._load_sae()
        self.vectors_changed.emit()
        self.analyse_new_documents()

    def analyse_new_documents(self) -> None:
        """Analyse the SAE in use where documents have vectors that it was not read on."""
        record = self.opened_project().current("saes")
        if record is not None and self.lacks_documents(record):
            self.analyse(record)

    def lacks_documents(self, record: ArtifactRecord) -> bool:
        """Whether an SAE's analysis does not cover the documents that have vectors now."""
        wanted = analyse_features.vectors_for(self.opened_project(), record)
        return self.sae is None or self.sae.vectors.record.hash != wanted.hash

    @Slot(object)
    def _on_training_published(self, partial: object) -> None:
        if isinstance(partial, RunStored):
            # Its analysis waits in the lane behind the trainings.
            self.runs_changed.emit()
            self.analyse(partial.record)
        else:
            self.training_part.emit(partial)

    def _on_analysed(self, record: ArtifactRecord) -> None:
        if self._is_in_use(record):
            self._load_sae()
        else:
            self._offer(record)
        self.runs_changed.emit()

    def _offer(self, record: ArtifactRecord) -> None:
        """An SAE beside the one in use is ready."""
        told = f"{record.summary.get('name', record.hash)} is ready."
        if self.sae is not None:
            told += f" Features and Search stay with {self.sae.name} until it is in use."
        self.tell(told, (SAE,), Offer("Use it now", partial(self.use_sae, record)))

    # -- what is loaded ----------------------------------------------------------------------

    def _load_vectors(self) -> None:
        record = self.opened_project().current("vectors")
        self.vectors = None if record is None else self._opened(open_vectors, record)

    def _load_sae(self, record: ArtifactRecord | None = None) -> None:
        assert self.project is not None
        self._drop_sae()
        record = record or self.project.current("saes")
        if record is not None:
            self.sae = self._opened(open_sae, record)
        if self.sae is not None:
            self.book = FeatureBook(self.project, self.sae, self.undo, self)
            self.book.refused.connect(self._tell_refused)
            self.garbage.pass_over(len(self.book.labels))
        vectors = self.sae.vectors if self.sae is not None else self.vectors
        if vectors is not None:
            self._make_search(vectors)
        self.select_feature(None)
        self.sae_changed.emit()

    def _make_search(self, vectors: Vectors) -> None:
        engine = SearchEngine(self.opened_project(), vectors, self.sae, self._encoders)
        self.search = LiveSearch(engine, self.query, self.undo, self)
        self.search.broke.connect(self._tell_bug)
        self.index.watch(self.search)

    def search_words(self) -> None:
        """Search the words of documents that have no vectors; `search` is there from now on."""
        if self.search is None:
            self._make_search(no_vectors_of(self.opened_project()))
            self.sae_changed.emit()

    def tell(self, sentence: str, about: tuple[str, ...] = (), offer: Offer | None = None) -> None:
        """Say something good in a sentence, which is over when what it is about changes."""
        self.message.emit(Message("info", sentence, about=about, offer=offer))

    @Slot(str)
    def _tell_refused(self, sentence: str) -> None:
        self.message.emit(Message("warning", sentence, about=(LABELS,)))

    @Slot(str, str)
    def _tell_bug(self, sentence: str, details: str) -> None:
        self.message.emit(Message("error", sentence, details))

    def _opened(self, how: Callable[[Project, ArtifactRecord], Any], record: ArtifactRecord) -> Any:
        try:
            return how(self.opened_project(), record)
        except KnownError as error:
            self.message.emit(Message("error", error.sentence))
            return None

    def _drop_sae(self) -> None:
        # Steps of a search or of labels that are gone must not be taken back.
        self.undo.clear()
        self.garbage.look_at_all()
        for thing in (self.book, self.search):
            if thing is not None:
                thing.deleteLater()
        self.sae = None
        self.book = None
        self.search = None
