"""The middle of Corpus: full-text field, how many there are, the table of documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.jobs.corpus_columns import CorpusColumns
from saedesk.jobs.exports.export_request import ExportRequest
from saedesk.project.document_filter import DocumentOrder
from saedesk.project.document_store import DocumentStore
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.more_like_this import MORE_LIKE_THIS, can_search_like, search_like
from saedesk.task_control import TaskControl
from saedesk.ui.corpus_panels.corpus_filter import CorpusAnswer, CorpusFilter
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_columns import (
    FIELD,
    DocumentColumns,
    default_columns,
    has_words,
)
from saedesk.ui.corpus_panels.document_rows import DocumentRows
from saedesk.ui.corpus_panels.filter_chips import FilterChips
from saedesk.ui.export_panels.file_formats import file_kinds, with_ending
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import RowTableModel
from saedesk.ui.widgets.text_label import TextLabel

LOOK_FOR_WORDS = "Find words in title and text"
HOW_WORDS_ARE_FOUND = (
    "All of these words have to occur in the title or the text, whatever their endings; the last "
    "may be the beginning of a word. What stands in quotation marks has to occur one word after "
    "the other."
)
NO_WORDS = "These documents have vectors but no texts"


class DocumentTable(QWidget):
    """Shows the newest answer of the view, sorted as the person chose."""

    opened = Signal()
    """Enter or double click: the selected document is to be read."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._makers: DocumentColumns | None = None
        self._shown: tuple[str, ...] = ()
        self._orders: dict[tuple[str, bool], np.ndarray] = {}
        self._last_asked: CorpusFilter | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._sorting = LaneQuestion(view.session, "Sorting the documents", self)
        self._sorting.answered.connect(self._on_sorted)
        self.field = SearchField(LOOK_FOR_WORDS, "Ctrl+F", LOOK_FOR_WORDS)
        self.field.text_changed.connect(self._on_words)
        self.count = TextLabel("", "body", "text2", tabular=True)
        self.count.set_explanation(
            "Documents that pass the words and the filters, of all there are"
        )
        self.chooser = GhostButton("columns-3", "Choose the columns")
        self.chooser.clicked.connect(self._choose_columns)
        self.export_button = GhostButton(
            "download", "Save the documents shown (CSV, JSON Lines, Parquet)"
        )
        self.export_button.clicked.connect(self._ask_where_to_save)
        self.model = RowTableModel([])
        self.table = RowTable(self.model, accessible_name="Documents")
        self.table.current_row_changed.connect(self._on_row)
        self.table.row_activated.connect(self._on_activated)
        self.table.menu_requested.connect(self._open_menu)
        self.model.sort_requested.connect(self._on_sort)
        self._lay_out()
        view.columns_changed.connect(self._on_columns)
        view.features_changed.connect(self._on_columns)
        view.labels_changed.connect(self._on_labels)
        view.answered.connect(self._on_answer)
        view.filter_changed.connect(self._on_filter)
        view.session.document_selected.connect(self._on_selected)
        self._on_columns()

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        self.field.setMinimumWidth(space[8] * 5)
        self.field.setMaximumWidth(space[8] * 10)
        self.toolbar = QHBoxLayout()
        self.toolbar.setContentsMargins(side, 0, side - space[1] - 2, 0)
        self.toolbar.setSpacing(space[1])
        self.toolbar.addWidget(self.field, 3)
        self.toolbar.addSpacing(space[3])
        self.toolbar.addWidget(self.count)
        self.toolbar.addStretch(1)
        self.toolbar.addWidget(self.chooser)
        self.toolbar.addWidget(self.export_button)
        bar = QWidget()
        bar.setFixedHeight(tokens().layout.header - tokens().line)
        bar.setLayout(self.toolbar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(Hairline())
        layout.addWidget(FilterChips(self._view))
        layout.addWidget(self.table, 1)

    def focus_filter(self) -> None:
        """Puts the keyboard into the full-text field."""
        if not self.field.isEnabled():
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        self.field.setFocus()
        self.field.selectAll()

    def _ask_where_to_save(self) -> None:
        kinds = file_kinds("documents")
        path = choose_file(self, "Save the documents shown", kinds, True, "documents.csv")
        if path is not None:
            self.save_shown(path)

    def save_shown(self, path: Path) -> None:
        """Write the documents shown, in their order, to a file."""
        session, columns = self._view.session, self._view.columns
        if session.project is not None and columns is not None:
            path, ids = with_ending(path, "documents"), columns.ids[self.model.order]
            session.exchange.export_table(ExportRequest("documents", path, documents=ids))

    def show_columns(self, names: tuple[str, ...]) -> None:
        """Shows these columns."""
        if self._makers is not None:
            self._shown = names
            self.model.set_columns(self._makers.make(names))

    # -- what changed ------------------------------------------------------------------------

    @Slot()
    def _on_columns(self) -> None:
        columns, project = self._view.columns, self._view.session.project
        self._orders.clear()
        self._sorting.drop()
        if columns is None or project is None:
            self._makers, self._shown, self._last_asked = None, (), None
            self.model.set_order(np.zeros(0, np.int64), already_sorted=True)
            self.model.mark_sorted(None)
            # The numbers of rows mean other documents in the next project.
            self.table.select_id(None)
            self.count.setText("")
            return
        rows = DocumentRows(project.documents, columns.ids, self.model)
        self._makers = DocumentColumns(self._view, columns, rows)
        has_features = self._view.features is not None
        self._fit_field(columns)
        self.show_columns(default_columns(columns, has_features))
        if self._view.answer is not None:
            self._on_answer(self._view.answer)

    def _fit_field(self, columns: CorpusColumns) -> None:
        """There is nothing to look through in documents without words."""
        readable = has_words(columns)
        self.field.setEnabled(readable)
        self.field.setPlaceholderText(LOOK_FOR_WORDS if readable else "No texts to look through")
        set_plain_tooltip(self.field, HOW_WORDS_ARE_FOUND if readable else NO_WORDS)

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, CorpusAnswer)
        columns = self._view.columns
        if columns is None:
            return
        everything, passing = len(columns), len(answer.positions)
        plain = f"{everything:,} documents"
        self.count.setText(plain if answer.asked.is_empty else f"{passing:,} of {everything:,}")
        self.table.set_empty_text("No document passes these filters.")
        self._put_in_order(answer.positions)
        if self._last_asked is not None and answer.asked != self._last_asked:
            self.table.scrollToTop()
        self._last_asked = answer.asked
        self._keep_in_list()

    def _keep_in_list(self) -> None:
        """A selected document that is no longer listed gives way to the first that is."""
        document, columns = self._view.session.document, self._view.columns
        if document is None or columns is None:
            return
        position = columns.position(document)
        if position is not None and self.model.row_of(position) >= 0:
            self._on_selected(document)
        elif self.model.rowCount():
            self.table.select_id(self.model.row_id(0), tell=True)
        else:
            self._view.session.select_document(None)

    @Slot()
    def _on_labels(self) -> None:
        self.model.refresh()

    @Slot(object)
    def _on_filter(self, wanted: object) -> None:
        assert isinstance(wanted, CorpusFilter)
        if wanted.words != self.field.text():
            self.field.setText(wanted.words)

    @Slot(str)
    def _on_words(self, text: str) -> None:
        self._view.update(words=text)

    # -- sorting -----------------------------------------------------------------------------

    def _put_in_order(self, positions: np.ndarray) -> None:
        columns, name = self._view.columns, self.model.sorted_by
        assert columns is not None
        chosen = next((c for c in self.model.columns if c.name == name), None)
        if chosen is None or chosen.sort_key is not None:
            self.model.set_order(positions)
            return
        order = self._orders.get((chosen.name, self.model.descending))
        if order is None:
            self._on_sort(chosen.name, self.model.descending)
            self.model.set_order(positions, already_sorted=True)
            return
        passing = np.zeros(len(columns), bool)
        passing[positions] = True
        self.model.set_order(order[passing[order]], already_sorted=True)

    @Slot(str, bool)
    def _on_sort(self, name: str, descending: bool) -> None:
        project, columns = self._view.session.project, self._view.columns
        if project is None or columns is None:
            return
        if (name, descending) in self._orders:
            self._on_sorted((name, descending, self._orders[name, descending]))
            return
        self._sorting.ask(_Sort(project.documents, columns, name, descending))

    @Slot(object)
    def _on_sorted(self, found: object) -> None:
        name, descending, order = found  # type: ignore[misc]
        self._orders[name, descending] = order
        if self._view.answer is not None:
            self._put_in_order(self._view.answer.positions)

    # -- rows --------------------------------------------------------------------------------

    def bring_selected(self) -> None:
        """Brings the selected document into view; filters that hide it are taken away."""
        columns, answer = self._view.columns, self._view.answer
        document = self._view.session.document
        position = None
        if columns is not None and document is not None:
            position = columns.position(document)
        if position is None or answer is None:
            return
        if position not in answer.positions or answer.asked != self._view.filter:
            self._view.replace_filter(CorpusFilter())
        else:
            self.table.scroll_to_id(position)

    @Slot(object)
    def _on_activated(self, position: object) -> None:
        self._on_row(position)
        self.opened.emit()

    @Slot(object)
    def _on_row(self, position: object) -> None:
        columns = self._view.columns
        if columns is not None and isinstance(position, int):
            self._view.session.select_document(int(columns.ids[position]))

    @Slot(object)
    def _on_selected(self, document: object) -> None:
        columns = self._view.columns
        position = None
        if columns is not None and isinstance(document, int):
            position = columns.position(document)
        if position != self.table.current_id:
            self.table.select_id(position)

    @Slot(object, QPoint)
    def _open_menu(self, position: object, place: QPoint) -> None:
        project, columns = self._view.session.project, self._view.columns
        if project is None or columns is None or not isinstance(position, int):
            return
        row = project.documents.row(int(columns.ids[position]))
        if row is None:
            return
        menu = QMenu(self)
        session = self._view.session
        like = menu.addAction(MORE_LIKE_THIS)
        like.setEnabled(can_search_like(session, row.id))
        menu.addSeparator()
        texts = {
            menu.addAction("Copy title"): row.title or row.heading,
            menu.addAction("Copy key"): row.key,
            menu.addAction("Copy text"): row.text,
        }
        chosen = menu.exec(place)
        if chosen is like:
            search_like(session, row.id)
        elif chosen is not None:
            QGuiApplication.clipboard().setText(texts[chosen])
        menu.deleteLater()

    def _choose_columns(self) -> None:
        if self._makers is None:
            return
        menu = QMenu(self)
        names = {}
        always = next(iter(self._makers.titles()))
        for name, title in self._makers.titles().items():
            action = menu.addAction(title[:80].replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in self._shown)
            action.setEnabled(name != always)
            names[action] = name
        below = QPoint(0, self.chooser.height() + tokens().grid)
        chosen = menu.exec(self.chooser.mapToGlobal(below))
        if chosen is not None:
            self.show_columns(tuple(set(self._shown) ^ {names[chosen]}))
        menu.deleteLater()


class _Sort:
    """All documents in the order of a text column; asked once for each direction."""

    def __init__(
        self, store: DocumentStore, columns: CorpusColumns, name: str, descending: bool
    ) -> None:
        self._store, self._columns = store, columns
        self._name, self._descending = name, descending

    def __call__(self, control: TaskControl) -> tuple[str, bool, np.ndarray]:
        order = DocumentOrder(self._name.removeprefix(FIELD), self._descending)
        ids = self._store.find(order=order)
        return self._name, self._descending, self._columns.positions(ids)
