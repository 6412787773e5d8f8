"""The columns of the table of documents: title, fields, length, key, strongest feature."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.corpus_columns import CategoryColumn, CorpusColumns, NumberColumn
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_rows import DocumentRows
from saedesk.ui.corpus_panels.document_texts import shown_number
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import LEFT, RIGHT, draw_line_of_text
from saedesk.ui.widgets.row_table_model import CellState, Column

TITLE, KEY, LENGTH_COLUMN, STRONGEST = "title", "key", "text", "strongest feature"
"""Names of the columns that every corpus has; those of fields begin with FIELD."""
FIELD = "field:"
_NUMBER_WIDTH = 72
_VALUE_WIDTH = 48


_FIELDS_OF_KEYS = 2
"""Fields beside the key at first, where documents have nothing to read."""


def has_words(columns: CorpusColumns) -> bool:
    """Whether any document has a title or a text."""
    return bool(columns.can_embed.any())


def default_columns(columns: CorpusColumns, has_features: bool) -> tuple[str, ...]:
    """What is shown at first: title, a date or year, a category where there is room, a feature.

    Documents without any words show their key and their first fields.
    """
    if not has_words(columns):
        fields = [*_whens(columns)[:1], *_facets(columns)]
        others = [d.name for d in columns.definitions if d.name not in (*_whens(columns), *fields)]
        shown = [FIELD + name for name in (*fields, *others)[:_FIELDS_OF_KEYS]]
        return (KEY, *shown, *([STRONGEST] if has_features else []))
    names = [TITLE, *(FIELD + name for name in _whens(columns)[:1])]
    if not has_features:
        names += [FIELD + name for name in _facets(columns)[:1]]
        names.append(LENGTH_COLUMN)
    else:
        names.append(STRONGEST)
    return tuple(names)


def _whens(columns: CorpusColumns) -> list[str]:
    """Fields that say when, dates before years."""
    dates = [d.name for d in columns.definitions if d.type is FieldType.DATE]
    return dates + [
        d.name for d in columns.definitions if "year" in d.name.lower() and d.name not in dates
    ]


def _facets(columns: CorpusColumns) -> list[str]:
    return [
        name
        for name, column in columns.fields.items()
        if isinstance(column, CategoryColumn) and column.is_facet
    ]


class DocumentColumns:
    """Makes the columns of one corpus; their texts come from arrays and from rows read in time."""

    def __init__(self, view: CorpusView, columns: CorpusColumns, rows: DocumentRows) -> None:
        self._view, self._columns, self._rows = view, columns, rows

    def titles(self) -> dict[str, str]:
        """All columns there could be, name to title, in the order of the table."""
        fields = {FIELD + d.name: shown_name(d.name) for d in self._columns.definitions}
        if has_words(self._columns):
            found = {TITLE: "Title"} | fields | {LENGTH_COLUMN: "Words", KEY: "Key"}
        else:
            found = {KEY: "Key"} | fields
        if self._view.features is not None:
            found[STRONGEST] = "Strongest feature"
        return found

    def make(self, names: tuple[str, ...]) -> list[Column]:
        """These columns, in the order of the table."""
        return [self._column(name) for name in self.titles() if name in names]

    def _column(self, name: str) -> Column:
        if name == TITLE:
            return Column(
                TITLE, "Title", self._title, width=220, stretch=True, role="title in a table",
                tooltip="The title, or the beginning of the text where there is none",
            )  # fmt: skip
        if name == KEY:
            if has_words(self._columns):
                return Column(KEY, "Key", self._key, width=120, colour="text2")
            return Column(
                KEY, "Key", self._key, width=100, stretch=True,
                tooltip="What a document is called; these documents have no title and no text",
            )  # fmt: skip
        if name == LENGTH_COLUMN:
            return Column(
                LENGTH_COLUMN, "Words", self._words, "right", _NUMBER_WIDTH, colour="text2",
                sort_key=self._columns.length.values, descending_first=True,
                tooltip="Words in title and text",
            )  # fmt: skip
        if name == STRONGEST:
            return Column(
                STRONGEST, "Strongest feature", self._strongest_text, width=236,
                sort_key=self._view.strongest_value, descending_first=True,
                paint=self._paint_strongest,
                tooltip="The feature that is most active in the document, and its activation",
            )  # fmt: skip
        definition = next(d for d in self._columns.definitions if FIELD + d.name == name)
        return self._field_column(definition)

    def _field_column(self, definition: FieldDefinition) -> Column:
        name, title = FIELD + definition.name, shown_name(definition.name)
        column = self._columns.fields.get(definition.name)
        if isinstance(column, NumberColumn):
            is_date = definition.type is FieldType.DATE
            text = _YearText(column.values) if is_date else _NumberText(column)
            return Column(
                name, title, text, "right", _NUMBER_WIDTH, colour="text2",
                sort_key=column.values, descending_first=True,
                tooltip=f"{title}: the year" if is_date else title,
            )  # fmt: skip
        if isinstance(column, CategoryColumn):
            key = column.codes.astype(np.int64)
            return Column(
                name, title, _CategoryText(column), width=140, colour="text2", sort_key=key
            )
        return Column(
            name, title, _FieldText(self._rows, definition.name), width=160, colour="text2"
        )

    def _title(self, position: int) -> str:
        return self._rows.row(position).heading

    def _key(self, position: int) -> str:
        return self._rows.row(position).key

    def _words(self, position: int) -> str:
        return f"{self._columns.length.values[position]:,.0f}"

    def _label(self, position: int) -> str:
        book, latent = self._view.session.book, int(self._view.strongest_latent[position])
        return name_in_list(book, latent) if book is not None and latent >= 0 else ""

    def _strongest_text(self, position: int) -> str:
        label = self._label(position)
        return f"{label}  {self._view.strongest_value[position]:.3f}" if label else ""

    def _paint_strongest(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        label = self._label(state.row_id)
        if not label:
            return
        room = place.adjusted(0, 0, -(_VALUE_WIDTH + tokens().grid), 0)
        draw_line_of_text(painter, room, label, "cell", "text2", LEFT)
        value = f"{self._view.strongest_value[state.row_id]:.3f}"
        draw_line_of_text(painter, place, value, "cell", "text2", RIGHT, tabular=True)


class _YearText:
    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __call__(self, position: int) -> str:
        value = self._values[position]
        return "" if np.isnan(value) else f"{int(value)}"


class _NumberText:
    def __init__(self, column: NumberColumn) -> None:
        self._values = column.values
        self._plain = "year" in column.name.lower()

    def __call__(self, position: int) -> str:
        value = self._values[position]
        return "" if np.isnan(value) else shown_number(float(value), self._plain)


class _CategoryText:
    def __init__(self, column: CategoryColumn) -> None:
        self._column = column

    def __call__(self, position: int) -> str:
        return self._column.values[self._column.codes[position]]


class _FieldText:
    def __init__(self, rows: DocumentRows, name: str) -> None:
        self._rows, self._name = rows, name

    def __call__(self, position: int) -> str:
        value = self._rows.row(position).fields.get(self._name)
        return "" if value is None else str(value)
