"""A few facts under one another: what it is at the left, the fact at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import TextLabel

CAPTION_WIDTH = 112
TOP = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True)
class Fact:
    """One line."""

    caption: str
    text: str
    explanation: str = ""
    """The tooltip, where there is more to say."""


class FactGrid(QWidget):
    """Shows facts; their texts wrap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._labels: list[tuple[TextLabel, TextLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens().space[4])
        self._grid.setVerticalSpacing(tokens().space[1])
        self._grid.setColumnStretch(1, 1)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Shows these instead."""
        self._facts = tuple(facts)
        while len(self._labels) < len(facts):
            self._add_row()
        for at, (caption, text) in enumerate(self._labels):
            is_shown = at < len(facts)
            caption.setVisible(is_shown)
            text.setVisible(is_shown)
            if is_shown:
                fact = facts[at]
                caption.setText(fact.caption)
                text.setText(fact.text)
                text.set_explanation(fact.explanation)
                text.setAccessibleName(f"{fact.caption}: {fact.text}")

    def _add_row(self) -> None:
        # Both wrap, so that both are laid out alike and stand on one line.
        caption = TextLabel("", "body", "text2", wrap=True, align=TOP)
        text = TextLabel("", "body", wrap=True, align=TOP)
        caption.setFixedWidth(CAPTION_WIDTH)
        at = len(self._labels)
        self._grid.addWidget(caption, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, at, 1, Qt.AlignmentFlag.AlignTop)
        self._labels.append((caption, text))
