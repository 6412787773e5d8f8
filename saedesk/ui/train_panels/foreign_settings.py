"""The settings of an SAE as the library that wrote it has them, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import TextLabel

MOST_SHOWN = 120
"""A file can hold thousands; what is left is counted."""
DEEPEST_NAME = 3


def settings_lines(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values; those of a table within get the name of the table before theirs."""
    return list(_lines(settings, "", 1))


def _lines(settings: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        whole = f"{before}{name}"
        if isinstance(value, Mapping) and value and depth < DEEPEST_NAME:
            yield from _lines(value, f"{whole}.", depth + 1)
        else:
            yield whole, value_text(value)


def value_text(value: Any) -> str:
    """A JSON value as the file has it; text without its quotation marks."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class ForeignSettings(QWidget):
    """A table of names and values, all plain text; a value that is cut is whole in its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, str]] = []
        self._table = QWidget()
        self.rest = TextLabel("", "caption", "text3")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(tokens().space[1])
        self._column.addWidget(self._table)
        self._column.addWidget(self.rest)
        self.setAccessibleName("Settings as the library wrote them")
        self.rest.hide()

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Shows these instead."""
        lines = settings_lines(settings)
        left = len(lines) - MOST_SHOWN
        self.rest.setVisible(left > 0)
        self.rest.setText(f"{left:,} more" if left > 0 else "")
        if lines[:MOST_SHOWN] != self._shown:
            self._shown = lines[:MOST_SHOWN]
            self._fill()

    def text(self) -> str:
        """All that is shown, one setting a line."""
        return "\n".join(f"{name}: {value}" for name, value in self._shown)

    def _fill(self) -> None:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(tokens().space[4])
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(self._shown):
            grid.addWidget(TextLabel(name, "caption", "text2", elide=True), at, 0)
            shown = TextLabel(value, "caption", "text1", elide=True)
            shown.setAccessibleName(f"{name}: {value}")
            grid.addWidget(shown, at, 1)
        self._column.replaceWidget(self._table, table)
        self._table.hide()
        self._table.deleteLater()
        self._table = table
        table.show()
