"""What the commands of the action table do: one method for each, of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.program_log import home_folder
from saedesk.ui.shell.project_doors import ProjectDoors, show_folder
from saedesk.ui.shell.recent_projects import short_path
from saedesk.ui.shell.search_commands import SEARCH_COMMANDS, SearchCommands
from saedesk.ui.theme import Theme

if TYPE_CHECKING:
    from saedesk.ui.main_window import MainWindow

PRIVATE_ON = (
    "Private mode is on: only language models on this computer are asked, here and from a terminal."
)
PRIVATE_OFF = "Private mode is off: language models on other computers may be asked."


class WindowCommands(QObject):
    """Carries out commands; the doors into projects are in an object of their own."""

    def __init__(self, window: MainWindow, doors: ProjectDoors) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self.open_demo = doors.open_demo
        self.open_project = doors.open_project
        self.new_project = doors.new_project
        self.import_documents = doors.import_documents
        self.import_vectors = doors.import_vectors
        self.load_sae = doors.load_sae
        self.show_in_folder = doors.show_in_folder
        self.close_project = doors.close_project
        self.undo = window.session.undo.undo
        self.redo = window.session.undo.redo
        self.pause_task = window.footer.tasks.toggle_pause
        self.cancel_task = window.footer.tasks.cancel_task
        self.quit = window.close
        self._search_commands = SearchCommands(window)
        for name in SEARCH_COMMANDS:
            setattr(self, name, getattr(self._search_commands, name))

    @Slot()
    def find(self) -> None:
        """Opens the palette."""
        self._window.refresh_actions()
        self._window.cards.palette.open()

    @Slot()
    def show_corpus(self) -> None:
        """Shows Corpus."""
        self._window.show_workspace("corpus")

    @Slot()
    def show_train(self) -> None:
        """Shows Train."""
        self._window.show_workspace("train")

    @Slot()
    def show_features(self) -> None:
        """Shows Features."""
        self._window.show_workspace("features")

    @Slot()
    def show_families(self) -> None:
        """Shows Families."""
        self._window.show_workspace("families")

    @Slot()
    def show_search(self) -> None:
        """Shows Search."""
        self._window.show_workspace("search")

    @Slot()
    def read_text(self) -> None:
        """Opens the page in Corpus that a text can be pasted into."""
        self._window.show_workspace("corpus")
        self._window.current_workspace.read_text()

    @Slot()
    def saved_selections(self) -> None:
        """Shows the sets of documents that were saved under a name."""
        from saedesk.ui.corpus_panels.corpus_view import CorpusView
        from saedesk.ui.selection_panels.selections_dialog import open_selections_dialog

        view = self._window.findChild(CorpusView)
        filtered = None if view is None else view.filtered_ids
        open_selections_dialog(self._session, self._window, filtered)

    @Slot()
    def search_index(self) -> None:
        """Tells of the search index and asks how it is to be built again."""
        from saedesk.ui.search_panels.index_dialog import open_index_dialog

        open_index_dialog(self._session, self._window)

    @Slot()
    def export(self) -> None:
        """Asks what to export; what the workspace in view shows is chosen first."""
        from saedesk.ui.corpus_panels.corpus_view import CorpusView
        from saedesk.ui.export_panels.export_dialog import open_export_dialog

        view = self._window.findChild(CorpusView)
        filtered = None if view is None else view.filtered_ids
        table = {"corpus": "documents", "families": "families", "search": "results"}.get(
            self._window.shown or ""
        )
        open_export_dialog(self._session, self._window, filtered, table or "features")

    @Slot()
    def export_sae(self) -> None:
        """Asks how to give away the SAE in focus in Train, or else the one in use."""
        from saedesk.ui.train_panels.sae_export_dialog import open_export_dialog

        record = getattr(self._window.current_workspace, "sae_in_focus", None)
        open_export_dialog(self._session, record, self._window)

    @Slot()
    def write_report(self) -> None:
        """Asks where the report of the project goes."""
        from saedesk.ui.shell.report_place import write_report

        write_report(self._session, self._window)

    @Slot()
    def label_with_model(self) -> None:
        """Asks which language model is to name the features."""
        from saedesk.ui.label_panels.model_labels_dialog import open_model_labels_dialog

        open_model_labels_dialog(self._session, self._window)

    @Slot()
    def label_by_keywords(self) -> None:
        """Makes keyword labels anew; what people and language models wrote stays."""
        self._label_by_keywords(only_missing=False)

    @Slot()
    def label_missing_by_keywords(self) -> None:
        """Makes keyword labels for the features that have no label."""
        self._label_by_keywords(only_missing=True)

    def _label_by_keywords(self, *, only_missing: bool) -> None:
        from saedesk.session.label_work import label_by_keywords
        from saedesk.ui.features_panels.write_permission import may_write

        if may_write(self._session):
            label_by_keywords(self._session, only_missing=only_missing)

    @Slot()
    def measure_families(self) -> None:
        """Labels and measures the families of the SAE in use."""
        from saedesk.session.family_book import family_book

        family_book(self._session).measure()

    @Slot()
    def focus_filter(self) -> None:
        """Puts the keyboard into the filter of the workspace in view."""
        workspace = self._window.current_workspace
        if workspace is None:
            return
        if hasattr(workspace, "focus_filter"):
            workspace.focus_filter()
            return
        shortcut = find_shortcut(workspace)
        if shortcut is not None:
            shortcut.activated.emit()

    @Slot()
    def toggle_drawer(self) -> None:
        """Shows or hides the right column where it is a drawer."""
        self._window.toggle_drawer()

    @Slot()
    def private_mode(self) -> None:
        """Turns on or off that only models on this computer are asked; says which."""
        models = self._session.model_labels
        models.set_private(not models.is_private)
        self._session.tell(PRIVATE_ON if models.is_private else PRIVATE_OFF)

    @Slot()
    def theme_system(self) -> None:
        """Follows the system."""
        self._set_theme("system")

    @Slot()
    def theme_light(self) -> None:
        """Light colours."""
        self._set_theme("light")

    @Slot()
    def theme_dark(self) -> None:
        """Dark colours."""
        self._set_theme("dark")

    @Slot()
    def switch_theme(self) -> None:
        """From light to dark, or back."""
        self._set_theme("light" if Theme.current().is_dark else "dark")

    def _set_theme(self, mode: str) -> None:
        Theme.current().set_mode(mode)
        self._session.settings.set("theme", mode)

    @Slot()
    def show_keys(self) -> None:
        """Shows all keys."""
        self._window.cards.keys.open()

    @Slot()
    def show_about(self) -> None:
        """Shows what saedesk is."""
        self._window.cards.about.open()

    @Slot()
    def show_log(self) -> None:
        """Shows the folder of the log."""
        show_folder(home_folder() / "logs")


def find_shortcut(workspace: QWidget) -> QShortcut | None:
    """The workspace's own Ctrl+F, switched off: two shortcuts with one key cancel each other."""
    for found in workspace.findChildren(QShortcut):
        if found.key() == QKeySequence(QKeySequence.StandardKey.Find):
            found.setEnabled(False)
            return found
    return None


