"""What a finished run shows that is worth knowing, under its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.jobs.remarks_on_run import remarks_on_run
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_warnings import Remark
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.task_control import TaskControl
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.train_panels.remarks import NUMBER_WIDTH, number_of
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

SHOWN, SHOWN_WHERE_LOW = 2, 1
"""More are in a tooltip: the plots need the room."""
LOW = 540
"""Where the run has less height than this, one remark has to do."""
LINES = 3
Key = tuple[str, bool]


@dataclass(frozen=True)
class _Look:
    project: Project
    record: ArtifactRecord
    key: Key

    def __call__(self, _: TaskControl) -> tuple[Key, tuple[Remark, ...]]:
        return self.key, remarks_on_run(self.project, self.record)


class RunRemarks(QWidget):
    """The remarks on the run in focus; asked for beside the window, and once for each run."""

    def __init__(self, session: Session, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, book
        self._known: dict[Key, tuple[Remark, ...]] = {}
        self._question = LaneQuestion(session, "Looking at a run", self)
        self._question.answered.connect(self._on_answer)
        self._asked: Key | None = None
        self.rows = [_Row(), _Row()]
        self.more = TextLabel("", "caption", "text3")
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space[2], 0, 0)
        column.setSpacing(space[2])
        for row in self.rows:
            column.addWidget(row)
            row.features_wanted.connect(self._on_features)
        column.addWidget(self.more)
        column.addWidget(Hairline())
        self.hide()
        session.project_changed.connect(self._forget)
        book.changed.connect(self.refresh)

    def text(self) -> str:
        """The remarks that are shown, one a line."""
        return "\n".join(row.text() for row in self.rows if not row.isHidden())

    @Slot()
    def _forget(self) -> None:
        self._known.clear()
        self._asked = None
        self._question.drop()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Shows what is known of the run in focus, and asks where nothing is."""
        run, project = self._book.focus, self._session.project
        if run is None or run.record is None or project is None:
            self._show((), None)
            return
        key = run.record.hash, run.analysed
        if key in self._known:
            self._show(self._known[key], run)
            return
        self._show((), None)
        if key != self._asked:
            self._asked = key
            self._question.ask(_Look(project, run.record, key))

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        key, remarks = answer  # type: ignore[misc]
        self._known[key] = remarks
        self._asked = None
        self.refresh()

    def _show(self, remarks: tuple[Remark, ...], run: Run | None) -> None:
        may_open = run is not None and run.in_use
        host = self.parentWidget()
        shown = SHOWN if host is None or host.height() >= LOW else SHOWN_WHERE_LOW
        for at, row in enumerate(self.rows):
            row.setVisible(at < min(shown, len(remarks)))
            if at < len(remarks):
                row.show_remark(remarks[at], may_open)
        left = len(remarks) - shown
        self.more.setVisible(left > 0)
        self.more.setText(f"{left} more to know" if left > 0 else "")
        self.more.set_explanation("\n".join(remark.text for remark in remarks[shown:]))
        self.setVisible(bool(remarks))

    @Slot(int)
    def _on_features(self, latent: int) -> None:
        self._session.show_feature(latent)


class _Row(QWidget):
    """The number, what it means, what to do."""

    features_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        top = Qt.AlignmentFlag.AlignTop
        self.number = TextLabel("", "head of a section", tabular=True)
        self.number.setMinimumWidth(NUMBER_WIDTH)
        self.number.setFixedHeight(Theme.current().line_height("caption"))
        self.sentence = TextLabel("", "caption", "text2", wrap=True, align=top, max_lines=LINES)
        self.advice = TextLabel("", "caption", "text1", wrap=True, align=top, max_lines=LINES)
        self.open = LinkButton(
            "Read it", "column head", tooltip="Shows the general one of these features."
        )
        self.open.clicked.connect(self._on_open)
        self._latents: tuple[int, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[4])
        row.addWidget(self.number, 0, top)
        row.addWidget(self.sentence, 3, top)
        row.addWidget(self.advice, 2, top)
        row.addWidget(self.open, 0, top)

    def text(self) -> str:
        return f"{self.number.text()} {self.sentence.text()} {self.advice.text()}"

    def show_remark(self, remark: Remark, may_open: bool) -> None:
        self._latents = remark.latents
        self.number.setText(number_of(remark))
        self.sentence.setText(remark.sentence)
        self.advice.setText(remark.advice)
        self.open.setVisible(may_open and bool(remark.latents))
        self.setAccessibleName(self.text())

    @Slot()
    def _on_open(self) -> None:
        if self._latents:
            self.features_wanted.emit(self._latents[0])
