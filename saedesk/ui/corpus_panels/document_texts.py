"""How names, dates and numbers of documents are written for a person."""

from __future__ import annotations

from saedesk.corpus.document import FieldType, FieldValue
from saedesk.ui.field_titles import shown_name

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def shown_date(date: str) -> str:
    """“2019-05-14” -> “14 May 2019”; what is no such date stays as it is."""
    parts = date[:10].split("-")
    if len(parts) < 2 or not all(part.isdigit() for part in parts):
        return date
    month = int(parts[1])
    if not 1 <= month <= 12:
        return date
    day = f"{int(parts[2])} " if len(parts) > 2 else ""
    return f"{day}{_MONTHS[month - 1]} {int(parts[0])}"


def shown_number(value: float, plain: bool = False) -> str:
    """Grouped thousands, no needless zeros, a real minus sign; `plain` leaves years as they are."""
    if value == int(value) and abs(value) < 1e15:
        text = f"{int(value)}" if plain else f"{int(value):,}"
    else:
        text = f"{value:,.6g}"
    return text.replace("-", "\u2212")


def shown_value(name: str, kind: FieldType, value: FieldValue) -> str:
    """One field of a document as a few words; empty where there is nothing to say."""
    if value is None or value == "":
        return ""
    if kind is FieldType.DATE:
        return shown_date(str(value))
    if kind is FieldType.NUMBER and isinstance(value, float):
        named = shown_name(name).lower()
        if "year" in named.split():
            return shown_number(value, plain=True)
        what = named.removeprefix("number of ")
        if what == "length":
            return f"length {shown_number(value)}"
        if value == 1 and what.endswith("s"):
            what = what.removesuffix("s")
        return f"{shown_number(value)} {what}"
    if kind in (FieldType.LATITUDE, FieldType.LONGITUDE) and isinstance(value, float):
        letters = "NS" if kind is FieldType.LATITUDE else "EW"
        return f"{abs(value):.4g}° {letters[value < 0]}"
    return str(value)


def count_of(number: int, one: str, many: str) -> str:
    """“1 row”, “12 rows”."""
    return f"{number:,} {one if number == 1 else many}"
