"""The list of families: filter, order, what is done to several, what stands alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_actions import FamilyActions
from saedesk.ui.family_panels.family_rows import SIZE, FamilyRows, filter_text, placed_text
from saedesk.ui.family_panels.family_selection_bar import FamilySelectionBar
from saedesk.ui.family_panels.family_table import FamilyTable
from saedesk.ui.family_panels.measuring_words import measuring_text
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_field import SearchField
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

NOTHING_FITS = "No family and no member has this label."
ALL_HIDDEN = "Every family is hidden."
NONE_AT_ALL = "No family at these thresholds."
_MEASURE = "Find labels for the families, score them, and measure how well each holds together"


class FamilyList(QWidget):
    """Shows the families of the book; the selection is the book's."""

    opened = Signal()
    """Enter or double click: the drawing of the selected family is wanted."""
    rename_wanted = Signal()
    """F2: the name of the selected family is to be edited."""
    filtered = Signal(str)
    """The text of the filter, for the drawing of all families."""

    def __init__(
        self, session: Session, actions: FamilyActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._book, self._actions = session, family_book(session), actions
        self._rows: FamilyRows | None = None
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.count = TextLabel("", "lead", "text3", tabular=True)
        self.export_button = GhostButton("download", "Save the families, or read published ones")
        self.export_button.clicked.connect(self._open_files)
        self.table = FamilyTable()
        self.field = _FilterField(self.table)
        self.bar = FamilySelectionBar(session, actions, self.chosen)
        self.foot = TextLabel("", "caption", "text2", wrap=True, tabular=True)
        self.missing = TextLabel("", "caption", "text2", wrap=True, tabular=True)
        self.measure = DefaultButton("Measure", tooltip=_MEASURE)
        self.measure.clicked.connect(self._book.measure)
        self.hidden_link = LinkButton("", "caption", tooltip="Families that you hid")
        self.hidden_link.clicked.connect(self._toggle_hidden)
        self._build()
        self._connect()
        self.reload()

    def _build(self) -> None:
        pad, space = tokens().padding.side_panel, tokens().space
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(space[2])
        head.addWidget(TextLabel("Families", "head of a panel"))
        head.addWidget(self.count)
        head.addWidget(self.export_button, 1, Qt.AlignmentFlag.AlignRight)
        top = QVBoxLayout()
        top.setContentsMargins(pad, space[2] + 2, pad, space[3])
        top.setSpacing(space[1] + 2)
        top.addLayout(head)
        top.addWidget(self.field)
        self._foot_part = QWidget()
        foot = QVBoxLayout(self._foot_part)
        foot.setContentsMargins(pad, space[2] + 2, pad, space[2] + 2)
        foot.setSpacing(2)
        foot.addWidget(self.foot)
        # Hidden as a whole: a layout of hidden parts would take room of the table.
        self._missing_part = QWidget()
        missing = QHBoxLayout(self._missing_part)
        missing.setContentsMargins(0, 0, 0, 0)
        missing.setSpacing(space[2])
        missing.addWidget(self.missing, 1)
        missing.addWidget(self.measure)
        foot.addWidget(self._missing_part)
        foot.addWidget(self.hidden_link)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(Hairline())
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        column.addWidget(Hairline())
        column.addWidget(self._foot_part)
        order = self.field, self.export_button, self.table, self.measure, self.hidden_link
        for first, second in pairwise(order):
            self.setTabOrder(first, second)

    def _connect(self) -> None:
        table, book = self.table, self._book
        self.field.text_changed.connect(self._on_text)
        table.row_model.sort_requested.connect(self._sort)
        table.current_row_changed.connect(self._on_current)
        table.selection_changed.connect(self.bar.show_selection)
        table.selection_ended.connect(self._end_selection)
        table.row_activated.connect(self._on_activated)
        table.rename_wanted.connect(self._on_rename)
        table.menu_requested.connect(self._open_menu)
        table.merge_wanted.connect(self._merge)
        table.pin_wanted.connect(self._pin)
        table.hide_wanted.connect(self._hide)
        self.bar.ended.connect(self._end_selection)
        book.families_changed.connect(self.reload)
        book.measures_changed.connect(self.reload)
        book.measuring_changed.connect(self._show_missing)
        book.selected_changed.connect(self._on_selected)
        self._session.sae_changed.connect(self._on_sae)
        self._on_sae()

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def reload(self) -> None:
        """Show the families there are now."""
        sae, features = self._session.sae, self._session.book
        self._rows = None if sae is None or features is None else FamilyRows(self._book, features)
        self.table.set_rows(self._rows)
        rows = self._rows
        self.count.setText("" if rows is None else f"{len(rows):,}")
        told = ""
        if rows is not None and sae is not None:
            placed = placed_text(rows.placed, sae.n_latents)
            told = f"{placed} {filter_text(self._book.filter)}".strip()
        self.foot.setText(told)
        self._show_missing()
        self._show_hidden_link()
        self._refilter()

    @Slot()
    def _show_missing(self) -> None:
        told = measuring_text(self._book)
        self.missing.setText(told)
        self._missing_part.setVisible(bool(told))
        self.measure.setVisible(bool(told) and not self._book.is_measuring)
        self.measure.set_disabled_reason(read_only_reason(self._session))
        self._fit_foot()

    def _show_hidden_link(self) -> None:
        hidden = self._book.hidden_count
        many = f"{hidden:,} hidden famil{'y' if hidden == 1 else 'ies'}"
        words = f"Leave {many} out" if self._book.shows_hidden else f"Show {many}"
        self.hidden_link.setText(words)
        self.hidden_link.setAccessibleName(words)
        self.hidden_link.updateGeometry()
        self.hidden_link.setVisible(hidden > 0)
        self._fit_foot()

    def _fit_foot(self) -> None:
        # A sentence that wraps keeps the height it had while other parts were there.
        foot = self._foot_part.layout()
        foot.invalidate()
        self._foot_part.setFixedHeight(foot.heightForWidth(self.width()))
        # Now, not with the next turn of events: else the list would lack room that is free.
        self._column.activate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_foot()

    @Slot()
    def _refilter(self) -> None:
        model, rows = self.table.row_model, self._rows
        if rows is None:
            model.set_order(np.empty(0, np.int64), already_sorted=True)
            return
        by = model.sorted_by or SIZE
        roots = rows.ordered(rows.matching(self.field.text()), by, model.descending)
        model.set_order(roots, already_sorted=True)
        nothing = NOTHING_FITS if len(rows) else NONE_AT_ALL
        if not len(rows) and self._book.hidden_count:
            nothing = ALL_HIDDEN
        self.table.set_empty_text(nothing)
        if self.table.current_id != self._book.selected:
            self.table.select_id(self._book.selected, scroll=False)
        self.bar.show_selection()

    def order(self) -> np.ndarray:
        """(n,) int64: roots of the families in the list, from the top."""
        return self.table.row_model.order

    @Slot()
    def _on_sae(self) -> None:
        features = self._session.book
        if features is not None:
            features.labels_changed.connect(self._on_labels)

    @Slot(object)
    def _on_labels(self, _: object) -> None:
        if self.sender() is self._session.book:
            self.reload()

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._refilter()
        self.filtered.emit(text)

    @Slot(str, bool)
    def _sort(self, _by: str, _descending: bool) -> None:
        self._refilter()
        if self.table.current_id is not None:
            self.table.scroll_to_id(self.table.current_id)

    def focus_filter(self) -> None:
        """Put the keyboard into the filter field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # -- selection ---------------------------------------------------------------------------

    def chosen(self) -> list[int]:
        """Roots of the selected families, from the top."""
        return [int(root) for root in self.table.selected_ids()]

    @Slot(object)
    def _on_current(self, root: int | None) -> None:
        if root is not None:
            self._book.select(root)

    @Slot(object)
    def _on_selected(self, root: int | None) -> None:
        if self.table.current_id != root:
            self.table.select_id(root)
            self.bar.show_selection()

    @Slot()
    def _end_selection(self) -> None:
        self.table.select_id(self.table.current_id, scroll=False)
        self.bar.show_selection()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_activated(self, _: int) -> None:
        self.opened.emit()

    @Slot(object)
    def _on_rename(self, _: int) -> None:
        self.rename_wanted.emit()

    # -- what is done ------------------------------------------------------------------------

    @Slot()
    def _merge(self) -> None:
        self._actions.merge(self.chosen())

    @Slot()
    def _pin(self) -> None:
        self._actions.toggle_pinned(self.chosen())

    @Slot()
    def _hide(self) -> None:
        self._actions.toggle_hidden(self.chosen())

    @Slot()
    def _toggle_hidden(self) -> None:
        self._book.shows_hidden = not self._book.shows_hidden

    @Slot(object, QPoint)
    def _open_menu(self, root: int, place: QPoint) -> None:
        chosen = self.chosen()
        self._actions.open_menu(chosen if root in chosen else [root], place)

    @Slot()
    def _open_files(self) -> None:
        button = self.export_button
        self._actions.open_file_menu(button.mapToGlobal(QPoint(0, button.height())))


class _FilterField(SearchField):
    """Down and Enter lead from the filter into the list."""

    def __init__(self, table: FamilyTable) -> None:
        super().__init__("Filter by label or member", "Ctrl+F", "Filter the families")
        self._table = table

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and self._table.row_model.rowCount():
            table = self._table
            if table.current_id is None or table.row_model.row_of(table.current_id) < 0:
                table.select_id(table.row_model.row_id(0), tell=True)
            table.setFocus(Qt.FocusReason.TabFocusReason)
            return
        super().keyPressEvent(event)
