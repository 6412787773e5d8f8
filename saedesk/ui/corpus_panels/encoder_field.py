"""Which encoder made vectors that somebody brings: a name or a folder, or nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.embedding.known_models import KnownModel
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.encoder_check import FITS, EncoderCheck, list_encoders
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.dialogs import choose_folder
from saedesk.ui.widgets.fields import TextField
from saedesk.ui.widgets.text_label import TextLabel

PAUSE_MS = 300
"""A pause in typing after which the name is looked up."""
_OFFERED = 6
_UNKNOWN = (
    "Without it everything works but one thing: what you type cannot be searched for. Search then "
    "finds documents that are like other documents."
)
_KNOWN = "What you type in Search is embedded with it. Its files have to be on this computer."


class EncoderName(FindingField):
    """A name or path; offers the encoders on this computer, those that fit the vectors first."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            "Name or folder, if you know it", "", accessible_name, "Encoders on this computer",
            parent=parent,
        )  # fmt: skip
        self._known: Sequence[KnownModel] = ()
        self._width = 0

    def set_known(self, known: Sequence[KnownModel], width: int) -> None:
        """Sets what is offered, and the width of the vectors."""
        self._known, self._width = known, width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.suggestions.isVisible() or not (is_enter or event.key() == Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        else:
            # Nothing is offered: the keys are the dialog's, and what was typed stays.
            TextField.keyPressEvent(self, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.text():
            self._find("")

    def _on_edited(self, text: str) -> None:
        self._find(text.strip())

    def _find(self, text: str) -> None:
        folded = text.casefold()
        known = [model for model in self._known if folded in model.name.casefold()]
        known.sort(key=lambda model: model.dimensions not in (self._width, None))
        if not known or [model.name for model in known] == [text]:
            self.suggestions.hide()
            return
        lines = [Suggestion(model.name, model.name, _numbers(model)) for model in known]
        self.suggestions.show_found(lines[:_OFFERED], "")

    def _choose(self, value: str) -> None:
        self.suggestions.hide()
        self.setText(value)


class EncoderField(QWidget):
    """The name, a button for folders, and a sentence on whether it can be the one."""

    changed = Signal()
    """Another name."""
    checked = Signal()
    """It turned out whether the name can be the one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = 0
        self.problem = ""
        """Why the named encoder cannot be the one; "" while nothing speaks against it."""
        self.label = TextLabel("Encoder that made them", "body")
        self.name = EncoderName(self.label.text())
        self.name.text_changed.connect(self._on_text)
        self.folder = DefaultButton("Folder…", "folder")
        self.folder.clicked.connect(self._choose_folder)
        self.help = TextLabel(_UNKNOWN, "caption", "text3", wrap=True)
        self._list = LaneQuestion(session, "Looking for encoders", self)
        self._list.answered.connect(self._on_list)
        self._check = LaneQuestion(session, "Looking for the encoder", self)
        self._check.answered.connect(self._on_checked)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        space = tokens().space
        row = QHBoxLayout()
        row.setSpacing(space[2])
        row.addWidget(self.label)
        row.addSpacing(space[2])
        row.addWidget(self.name, 1)
        row.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addLayout(row)
        column.addWidget(self.help)

    @property
    def model(self) -> str:
        """The name or folder; "" where it is not known."""
        return self.name.text().strip()

    def set_width(self, width: int) -> None:
        """The vectors have so many numbers: encoders are offered and checked for that."""
        if width != self._width:
            self._width = width
            self._list.ask(list_encoders)
            self._on_text()

    def drop(self) -> None:
        """Forget what was asked."""
        self._pause.stop()
        for question in (self._list, self._check):
            question.drop()

    def _on_text(self, _: object = None) -> None:
        self._check.drop()
        self._pause.stop()
        if self.model and self._width:
            self._pause.start()
        self._say(_KNOWN if self.model else _UNKNOWN, "")
        self.changed.emit()

    def _say(self, sentence: str, problem: str) -> None:
        self.problem = problem
        self.name.set_error(problem or None)
        self.help.setText(problem or sentence)
        self.help.set_colour("error" if problem else "text3")

    @Slot()
    def _ask(self) -> None:
        self._check.ask(EncoderCheck(self.model, self._width))

    @Slot(object)
    def _on_list(self, known: object) -> None:
        assert isinstance(known, tuple)
        self.name.set_known(known, self._width)

    @Slot(object)
    def _on_checked(self, problem: object) -> None:
        self._say(FITS, str(problem))
        self.checked.emit()

    def _choose_folder(self) -> None:
        folder = choose_folder(self, "The folder of an embedding model")
        if folder is not None:
            self.name.setText(str(folder))


def _numbers(model: KnownModel) -> str:
    return "" if model.dimensions is None else f"{model.dimensions:,} numbers"
