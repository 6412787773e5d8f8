"""The first rows of a file as a table with a chooser of roles over every column."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.corpus.corpus_input import InputPreview
from saedesk.corpus.document import ColumnRole, ColumnUse
from saedesk.ui.corpus_panels.column_role_names import ROLE_TIPS, ROLES, role_name, use_of
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.plain_tooltip import escaped, set_plain_tooltip
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel

LONGEST_NAME = 200


class _Cells:
    """The text of one column of the preview."""

    def __init__(self, rows: tuple[tuple[str, ...], ...], at: int) -> None:
        self._rows, self._at = rows, at

    def __call__(self, row: int) -> str:
        return self._rows[row][self._at]


class ImportPreview(QWidget):
    """Choices that a person made stay when the file is read again with another encoding."""

    uses_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[str, ...] = ()
        self._chosen: dict[str, str] = {}
        """Roles that a person chose, by column."""
        self.choosers: dict[str, ChoiceField] = {}
        self._strip = QWidget()
        self._strip.setFixedHeight(tokens().control_height + tokens().space[2])
        self._belt = QWidget(self._strip)
        self.table = RowTable(
            RowTableModel([]), tokens().row_height.table_dense, "First rows", tokens().space[2], 0
        )
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.horizontalScrollBar().valueChanged.connect(self._place)
        self.table.horizontalHeader().sectionResized.connect(self._place)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self.table, 1)

    @property
    def uses(self) -> tuple[ColumnUse, ...]:
        """The role of every column, in order."""
        return tuple(
            use_of(column, self.choosers[column].currentText()) for column in self._columns
        )

    def show_preview(self, preview: InputPreview) -> None:
        """Shows other columns and rows; roles chosen before are kept by name."""
        same = self._columns == preview.columns
        self._columns = preview.columns
        model = self.table.row_model
        # Texts take the room that is left, so that no head ends before the table does.
        prose = {at for at, use in enumerate(preview.uses) if _is_prose(use)}
        widening = prose or {len(preview.uses) - 1}
        model.set_order(np.zeros(0, np.int64), already_sorted=True)
        model.set_columns(
            [
                Column(
                    f"{at} {name}", name[:LONGEST_NAME], _Cells(preview.rows, at),
                    width=_width(use), sortable=False, tooltip=name, stretch=at in widening,
                    role="title in a table" if _is_prose(use) else "cell",
                )
                for at, (name, use) in enumerate(zip(preview.columns, preview.uses, strict=True))
            ]
        )  # fmt: skip
        model.set_order(np.arange(len(preview.rows)), already_sorted=True)
        if not same:
            self._make_choosers(preview)
        self._place()
        self.uses_changed.emit()

    def _make_choosers(self, preview: InputPreview) -> None:
        for chooser in self.choosers.values():
            chooser.hide()
            chooser.deleteLater()
        self.choosers = {}
        for name, use in zip(preview.columns, preview.uses, strict=True):
            role = self._chosen.get(name, role_name(use))
            spoken = f"Role of the column {name[:LONGEST_NAME]}"
            chooser = ChoiceField(list(ROLES), "", role, spoken, parent=self._belt)
            chooser.setProperty("column", name)
            set_plain_tooltip(chooser, ROLE_TIPS[role])
            for at, known in enumerate(ROLES):
                tip = escaped(ROLE_TIPS[known])
                chooser.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
            chooser.changed.connect(self._on_chosen)
            chooser.show()
            self.choosers[name] = chooser

    @Slot(str)
    def _on_chosen(self, role: str) -> None:
        sender = self.sender()
        if isinstance(sender, ChoiceField):
            self._chosen[str(sender.property("column"))] = role
            set_plain_tooltip(sender, ROLE_TIPS[role])
            self.uses_changed.emit()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._place()

    @Slot()
    def _place(self, *_: object) -> None:
        """Every chooser stands over its column, also after scrolling sideways."""
        head, gap = self.table.horizontalHeader(), tokens().space[1]
        if head.count() != len(self._columns):
            return
        x = 0
        for at, name in enumerate(self._columns):
            width = head.sectionSize(at)
            chooser = self.choosers.get(name)
            if chooser is not None:
                chooser.setGeometry(x, 0, width - gap, tokens().control_height)
            x += width
        self._belt.setGeometry(
            -self.table.horizontalScrollBar().value(), 0, x, self._strip.height()
        )


def _is_prose(use: ColumnUse) -> bool:
    return use.role in (ColumnRole.TITLE, ColumnRole.TEXT)


def _width(use: ColumnUse) -> int:
    unit = tokens().space[8]
    if _is_prose(use):
        return unit * 9
    return unit * 4 + tokens().space[2]
