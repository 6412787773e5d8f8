"""What is worth knowing about a training: the number first, then what it means and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.sae.training_warnings import Remark
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.train_panels.training_texts import ratio_text
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

SHOWN = 2
"""More are in the tooltip: the form needs the room."""
LINES = 3
NUMBER_WIDTH = 44
COUNTS = frozenset({"large dictionary", "few held out", "absorption"})
"""Kinds of remark whose number is no share."""
RATIOS = frozenset({"memorising"})
"""Kinds whose number says how many times something is too large."""


@dataclass(frozen=True)
class Note:
    """One thing worth knowing, as it is shown."""

    sentence: str
    number: str = ""
    """As a person reads it; "" where there is none."""
    advice: str = ""

    @property
    def text(self) -> str:
        """Sentence and advice."""
        return f"{self.sentence} {self.advice}".strip()


def note_of(remark: Remark) -> Note:
    """A remark with its number as a person reads it: “18 %”, “3.2”, “40”."""
    return Note(remark.sentence, number_of(remark), remark.advice)


def number_of(remark: Remark) -> str:
    """The number behind a remark."""
    number = remark.number
    if remark.kind in RATIOS:
        return ratio_text(number)
    if remark.kind in COUNTS:
        return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"
    return f"{100 * number:.0f} %"


class Remarks(QWidget):
    """The first notes of several, each with its number at the left; as high as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: tuple[Note, ...] = ()
        self._rows = [_NoteRow() for _ in range(SHOWN)]
        self.more = TextLabel("", "caption", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[2])
        for row in self._rows:
            column.addWidget(row)
        column.addWidget(self.more)
        self.set_notes(())

    def text(self) -> str:
        """All notes, one a line."""
        return "\n".join(note.text for note in self._notes)

    def set_notes(self, notes: Sequence[Note]) -> None:
        """Shows these instead; the first is the one that is seen best."""
        self._notes = tuple(notes)
        for at, row in enumerate(self._rows):
            row.setVisible(at < len(notes))
            if at < len(notes):
                row.set_note(notes[at])
        left = len(notes) - SHOWN
        self.more.setVisible(left > 0)
        self.more.setText(f"{left} more to know" if left > 0 else "")
        self.more.set_explanation("\n".join(note.text for note in notes[SHOWN:]))
        self.setVisible(bool(notes))
        set_plain_tooltip(self, self.text())
        self.setAccessibleName(self.text())


class _NoteRow(QWidget):
    """The number, and beside it the sentence and the advice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        top = Qt.AlignmentFlag.AlignTop
        self.number = TextLabel("", "head of a section", tabular=True)
        self.number.setMinimumWidth(NUMBER_WIDTH)
        self.number.setFixedHeight(Theme.current().line_height("caption"))
        self.sentence = TextLabel("", "caption", "text2", wrap=True, align=top, max_lines=LINES)
        self.advice = TextLabel("", "caption", "text1", wrap=True, align=top, max_lines=LINES)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.sentence)
        words.addWidget(self.advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.number, 0, top)
        row.addLayout(words, 1)

    def set_note(self, note: Note) -> None:
        self.number.setText(note.number)
        self.number.setVisible(bool(note.number))
        self.sentence.setText(note.sentence)
        self.advice.setText(note.advice)
        self.advice.setVisible(bool(note.advice))
