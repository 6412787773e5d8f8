"""The fields of a document one under the other: what there is to read where there is no text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.project.document_store import DocumentRow
from saedesk.ui.corpus_panels.document_texts import shown_number, shown_value
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import TextLabel

MOST_FIELDS = 40
_NAMES = 4
"""Width of the names, in units of 32 device-independent pixels."""
_LONGEST_VALUE = 400


class DocumentFields(QWidget):
    """A name and a value in each line; fields that say nothing are left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: list[tuple[str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens().space[4])
        self._grid.setVerticalSpacing(tokens().space[1])
        self._grid.setColumnMinimumWidth(0, _NAMES * tokens().space[8])
        self._grid.setColumnStretch(1, 1)
        self.setAccessibleName("Fields of the document")

    def show_fields(self, row: DocumentRow, definitions: Sequence[FieldDefinition]) -> None:
        """Shows the fields of another document; hides itself where there are none."""
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        said = [
            (shown_name(d.name), _value(d, row.fields.get(d.name))[:_LONGEST_VALUE])
            for d in definitions
        ]
        self.shown = [(name, value) for name, value in said if value][:MOST_FIELDS]
        top = Qt.AlignmentFlag.AlignTop
        for at, (name, value) in enumerate(self.shown):
            head = TextLabel(name, "body", "text2", elide=True)
            self._grid.addWidget(head, at, 0, top)
            self._grid.addWidget(TextLabel(value, "body", wrap=True, max_lines=4), at, 1, top)
        self.setVisible(bool(self.shown))


def _value(definition: FieldDefinition, value: object) -> str:
    """A value without the name that `shown_value` puts beside numbers."""
    if isinstance(value, float) and definition.type is FieldType.NUMBER:
        return shown_number(value, plain="year" in definition.name.lower())
    return " ".join(shown_value(definition.name, definition.type, value).split())  # type: ignore[arg-type]