def settings_menu(window: MainWindow) -> QMenu:
    """The menu of the rail: theme, private mode, log, about."""
    actions = window.actions_by_name
    menu = QMenu(window)
    group = QActionGroup(menu)
    for mode in ("system", "light", "dark"):
        action = actions[f"theme_{mode}"]
        action.setCheckable(True)
        # An icon would stand where the mark of what is on has to be seen.
        action.setIconVisibleInMenu(False)
        group.addAction(action)
        menu.addAction(action)
    menu.addSeparator()
    menu.addAction(actions["private_mode"])
    menu.addSeparator()
    for name in ("show_keys", "show_log", "show_about"):
        menu.addAction(actions[name])

    def mark() -> None:
        actions[f"theme_{Theme.current().mode}"].setChecked(True)

    menu.aboutToShow.connect(mark)
    return menu


def project_menu(window: MainWindow, doors: ProjectDoors) -> QMenu:
    """The menu under the project's name: open, make, import, recent ones, close."""
    actions = window.actions_by_name
    menu = QMenu(window)
    for name in ("open_project", "new_project", "import_documents", "open_demo"):
        menu.addAction(actions[name])
    recent = menu.addMenu("Recent projects")
    menu.addSeparator()
    for name in ("import_vectors", "load_sae", "label_by_keywords", "label_with_model"):
        menu.addAction(actions[name])
    menu.addAction(actions["search_index"])
    menu.addSeparator()
    for name in ("export", "export_sae", "write_report"):
        menu.addAction(actions[name])
    menu.addSeparator()
    for name in ("show_in_folder", "close_project"):
        menu.addAction(actions[name])

    def list_recent() -> None:
        recent.clear()
        for entry in window.session.settings.recent_projects():
            words = f"{entry.name}   {short_path(entry.folder)}".replace("&", "&&")
            action = QAction(words, recent)
            action.setEnabled(entry.exists)
            action.setData(entry.folder)
            recent.addAction(action)
        recent.setEnabled(not recent.isEmpty())

    def open_recent(action: QAction) -> None:
        doors.open_folder(action.data())

    menu.aboutToShow.connect(list_recent)
    recent.triggered.connect(open_recent)
    return menu
