"""What a corpus is made of: documents with typed fields, and the roles of a table's columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class FieldType(str, Enum):
    """The type of a field beside title and text."""

    TEXT = "text"
    CATEGORY = "category"
    NUMBER = "number"
    DATE = "date"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    URL = "url"


class ColumnRole(str, Enum):
    """What a column of an input table is used for."""

    KEY = "key"
    TITLE = "title"
    TEXT = "text"
    FIELD = "field"
    IGNORE = "ignore"


@dataclass(frozen=True)
class ColumnUse:
    """The role of one input column."""

    column: str
    """Name of the column in the file."""
    role: ColumnRole
    field_type: FieldType | None = None
    """Type of the field when role is FIELD."""


@dataclass(frozen=True)
class FieldDefinition:
    """A typed field that documents of a project may have."""

    name: str
    type: FieldType


FieldValue = str | float | None
"""Text, category, url: str; date: "YYYY-MM-DD" or a prefix of it; numbers, latitude and
longitude (degrees): float; None where the document says nothing."""


@dataclass(frozen=True)
class Document:
    """One text with its key, title and fields."""

    key: str
    """Unique in a project, kept exactly as it was in the file ("007" stays "007")."""
    title: str
    """May be empty."""
    text: str
    """May be empty; such a document is kept and listed, but not embedded."""
    fields: dict[str, FieldValue] = field(default_factory=dict)
    """By field name; missing names count as None."""


def text_to_embed(title: str, text: str) -> str:
    """Title, blank line, text, with line breaks replaced by spaces; empty when there is neither.

    The published corpora were embedded so (O'Neill et al. 2024, released code).
    """
    joined = "\n\n".join(part for part in (title.strip(), text.strip()) if part)
    return joined.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
