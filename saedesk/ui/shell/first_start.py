"""The page without a project: what saedesk is, three doors, recent projects."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.session.settings import RecentProject
from saedesk.session.task_lane import Task
from saedesk.task_control import Progress
from saedesk.ui.shell import first_start_drawings as drawings
from saedesk.ui.shell.project_doors import ProjectDoors
from saedesk.ui.shell.recent_projects import RecentProjects
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import LEFT, draw_line_of_text, shade, text_width
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

LEAD = (
    "saedesk takes each document apart into a few features with names. Read them, rename them, "
    "and turn them up and down to steer a search."
)
READY = "Ready in about a quarter of a minute"
_TOP = 54
_LEAD_WIDTH = 440
_ILLUSTRATION_TO_HEAD = 13


class FirstStart(ScrollArea):
    """Everything one can do before a project is open."""

    def __init__(
        self, session: Session, doors: ProjectDoors, parent: QWidget | None = None
    ) -> None:
        self._page = QWidget()
        super().__init__(self._page, "surface", "First start", parent)
        self._session = session
        self._doors = doors
        self._demo: Task | None = None
        self.demo = PrimaryButton("Open the demo", "play", large=True)
        self.import_button = DefaultButton("Import…", "upload", large=True)
        self.open_button = DefaultButton("Open…", "folder-open", large=True)
        self.demo_note = TextLabel(READY, "caption", "text3", wrap=True, max_lines=2)
        self.recent = RecentProjects(session.settings)
        self._fill()
        self.demo.clicked.connect(doors.open_demo)
        self.import_button.clicked.connect(doors.import_documents)
        self.open_button.clicked.connect(doors.open_project)
        self.recent.opened.connect(self._on_recent)
        self.recent.locate_wanted.connect(self._on_locate)
        doors.demo_changed.connect(self._on_demo_changed)

    def refresh(self) -> None:
        """Shows the recent projects as they are now."""
        self.recent.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self.demo.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the page ----------------------------------------------------------------------------

    def _fill(self) -> None:
        space = tokens().space
        content = QWidget()
        content.setMaximumWidth(tokens().layout.first_start)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, _TOP, 0, space[8])
        column.setSpacing(0)
        column.addLayout(self._introduction())
        column.addSpacing(space[8] + space[2] + 2)
        column.addWidget(Hairline())
        column.addSpacing(space[6] + space[1])
        column.addLayout(self._three_doors())
        column.addSpacing(space[6] + space[1])
        column.addWidget(_DropHint())
        column.addSpacing(space[6])
        column.addWidget(self.recent)
        column.addStretch(1)
        row = QHBoxLayout(self._page)
        row.setContentsMargins(space[6], 0, space[6], 0)
        row.addWidget(content, 1)
        # A page wider than its content keeps it in the middle.
        row.setAlignment(content, Qt.AlignmentFlag(0))

    def _introduction(self) -> QHBoxLayout:
        space = tokens().space
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel("See what is inside your text embeddings", "page title"))
        words.addSpacing(space[2] + 2)
        lead = TextLabel(LEAD, "lead", "text2", wrap=True)
        lead.setMaximumWidth(_LEAD_WIDTH)
        words.addWidget(lead)
        words.addSpacing(space[2] + 2)
        words.addWidget(_Promise("Everything stays on this computer. No account, no network."))
        words.addStretch(1)
        sentence = "A text becomes 384 numbers, and these a few features with names."
        picture = drawings.Drawing(drawings.paint_idea, drawings.IDEA_SIZE, sentence)
        row = QHBoxLayout()
        row.setSpacing(space[6])
        row.addLayout(words, 1)
        beside = QVBoxLayout()
        beside.addSpacing(space[1] + 2)
        beside.addWidget(picture)
        beside.addStretch(1)
        row.addLayout(beside)
        return row

    def _three_doors(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(tokens().space[8] - 1)
        doors = (
            (
                drawings.paint_histogram,
                "Open the demo",
                "About 6,000 pages of documentation, from Python to PyTorch, already taken "
                "apart. Look around and change what you like.",
                self.demo,
                self.demo_note,
            ),
            (
                drawings.paint_documents,
                "Import your own documents",
                "A table (CSV, JSON Lines, Parquet), a folder of texts, or vectors you have "
                "already. You see what is in it before it is read in.",
                self.import_button,
                TextLabel("Also files larger than memory", "caption", "text3", elide=True),
            ),
            (
                drawings.paint_folder,
                "Open a project",
                "A folder whose name ends in .saedesk, from this computer or from a colleague.",
                self.open_button,
                TextLabel("Also from a read-only disk", "caption", "text3", elide=True),
            ),
        )
        for at, door in enumerate(doors):
            if at:
                row.addWidget(Hairline(Qt.Orientation.Vertical))
            row.addLayout(self._door(*door), 1)
        return row

    def _door(
        self, paint, head: str, words: str, button: QAbstractButton, note: TextLabel
    ) -> QVBoxLayout:
        space = tokens().space
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addSpacing(space[1])
        column.addWidget(drawings.Drawing(paint, drawings.DOOR_SIZE, head))
        column.addSpacing(_ILLUSTRATION_TO_HEAD)
        column.addWidget(TextLabel(head, "head of a view"))
        column.addSpacing(space[1] + 1)
        text = TextLabel(words, "body", "text2", wrap=True, align=Qt.AlignmentFlag.AlignTop)
        text.setMinimumHeight(3 * tokens().line_height[tokens().type["body"]])
        column.addWidget(text)
        column.addSpacing(space[4])
        row = QHBoxLayout()
        row.setSpacing(space[3] + 2)
        row.addWidget(button)
        row.addWidget(note, 1)
        column.addLayout(row)
        column.addSpacing(space[2] + 2)
        return column

    # -- what a person does ------------------------------------------------------------------

    @Slot(object)
    def _on_recent(self, project: RecentProject) -> None:
        self._doors.open_folder(project.folder)

    @Slot(object)
    def _on_locate(self, project: RecentProject) -> None:
        self._doors.locate(project)
        self.refresh()

    @Slot()
    def _on_demo_changed(self) -> None:
        task = self._doors.demo
        if task is not None and task is not self._demo:
            task.progressed.connect(self._on_demo_progress)
        self._demo = task
        if task is not None and self.demo.hasFocus():
            # Qt would give it to the next button, and Enter would ask for files.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.demo.set_disabled_reason("" if task is None else "The demo is being opened.")
        if task is None and self.hasFocus():
            self.demo.setFocus(Qt.FocusReason.OtherFocusReason)
        self.demo_note.setText(READY if task is None else "Opening the demo …")

    @Slot(object)
    def _on_demo_progress(self, progress: Progress) -> None:
        words = progress.note or "Opening the demo"
        if progress.total:
            words = f"{words} · {progress.done / progress.total:.0%}".replace("%", " %")
        self.demo_note.setText(f"{words} …")


class _Promise(QWidget):
    """An icon and a sentence."""

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setFixedHeight(tokens().line_height[tokens().type["body"]])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, "shield-check", QRect(0, 0, tokens().icon, self.height()), "accent")
        line = self.rect().adjusted(tokens().space[6], 0, 0, 0)
        draw_line_of_text(painter, line, self._sentence, "body", "text2")


class _DropHint(QWidget):
    """Says that things can be dropped; the whole window takes them."""

    WORDS = "Or drop files, vectors, an SAE or a project anywhere in this window"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(2 * tokens().space[8])
        self.setAccessibleName(self.WORDS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(shade("sunken"))
        pen = QPen(shade("lineControl"), tokens().line)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        place = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(place, tokens().radius.card, tokens().radius.card)
        icon, gap = tokens().icon, tokens().space[2] + 2
        width = text_width(self.WORDS, "label")
        left = (self.width() - width - icon - gap) // 2
        paint_icon(painter, "download", QRect(left, 0, icon, self.height()), "text2")
        line = QRect(left + icon + gap, 0, width, self.height())
        draw_line_of_text(painter, line, self.WORDS, "label", "text2", LEFT)
