"""The table of recent projects on the first page; a missing one can be located."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from saedesk.session.settings import RecentProject, Settings
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    LEFT,
    RIGHT,
    draw_hairline,
    draw_line_of_text,
    shade,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_NAME, _PATH, _DOCUMENTS, _FEATURES = 26, 232, 732, 842
"""Left edge of name and path, right edge of the numbers, on a table of full width."""
_SHORTEST_PATH = 200


class RecentProjects(QWidget):
    """A row for each project that was open before, the last one first."""

    opened = Signal(object)
    """RecentProject."""
    locate_wanted = Signal(object)
    """RecentProject that is missing."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.rows: list[RecentRow] = []
        self._head = _Head()
        self._head.clear.clicked.connect(self._on_clear)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._head)
        self.setAccessibleName("Recent projects")
        self.refresh()

    def refresh(self) -> None:
        """Shows the projects as the settings have them now."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        projects = self._settings.recent_projects()
        self.rows = [RecentRow(project) for project in projects]
        for row in self.rows:
            row.opened.connect(self.opened)
            row.locate_wanted.connect(self.locate_wanted)
            row.forget_wanted.connect(self._on_forget)
            self._column.addWidget(row)
        self.setVisible(bool(projects))

    def _on_clear(self) -> None:
        self._settings.forget_projects()
        self.refresh()

    def _on_forget(self, project: RecentProject) -> None:
        self._settings.forget_projects(project.folder)
        self.refresh()


class _Head(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens().row_height.recent_project)
        self.clear = LinkButton("Clear the list", tooltip="Forgets the list; projects stay.")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, tokens().line)
        row.addWidget(TextLabel("Recent projects", "head of a section"))
        row.addStretch(1)
        row.addWidget(self.clear)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edges = columns(self.width())
        for words, right in (("Documents", edges.documents), ("Features", edges.features)):
            line = QRect(0, 0, right, self.height())
            draw_line_of_text(painter, line, words, "column head", "text2", RIGHT)
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)


class RecentRow(QAbstractButton):
    """One project; Enter or a click opens it."""

    opened = Signal(object)
    locate_wanted = Signal(object)
    forget_wanted = Signal(object)

    def __init__(self, project: RecentProject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._there = project.exists
        self.setFixedHeight(tokens().row_height.recent_project)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"{project.name}, {project.documents:,} documents")
        set_plain_tooltip(self, str(project.folder))
        FocusRingFilter(self, tokens().radius.check)
        self.locate = LinkButton("Locate…", tooltip="Say where the project is now")
        self.locate.setVisible(not self._there)
        self.locate.clicked.connect(self._on_locate)
        self._missing = TextLabel("Not found", "body", "text3")
        self._missing.setVisible(not self._there)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, tokens().line)
        row.setSpacing(tokens().space[2] + 2)
        row.addStretch(1)
        row.addWidget(self._missing)
        row.addWidget(self.locate)
        self.clicked.connect(self._on_click)

    def sizeHint(self) -> QSize:
        return QSize(tokens().layout.first_start, tokens().row_height.recent_project)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Delete:
            self.forget_wanted.emit(self.project)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        for words, act in (
            ("Copy the path", self._copy_path),
            ("Take it off the list", self._forget),
        ):
            action = QAction(words, menu)
            action.triggered.connect(act)
            menu.addAction(action)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() and self._there:
            painter.fillRect(self.rect(), shade("hover"))
        edges, height = columns(self.width()), self.height()
        strong, quiet = ("text1", "text2") if self._there else ("text3", "text3")
        square = QRect(0, 0, tokens().icon, height)
        icon = "folder" if self._there else "folder-x"
        paint_icon(painter, icon, square, "text2" if self._there else "text4")
        name = QRect(_NAME, 0, edges.path - _NAME - tokens().space[2], height)
        role = "label" if self._there else "body"
        draw_line_of_text(painter, name, self.project.name, role, strong)
        room = edges.documents - edges.path - tokens().space[8] * 2
        if room > tokens().space[8]:
            line = QRect(edges.path, 0, room, height)
            draw_line_of_text(painter, line, short_path(self.project.folder), "body", quiet, LEFT)
        if self._there:
            self._paint_numbers(painter, edges)
        bottom = height - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)

    def _paint_numbers(self, painter: QPainter, edges: _Columns) -> None:
        features = f"{self.project.features:,}" if self.project.features else "–"
        for text, right in (
            (f"{self.project.documents:,}", edges.documents),
            (features, edges.features),
            (when_text(self.project.opened), self.width()),
        ):
            line = QRect(0, 0, right, self.height())
            draw_line_of_text(painter, line, text, "body", "text2", RIGHT, tabular=True)

    def _on_click(self) -> None:
        (self.opened if self._there else self.locate_wanted).emit(self.project)

    def _on_locate(self) -> None:
        self.locate_wanted.emit(self.project)

    def _copy_path(self) -> None:
        QApplication.clipboard().setText(str(self.project.folder))

    def _forget(self) -> None:
        self.forget_wanted.emit(self.project)


class _Columns:
    """Edges of the columns for one width of the table."""

    def __init__(self, width: int) -> None:
        missing = max(0, tokens().layout.first_start - width)
        self.path = _PATH - min(missing // 3, 60)
        self.documents = _DOCUMENTS - missing
        self.features = _FEATURES - missing


def columns(width: int) -> _Columns:
    """Where the columns of the table lie."""
    return _Columns(width)


def short_path(folder: Path) -> str:
    """The path with ~ for the home folder."""
    try:
        return f"~/{folder.relative_to(Path.home())}"
    except ValueError:
        return str(folder)


def when_text(opened: str, now: Callable[[], datetime] | None = None) -> str:
    """“Today, 09:41”, “Tuesday”, “28 October”, “28 October 2019” from ISO time in UTC."""
    try:
        then = datetime.fromisoformat(opened).astimezone()
    except ValueError:
        return ""
    today = (now() if now else datetime.now().astimezone()).date()
    days = (today - then.date()).days
    if days == 0:
        return f"Today, {then:%H:%M}"
    if days == 1:
        return f"Yesterday, {then:%H:%M}"
    if 1 < days < 7:
        return f"{then:%A}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day} {then:%B}{year}"
