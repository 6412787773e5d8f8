"""Giving an SAE away: for which library, where to, under which licence."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QMenu, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.export_sae import ExportSaeRequest
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.message import SAE
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Succeeded, Task
from saedesk.task_control import TaskControl
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.export_format_list import ExportFormatList
from saedesk.ui.train_panels.stored_runs import run_name
from saedesk.ui.widgets.button_row import beside, button_row
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton, PrimaryButton
from saedesk.ui.widgets.dialog_height import fit_height
from saedesk.ui.widgets.dialogs import choose_folder
from saedesk.ui.widgets.fields import FieldRow, TextField
from saedesk.ui.widgets.text_label import TextLabel

NO_SAE = "There is no SAE to export yet. Train one, or load one from a file."
ABOUT = (
    "The SAE is written as a folder: its weights, and a README.md with its settings, its measures "
    "and the licence. No text of a document is in it."
)
FOLDER_HELP = "A folder that does not exist yet, or is empty."
LICENCE_HELP = "What others may do with it; left open if this stays empty."
LICENCES = ("apache-2.0", "mit", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc0-1.0")
"""By the names the hub knows."""
WIDTH = 560


def open_export_dialog(session: Session, record: ArtifactRecord | None, parent: QWidget) -> None:
    """Ask how to export an SAE; None is the one in use. Does not wait."""
    if record is None and session.project is not None:
        record = session.project.current("saes")
    if record is None or session.project is None:
        session.message.emit(Message("warning", NO_SAE, about=(SAE,)))
        return
    SaeExportDialog(session, session.project, record, parent.window()).open()


class _ReasonsAgainst:
    """Which formats cannot hold an SAE, and why; run beside the window."""

    def __init__(self, project: Project, record: ArtifactRecord) -> None:
        self._project, self._record = project, record

    def __call__(self, _: TaskControl) -> dict[str, str]:
        from saedesk.sae.formats.exports import EXPORT_FORMATS, reason_against
        from saedesk.sae.formats.saedesk_format import load_sae

        sae = load_sae(self._project.path_of(self._record))
        return {name: reason_against(sae, name) for name in EXPORT_FORMATS}


class SaeExportDialog(QDialog):
    """Stays, hidden, while the folder is written, and comes back with its choices if that fails."""

    def __init__(
        self,
        session: Session,
        project: Project,
        record: ArtifactRecord,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._project, self._record = session, project, record
        self._task: Task | None = None
        self._suggested = ""
        self.setWindowTitle("Export an SAE")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.formats = ExportFormatList()
        self.folder = TextField("Folder", accessible_name="Folder")
        self.choose = DefaultButton("Choose…", "folder-open", accessible_name="Choose where to")
        self.licence = TextField("for example apache-2.0", accessible_name="Licence")
        self.licences = GhostButton("chevron-down", "Usual licences")
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=6)
        self.start = PrimaryButton("Export", "upload")
        self.cancel = DefaultButton("Cancel")
        self._question = LaneQuestion(session, "Looking at an SAE", self)
        self._lay_out()
        self._question.answered.connect(self._on_reasons)
        self._question.failed.connect(self._show_error)
        self.formats.changed.connect(self._on_format)
        self.folder.text_changed.connect(self._check)
        self.choose.clicked.connect(self._choose_folder)
        self.licences.clicked.connect(self._open_licences)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        session.project_changed.connect(self._leave)
        self._show_error("")
        self._on_format()
        self.formats.focus_current()
        self._question.ask(_ReasonsAgainst(project, record))

    def _lay_out(self) -> None:
        space = tokens().space
        field = space[8] * 12
        folder = FieldRow(
            "Folder", beside(self.folder, self.choose), FOLDER_HELP, field, always_help=True
        )
        licence = FieldRow(
            "Licence", beside(self.licence, self.licences), LICENCE_HELP, field, always_help=True
        )
        for row in (folder, licence):
            row.layout().setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        head = TextLabel(f"Export {run_name(self._record)}", "head of a panel", elide=True)
        column.addWidget(head)
        column.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        column.addWidget(self.formats)
        column.addWidget(folder)
        column.addWidget(licence)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(button_row(self.cancel, self.start))
        self.setFixedWidth(WIDTH)

    # -- choices -----------------------------------------------------------------------------

    @Slot(object)
    def _on_reasons(self, reasons: dict[str, str]) -> None:
        self.formats.set_reasons(reasons)

    @Slot()
    def _on_format(self) -> None:
        """The suggested folder is named after the format, until a person names another."""
        if self.folder.text() == self._suggested:
            parent = self._project.folder.parent
            if self._suggested:
                parent = Path(self._suggested).parent
            self._suggest(parent)
        self._check()

    def _suggest(self, parent: Path) -> None:
        words = f"{self._project.name} {run_name(self._record)} {self.formats.current}"
        name = re.sub(r"[^\w.]+", "-", words.lower()).strip("-.")
        folder, number = parent / name, 2
        while folder.exists():
            folder, number = parent / f"{name}-{number}", number + 1
        self._suggested = str(folder)
        self.folder.setText(self._suggested)

    @Slot()
    def _choose_folder(self) -> None:
        known = Path(self.folder.text()).parent
        parent = choose_folder(self, "Where to write the folder", known if known.is_dir() else None)
        if parent is not None:
            self._suggest(parent)

    @Slot()
    def _open_licences(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in LICENCES:
            menu.addAction(name)
        menu.triggered.connect(self._on_licence)
        menu.popup(self.licences.mapToGlobal(QPoint(0, self.licences.height())))

    @Slot(QAction)
    def _on_licence(self, action: QAction) -> None:
        self.licence.setText(action.text())
        self.licence.setFocus()

    @Slot()
    def _check(self, _: str = "") -> None:
        reason = self._reason()
        self.folder.set_error(reason or None)
        self.start.set_disabled_reason(reason)
        self._show_error(reason)

    def _reason(self) -> str:
        """Why it cannot be written there; "" where it can."""
        text = self.folder.text().strip()
        if not text:
            return "Say which folder to write."
        folder = Path(text).expanduser()
        if not folder.is_absolute() or not folder.parent.is_dir():
            return f"There is no folder {folder.parent}. Choose one that is there."
        try:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                return f"{folder.name} is there already and not empty. Choose another name."
        except OSError as error:
            return f"{folder} cannot be read: {error.strerror}. Choose another folder."
        return ""

    @Slot(str)
    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        fit_height(self, WIDTH)

    # -- writing -----------------------------------------------------------------------------

    @Slot()
    def _start(self) -> None:
        if self._reason():
            self._check()
            return
        request = ExportSaeRequest(
            self._record.hash,
            Path(self.folder.text().strip()).expanduser(),
            self.formats.current,
            self.licence.text().strip(),
        )
        try:
            self._task = self._session.exchange.export_sae(request)
        except KnownError as error:
            self._show_error(error.sentence)
            return
        self._written = request.folder
        self._task.ended.connect(self._on_ended)
        self.hide()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Failed):
            self._show_error(outcome.sentence)
            self.open()
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if isinstance(outcome, Succeeded) and outcome.result:
            # In place of the shorter sentence: what a reader of the folder should know.
            sentence = " ".join([f"{self._written.name} is written.", *outcome.result])
            self._session.exchange.written.emit(self._written, sentence)
        self.deleteLater()

    @Slot()
    def _leave(self) -> None:
        """Another project is open, or none: this SAE is not in it."""
        self._question.drop()
        self.hide()
        self.deleteLater()

    def reject(self) -> None:
        self._question.drop()
        super().reject()
        if self._task is None:
            self.deleteLater()
