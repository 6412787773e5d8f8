"""The list of all features: filters, order, stars, what is done to several, export."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.jobs.exports.export_request import ExportRequest
from saedesk.session.selection import FeatureGroup
from saedesk.session.session import Session
from saedesk.ui.export_panels.file_formats import file_kinds, with_ending
from saedesk.ui.features_panels.feature_actions import FeatureActions
from saedesk.ui.features_panels.feature_filter import FeatureFilter
from saedesk.ui.features_panels.feature_list_head import FeatureListHead
from saedesk.ui.features_panels.feature_rows import DENSITY, STRONGEST, FeatureRows
from saedesk.ui.features_panels.feature_table import FeatureTable
from saedesk.ui.features_panels.label_menu import make_label_menu
from saedesk.ui.features_panels.label_tasks import LabelTasks
from saedesk.ui.features_panels.selection_bar import SelectionBar
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.hairline import Hairline


class FeatureList(QWidget):
    """Shows the features of the SAE in use; the selection is the session's."""

    opened = Signal()
    """Enter or double click: the page of the selected feature is wanted."""
    rename_wanted = Signal()
    """F2: the label of the selected feature is to be edited."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: FeatureRows | None = None
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.table = FeatureTable()
        self.head = FeatureListHead(self.table)
        self.feature_actions = FeatureActions(session, self)
        self.label_tasks = LabelTasks(session, self)
        self.bar = SelectionBar(session, self.feature_actions, self.chosen)
        self._name_parts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(Hairline())
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        for first, second in pairwise((*self.head.focus_order(), self.table)):
            self.setTabOrder(first, second)
        self._connect()
        self.reload()

    def _name_parts(self) -> None:
        self.field, self.count = self.head.field, self.head.count
        self.chips = self.head.chips.kinds
        self.sort_button, self.export_button = self.head.sort_button, self.head.export_button

    def _connect(self) -> None:
        session, table = self._session, self.table
        self.head.filter_changed.connect(self._refilter)
        self.head.score_wanted.connect(self.label_tasks.score_all)
        self.head.export_button.clicked.connect(self.export)
        self.head.more_button.clicked.connect(self._open_more)
        self.bar.ended.connect(self._end_selection)
        self.bar.tagged.connect(self._focus_table)
        self.feature_actions.new_tag_wanted.connect(self.bar.open_tag_field)
        table.row_model.sort_requested.connect(self._sort)
        table.current_row_changed.connect(self._on_current)
        table.selection_changed.connect(self.bar.show_selection)
        table.selection_ended.connect(self._end_selection)
        table.star_clicked.connect(self._toggle_star)
        table.row_toggled.connect(self._star_chosen)
        table.hide_wanted.connect(self._hide_chosen)
        table.tag_wanted.connect(self.bar.open_tag_field)
        table.row_activated.connect(self._on_activated)
        table.rename_wanted.connect(self._on_rename)
        table.menu_requested.connect(self._open_menu)
        session.feature_selected.connect(self._on_selected)
        session.features_wanted.connect(self.show_group)
        session.sae_changed.connect(self._on_sae)
        session.project_changed.connect(self._on_project)

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def reload(self) -> None:
        """Show the features of the SAE in use."""
        sae, book = self._session.sae, self._session.book
        self._rows = None if sae is None or book is None else FeatureRows(sae, book)
        self.label_tasks.rows = self._rows
        self.table.set_rows(self._rows)
        if book is not None:
            book.labels_changed.connect(self._on_labels)
            book.stars_changed.connect(self._on_marks)
            book.marks_changed.connect(self._on_marks)
        self._count()
        self._refilter()
        if self._rows is not None and self._session.feature is None:
            self._session.select_feature(self._rows.first_to_show())
        self._on_selected(self._session.feature)

    @Slot()
    def _on_project(self) -> None:
        if self._session.project is None:
            self.head.clear()
            self.reload()

    @Slot()
    def _on_sae(self) -> None:
        # The numbers of a group mean something else in another SAE.
        self.head.forget_group()
        self.reload()

    @Slot(object)
    def show_group(self, group: FeatureGroup) -> None:
        """Show only some features, whatever was asked before."""
        self.head.show_group(group)
        rows = self.table.row_model
        if rows.rowCount() and self._session.feature not in group.latents:
            self._session.select_feature(rows.row_id(0))

    def focus_filter(self) -> None:
        """Put the keyboard into the filter field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @Slot()
    def _refilter(self) -> None:
        model = self.table.row_model
        if self._rows is None:
            model.set_order(np.empty(0, np.int64), already_sorted=True)
            return
        wanted, by = self.head.filter, model.sorted_by or DENSITY
        latents = self._rows.ordered(self._rows.matching(wanted), by, model.descending)
        model.set_order(latents, already_sorted=True)
        self.table.set_empty_text(wanted.sentence_for_none())
        if self._session.feature is not None and self.table.current_id is None:
            self.table.select_id(self._session.feature, scroll=False)
        self.bar.show_selection()

    def _count(self) -> None:
        book = self._session.book
        tags = {} if book is None else book.tags()
        self.head.show_counts(self._rows, tags, read_only_reason(self._session))

    @Slot(str, bool)
    def _sort(self, by: str, descending: bool) -> None:
        if by in (DENSITY, STRONGEST):
            self.table.show_value(by)
            self.table.row_model.mark_sorted(by, descending)
        self._refilter()
        current = self.table.current_id
        if current is not None:
            self.table.scroll_to_id(current)

    # -- labels and marks --------------------------------------------------------------------

    @Slot(object)
    def _on_labels(self, latents: frozenset[int]) -> None:
        if self._rows is not None and self.sender() is self._session.book:
            self._rows.update_labels(latents)
            # One label that is typed does not make its row jump away.
            self._show_again(latents, keeps_order=len(latents) == 1)

    @Slot(object)
    def _on_marks(self, latents: frozenset[int]) -> None:
        if self._rows is not None and self.sender() is self._session.book:
            self._rows.update_marks(latents)
            self._show_again(latents, keeps_order=True)

    def _show_again(self, latents: frozenset[int], keeps_order: bool) -> None:
        """Paint features again, or filter again where that may change which are shown."""
        assert self._rows is not None
        self._count()
        changed = np.fromiter(latents, np.int64, len(latents))
        shown = self.table.row_model.row_of
        is_shown = np.isin(changed, self.table.row_model.order)
        stay = (is_shown != self._rows.hidden(changed)).all()
        if keeps_order and stay and self.head.filter == FeatureFilter():
            self.table.row_model.refresh()
            self.bar.show_selection()
            return
        current = self.table.current_id
        place = -1 if current is None else shown(current)
        self._refilter()
        if place >= 0 and shown(current or 0) < 0 and self.table.hasFocus():
            self._go_on_at(place)

    def _go_on_at(self, place: int) -> None:
        """The feature in hand left the list: the one that stands there now is next."""
        count = self.table.row_model.rowCount()
        if count:
            next_one = self.table.row_model.row_id(min(place, count - 1))
            self.table.select_id(next_one, tell=True)

    @Slot(object)
    def _toggle_star(self, latent: int) -> None:
        self.feature_actions.toggle_star([latent])

    @Slot(object)
    def _star_chosen(self, _: int) -> None:
        self.feature_actions.toggle_star(self.chosen())

    @Slot()
    def _hide_chosen(self) -> None:
        self.feature_actions.toggle_hidden(self.chosen())

    # -- selection ---------------------------------------------------------------------------

    def chosen(self) -> list[int]:
        """The selected features, from the top."""
        return [int(latent) for latent in self.table.selected_ids()]

    @Slot(object)
    def _on_current(self, latent: int | None) -> None:
        if latent is not None:
            self._session.select_feature(latent)

    @Slot(object)
    def _on_selected(self, latent: int | None) -> None:
        if self.table.current_id != latent:
            self.table.select_id(latent)
            self.bar.show_selection()

    @Slot()
    def _end_selection(self) -> None:
        self.table.select_id(self.table.current_id, scroll=False)
        self.bar.show_selection()
        self._focus_table()

    @Slot()
    def _focus_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_activated(self, _: int) -> None:
        self.opened.emit()

    @Slot(object)
    def _on_rename(self, _: int) -> None:
        self.rename_wanted.emit()

    # -- menus -------------------------------------------------------------------------------

    @Slot(object, QPoint)
    def _open_menu(self, latent: int, place: QPoint) -> None:
        chosen = self.chosen()
        self.feature_actions.open_menu(chosen if latent in chosen else [latent], place)

    @Slot()
    def _open_more(self) -> None:
        button = self.head.more_button
        menu = make_label_menu(self._session, self, self._rows is not None)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    @Slot()
    def export(self) -> None:
        """Ask for a file and write all features to it."""
        sae, kinds = self._session.sae, file_kinds("features")
        if sae is None:
            return
        path = choose_file(self, "Save the features", kinds, save=True, suggested="features.csv")
        if path is not None:
            path = with_ending(path, "features")
            self._session.exchange.export_table(ExportRequest("features", path, sae.hash))
