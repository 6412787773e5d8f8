"""The list of all features: filter, kinds, sorting, stars, export."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.jobs.exports.export_request import ExportRequest
from saedesk.session.session import Session
from saedesk.ui.export_panels.file_formats import file_kinds, with_ending
from saedesk.ui.features_panels.feature_rows import (
    ALL,
    DENSITY,
    KINDS,
    LABEL,
    NO_LABEL,
    NUMBER,
    STARRED,
    STRONGEST,
    FeatureRows,
)
from saedesk.ui.features_panels.feature_table import FeatureTable
from saedesk.ui.features_panels.wrapping_row import WrappingRow
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_field import SearchField
from saedesk.ui.widgets.text_label import TextLabel

_ORDERS = (
    ("By density", DENSITY, True),
    ("By strongest activation", STRONGEST, True),
    ("By number", NUMBER, False),
    ("By label", LABEL, False),
)
_KIND_TIPS = {
    ALL: "All features",
    STARRED: "Features that you starred",
    NO_LABEL: "Features that have no label yet",
    "Never active": "Features that are active in no document",
}


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
        self._kind = ALL
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.table = FeatureTable()
        self.field = _FilterField(self.table)
        self.field.text_changed.connect(self._refilter)
        self._build()
        model = self.table.row_model
        model.sort_requested.connect(self._sort)
        self.table.current_row_changed.connect(self._on_current)
        self.table.star_clicked.connect(self._toggle_star)
        self.table.row_activated.connect(self._on_activated)
        self.table.rename_wanted.connect(self._on_rename)
        self.table.menu_requested.connect(self._open_menu)
        session.feature_selected.connect(self._on_selected)
        session.sae_changed.connect(self.reload)
        session.project_changed.connect(self._on_project)
        self.reload()

    def _build(self) -> None:
        pad, space = tokens().padding.side_panel, tokens().space
        self.count = TextLabel("", "lead", "text3", tabular=True)
        self.sort_button = GhostButton("arrow-down-wide-narrow", "Sort the list")
        self.sort_button.clicked.connect(self._open_sort_menu)
        self.export_button = GhostButton("download", "Save all features as CSV, JSON or Parquet")
        self.export_button.clicked.connect(self.export)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(space[2])
        head.addWidget(TextLabel("Features", "head of a panel"))
        head.addWidget(self.count)
        head.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.sort_button)
        buttons.addWidget(self.export_button)
        head.addLayout(buttons)
        top = QVBoxLayout()
        top.setContentsMargins(pad, space[2] + 2, pad, space[2] + 2)
        top.setSpacing(0)
        top.addLayout(head)
        top.addSpacing(space[1] + 2)
        top.addWidget(self.field)
        top.addSpacing(space[3])
        top.addWidget(self._make_chips())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        order = (self.field, *self.chips.values(), self.sort_button, self.export_button)
        for first, second in pairwise((*order, self.table)):
            self.setTabOrder(first, second)

    def _make_chips(self) -> QWidget:
        self._group = QButtonGroup(self)
        self.chips = {kind: FilterChip(kind, tooltip=_KIND_TIPS[kind]) for kind in KINDS}
        for chip in self.chips.values():
            self._group.addButton(chip)
        self.chips[ALL].setChecked(True)
        self._group.buttonClicked.connect(self._on_chip)
        self._chip_row = WrappingRow(list(self.chips.values()))
        return self._chip_row

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def reload(self) -> None:
        """Show the features of the SAE in use."""
        sae, book = self._session.sae, self._session.book
        self._rows = None if sae is None or book is None else FeatureRows(sae, book)
        self.table.set_rows(self._rows)
        if book is not None:
            book.labels_changed.connect(self._on_labels)
            book.stars_changed.connect(self._on_stars)
        self.count.setText("" if self._rows is None else f"{len(self._rows):,}")
        self._count_kinds()
        self._refilter()
        if self._rows is not None and self._session.feature is None:
            self._session.select_feature(self._rows.first_to_show())
        self._on_selected(self._session.feature)

    @Slot()
    def _on_project(self) -> None:
        if self._session.project is None:
            self.field.clear()
            self.reload()

    def focus_filter(self) -> None:
        """Put the keyboard into the filter field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @Slot()
    def _refilter(self, _: str = "") -> None:
        if self._rows is None:
            self.table.row_model.set_order([], already_sorted=True)  # type: ignore[arg-type]
            return
        text = self.field.text()
        latents = self._rows.matching(text, self._kind)
        model = self.table.row_model
        by = model.sorted_by or DENSITY
        model.set_order(self._rows.ordered(latents, by, model.descending), already_sorted=True)
        self.table.set_empty_text(_sentence_for_none(text, self._kind))
        if self._session.feature is not None and self.table.current_id is None:
            self.table.select_id(self._session.feature, scroll=False)

    def _count_kinds(self) -> None:
        for kind, chip in self.chips.items():
            if kind != ALL:
                count = 0 if self._rows is None else self._rows.count(kind)
                chip.set_text(f"{kind} {count:,}")
        self._chip_row.arrange()

    @Slot(object)
    def _on_chip(self, chip: object) -> None:
        self._kind = next(kind for kind, known in self.chips.items() if known is chip)
        self._refilter()

    @Slot(str, bool)
    def _sort(self, by: str, descending: bool) -> None:
        if by in (DENSITY, STRONGEST):
            self.table.show_value(by)
            self.table.row_model.mark_sorted(by, descending)
        self._refilter()
        current = self.table.current_id
        if current is not None:
            self.table.scroll_to_id(current)

    @Slot()
    def _open_sort_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, by, descending in _ORDERS:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(self.table.row_model.sorted_by == by)
            action.triggered.connect(partial(self.table.row_model.sort_by, by, descending))
        menu.popup(self.sort_button.mapToGlobal(QPoint(0, self.sort_button.height())))

    # -- labels and stars --------------------------------------------------------------------

    @Slot(object)
    def _on_labels(self, latents: frozenset[int]) -> None:
        if self._rows is None or self.sender() is not self._session.book:
            return
        self._rows.update_labels(latents)
        self._repaint(latents, NO_LABEL)

    @Slot(object)
    def _on_stars(self, latents: frozenset[int]) -> None:
        if self._rows is None or self.sender() is not self._session.book:
            return
        self._rows.update_stars(latents)
        self._repaint(latents, STARRED)

    def _repaint(self, latents: frozenset[int], kind: str) -> None:
        self._count_kinds()
        if self._kind == kind or len(latents) > 1:
            self._refilter()
        else:
            for latent in latents:
                self.table.row_model.refresh(latent)

    @Slot(object)
    def _toggle_star(self, latent: int) -> None:
        book = self._session.book
        if book is not None and may_write(self._session):
            book.set_star(latent, not book.is_starred(latent))

    # -- selection ---------------------------------------------------------------------------

    @Slot(object)
    def _on_current(self, latent: int | None) -> None:
        if latent is not None:
            self._session.select_feature(latent)

    @Slot(object)
    def _on_selected(self, latent: int | None) -> None:
        if self.table.current_id != latent:
            self.table.select_id(latent)

    @Slot(object)
    def _on_activated(self, _: int) -> None:
        self.opened.emit()

    @Slot(object)
    def _on_rename(self, _: int) -> None:
        self.rename_wanted.emit()

    @Slot(object, QPoint)
    def _open_menu(self, latent: int, place: QPoint) -> None:
        rows = self._rows
        if rows is None:
            return
        copy = QGuiApplication.clipboard().setText
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if rows.label(latent):
            menu.addAction("Copy the label", partial(copy, rows.label(latent)))
        menu.addAction("Copy the number", partial(copy, str(latent)))
        menu.addSeparator()
        star = "Take the star away" if rows.is_starred(latent) else "Star"
        toggle = menu.addAction(star, partial(self._toggle_star, latent))
        toggle.setEnabled(not read_only_reason(self._session))
        menu.addAction("Steer a search", partial(self._session.steer_with, latent))
        menu.popup(place)

    # -- export ------------------------------------------------------------------------------

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


class _FilterField(SearchField):
    """Down and Enter lead from the filter into the list."""

    def __init__(self, table: FeatureTable) -> None:
        super().__init__("Filter by label or number", "Ctrl+F", "Filter the features")
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


def _sentence_for_none(text: str, kind: str) -> str:
    if text.strip():
        return "No feature has this label or number."
    if kind == STARRED:
        return "Nothing is starred yet."
    if kind == NO_LABEL:
        return "Every feature has a label."
    return "Every feature is active somewhere."
