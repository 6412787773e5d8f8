"""The Train workspace: ask for a run at the left, watch and compare runs at the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.project.manifest import ArtifactRecord
from saedesk.session.session import Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.curve_panel import CurvePanel
from saedesk.ui.train_panels.encoder_panel import EncoderPanel
from saedesk.ui.train_panels.new_run_panel import NewRunPanel
from saedesk.ui.train_panels.origin_panel import OriginPanel
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.run_head import RunHead
from saedesk.ui.train_panels.run_remarks import RunRemarks
from saedesk.ui.train_panels.run_table import RunTable
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.splitter import HairlineSplitter

FEWEST_ROWS, MOST_ROWS = 4, 7
"""Rows for which the table makes room, until a person moves the line above it."""

CURVES_AT, ENCODERS_AT, ORIGIN_AT = range(3)
NO_PROJECT = (
    "Training needs a project with documents and their vectors. Corpus is where both begin."
)
NO_DOCUMENTS = "Training needs documents and their vectors. Import documents first."
NO_VECTORS = (
    "Training takes the vectors of the documents apart into features. Embed the documents first."
)


class TrainWorkspace(QWidget):
    """Everything about training; shows the way to Corpus where there is nothing to train on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows_shown = 0
        self._splitter_moved = False
        self.book = RunBook(session, self)
        self.new_run = NewRunPanel(session, self.book)
        self.head = RunHead(session, self.book)
        self.remarks = RunRemarks(session, self.book)
        self.curves = CurvePanel(self.book)
        self.origin = OriginPanel(session)
        self.encoders = EncoderPanel(session)
        self.runs = RunTable(session, self.book)
        self.empty = EmptyPanel(NO_PROJECT, "Go to Corpus")
        self.empty.activated.connect(self._to_corpus)
        self.runs.commands.settings_wanted.connect(self.new_run.copy_settings)
        self.new_run.started.connect(self._on_started)
        self._lay_out()
        session.project_changed.connect(self._on_project)
        session.documents_changed.connect(self._show_state)
        session.vectors_changed.connect(self._show_state)
        session.runs_changed.connect(self._show_state)
        self.book.changed.connect(self._fit_table)
        self.book.changed.connect(self._show_detail)
        self.head.view_changed.connect(self._show_detail)
        self.head.more.clicked.connect(self._open_run_menu)
        self._show_state()
        self._fit_table()

    def _lay_out(self) -> None:
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side = tokens().padding.work_area
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(side, 0, side, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.remarks)
        self._detail = QStackedLayout()
        self._detail.addWidget(self.curves)
        for page, name in ((self.encoders, "Encoders of the run"), (self.origin, "Origin")):
            page.setContentsMargins(0, tokens().space[4], 0, tokens().space[4])
            self._detail.addWidget(ScrollArea(page, "surface", name))
        column.addLayout(self._detail, 1)
        self.splitter = HairlineSplitter(Qt.Orientation.Vertical, "Curves and runs")
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.runs)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.splitterMoved.connect(self._on_splitter_moved)
        self._work = QWidget()
        row = QHBoxLayout(self._work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.new_run)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(self.splitter, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._work)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to train on."""
        return self._stack.currentWidget() is self.empty

    def focus_first(self) -> None:
        """Gives the keyboard to the chosen preset, or to the one way on."""
        if self.is_empty:
            self.empty.button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.new_run.focus_first()

    @Slot()
    def _on_project(self) -> None:
        self.new_run.load_project()
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        project = self._session.project
        if project is None:
            sentence = NO_PROJECT
        elif project.current("vectors") is not None or project.artifacts("saes"):
            self._stack.setCurrentWidget(self._work)
            return
        else:
            sentence = NO_VECTORS if project.documents.count() else NO_DOCUMENTS
        self.empty.set_text(sentence)
        self._stack.setCurrentWidget(self.empty)

    @Slot()
    def _fit_table(self) -> None:
        """Gives the table the room that its rows need, and the plots the rest."""
        rows = min(max(len(self.book.runs), FEWEST_ROWS), MOST_ROWS)
        if self._splitter_moved or rows == self._rows_shown:
            return
        self._rows_shown = rows
        height = tokens().row_height
        wanted = height.column_head + rows * height.table_dense + tokens().space[3]
        whole = max(sum(self.splitter.sizes()), 2 * wanted)
        self.splitter.setSizes([whole - wanted, wanted])

    @Slot()
    def _show_detail(self) -> None:
        """The curves, the origin of a loaded SAE, or the encoders where they are wanted."""
        run = self.book.focus
        record = None if run is None else run.record
        self.encoders.show_run(record)
        self.origin.show_run(record)
        if record is not None and self.head.shows_encoders:
            self._detail.setCurrentIndex(ENCODERS_AT)
        else:
            is_loaded = run is not None and run.is_loaded
            self._detail.setCurrentIndex(ORIGIN_AT if is_loaded else CURVES_AT)

    @property
    def sae_in_focus(self) -> ArtifactRecord | None:
        """The SAE of the run whose numbers are shown, where it is finished."""
        run = self.book.focus
        return None if run is None else run.record

    @Slot()
    def _open_run_menu(self) -> None:
        run, button = self.book.focus, self.head.more
        if run is not None:
            menu = self.runs.menu_for(run)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(button.mapToGlobal(QPoint(0, button.height() + tokens().grid)))

    @Slot(int, int)
    def _on_splitter_moved(self, _: int, __: int) -> None:
        self._splitter_moved = True

    @Slot()
    def _on_started(self) -> None:
        self.runs.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _to_corpus(self) -> None:
        self._session.show("corpus")
