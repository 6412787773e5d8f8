"""Whether a document has anything to read; without words the program speaks of it, in its face."""

from __future__ import annotations

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.project.document_store import DocumentRow
from saedesk.ui.field_titles import shown_name

_TOLD = (FieldType.CATEGORY, FieldType.DATE, FieldType.NUMBER, FieldType.TEXT)
_LONGEST_VALUE = 60


def is_mute(row: DocumentRow) -> bool:
    """Whether a document has neither title nor text, so that its key stands for both."""
    return not (row.title.strip() or row.text.strip())


def shown_heading(row: DocumentRow) -> str:
    """The title or the first words; else “Document 12” for a key that is a bare number, or the key.

    A number alone would be read as a measure beside the measures of a list.
    """
    return row.heading if not is_mute(row) else shown_key(row.key)


def shown_key(key: str) -> str:
    """A key in place of a heading: “Document 12”, or as it is where it has letters."""
    key = key.strip()
    return key if any(sign.isalpha() for sign in key) else f"Document {key}".strip()


def told_fields(row: DocumentRow, fields: dict[str, FieldType]) -> list[str]:
    """“Year 2019”, “Primary category cs.LG”: what is known of a document without words."""
    said = [(name, row.fields.get(name)) for name, kind in fields.items() if kind in _TOLD]
    return [
        f"{shown_name(name)} {_number(value) if isinstance(value, float) else value}"[
            :_LONGEST_VALUE
        ]
        for name, value in said
        if value not in (None, "")
    ]


def field_types(definitions: tuple[FieldDefinition, ...]) -> dict[str, FieldType]:
    """By name, in the order of import."""
    return {definition.name: definition.type for definition in definitions}


def _number(value: float) -> str:
    """Whole numbers without a point, a real minus sign."""
    return f"{value:.6g}".replace("-", "\u2212")
