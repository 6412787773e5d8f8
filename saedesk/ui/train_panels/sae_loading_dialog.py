"""Loading an SAE of another library: look at it, say what it does not say itself, load it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.load_sae import LoadSaeRequest
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Task
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.sae_description_card import SaeDescriptionCard
from saedesk.ui.train_panels.sae_look import SaeLooker, SeenSae, error_of_k, shown_choices
from saedesk.ui.train_panels.sae_source import SaeSource
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialog_height import fit_height
from saedesk.ui.widgets.fields import ChoiceField, FieldRow, TextField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import TextLabel

if TYPE_CHECKING:
    from saedesk.sae.formats.foreign_format import SaeDescription

NO_PROJECT = (
    "An SAE needs a project with vectors of the width it was made for. Open or make one first."
)
ABOUT = (
    "SAEs of SAELens, sparsify, dictionary_learning, HypotheSAEs, saerch, OpenAI and saedesk can "
    "be read. Nothing in a file is ever run."
)
K_HELP = (
    "How many features describe a document. The file does not say it; its name or the page it "
    "came from often does, as 64 in 64_9216.pth."
)
NAME_HELP = "What it is called in the list of runs; “Loaded 1” and so on if this stays empty."
WIDTH = 560


def open_loading_dialog(session: Session, path: Path | None, parent: QWidget) -> None:
    """Ask which SAE to load, or show the one at `path`. Does not wait."""
    try:
        if session.project is None:
            raise KnownError(NO_PROJECT)
        session.project.check_writable()
    except KnownError as error:
        session.message.emit(Message("error", error.sentence))
        return
    dialog = SaeLoadingDialog(session, parent.window())
    dialog.open()
    if path is not None:
        dialog.look_at(path)


class SaeLoadingDialog(QDialog):
    """Stays, hidden, while the SAE is loaded, and comes back with its choices if that fails."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._choices: tuple[Path, ...] = ()
        self._seen: SaeDescription | None = None
        self._task: Task | None = None
        self.setWindowTitle("Load an SAE")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.setAcceptDrops(True)
        self.looker = SaeLooker(session, self)
        self.looker.seen.connect(self._on_seen)
        self.looker.failed.connect(self._on_failed)
        self.source = SaeSource()
        self.reading = TextLabel("", "body", "text2", elide=True)
        self.choice = ChoiceField(accessible_name="Which SAE")
        self.card = SaeDescriptionCard()
        self.k = TextField("number", accessible_name="Active at once, k")
        self.name = TextField("Loaded 1", accessible_name="Name")
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=6)
        self.start = PrimaryButton("Load", "download")
        self.cancel = DefaultButton("Cancel")
        self._lay_out()
        self.source.path_chosen.connect(self.look_at)
        self.source.hub_wanted.connect(self._look_on_hub)
        self.source.kind_changed.connect(self._on_kind)
        self.choice.activated.connect(self._on_choice)
        self.card.folded.connect(self._fit)
        self.k.text_changed.connect(self._check)
        self.name.text_changed.connect(self._check)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        session.project_changed.connect(self._leave)
        self._show(None)
        self.source.focus_first()

    def _lay_out(self) -> None:
        space = tokens().space
        field = space[8] * 8
        self._choice_row = FieldRow("Which SAE", self.choice, "", space[8] * 12)
        self._k_row = FieldRow("Active at once, k", self.k, K_HELP, field, always_help=True)
        self._name_row = FieldRow("Name", self.name, NAME_HELP, field)
        for row in (self._choice_row, self._k_row, self._name_row):
            row.layout().setContentsMargins(0, 0, 0, 0)
        self._line = Hairline()
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel("Load an SAE", "head of a panel"))
        column.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        column.addWidget(self.source)
        column.addWidget(self.reading)
        column.addWidget(self._choice_row)
        column.addWidget(self._line)
        column.addWidget(self.card)
        column.addWidget(self._k_row)
        column.addWidget(self._name_row)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(button_row(self.cancel, self.start))
        self.setFixedWidth(WIDTH)

    # -- which SAE ---------------------------------------------------------------------------

    @Slot(object)
    def look_at(self, path: Path) -> None:
        """Look at a file or folder beside the window."""
        self.source.show_path(path)
        self._show_reading(path.name)
        self.looker.look_at(path)

    @Slot(str, bool)
    def _look_on_hub(self, name: str, may_download: bool) -> None:
        self._show_reading(name)
        self.looker.look_on_hub(name, may_download=may_download)

    @Slot(int)
    def _on_choice(self, at: int) -> None:
        choices = self._choices
        self._show_reading(choices[at].name, choices)
        self.looker.look_at(choices[at], choices)

    def _show_reading(self, name: str, choices: tuple[Path, ...] = ()) -> None:
        self._choices = choices
        self._show(None)
        self.reading.setText(f"Reading {name} …")
        self.reading.show()
        self._fit()

    @Slot(object)
    def _on_seen(self, seen: SeenSae) -> None:
        self._choices = seen.choices
        self.k.clear()
        if len(seen.choices) > 1:
            shown = shown_choices(seen.choices)
            self.choice.set_items(shown, shown[seen.choices.index(seen.chosen)])
        self._show(seen.description)
        if seen.description is None:
            self._show_error(seen.sentence)
            self.choice.setFocus()
            return
        first = self.k if seen.description.asks_for_k else self.start
        (first if first.isVisibleTo(self) else self.cancel).setFocus()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._show(None)
        self._show_error(sentence)

    @Slot()
    def _on_kind(self) -> None:
        """Another kind of place is asked for: what was seen at the first does not count."""
        self.looker.drop()
        self._choices = ()
        self._show(None)

    # -- what is shown -----------------------------------------------------------------------

    def _show(self, found: SaeDescription | None) -> None:
        self._seen = found
        self.reading.hide()
        self._choice_row.setVisible(len(self._choices) > 1)
        why_not = "" if found is None else self._why_not(found)
        may_load = found is not None and not why_not
        self._line.setVisible(found is not None)
        self.card.setVisible(found is not None)
        self._name_row.setVisible(may_load)
        self._k_row.setVisible(may_load and found.asks_for_k)
        if found is not None:
            self.card.show_description(found)
        self._show_error(why_not)
        self._check()

    def _why_not(self, found: SaeDescription) -> str:
        """Why an SAE cannot be loaded into this project at all; "" where it can."""
        vectors, project = self._session.vectors, self._session.project
        if vectors is None or project is None:
            return ""
        width = vectors.values.shape[1]
        if width == found.d_in:
            return ""
        return (
            f"This SAE takes vectors of {found.d_in:,} dimensions apart; those of {project.name} "
            f"have {width:,}. It needs a project whose vectors come from the model it was trained "
            "on."
        )

    @Slot()
    def _check(self, _: str = "") -> None:
        found = self._seen
        self.start.setVisible(found is not None and not self._why_not(found))
        self.k.set_error(self._error_of_k() if self.k.text() else None)
        self.name.set_error(self._error_of_name())
        self.start.set_disabled_reason(self._reason())
        self._fit()

    def _reason(self) -> str:
        """Why it cannot be loaded yet."""
        if self._seen is None:
            return "Choose an SAE first."
        return self._error_of_k() or self._error_of_name() or ""

    def _error_of_k(self) -> str | None:
        return None if self._seen is None else error_of_k(self.k.text(), self._seen)

    def _error_of_name(self) -> str | None:
        project, name = self._session.project, self.name.text().strip()
        known = () if project is None else project.artifacts("saes")
        if any(name == record.summary.get("name") for record in known):
            return f"There is a run called {name} already."
        return None

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        self._fit()

    @Slot()
    def _fit(self) -> None:
        fit_height(self, WIDTH)

    # -- loading -----------------------------------------------------------------------------

    @Slot()
    def _start(self) -> None:
        found = self._seen
        if found is None or self._reason():
            return
        k = int(self.k.text().replace(",", "")) if found.asks_for_k else None
        request = LoadSaeRequest(found.path, k, self.name.text().strip())
        try:
            self._task = self._session.exchange.load_sae(request)
        except KnownError as error:
            self._show_error(error.sentence)
            return
        self._task.ended.connect(self._on_ended)
        self.hide()
        self._session.show("train")

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Failed):
            self._show_error(outcome.sentence)
            self.open()
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.deleteLater()

    @Slot()
    def _leave(self) -> None:
        """Another project is open: the choices were not meant for it."""
        self.looker.drop()
        self.hide()
        self.deleteLater()

    def reject(self) -> None:
        self.looker.drop()
        super().reject()
        if self._task is None:
            self.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.look_at(paths[0])
