"""Vectors for the documents: which model, on what, and what will happen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.embedding.model_catalogue import DEFAULT_MODEL, DEFAULT_MODEL_ALIASES
from saedesk.errors import KnownError
from saedesk.jobs.embed_documents import EmbedRequest
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.corpus_summary import vectors_origin
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.corpus_panels.vector_import_dialog import open_vector_import_dialog
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.dialogs import choose_folder
from saedesk.ui.widgets.fields import ChoiceField, TextField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.text_label import TextLabel

OTHER_MODEL = "Another model"
DEVICES = {"Automatic": "auto", "CPU": "cpu", "NVIDIA GPU (CUDA)": "cuda", "Apple GPU (MPS)": "mps"}
_DEVICE_HELP = (
    "Automatic takes a GPU where there is one. If the computer has no such device, saedesk says so."
)
_LOSE = "documents have no text and lose their vectors"
_WAY_OUT = "what has none. To keep them all, bring vectors of your own for all documents."
_NAME_HELP = "A name such as intfloat/e5-small-v2, or the path of a folder with its files."


class VectorsDialog(QDialog):
    """Asks for model and device; the work runs in the background."""

    def __init__(self, session: Session, ids: np.ndarray, parent: QWidget | None = None) -> None:
        """`ids` (n,) int64 are the documents that have something to embed."""
        super().__init__(parent)
        self._session, self._ids = session, ids
        self.setWindowTitle("Vectors")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "surface")
        self.model = ChoiceField([DEFAULT_MODEL, OTHER_MODEL], accessible_name="Model")
        self.name = TextField("Name or folder", accessible_name="Name or folder of the model")
        self.folder = DefaultButton("Folder…", "folder")
        self.download = CheckBox("Download from the hub if it is not on this computer")
        self.device = ChoiceField(list(DEVICES), accessible_name="Device")
        self.forecast = TextLabel("", "body", "text2", wrap=True)
        self.error = TextLabel("", "body", "error", wrap=True)
        self.bring = DefaultButton("I have vectors already…", "upload")
        self.start = PrimaryButton("Make vectors", "binary")
        self.cancel = DefaultButton("Cancel")
        self._preset()
        self._lay_out()
        self.model.changed.connect(self._refresh)
        self.name.text_changed.connect(self._refresh)
        self.folder.clicked.connect(self._choose_folder)
        self.bring.clicked.connect(self._bring)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.close)
        session.project_changed.connect(self.close)
        self._refresh()
        (self.bring if self._left_without() else self.start).setFocus()

    def _preset(self) -> None:
        """The model of the vectors there are comes first: new documents should have the same."""
        vectors = self._session.vectors
        if vectors is None or vectors.record.inputs.get("imported"):
            return
        if vectors.model_name not in DEFAULT_MODEL_ALIASES:
            self.model.setCurrentText(OTHER_MODEL)
            self.name.setText(vectors.model_name)

    def _lay_out(self) -> None:
        space = tokens().space
        width = space[8] * 8
        name = QWidget()
        row = QHBoxLayout(name)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space[2])
        row.addWidget(self.name, 1)
        row.addWidget(self.folder)
        self._name_row = FieldRow("Name or folder", name, _NAME_HELP, width, always_help=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(space[2])
        buttons.addWidget(self.bring)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        about = (
            "A vector says in numbers what a text is about. Features are found in the vectors, "
            "and a search compares them. Nothing leaves this computer."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel("Vectors for the documents", "head of a panel"))
        column.addWidget(TextLabel(about, "body", "text2", wrap=True))
        model_help = f"{DEFAULT_MODEL} comes with the program and needs no network."
        model = FieldRow("Model", self.model, model_help, width, always_help=True)
        column.addWidget(model)
        column.addWidget(self._name_row)
        column.addWidget(self.download)
        device = FieldRow("Device", self.device, _DEVICE_HELP, width, always_help=True)
        column.addWidget(device)
        for field in (model, self._name_row, device):
            field.layout().setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.forecast)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(buttons)
        self.setFixedWidth(space[8] * 17)

    @property
    def _model_name(self) -> str:
        if self.model.currentText() == OTHER_MODEL:
            return self.name.text().strip()
        return DEFAULT_MODEL

    @Slot()
    def _refresh(self, _: object = None) -> None:
        other = self.model.currentText() == OTHER_MODEL
        self._name_row.setVisible(other)
        self.download.setVisible(other)
        self.error.hide()
        self.forecast.setText(self._forecast())
        reason = ""
        if not len(self._ids):
            reason = "There is no document with a text or a title to make a vector of."
        elif not self._model_name:
            reason = "Name a model or choose its folder."
        self.start.set_disabled_reason(reason)
        if reason and not len(self._ids):
            self.forecast.setText(reason)
        self.adjustSize()

    def _forecast(self) -> str:
        """What will happen, as far as it is known without loading anything."""
        vectors, texts = self._session.vectors, len(self._ids)
        if vectors is not None and vectors.record.inputs.get("imported"):
            will = count_of(texts, "text will be embedded", "texts will be embedded")
            origin = vectors_origin(vectors)
            told = f"{will}; what is in use now ({origin[:1].lower()}{origin[1:]}) is replaced."
            if not (left := self._left_without()):
                return told
            without = count_of(left, "document has no text and loses its vector", _LOSE)
            return f"{told} {without}: search does not find {_WAY_OUT}"
        if vectors is None or not _same_model(vectors.model_name, self._model_name):
            return f"{count_of(texts, 'text', 'texts')} will be embedded."
        new = int(np.count_nonzero(~np.isin(self._ids, np.asarray(vectors.document_ids))))
        there = texts - new
        if not new:
            return f"All {count_of(texts, 'text has its vector', 'texts have vectors')} already."
        return f"{count_of(new, 'new text', 'new texts')}; {there:,} have vectors already."

    def _left_without(self) -> int:
        """How many documents have a vector that was brought and no text to make one of."""
        vectors = self._session.vectors
        if vectors is None or not vectors.record.inputs.get("imported"):
            return 0
        return int(np.count_nonzero(~np.isin(np.asarray(vectors.document_ids), self._ids)))

    def _choose_folder(self) -> None:
        folder = choose_folder(self, "The folder of an embedding model")
        if folder is not None:
            self.name.setText(str(folder))

    def _bring(self) -> None:
        window = self.parentWidget()
        self.close()
        if window is not None:
            open_vector_import_dialog(self._session, None, window)

    def _start(self) -> None:
        request = EmbedRequest(
            self._model_name,
            DEVICES[self.device.currentText()],
            allow_download=self.model.currentText() == OTHER_MODEL and self.download.isChecked(),
        )
        try:
            self._session.embed(request)
        except KnownError as error:
            self.error.setText(error.sentence)
            self.error.show()
            return
        self.close()


def _same_model(first: str, second: str) -> bool:
    return first == second or {first, second} <= DEFAULT_MODEL_ALIASES
