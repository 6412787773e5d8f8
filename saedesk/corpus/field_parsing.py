"""Typed values from the text of a cell: numbers, dates, coordinates; None where it is none."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable

from saedesk.corpus.document import FieldType, FieldValue

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ISO_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]\d{1,2}:\d{2}.*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_MONTH_NAME = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})\b.*"
)
_MONTH_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,\s+)?(\d{4})\b.*")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[T ]\d{1,2}:\d{2}.*)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:(?:,\d{3}){2,}(?:\.\d+)?|,\d{3}\.\d+)")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,(?:\d{1,2}|\d{4,})")


def parse_number(text: str) -> float | None:
    """A finite number, or None.

    A comma counts where it can mean one thing only: "1,234,567", "1,234.5" and "3,14" are
    numbers, "1,234" is not (it is 1234 here and 1.234 there).
    """
    text = text.strip().replace("\u2212", "-")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def parse_date(text: str) -> str | None:
    """ "YYYY-MM-DD", "YYYY-MM" or "YYYY", or None when it is no date or could be two.

    "3/9/2019" is the ninth of March in one country and the third of September in another, so
    it is none; "13/9/2019" and "9/13/2019" are clear, and with dots the day comes first.
    """
    text = text.strip()
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = found.groups()
        if day is None and len(text) > 7:
            return None
        return _iso(year, month, day)
    if found := _COMPACT_DATE.fullmatch(text):
        return _iso(*found.groups())
    if found := _DAY_MONTH_NAME.fullmatch(text):
        day, name, year = found.groups()
        return _iso(year, _month(name), day)
    if found := _MONTH_NAME_DAY.fullmatch(text):
        name, day, year = found.groups()
        return _iso(year, _month(name), day)
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        first, separator, second, year = found.groups()
        if separator == "." or int(first) > 12 or first == second:
            return _iso(year, second, first)
        if int(second) > 12:
            return _iso(year, first, second)
    return None


def _month(name: str) -> str:
    """The number of an English month name as text; "0", which is no month, for other words."""
    return str(_MONTHS.get(name[:3].lower(), 0))


def _iso(year: str, month: str | None, day: str | None) -> str | None:
    if month is None:
        return year if int(year) >= 1 else None
    try:
        date = datetime.date(int(year), int(month), int(day or 1))
    except ValueError:
        return None
    return date.isoformat() if day is not None else date.isoformat()[:7]


def _latitude(text: str) -> float | None:
    number = parse_number(text)
    return number if number is not None and -90 <= number <= 90 else None


def _longitude(text: str) -> float | None:
    number = parse_number(text)
    return number if number is not None and -180 <= number <= 180 else None


_PARSERS: dict[FieldType, Callable[[str], FieldValue]] = {
    FieldType.TEXT: str.strip,
    FieldType.CATEGORY: str.strip,
    FieldType.URL: str.strip,
    FieldType.NUMBER: parse_number,
    FieldType.DATE: parse_date,
    FieldType.LATITUDE: _latitude,
    FieldType.LONGITUDE: _longitude,
}


def field_parser(field_type: FieldType) -> Callable[[str], FieldValue]:
    """The function from the text of a cell that is not blank to a value of `field_type`.

    It returns None for what cannot be read as that type.
    """
    return _PARSERS[field_type]
