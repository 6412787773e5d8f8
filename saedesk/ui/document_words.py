"""How the window speaks of a document that has nothing to read."""

from __future__ import annotations

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.project.document_headings import is_mute as is_mute
from saedesk.project.document_headings import shown_heading as shown_heading
from saedesk.project.document_headings import shown_key as shown_key
from saedesk.project.document_store import DocumentRow
from saedesk.ui.field_titles import shown_name

_TOLD = (FieldType.CATEGORY, FieldType.DATE, FieldType.NUMBER, FieldType.TEXT)
_LONGEST_VALUE = 60


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
