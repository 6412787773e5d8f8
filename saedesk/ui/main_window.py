"""The window: rail, header, work area, footer; workspaces are made when they are first shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from saedesk.session.message import WORKSPACE
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.ui.shell.features_ahead import FeaturesAhead
from saedesk.ui.shell.first_start import FirstStart
from saedesk.ui.shell.footer import Footer
from saedesk.ui.shell.header import Header
from saedesk.ui.shell.project_doors import ProjectDoors, running_tasks
from saedesk.ui.shell.rail import Rail
from saedesk.ui.shell.window_actions import WindowActions
from saedesk.ui.shell.window_cards import WindowCards
from saedesk.ui.shell.window_commands import (
    WindowCommands,
    find_shortcut,
    project_menu,
    settings_menu,
)
from saedesk.ui.shell.window_geometry import restore_geometry, save_geometry
from saedesk.ui.shell.window_messages import WindowMessages
from saedesk.ui.shell.workspace_focus import focus_workspace
from saedesk.ui.shell.workspace_table import WORKSPACES
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.dialogs import ask
from saedesk.ui.widgets.message_bar import MessageBar

_STOP, _KEEP = "Stop and close", "Keep working"


class MainWindow(QMainWindow):
    """One window for one session."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.stopped = True
        """False after a close in which a task did not stop in time."""
        self.asks_before_closing = True
        self._workspaces: dict[str, QWidget] = {}
        self._shown: str | None = None
        self._tasks: set[Task] = set()
        self.setWindowTitle("saedesk")
        self.setAcceptDrops(True)
        self.setMinimumSize(tokens().layout.first_start, tokens().layout.palette)
        self._actions = WindowActions(session, self)
        self.cards = WindowCards(session, self._actions.by_name, self)
        self.doors = ProjectDoors(session, self)
        self.rail = Rail(WORKSPACES)
        self.header = Header(session, self._actions.by_name)
        self.footer = Footer(session)
        self.message = MessageBar()
        self.stack = QStackedWidget()
        self.first_start = FirstStart(session, self.doors)
        self.stack.addWidget(self.first_start)
        self.ahead = FeaturesAhead(session, self.stack)
        self._lay_out()
        self._connect()
        self._follow_project()
        restore_geometry(self, session.settings)

    @property
    def actions_by_name(self) -> Mapping[str, QAction]:
        """The actions of the window by their names in the action table."""
        return self._actions.by_name

    def refresh_actions(self) -> None:
        """Enables what can be done now."""
        self._actions.refresh()

    def _lay_out(self) -> None:
        middle = QWidget()
        upper = QHBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        work = QVBoxLayout()
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(0)
        work.addWidget(self.header)
        work.addWidget(self.message)
        work.addWidget(self.stack, 1)
        upper.addLayout(work, 1)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.footer)
        self.stack.setProperty("ground", "surface")
        self.setCentralWidget(middle)

    def _connect(self) -> None:
        session = self.session
        self.commands = WindowCommands(self, self.doors)
        self._actions.connect_to(self.commands)
        self.rail.set_settings_menu(settings_menu(self))
        self.rail.help_button.clicked.connect(self.commands.show_keys)
        self.rail.chosen.connect(self.show_workspace)
        self._project_menu = project_menu(self, self.doors)
        self.header.project_button.clicked.connect(self._open_project_menu)
        self.header.find_wanted.connect(self.commands.find)
        self.header.theme.clicked.connect(self.commands.switch_theme)
        self.footer.tasks.keyboard_left.connect(self._focus_work)
        self.messages = WindowMessages(session, self.message, self)
        session.project_changed.connect(self._follow_project)
        session.workspace_wanted.connect(self._on_wanted)
        session.lanes_replaced.connect(self._follow_lanes)
        session.runs_changed.connect(self._show_training)
        self._follow_lanes()

    # -- workspaces --------------------------------------------------------------------------

    @property
    def current_workspace(self) -> QWidget | None:
        """The workspace in view, or None on the first page."""
        return None if self._shown is None else self._workspaces.get(self._shown)

    @property
    def shown(self) -> str | None:
        """The name of the workspace in view."""
        return self._shown

    @Slot(str)
    def show_workspace(self, name: str) -> None:
        """Brings a workspace to the front, making it the first time."""
        entry = next((entry for entry in WORKSPACES if entry.name == name), None)
        if entry is None or (entry.needs_project and self.session.project is None):
            self.rail.set_current(self._shown)
            return
        # Also where a workspace cannot be made, the rail shows the one that is there.
        self.rail.set_current(self._shown)
        if name not in self._workspaces:
            ahead = self.ahead.take() if name == "features" else None
            made = ahead or entry.make(self.session, self.stack)
            if hasattr(made, "drawer_changed"):
                made.drawer_changed.connect(self._offer_drawer)
            find_shortcut(made)
            self.stack.addWidget(made)
            self._workspaces[name] = made
        if name != self._shown:
            self.messages.end(WORKSPACE)
        self._shown = name
        self.stack.setCurrentWidget(self._workspaces[name])
        self.rail.set_current(name)
        self._offer_drawer()
        focus_workspace(self._workspaces[name])

    @Slot()
    def _focus_work(self) -> None:
        focus_workspace(self.current_workspace or self.first_start)

    @Slot(str)
    def _on_wanted(self, name: str) -> None:
        """Somebody asked for a workspace, perhaps for what is selected there."""
        self.show_workspace(name)
        workspace = self.current_workspace
        if self._shown == name and hasattr(workspace, "open_selected"):
            workspace.open_selected()

    @Slot()
    def _follow_project(self) -> None:
        project = self.session.project
        self.message.hide()
        self.rail.set_project_open(project is not None)
        self.setWindowTitle("saedesk" if project is None else f"{project.name} – saedesk")
        if project is None:
            self._shown = None
            self.rail.set_current(None)
            self.stack.setCurrentWidget(self.first_start)
            self.first_start.refresh()
            self._offer_drawer()
        elif self._shown is None:
            self.show_workspace("features" if self.session.sae is not None else "corpus")

    def toggle_drawer(self) -> None:
        """Shows or hides the right column of the workspace in view, where it is a drawer."""
        workspace = self.current_workspace
        if self._has_drawer() and workspace is not None:
            is_open = getattr(workspace, "drawer_visible", None)
            if is_open is None:
                is_open = getattr(workspace, "is_drawer_visible", False)
            workspace.set_drawer_visible(not is_open)

    def _has_drawer(self) -> bool:
        is_narrow = self.width() < tokens().layout.narrow_below
        return is_narrow and bool(getattr(self.current_workspace, "has_drawer", False))

    @Slot()
    def _offer_drawer(self) -> None:
        self.header.set_drawer_offered(self._has_drawer())
        self._actions.set_drawer_offered(self._has_drawer())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer_drawer()

    # -- tasks and messages ------------------------------------------------------------------

    @Slot()
    def _follow_lanes(self) -> None:
        self.session.compute.changed.connect(self._actions.refresh)
        self.session.compute.changed.connect(self._show_training)
        self.session.compute.changed.connect(self._on_tasks)

    @Slot()
    def _on_tasks(self) -> None:
        """What was said before a task began is over."""
        tasks = set(self.session.compute.tasks)
        if tasks - self._tasks:
            self.message.hide()
        if self._tasks - tasks:
            QTimer.singleShot(0, self.messages, self.messages.leave_it_to_dialog)
        self._tasks = tasks

    @Slot()
    def _show_training(self) -> None:
        training = self.session.training is not None
        self.rail.buttons["train"].set_dot(training, "A training is running.")

    @Slot()
    def _open_project_menu(self) -> None:
        button = self.header.project_button
        self._project_menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    # -- drop --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        self._dropped = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        # The program one drags from waits until this returns; a question here would hold it up.
        QTimer.singleShot(0, self, self._take_dropped)

    @Slot()
    def _take_dropped(self) -> None:
        self.doors.take_dropped(self._dropped)

    # -- the end -----------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        tasks = [task for task in self.session.compute.tasks if task.outcome is None]
        if tasks and self.asks_before_closing and not self._may_stop(tasks):
            event.ignore()
            return
        self.stopped = self.session.close()
        save_geometry(self, self.session.settings)
        super().closeEvent(event)
        self.closed.emit()

    def _may_stop(self, tasks) -> bool:  # type: ignore[no-untyped-def]
        answer = ask(self, "Stop what is running and close?", running_tasks(tasks), (_STOP, _KEEP))
        return answer == _STOP
