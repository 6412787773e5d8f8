"""What stands over the list of features: count, filters, order, and how good the labels are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.session.selection import FeatureGroup
from saedesk.ui.features_panels.feature_filter import (
    ALL,
    DETECTIONS,
    KINDS,
    SCORES,
    SOURCES,
    FeatureFilter,
)
from saedesk.ui.features_panels.feature_filter_chips import FeatureFilterChips
from saedesk.ui.features_panels.feature_rows import (
    DENSITY,
    LABEL,
    NUMBER,
    SCORE,
    STRONGEST,
    FeatureRows,
)
from saedesk.ui.features_panels.feature_table import FeatureTable
from saedesk.ui.features_panels.score_words import (
    ABOUT_LEVELS,
    ABOUT_SCORE,
    ABOUT_WELL_LABELLED,
    HIGHER_LEVELS,
    levels_text,
    well_labelled_text,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.text_field import SearchField
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_ORDERS = (
    ("By density", DENSITY, True),
    ("By score", SCORE, True),
    ("By strongest activation", STRONGEST, True),
    ("By number", NUMBER, False),
    ("By label", LABEL, False),
)


class FeatureListHead(QWidget):
    """Shows and changes what the list shows; the list does it."""

    filter_changed = Signal()
    score_wanted = Signal()
    """The labels are to be scored."""

    def __init__(self, table: FeatureTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._tags: dict[str, int] = {}
        self._rows: FeatureRows | None = None
        self.count = TextLabel("", "lead", "text3", tabular=True)
        self.filter_button = GhostButton("list-filter", "Filter by score, source or tag")
        self.filter_button.clicked.connect(self._open_filter_menu)
        self.sort_button = GhostButton("arrow-down-wide-narrow", "Sort the list")
        self.sort_button.clicked.connect(self._open_sort_menu)
        self.export_button = GhostButton("download", "Save all features as CSV, JSON or Parquet")
        self.more_button = GhostButton(
            "ellipsis", "All labels: in and out, made anew, scores, near-duplicates"
        )
        self.field = _FilterField(table)
        self.field.text_changed.connect(self._on_text)
        self.chips = FeatureFilterChips()
        self.chips.changed.connect(self.filter_changed)
        self.summary = TextLabel("", "caption", "text2", wrap=True, tabular=True)
        self.summary.set_explanation(ABOUT_WELL_LABELLED)
        self.levels = TextLabel("", "caption", "text3", wrap=True, tabular=True)
        self.levels.set_explanation(ABOUT_LEVELS)
        self.score_link = LinkButton("Score the labels", tooltip=ABOUT_SCORE)
        self.score_link.clicked.connect(self.score_wanted)
        self._build()

    @property
    def filter(self) -> FeatureFilter:
        """What is asked of the features in the list."""
        return replace(self.chips.filter, text=self.field.text())

    def focus_order(self) -> tuple[QWidget, ...]:
        """The widgets in the order of the Tab key."""
        chips = (*self.chips.kinds.values(), *self.chips.conditions.values())
        buttons = (self.filter_button, self.sort_button, self.more_button, self.export_button)
        return (self.field, *chips, *buttons, self.score_link)

    def _build(self) -> None:
        pad, space = tokens().padding.side_panel, tokens().space
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(space[2])
        head.addWidget(TextLabel("Features", "head of a panel"))
        head.addWidget(self.count)
        head.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (
            self.filter_button,
            self.sort_button,
            self.export_button,
            self.more_button,
        ):
            buttons.addWidget(button)
        head.addLayout(buttons)
        top = QVBoxLayout(self)
        top.setContentsMargins(pad, space[2] + 2, pad, space[2] + 2)
        top.setSpacing(0)
        top.addLayout(head)
        top.addSpacing(space[1] + 2)
        top.addWidget(self.field)
        top.addSpacing(space[3])
        top.addWidget(self.chips)
        top.addSpacing(space[2])
        top.addWidget(self.summary)
        top.addWidget(self.levels)
        link = QHBoxLayout()
        link.setContentsMargins(0, 0, 0, 0)
        link.addWidget(self.score_link)
        link.addStretch(1)
        top.addLayout(link)

    # -- what is shown -----------------------------------------------------------------------

    def show_counts(self, rows: FeatureRows | None, tags: dict[str, int], why_not: str) -> None:
        """Show how many features there are of every kind; `why_not` forbids scoring."""
        self._tags = tags
        self.count.setText("" if rows is None else f"{len(rows):,}")
        self.chips.show_counts(lambda kind: 0 if rows is None else rows.count(kind))
        self._rows = rows
        is_scored = rows is not None and bool(rows.n_scored)
        self.summary.setVisible(is_scored)
        self.levels.setVisible(is_scored)
        self.score_link.setVisible(rows is not None and bool(rows.n_labelled) and not rows.n_scored)
        self.score_link.setEnabled(not why_not)
        if rows is not None:
            self.summary.setText(well_labelled_text(rows.n_well_labelled, len(rows)))
            above = {level: rows.n_surely_above(level) for level in HIGHER_LEVELS}
            self.levels.setText(levels_text(above, rows.n_labelled, rows.n_scored))

    def clear(self) -> None:
        """Ask for nothing."""
        self.chips.clear()
        self.field.clear()

    def show_group(self, group: FeatureGroup) -> None:
        """Ask for some features and nothing else."""
        self.clear()
        self.chips.ask(group=group)

    def forget_group(self) -> None:
        """Ask for no group any more; nobody is told."""
        if self.chips.filter.group is not None:
            self.chips.clear()

    @Slot(str)
    def _on_text(self, _: str) -> None:
        self.filter_changed.emit()

    # -- menus -------------------------------------------------------------------------------

    @Slot()
    def _open_sort_menu(self) -> None:
        menu = self._menu()
        model = self._table.row_model
        for title, by, descending in _ORDERS:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(model.sorted_by == by)
            action.triggered.connect(partial(model.sort_by, by, descending))
        menu.popup(self.sort_button.mapToGlobal(QPoint(0, self.sort_button.height())))

    @Slot()
    def _open_filter_menu(self) -> None:
        menu, asked = self._menu(), self.chips.filter
        is_detected = self._rows is not None and bool(self._rows.n_detected)
        for kind in KINDS:
            self._add(menu, kind, asked.kind == kind, "kind", kind)
        menu.addSeparator()
        for title, name, choices in (
            ("Score", "score", SCORES),
            ("Judged by a language model", "detection", DETECTIONS if is_detected else {}),
            ("Named by", "source", SOURCES),
            ("Tag", "tag", {tag: f"{tag}  {many:,}" for tag, many in self._tags.items()}),
        ):
            part = menu.addMenu(title)
            part.setEnabled(bool(choices))
            for value, words in choices.items():
                chosen = getattr(asked, name) == value
                self._add(part, words, chosen, name, "" if chosen else value)
        menu.addSeparator()
        clear = menu.addAction("Take all filters away", self._ask_for_all)
        clear.setEnabled(self.filter != FeatureFilter())
        menu.popup(self.filter_button.mapToGlobal(QPoint(0, self.filter_button.height())))

    def _add(self, menu: QMenu, words: str, chosen: bool, name: str, value: str) -> None:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(partial(self._ask, name, value))

    def _ask(self, name: str, value: str, *_: object) -> None:
        self.chips.ask(**{name: value})

    @Slot()
    def _ask_for_all(self) -> None:
        self.field.clear()
        self.chips.ask(kind=ALL, score="", detection="", source="", tag="", group=None)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu


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
