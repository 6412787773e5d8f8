"""The search index: what it is, how good it is, and in which number format it is built again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.build_index import IndexRequest, index_in_words, storage_of
from saedesk.search.compact_codes import Storage
from saedesk.session.session import Session
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialog_height import fit_height
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

ABOUT = (
    "In a large project an index proposes some thousands of documents for a query, and only these "
    "are compared exactly. Its recall is the share of the ten best documents that it finds, "
    "measured when it is built; from 0.98 on nothing is missed that anybody would notice."
)
NO_VECTORS = "There are no vectors yet. Embed the documents in Corpus first."
NONE_NEEDED = (
    "These {:,} documents need no index: all of them are compared for every query, which is as "
    "quick."
)
NONE_YET = "There is no index yet: all documents are compared for every query, which takes longer."
STORAGE_HELP = "float16 is a little closer to the vectors and makes the index twice as large."
STORAGES: dict[str, Storage] = {"int8": "int8", "float16": "float16"}
WIDTH = 16
"""In units of 32 device-independent pixels."""


def open_index_dialog(session: Session, parent: QWidget) -> IndexDialog:
    """Shows the dialog; does not wait."""
    dialog = IndexDialog(session, parent.window())
    dialog.open()
    return dialog


class IndexDialog(QDialog):
    """Tells what there is; building runs in the background, and its outcome is a message."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Search index")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "surface")
        self.state = TextLabel("", "body", wrap=True, tabular=True)
        self.storage = SegmentedControl(
            list(STORAGES), storage_of(session.index.record), "Number format of the index"
        )
        self.error = TextLabel("", "body", "error", wrap=True)
        self.start = PrimaryButton("Build the index")
        self.cancel = DefaultButton("Cancel")
        self._lay_out()
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.close)
        session.project_changed.connect(self.close)
        session.index.built.connect(self.refresh)
        self.refresh()
        (self.start if self.start.isEnabled() else self.cancel).setFocus()

    def _lay_out(self) -> None:
        space = tokens().space
        numbers = FieldRow("Numbers", self.storage, STORAGE_HELP, space[8] * 8, always_help=True)
        numbers.layout().setContentsMargins(0, 0, 0, 0)
        self._numbers = numbers
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel("Search index", "head of a panel"))
        column.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        column.addWidget(self.state)
        column.addWidget(numbers)
        column.addWidget(self.error)
        column.addSpacing(space[1])
        column.addLayout(button_row(self.cancel, self.start))
        self.setFixedWidth(space[8] * WIDTH)

    @Slot()
    def refresh(self) -> None:
        """Tell what there is now."""
        session = self._session
        record, vectors = session.index.record, session.vectors
        is_needed = session.index.is_needed or record is not None
        state, reason = NONE_YET, read_only_reason(session)
        if vectors is None:
            state = reason = NO_VECTORS
        elif record is not None:
            state = index_in_words(record)
        elif not is_needed:
            state = reason = NONE_NEEDED.format(len(vectors.values))
        self.state.setText(state)
        self.start.setText("Build the index" if record is None else "Build it again")
        self.start.set_disabled_reason(reason)
        self._numbers.setVisible(not reason)
        self._show_error("")

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        fit_height(self, self.width())

    @Slot()
    def _start(self) -> None:
        storage = STORAGES[self.storage.current]
        try:
            self._session.index.rebuild(IndexRequest(always=True, storage=storage, anew=True))
        except KnownError as error:
            self._show_error(error.sentence)
            return
        self.close()
