"""The table of runs: a box in the run's colour, its numbers, its state."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.run_cells import RunCells
from saedesk.ui.train_panels.run_column_choice import RunColumnChoice
from saedesk.ui.train_panels.run_column_menu import RunColumnMenu
from saedesk.ui.train_panels.run_columns import (
    RunColumn,
    Value,
    run_columns,
    sorting_numbers,
)
from saedesk.ui.train_panels.run_commands import RunCommands
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import NOTHING
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_head import RowTableHead
from saedesk.ui.widgets.row_table_model import Column, RowTableModel

FRAME_MS = 16
WIDE = 940
"""From this width on there is room for long heads."""
NARROW_TEXT = 96
"""The least width of the column that takes the room that is left."""
NAME_WIDTH, WIDEST_NAME, WIDEST_WHERE_NARROW = 64, 160, 100
"""Names of runs are short; a loaded SAE has any name."""
NARROW_NUMBER = 62
"""The width of a column with a short head."""


class _Table(RowTable):
    """Delete asks to take a run away."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)


class RunTable(QWidget):
    """All runs of the project; Enter uses one or lets it go on, Space draws or hides it."""

    def __init__(self, session: Session, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, book
        self._cells = RunCells(book)
        self.commands = RunCommands(session, book, self)
        self._keys: dict[str, np.ndarray] = {}
        self._is_wide = True
        self._name_width = NAME_WIDTH
        self._waiting: list[int] = []
        self._next = QTimer(self)
        self._next.setInterval(FRAME_MS)
        self._next.timeout.connect(self._show_next)
        self._known = run_columns()
        self.choice = RunColumnChoice(session.settings, self._known)
        self._column_menu = RunColumnMenu(self.choice, self._known, self)
        self._column_menu.chosen.connect(self._rebuild)
        self.model = RowTableModel(self._columns(), self)
        side = tokens().padding.work_area
        self.table = _Table(
            self.model,
            tokens().row_height.table_dense,
            "Runs",
            side_padding=side,
            line_from=side,
            line_to=side,
        )
        self.table.set_empty_text("Runs will be listed here, with their numbers side by side.")
        self.model.mark_sorted("run", descending=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        head = self.table.horizontalHeader()
        assert isinstance(head, RowTableHead)
        head.setSectionsMovable(True)
        head.setFirstSectionMovable(False)
        head.arranged.connect(self._on_arranged)
        head.menu_requested.connect(self._column_menu.open)
        # Opaque, because heads scroll under it.
        self._corner = QWidget(self)
        self._corner.setProperty("ground", "surface")
        self._corner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._corner.setFixedHeight(tokens().row_height.column_head - tokens().line)
        self.columns_button = GhostButton("columns-3", "Choose the columns", parent=self._corner)
        self.columns_button.clicked.connect(self._open_columns)
        self.table.current_row_changed.connect(self._on_current)
        self.table.row_activated.connect(self.commands.activate)
        self.table.row_toggled.connect(self._on_toggle)
        self.table.cell_clicked.connect(self._on_click)
        self.table.menu_requested.connect(self._on_menu)
        self.table.delete_pressed.connect(self._on_delete)
        book.changed.connect(self.refresh)
        book.progressed.connect(self._on_growth)
        self.refresh()

    # -- columns -----------------------------------------------------------------------------

    def _columns(self) -> list[Column]:
        shown = [self._known[name] for name in self.choice.shown]
        # The room that is left goes to the last text, or behind the numbers.
        texts = [column.name for column in shown if column.is_text]
        stretching = texts[0] if texts else "state"
        return [
            Column(
                "drawn",
                "",
                self._cells.drawn,
                width=52,
                sortable=False,
                paint=self._cells.paint_box,
            ),
            Column(
                "run",
                "Run",
                self._name,
                width=self._name_width,
                role="label",
                descending_first=True,
            ),
            *(self._column(column, column.name == stretching) for column in shown),
            Column(
                "state",
                "",
                self._cells.state,
                width=132,
                stretch=stretching == "state",
                sortable=False,
                paint=self._cells.paint_state,
            ),
        ]

    def _column(self, column: RunColumn, stretch: bool) -> Column:
        def text(id: int) -> str:
            run = self._book.run(id)
            if run is None:
                return NOTHING
            told = column.text(run)
            # Not unknown: a loaded SAE has no training that could have had it.
            return "" if run.is_loaded and told == NOTHING else told

        title = column.title if self._is_wide else column.short or column.title
        width = column.width if self._is_wide or not column.short else NARROW_NUMBER
        return Column(
            column.name,
            title,
            text,
            align="left" if column.is_text else "right",
            width=NARROW_TEXT if stretch else self.choice.width(column.name) or width,
            stretch=stretch,
            tooltip=column.tooltip,
            colour="text1" if column.name == "fvu" else "text2",
            descending_first=not column.is_text,
        )

    @Slot()
    def _rebuild(self) -> None:
        head = self.table.horizontalHeader()
        for at in range(head.count()):
            head.moveSection(head.visualIndex(at), at)
        self._keys.clear()
        self.model.set_columns(self._columns())
        self.refresh()

    @Slot()
    def _on_arranged(self) -> None:
        """Keeps the order and the widths that a person gave the columns."""
        head, columns = self.table.horizontalHeader(), self.model.columns
        order = [columns[head.logicalIndex(at)] for at in range(head.count())]
        usual = {column.name: column.width for column in columns if not column.stretch}
        widths = {
            column.name: head.sectionSize(at)
            for at, column in enumerate(columns)
            if column.name in usual and head.sectionSize(at) != usual[column.name]
        }
        self.choice.arrange([column.name for column in order], widths)
        self._rebuild()

    def columns_menu(self) -> QMenu:
        """Every column with a check mark; settings in a menu of their own."""
        return self._column_menu.made()

    @Slot()
    def _open_columns(self) -> None:
        below = QPoint(0, self.columns_button.height())
        self._column_menu.open(self.columns_button.mapToGlobal(below))

    # -- rows --------------------------------------------------------------------------------

    def _name(self, id: int) -> str:
        run = self._book.run(id)
        return "" if run is None else run.name

    @Slot()
    def refresh(self) -> None:
        """Shows the runs as the book has them."""
        runs = self._book.runs
        if self._fit_names(runs):
            return
        ids = np.array([run.id for run in runs], np.int64)
        # A new order ends a click that has only begun, so it comes only where something moved.
        if self._set_keys(runs) or set(ids) != set(self.model.order):
            self.model.set_order(ids)
        else:
            self.model.refresh()
        focus = self._book.focus
        if focus is not None and self.table.current_id != focus.id:
            self.table.select_id(focus.id)

    def _fit_names(self, runs: list[Run]) -> bool:
        """Gives the names the room they need; whether the table was made anew for it."""
        wanted = max((text_width(run.name, "label") for run in runs), default=0) + tokens().space[4]
        most = WIDEST_NAME if self._is_wide else WIDEST_WHERE_NARROW
        width = min(max(NAME_WIDTH, wanted), most)
        if width == self._name_width:
            return False
        self._name_width = width
        self._rebuild()
        return True

    @Slot()
    def _on_growth(self) -> None:
        # Only what grows, a run a frame: painting all rows at once is felt in the window.
        growing = [run.id for run in self._book.runs if run.is_live]
        self._waiting += [id for id in growing if id not in self._waiting]
        if not self._next.isActive():
            self._next.start()

    @Slot()
    def _show_next(self) -> None:
        if self._waiting:
            self.model.refresh_changed(self._waiting.pop(0))
        else:
            self._next.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Heads are shorter where there is less room."""
        super().resizeEvent(event)
        edge, gap = tokens().row_height.column_head, tokens().space[2]
        self._corner.setFixedWidth(edge + 2 * gap)
        self._corner.move(self.width() - self._corner.width(), 0)
        self.columns_button.move(gap, 0)
        is_wide = event.size().width() >= WIDE
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._rebuild()

    def _set_keys(self, runs: list[Run]) -> bool:
        """Gives the columns what they are sorted by; returns whether any of it changed."""
        size = max((run.id for run in runs), default=-1) + 1
        values: dict[str, list[Value]] = {"run": [run.place for run in runs]}
        for name in self.choice.shown:
            values[name] = [self._known[name].value(run) for run in runs]
        changed = False
        for name, found in values.items():
            key = np.full(size, np.nan)
            key[[run.id for run in runs]] = sorting_numbers(found)
            before = self._keys.get(name)
            if before is None or not np.array_equal(before, key, equal_nan=True):
                self._keys[name], changed = key, True
                self.model.set_sort_key(name, key)
        return changed

    # -- what a person does ------------------------------------------------------------------

    def _on_current(self, id: object) -> None:
        self._book.set_focus(id)  # type: ignore[arg-type]

    def _on_toggle(self, id: object) -> None:
        self._book.toggle(id)  # type: ignore[arg-type]

    def _on_click(self, id: object, column: str) -> None:
        if column == "drawn":
            self._book.toggle(id)  # type: ignore[arg-type]

    def _on_menu(self, id: object, place: QPoint) -> None:
        run = self._book.run(id)  # type: ignore[arg-type]
        if run is not None:
            menu = self.menu_for(run)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def menu_for(self, run: Run) -> QMenu:
        """The context menu of a run."""
        menu = QMenu(self)
        self.commands.fill(menu, run, self.table.copy_selected)
        return menu

    @Slot()
    def _on_delete(self) -> None:
        if self.table.current_id is not None:
            self.commands.delete(self.table.current_id)
