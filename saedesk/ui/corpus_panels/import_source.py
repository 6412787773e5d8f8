"""Where an import comes from: chosen files, how they are encoded and separated."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.corpus.corpus_input import InputPreview
from saedesk.corpus.csv_delimiter import DELIMITER_NAMES
from saedesk.ui.corpus_panels.corpus_summary import ENCODINGS, shown_size
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.text_label import TextLabel


class ImportSource(QWidget):
    """Name, kind and size; encoding and delimiter, which can be changed."""

    form_changed = Signal()
    """Another encoding or delimiter: the file has to be read again."""
    confirmed_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._encodings: dict[str, str] = {}
        self._certain = True
        self.name = TextLabel("", "head of a section", elide=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.about = TextLabel("", "body", "text2")
        self.encoding = ChoiceField(prefix="Encoding", accessible_name="Encoding")
        self.delimiter = ChoiceField(prefix="Separated by", accessible_name="Separated by")
        self.confirm = CheckBox("The letters in the rows below are right")
        self.encoding.changed.connect(self._on_form)
        self.delimiter.changed.connect(self._on_form)
        self.confirm.toggled.connect(self._on_confirm)
        space = tokens().space
        row = QHBoxLayout()
        row.setSpacing(space[3])
        row.addWidget(self.encoding)
        row.addWidget(self.confirm)
        row.addWidget(self.delimiter)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[3])
        about = QHBoxLayout()
        about.setSpacing(space[3])
        about.addWidget(self.name)
        about.addWidget(self.about)
        about.addStretch(1)
        column.addLayout(about)
        column.addLayout(row)

    @property
    def chosen_encoding(self) -> str | None:
        """The codec to read with, None where the format has its own."""
        return None if self.encoding.isHidden() else self._encodings[self.encoding.currentText()]

    @property
    def chosen_delimiter(self) -> str | None:
        """The sign between cells, None where there is none to choose."""
        if self.delimiter.isHidden():
            return None
        chosen = self.delimiter.currentText()
        return next((sign for sign, name in DELIMITER_NAMES.items() if name == chosen), chosen)

    @property
    def is_confirmed(self) -> bool:
        """Whether the encoding is certain, or a person said that it is right."""
        return self._certain or self.confirm.isChecked()

    def first_question(self) -> QWidget:
        """The control that has to be answered before the import can start."""
        return self.encoding if self.is_confirmed else self.confirm

    def show_preview(self, preview: InputPreview, size: int, others: int) -> None:
        """Shows what is known of the file; `others` files come with it."""
        more = f" and {others:,} more with the same columns" if others else ""
        self.name.setText(f"{preview.path.name}{more}")
        self.about.setText(f"{preview.kind}, {shown_size(size)}")
        self._show_encoding(preview)
        self.delimiter.setVisible(preview.delimiter is not None)
        if preview.delimiter is not None:
            name = DELIMITER_NAMES.get(preview.delimiter, preview.delimiter)
            names = list(DELIMITER_NAMES.values())
            self.delimiter.set_items(names if name in names else [name, *names], name)

    def _show_encoding(self, preview: InputPreview) -> None:
        self.encoding.setVisible(preview.encoding is not None)
        self._certain = preview.encoding is None or preview.encoding_is_certain
        self.confirm.setVisible(not self._certain)
        if preview.encoding is None:
            return
        self._encodings = {name: codec for codec, name in ENCODINGS.items()}
        name = ENCODINGS.get(preview.encoding, preview.encoding)
        self._encodings.setdefault(name, preview.encoding)
        self.encoding.set_items(list(self._encodings), name)

    @Slot()
    def _on_form(self, _: object = None) -> None:
        self.confirm.setChecked(False)
        self.form_changed.emit()

    @Slot()
    def _on_confirm(self, _: object = None) -> None:
        self.confirmed_changed.emit()
