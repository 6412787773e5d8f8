"""The roles of a file's columns as a person names them."""

from __future__ import annotations

from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType

ROLES: dict[str, tuple[ColumnRole, FieldType | None]] = {
    "Key": (ColumnRole.KEY, None),
    "Title": (ColumnRole.TITLE, None),
    "Text": (ColumnRole.TEXT, None),
    "Category": (ColumnRole.FIELD, FieldType.CATEGORY),
    "Number": (ColumnRole.FIELD, FieldType.NUMBER),
    "Date": (ColumnRole.FIELD, FieldType.DATE),
    "Latitude": (ColumnRole.FIELD, FieldType.LATITUDE),
    "Longitude": (ColumnRole.FIELD, FieldType.LONGITUDE),
    "Link": (ColumnRole.FIELD, FieldType.URL),
    "Text field": (ColumnRole.FIELD, FieldType.TEXT),
    "Leave out": (ColumnRole.IGNORE, None),
}

ROLE_TIPS: dict[str, str] = {
    "Key": "Names a document; must be different for each",
    "Title": "The heading of a document; is part of what its vector is made of",
    "Text": "What is read, searched and taken apart into features",
    "Category": "One of a few words that many documents share; becomes a filter",
    "Number": "A number; becomes a filter",
    "Date": "A day, a month or a year; becomes a filter",
    "Latitude": "Degrees north or south",
    "Longitude": "Degrees east or west",
    "Link": "The address of a page on the web",
    "Text field": "Any other text; is shown and kept, but no filter and no part of the vector",
    "Leave out": "Is not imported",
}
"""What each role does to a column."""


def role_name(use: ColumnUse) -> str:
    """What the role of a column is called."""
    return next(name for name, role in ROLES.items() if role == (use.role, use.field_type))


def use_of(column: str, name: str) -> ColumnUse:
    """The use of a column whose role is called `name`."""
    role, field_type = ROLES[name]
    return ColumnUse(column, role, field_type)
