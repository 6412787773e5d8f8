"""Rows of a table become documents: key, title, text and typed fields, cleaned and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from saedesk.corpus.document import (
    ColumnRole,
    ColumnUse,
    Document,
    FieldDefinition,
    FieldType,
    FieldValue,
)
from saedesk.corpus.field_parsing import field_parser
from saedesk.corpus.text_cleaning import clean_text
from saedesk.errors import BadSetting


def field_definitions(uses: Sequence[ColumnUse]) -> tuple[FieldDefinition, ...]:
    """The fields that documents read with `uses` have, in the order of the columns."""
    return tuple(
        FieldDefinition(use.column, use.field_type or FieldType.TEXT)
        for use in uses
        if use.role is ColumnRole.FIELD
    )


def check_uses(uses: Sequence[ColumnUse]) -> None:
    """Raise BadSetting unless there is a text column, and at most one key and one title."""
    for role, word in ((ColumnRole.KEY, "key"), (ColumnRole.TITLE, "title")):
        named = [use.column for use in uses if use.role is role]
        if len(named) > 1:
            raise BadSetting(
                f"Only one column can be the {word}; now there are {', '.join(named)}."
            )
    if not any(use.role is ColumnRole.TEXT for use in uses):
        raise BadSetting("No column holds the text; choose at least one.")
    columns = [use.column for use in uses]
    for column in columns:
        if columns.count(column) > 1:
            raise BadSetting(f"The column “{column}” is given two roles; choose one.")
    for use in uses:
        if use.role is ColumnRole.FIELD and use.field_type is None:
            raise BadSetting(f"The field “{use.column}” has no type; choose one, such as text.")


@dataclass
class CleaningCounts:
    """What was changed while documents were made."""

    replaced_characters: int = 0
    """NUL and lone surrogates that became U+FFFD."""
    unreadable_values: dict[str, int] = field(default_factory=dict)
    """Field name -> cells that are not of the field's type and became None."""


class DocumentBuilder:
    """Makes documents from the cells of `columns`, which are those of the uses not ignored."""

    def __init__(self, uses: Sequence[ColumnUse]) -> None:
        used = [use for use in uses if use.role is not ColumnRole.IGNORE]
        self.columns = tuple(use.column for use in used)
        self.counts = CleaningCounts()
        self._key = _position(used, ColumnRole.KEY)
        self._title = _position(used, ColumnRole.TITLE)
        self._texts = [at for at, use in enumerate(used) if use.role is ColumnRole.TEXT]
        self._fields = [
            (at, use.column, field_parser(use.field_type or FieldType.TEXT))
            for at, use in enumerate(used)
            if use.role is ColumnRole.FIELD
        ]

    def build(self, cells: Sequence[str], key_without_column: str) -> Document | None:
        """The document of one row; None when its key cell is empty."""
        key = key_without_column if self._key is None else self._clean(cells[self._key])
        if not key:
            return None
        title = "" if self._title is None else self._clean(cells[self._title])
        if len(self._texts) == 1:
            text = self._clean(cells[self._texts[0]])
        else:
            parts = [self._clean(cells[at]) for at in self._texts]
            text = "\n\n".join(part for part in parts if part.strip())
        fields: dict[str, FieldValue] = {}
        for at, name, parse in self._fields:
            cell = cells[at]
            if cell and not cell.isspace():
                value = parse(self._clean(cell))
                fields[name] = value
                if value is None:
                    unreadable = self.counts.unreadable_values
                    unreadable[name] = unreadable.get(name, 0) + 1
            else:
                fields[name] = None
        return Document(key, title, text, fields)

    def take_counts(self) -> CleaningCounts:
        """The counts since the last call, which begin again at zero."""
        counts, self.counts = self.counts, CleaningCounts()
        return counts

    def _clean(self, text: str) -> str:
        cleaned, replaced = clean_text(text)
        self.counts.replaced_characters += replaced
        return cleaned


def _position(uses: Sequence[ColumnUse], role: ColumnRole) -> int | None:
    return next((at for at, use in enumerate(uses) if use.role is role), None)
