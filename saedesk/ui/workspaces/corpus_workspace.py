"""The Corpus workspace: what came in, filters, table, the document that is being read."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.project.document_writer import import_records, rejected_rows
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.corpus_filter import CorpusFilter
from saedesk.ui.corpus_panels.corpus_summary import summary_parts
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_page import DocumentPage
from saedesk.ui.corpus_panels.document_table import DocumentTable
from saedesk.ui.corpus_panels.facets_panel import FacetsPanel
from saedesk.ui.corpus_panels.import_dialog import open_import_dialog
from saedesk.ui.corpus_panels.pasted_text_page import PastedTextPage
from saedesk.ui.corpus_panels.rejected_rows_panel import RejectedRowsPanel
from saedesk.ui.corpus_panels.summary_strip import SummaryStrip
from saedesk.ui.corpus_panels.vectors_dialog import VectorsDialog
from saedesk.ui.corpus_panels.vectors_notice import VectorsNotice
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.dialogs import choose_folder
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline

NO_PROJECT = "Corpus shows the documents of a project. Open one, or make one at the start."
NO_DOCUMENTS = (
    "This project has no documents yet. Drop a table (CSV, JSON Lines, Parquet), a folder of texts "
    "or a file of vectors here, or choose one."
)
READ_TOOLTIP = "Paste a text to see its features and the documents near it; nothing is stored"
IMPORTING = "The documents are coming in; how far that is stands at the bottom."


class CorpusWorkspace(QWidget):
    """Strips at the top; facets, table and document side by side."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.view = CorpusView(session, self)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._drawer_wanted = self._drawer_before = self._reads_text = False
        self.empty = EmptyPanel("")
        self.empty.activated.connect(self._fill)
        self.strip = SummaryStrip()
        self.strip.activated.connect(self._on_fact)
        self.strip.import_wanted.connect(self.import_files)
        self.strip.vectors_wanted.connect(self.show_vectors_dialog)
        self.strip.closed.connect(self._on_strip_closed)
        self.notice = VectorsNotice(self.view)
        self.notice.activated.connect(self.show_vectors_dialog)
        self.facets = FacetsPanel(self.view)
        self.table = DocumentTable(self.view)
        self.page = DocumentPage(self.view)
        self.pasted = PastedTextPage(self.view)
        self.pasted.closed.connect(self._leave_text)
        self.read_button = DefaultButton("Read a text", tooltip=READ_TOOLTIP)
        self.read_button.clicked.connect(self.read_text)
        self.table.toolbar.insertWidget(
            self.table.toolbar.indexOf(self.table.chooser), self.read_button
        )
        self._summary_button = GhostButton("info", "Show what was imported")
        self._summary_button.clicked.connect(self._on_summary_wanted)
        self._summary_button.hide()
        self.table.toolbar.addWidget(self._summary_button)
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        sizes = tokens().layout
        self.facets.setFixedWidth(sizes.facets)
        self._page_line = Hairline(Qt.Orientation.Vertical)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self.facets)
        columns.addWidget(Hairline(Qt.Orientation.Vertical))
        columns.addWidget(self.table, 1)
        columns.addWidget(self._page_line)
        columns.addWidget(self.page)
        columns.addWidget(self.pasted)
        self._filled = QWidget()
        column = QVBoxLayout(self._filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.notice)
        column.addLayout(columns, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.vectors_changed.connect(self._refresh)
        session.documents_wanted.connect(self._on_documents_wanted)
        session.lanes_replaced.connect(self._watch_lane)
        self.view.columns_changed.connect(self._refresh)
        session.document_selected.connect(self._on_document)
        self.table.opened.connect(self._open_drawer)
        self._watch_lane()

    def focus_first(self) -> None:
        """Puts the keyboard into the table; where there is none, no key does anything yet."""
        if self._stack.currentWidget() is self._filled:
            self.table.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_selected(self) -> None:
        """Shows the document that another workspace selected, in the table and to be read."""
        self._drawer_before = self._drawer_wanted
        if self._session.document is not None:
            self.table.bring_selected()
            self._open_drawer()

    def focus_filter(self) -> None:
        """Puts the keyboard into the full-text field."""
        if self._stack.currentWidget() is self._filled:
            self.table.focus_filter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.focus_filter()
        else:
            super().keyPressEvent(event)

    # -- a text that is no document ------------------------------------------------------------

    @Slot()
    def read_text(self) -> None:
        """Show the page that a text can be pasted into, with what was read there last."""
        if self._stack.currentWidget() is not self._filled:
            self.focus_first()
            return
        if not self._reads_text:
            self._drawer_before = self._drawer_wanted
        self._reads_text = True
        self.set_drawer_visible(True)
        self.pasted.take_keyboard()

    @Slot()
    def _leave_text(self) -> None:
        if not self._reads_text:
            return
        had_keyboard = self.pasted.isAncestorOf(self.window().focusWidget() or self)
        self._reads_text = False
        self.set_drawer_visible(self._drawer_before)
        if had_keyboard:
            self.focus_first()

    @Slot(object)
    def _on_document(self, document: object) -> None:
        # A document was chosen to be read; the text waits where it is.
        if document is not None and self._reads_text:
            self._reads_text = False
            self._fit()

    # -- the drawer --------------------------------------------------------------------------

    @property
    def has_drawer(self) -> bool:
        """Whether the document page is a drawer now, because the window is narrow."""
        return self.window().width() < tokens().layout.narrow_below

    @property
    def drawer_visible(self) -> bool:
        """Whether the document page is to be seen."""
        return not (self.page.isHidden() and self.pasted.isHidden())

    def set_drawer_visible(self, visible: bool) -> None:
        """Opens or closes the drawer with the document page."""
        self._drawer_wanted = visible
        self._fit()

    @Slot()
    def _open_drawer(self) -> None:
        if self.has_drawer:
            self.set_drawer_visible(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self._drawer_wanted or not self.has_drawer
        self.page.setVisible(shown and not self._reads_text)
        self.pasted.setVisible(shown and self._reads_text)
        self._page_line.setVisible(shown)
        room = self.width() - tokens().layout.facets - tokens().space[8] * 18
        wide = max(tokens().layout.aside, min(room, tokens().layout.document_page))
        for page in (self.page, self.pasted):
            page.setFixedWidth(wide)

    # -- what is open ------------------------------------------------------------------------

    @Slot()
    def _watch_lane(self) -> None:
        self._session.compute.changed.connect(self._on_lane)

    @Slot()
    def _on_lane(self) -> None:
        if self._stack.currentWidget() is self.empty:
            self._refresh()

    @Slot()
    def _on_project(self) -> None:
        self._on_summary_wanted()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        project, columns = self._session.project, self.view.columns
        if project is None:
            self.empty.set_text(NO_PROJECT, "Open a project…", "folder-open")
        elif columns is None and not self.view.is_reading:
            importing = any(t.title.startswith("Importing") for t in self._session.compute.tasks)
            self.empty.set_text(
                IMPORTING if importing else NO_DOCUMENTS, "" if importing else "Import…", "upload"
            )
            self.empty.button.set_disabled_reason(_read_only_reason(self._session))
        filled = project is not None and (columns is not None or self.view.is_reading)
        self._show_page(self._filled if filled else self.empty)
        if project is not None and columns is not None:
            self.strip.set_parts(summary_parts(project, columns, self._session.vectors))
            self.strip.set_disabled_reason(_read_only_reason(self._session))

    def _show_page(self, page: QWidget) -> None:
        """Shows a page; a keyboard that is in here goes to its natural place, not to a button."""
        if page is self._stack.currentWidget():
            return
        focus = self.window().focusWidget()
        has_keyboard = focus is not None and (focus is self or self.isAncestorOf(focus))
        self._stack.setCurrentWidget(page)
        if has_keyboard:
            self.focus_first()

    @Slot(object)
    def _on_documents_wanted(self, _: object) -> None:
        # Documents were asked for, not the one that happened to be selected.
        self.set_drawer_visible(self._drawer_before)
        self.focus_first()

    @Slot()
    def _on_strip_closed(self) -> None:
        self.strip.hide()
        self._summary_button.show()

    @Slot()
    def _on_summary_wanted(self) -> None:
        self.strip.show()
        self._summary_button.hide()

    # -- what a person does ------------------------------------------------------------------

    @Slot()
    def import_files(self) -> None:
        """Ask for files and how to read them."""
        open_import_dialog(self._session, (), self)

    @Slot()
    def show_vectors_dialog(self) -> None:
        """Ask for the model that makes the vectors."""
        columns = self.view.columns
        if columns is not None:
            VectorsDialog(self._session, columns.ids[columns.can_embed], self.window()).open()

    @Slot()
    def _fill(self) -> None:
        if self._session.project is not None:
            self.import_files()
            return
        folder = choose_folder(self, "Open a project")
        if folder is not None:
            self._session.open_project(folder)

    @Slot(str)
    def _on_fact(self, action: str) -> None:
        project = self._session.project
        if project is None:
            return
        if action == "rejected":
            total = sum(record.rejected for record in import_records(project.database))
            rows = rejected_rows(project.database)
            RejectedRowsPanel(rows, total, self.window()).open()
        elif action == "without_text":
            self.view.set_filter(CorpusFilter(without_text=True))
        elif action.startswith("missing:"):
            self.view.set_filter(CorpusFilter(without_value=action.removeprefix("missing:")))


def _read_only_reason(session: Session) -> str:
    read_only = session.project is not None and session.project.read_only
    return "The project is read-only here." if read_only else ""
