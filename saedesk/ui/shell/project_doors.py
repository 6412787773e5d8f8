"""The ways into a project: open, make, import, the demo, a recent one, something dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.project.project_folder import SUFFIX, is_project
from saedesk.session.session import Message, Session
from saedesk.session.settings import RecentProject
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl
from saedesk.ui.shell.dropped_paths import (
    NEVER_A_TABLE,
    DroppedCorpus,
    DroppedProject,
    DroppedSae,
    DroppedVectors,
    understand,
)
from saedesk.ui.widgets.dialogs import ask, choose_file, choose_files, choose_folder

CORPUS_KINDS = (
    (
        "Tables of documents",
        "*.csv *.tsv *.csv.gz *.tsv.gz *.jsonl *.ndjson *.json *.jsonl.gz *.parquet *.arrow "
        "*.feather *.txt",
    ),
    ("Vectors", "*.npy *.npz *.safetensors"),
    ("All files", "*"),
)
_MAKE, _ELSEWHERE, _CANCEL = "Make the project", "Choose another place…", "Cancel"


class ProjectDoors(QObject):
    """Asks for places and opens what is there."""

    demo_changed = Signal()
    """The demo is being made, or no longer."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.demo: Task | None = None
        session.project_changed.connect(self._on_project_changed)

    # -- open and make -----------------------------------------------------------------------

    @Slot()
    def open_project(self) -> None:
        """Asks for the folder of a project and opens it."""
        folder = choose_folder(self._window, "Open a project", self._usual_folder())
        if folder is not None:
            self.open_folder(folder)

    def open_folder(self, folder: Path) -> bool:
        """Opens a project where a person agrees that running tasks end."""
        if not self._may_leave(f"Open {folder.name}"):
            return False
        return self._session.open_project(folder)

    @Slot()
    def new_project(self) -> bool:
        """Asks where a new project lies and makes it."""
        folder = choose_file(
            self._window,
            "New project",
            (("Projects", f"*{SUFFIX}"),),
            save=True,
            suggested=f"New project{SUFFIX}",
            folder=self._usual_folder(),
        )
        return folder is not None and self._make(folder)

    def _make(self, folder: Path) -> bool:
        if folder.suffix != SUFFIX:
            folder = folder.with_name(folder.name + SUFFIX)
        if not self._may_leave(f"Make {folder.name}"):
            return False
        return self._session.create_project(folder)

    @Slot()
    def close_project(self) -> None:
        """Closes the project, after a question where tasks run."""
        if self._session.project is not None and self._may_leave("Close the project"):
            self._session.close_project()

    def _may_leave(self, what: str) -> bool:
        """Asks once, naming them, where tasks run in the open project."""
        tasks = [task for task in self._session.compute.tasks if task.outcome is None]
        if not tasks or self._session.project is None:
            return True
        answer = ask(
            self._window,
            f"{what} and stop what is running?",
            running_tasks(tasks),
            ("Stop and go on", "Keep working"),
        )
        return answer == "Stop and go on"

    # -- import ------------------------------------------------------------------------------

    @Slot()
    def import_documents(self) -> None:
        """Asks for files and opens the import dialog; makes a project first where none is open."""
        paths = choose_files(self._window, "Import documents", CORPUS_KINDS)
        if len(paths) == 1 and paths[0].suffix.lower() in NEVER_A_TABLE:
            self.take_dropped(paths)
        elif len(paths) == 1 and self._is_for_its_vectors(paths[0]):
            self.import_vectors_from(paths[0])
        elif paths:
            self.import_paths(paths)

    def _is_for_its_vectors(self, path: Path) -> bool:
        """A table with texts and vectors brings both into an empty project, else its texts."""
        from saedesk.embedding.vector_files.any_vector_file import is_vector_file

        project = self._session.project
        is_empty = project is None or not project.documents.count()
        return is_empty and is_vector_file(path)

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Opens the import dialog for files or a folder of texts."""
        if not self._has_project_for(paths[0]):
            return
        from saedesk.ui.corpus_panels.import_dialog import open_import_dialog

        self._session.show("corpus")
        open_import_dialog(self._session, list(paths), self._window)

    @Slot()
    def import_vectors(self) -> None:
        """Asks for a file of vectors and shows what is in it."""
        if self._session.project is not None:
            self.import_vectors_from(None)
            return
        from saedesk.ui.corpus_panels.vector_import_dialog import KINDS

        path = choose_file(self._window, "A file of vectors", KINDS)
        if path is not None:
            self.import_vectors_from(path)

    def import_vectors_from(self, path: Path | None) -> None:
        """Shows what is in a file of vectors, or asks for one; makes a project where none is."""
        if not self._has_project_for(path or Path("Vectors")):
            return
        from saedesk.ui.corpus_panels.vector_import_dialog import open_vector_import_dialog

        self._session.show("corpus")
        open_vector_import_dialog(self._session, path, self._window)

    def make_project_of_vectors(self, path: Path) -> None:
        """Makes another project where a person agrees, and shows the vectors for it."""
        if self._make_project_for(path):
            self.import_vectors_from(path)

    def _has_project_for(self, path: Path) -> bool:
        """Whether there is a project to write to; makes one where a person agrees."""
        if self._session.project is None and not self._make_project_for(path):
            return False
        project = self._session.project
        assert project is not None
        try:
            project.check_writable()
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))
            return False
        return True

    def _make_project_for(self, path: Path) -> bool:
        folder = free_folder(projects_folder(), path.name.split(".")[0] or "Documents")
        answer = ask(
            self._window,
            f"Make a project for {path.name}?",
            f"The documents, their vectors and features are kept together in {folder}.",
            (_MAKE, _ELSEWHERE, _CANCEL),
        )
        if answer == _ELSEWHERE:
            found = choose_file(
                self._window,
                "Where to keep the project",
                (("Projects", f"*{SUFFIX}"),),
                save=True,
                suggested=folder.name,
                folder=self._usual_folder(),
            )
            return found is not None and self._make(found)
        return answer == _MAKE and self._make(folder)

    # -- SAEs --------------------------------------------------------------------------------

    @Slot()
    def load_sae(self) -> None:
        """Asks for an SAE that was trained elsewhere."""
        self.open_sae(None)

    def open_sae(self, path: Path | None) -> None:
        """Shows what the SAE at a place is, and loads it where a person wants that."""
        from saedesk.ui.train_panels.sae_loading_dialog import open_loading_dialog

        open_loading_dialog(self._session, path, self._window)

    # -- drop --------------------------------------------------------------------------------

    def take_dropped(self, paths: Sequence[Path]) -> None:
        """Opens, imports, or says in a sentence why neither."""
        dropped = understand(paths)
        if isinstance(dropped, DroppedProject):
            self.open_folder(dropped.folder)
        elif isinstance(dropped, DroppedCorpus):
            self.import_paths(dropped.paths)
        elif isinstance(dropped, DroppedSae):
            self.open_sae(dropped.path)
        elif isinstance(dropped, DroppedVectors):
            self.import_vectors_from(dropped.path)
        else:
            self._session.message.emit(Message("warning", dropped.sentence))

    # -- the demo ----------------------------------------------------------------------------

    @Slot()
    def open_demo(self) -> None:
        """Makes the demo project, or opens it where it was made before."""
        if self.demo is not None:
            return
        from saedesk.jobs import open_demo

        folder = open_demo.default_folder()
        project = self._session.project
        if project is not None and project.folder == folder.absolute():
            return
        if not self._may_leave("Open the demo"):
            return
        self._session.close_project()
        self.demo = self._session.run("Opening the demo", _MakeDemo(folder), self._on_demo)
        self.demo.ended.connect(self._on_demo_ended)
        self.demo_changed.emit()

    def _on_demo(self, folder: Path) -> None:
        if self._session.project is None:
            self._session.open_project(folder)

    @Slot()
    def _on_project_changed(self) -> None:
        """A person who opens something else meanwhile does not want the demo any more."""
        if self.demo is not None and self._session.project is not None:
            self.demo.cancel()

    @Slot(object)
    def _on_demo_ended(self, _: object) -> None:
        self.demo = None
        self.demo_changed.emit()

    # -- recent ones -------------------------------------------------------------------------

    def locate(self, missing: RecentProject) -> None:
        """Asks where a recent project went, and opens it there."""
        folder = choose_folder(self._window, f"Where is {missing.name}?", self._usual_folder())
        if folder is None:
            return
        if not is_project(folder):
            sentence = f"{folder} is not a project of saedesk. Choose the folder of {missing.name}."
            self._session.message.emit(Message("warning", sentence))
        elif self.open_folder(folder):
            self._session.settings.forget_projects(missing.folder)

    @Slot()
    def show_in_folder(self) -> None:
        """Shows the project in the file manager."""
        if self._session.project is not None:
            show_folder(self._session.project.folder.parent)

    def _usual_folder(self) -> Path:
        recent = self._session.settings.recent_projects()
        for place in [entry.folder.parent for entry in recent] + [projects_folder()]:
            if place.is_dir():
                return place
        return Path.home()


class _MakeDemo:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, control: TaskControl) -> Path:
        from saedesk.jobs import open_demo
        from saedesk.session.torch_threads import limit_torch_threads

        limit_torch_threads()
        return open_demo.run(open_demo.DemoRequest(self._folder), control)


def projects_folder() -> Path:
    """Where projects are kept unless a person says otherwise."""
    return Path.home() / "saedesk"


def free_folder(parent: Path, name: str) -> Path:
    """`name`.saedesk in a folder, or `name` 2.saedesk where that is taken."""
    folder, number = parent / f"{name}{SUFFIX}", 2
    while folder.exists():
        folder, number = parent / f"{name} {number}{SUFFIX}", number + 1
    return folder


def show_folder(folder: Path) -> None:
    """Shows a folder in the file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def running_tasks(tasks: Sequence[Task]) -> str:
    """Names tasks in sentences, for a question about ending them."""
    sentences = [f"{tasks[0].title} is not finished."]
    if tasks[0].title.startswith("Training"):
        sentences.append("A stopped training is listed in Train and can be continued there.")
    else:
        sentences.append("What it has done so far is kept where that is possible.")
    if len(tasks) > 1:
        names = ", ".join(task.title[:1].lower() + task.title[1:] for task in tasks[1:])
        sentences.append(f"Waiting behind it: {names}.")
    return " ".join(sentences)
