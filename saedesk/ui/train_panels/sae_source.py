"""Where an SAE comes from: a file or folder of this computer, or a name on the hub."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.dialogs import ALL_FILES, choose_file, choose_folder
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_field import TextField
from saedesk.ui.widgets.text_label import TextLabel

HERE, HUB = "On this computer", "On the hub"
KINDS = (("SAE weights", "*.safetensors *.pt *.pth *.npz"), ALL_FILES)
NO_FILE = "Choose a file or folder, or drop it on this window."
HUB_HELP = (
    "A name on huggingface.co such as owner/name, or owner/name/folder where there are several "
    "SAEs."
)


class _NameField(TextField):
    """Enter looks the name up instead of answering the dialog."""

    submitted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
            return
        super().keyPressEvent(event)


class SaeSource(QWidget):
    """Asks for a place; says what was chosen."""

    path_chosen = Signal(object)
    """Path."""
    hub_wanted = Signal(str, bool)
    """Name on the hub; whether it may be downloaded."""
    kind_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = SegmentedControl((HERE, HUB), accessible_name="Where the SAE is")
        self.chosen = TextLabel(NO_FILE, "body", "text2", elide=True)
        self.file = DefaultButton("File…", "file-text", accessible_name="Choose a file")
        self.folder = DefaultButton("Folder…", "folder-open", accessible_name="Choose a folder")
        self.name = _NameField("owner/name", accessible_name="Name on the hub")
        self.look = DefaultButton("Look", "search", accessible_name="Look at the SAE on the hub")
        self.download = CheckBox("Download from the hub if it is not on this computer")
        self._lay_out()
        self.kind.changed.connect(self._on_kind)
        self.file.clicked.connect(self._choose_file)
        self.folder.clicked.connect(self._choose_folder)
        self.name.text_changed.connect(self._check)
        self.name.submitted.connect(self._look)
        self.look.clicked.connect(self._look)
        self._on_kind(HERE)
        self._check()

    def _lay_out(self) -> None:
        space = tokens().space
        self._here, self._hub = QWidget(), QWidget()
        here = QHBoxLayout(self._here)
        here.setContentsMargins(0, 0, 0, 0)
        here.setSpacing(space[2])
        here.addWidget(self.chosen, 1)
        here.addWidget(self.file)
        here.addWidget(self.folder)
        name = QHBoxLayout()
        name.setSpacing(space[2])
        name.addWidget(self.name, 1)
        name.addWidget(self.look)
        hub = QVBoxLayout(self._hub)
        hub.setContentsMargins(0, 0, 0, 0)
        hub.setSpacing(space[2])
        hub.addLayout(name)
        hub.addWidget(TextLabel(HUB_HELP, "caption", "text3", wrap=True))
        hub.addWidget(self.download)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[3])
        column.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._here)
        column.addWidget(self._hub)

    def show_path(self, path: Path) -> None:
        """Says which file or folder was chosen."""
        self.kind.set_current(HERE)
        self._on_kind(HERE)
        self.chosen.setText(path.name or str(path))
        self.chosen.set_colour("text1")
        self.chosen.set_explanation(str(path))

    def focus_first(self) -> None:
        """Gives the keyboard to what a person does first."""
        (self.file if self.kind.current == HERE else self.name).setFocus()

    @Slot(str)
    def _on_kind(self, kind: str) -> None:
        self._here.setVisible(kind == HERE)
        self._hub.setVisible(kind == HUB)
        self.kind_changed.emit()

    @Slot()
    def _check(self, _: str = "") -> None:
        owner, _, rest = self.name.text().strip().partition("/")
        self.look.set_disabled_reason("" if owner and rest else "Say owner/name first.")

    @Slot()
    def _look(self) -> None:
        if self.look.isEnabled():
            self.hub_wanted.emit(self.name.text().strip(), self.download.isChecked())

    @Slot()
    def _choose_file(self) -> None:
        path = choose_file(self, "The weights of an SAE", KINDS)
        if path is not None:
            self.path_chosen.emit(path)

    @Slot()
    def _choose_folder(self) -> None:
        path = choose_folder(self, "A folder with an SAE")
        if path is not None:
            self.path_chosen.emit(path)
