"""The one place that asks questions in windows of their own, always in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

ALL_FILES = ("All files", "*")


class Question(QDialog):
    """One question, its explanation and the answers; Escape is the last answer."""

    def __init__(
        self,
        parent: QWidget | None,
        question: str,
        details: str = "",
        buttons: Sequence[str] = ("Continue", "Cancel"),
        technical: str = "",
    ) -> None:
        super().__init__(parent)
        self.answer = buttons[-1]
        self.setWindowTitle("saedesk")
        self.setProperty("ground", "surface")
        self.setModal(True)
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel(question, "head of a panel", wrap=True))
        if details:
            column.addWidget(TextLabel(details, "body", "text2", wrap=True))
        if technical:
            column.addWidget(self._technical_part(technical))
            column.addWidget(self._technical)
        column.addSpacing(space[1])
        column.addLayout(self._answers(buttons))
        width = space[8] * 14
        self.setFixedWidth(width)
        # The size hint of wrapped texts is for another width and would cut their last line.
        column.activate()
        self.setMinimumHeight(column.heightForWidth(width))
        # Only now do the buttons lie in this window.
        self.buttons[buttons[0]].setFocus()

    def _technical_part(self, text: str) -> QWidget:
        self._technical = QPlainTextEdit(text[:200_000])
        self._technical.setReadOnly(True)
        self._technical.setFont(Theme.current().font("caption"))
        self._technical.setFixedHeight(tokens().space[8] * 5)
        self._technical.setAccessibleName("Details")
        self._technical.hide()
        self._show_technical = LinkButton("Details")
        self._show_technical.clicked.connect(self._toggle_technical)
        return self._show_technical

    def _toggle_technical(self) -> None:
        self._technical.setVisible(self._technical.isHidden())
        self.adjustSize()

    def _answers(self, buttons: Sequence[str]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(tokens().space[2])
        row.addStretch(1)
        self.buttons = {}
        for at, text in enumerate(reversed(buttons)):
            chosen = at == len(buttons) - 1
            button = PrimaryButton(text) if chosen else DefaultButton(text)
            button.clicked.connect(self._choose)
            row.addWidget(button)
            self.buttons[text] = button
        return row

    def _choose(self) -> None:
        button = self.sender()
        self.answer = next(text for text, known in self.buttons.items() if known is button)
        self.accept()


def ask(
    parent: QWidget | None,
    question: str,
    details: str = "",
    buttons: Sequence[str] = ("Continue", "Cancel"),
    technical: str = "",
) -> str:
    """Asks and waits; returns the text of the chosen button, of the last one for Escape.

    The first button is the primary one. `technical` stands folded under "Details".
    """
    dialog = Question(parent, question, details, buttons, technical)
    dialog.exec()
    answer = dialog.answer
    dialog.deleteLater()
    return answer


def choose_file(
    parent: QWidget | None,
    title: str,
    kinds: Sequence[tuple[str, str]] = (ALL_FILES,),
    save: bool = False,
    suggested: str = "",
    folder: Path | None = None,
) -> Path | None:
    """Asks for one file to open or to save; None where nothing was chosen.

    `kinds` are pairs such as ("CSV", "*.csv *.tsv").
    """
    found = _file_dialog(parent, title, kinds, folder)
    if save:
        found.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        found.selectFile(suggested)
    else:
        found.setFileMode(QFileDialog.FileMode.ExistingFile)
    chosen = _chosen(found)
    return chosen[0] if chosen else None


def choose_files(
    parent: QWidget | None,
    title: str,
    kinds: Sequence[tuple[str, str]] = (ALL_FILES,),
    folder: Path | None = None,
) -> list[Path]:
    """Asks for one or several files; empty where nothing was chosen."""
    found = _file_dialog(parent, title, kinds, folder)
    found.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return _chosen(found)


def choose_folder(parent: QWidget | None, title: str, folder: Path | None = None) -> Path | None:
    """Asks for one folder; None where nothing was chosen."""
    found = _file_dialog(parent, title, (), folder)
    found.setFileMode(QFileDialog.FileMode.Directory)
    found.setOption(QFileDialog.Option.ShowDirsOnly)
    chosen = _chosen(found)
    return chosen[0] if chosen else None


def _file_dialog(
    parent: QWidget | None, title: str, kinds: Sequence[tuple[str, str]], folder: Path | None
) -> QFileDialog:
    made = QFileDialog(parent, title, str(folder or Path.home()))
    made.setWindowModality(Qt.WindowModality.WindowModal)
    if kinds:
        made.setNameFilters([f"{name} ({pattern})" for name, pattern in kinds])
    return made


def _chosen(dialog: QFileDialog) -> list[Path]:
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    found = [Path(name) for name in dialog.selectedFiles()] if accepted else []
    dialog.deleteLater()
    return found
