"""Bounds of ranges as a person types and reads them: numbers, and dates known to any part."""

from __future__ import annotations

import calendar
import math

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.errors import BadSetting

Bound = float | str | None
AFTER_DATES = "\uffff"
"""Behind every date that goes on from a year or a month."""
WHOLE_DATE = len("2015-12-31")


def shown_bound(bound: Bound) -> str:
    """A bound as text; the last day of a year or month is that year or month."""
    if bound is None:
        return ""
    if isinstance(bound, str):
        bound = bound.removesuffix(AFTER_DATES)
        if bound.endswith("-12-31"):
            return bound[:4]
        return bound[:7] if _ends_a_month(bound) else bound
    # Every digit that was typed: the text is what a person changes later.
    return f"{bound:.15g}".replace("-", "\u2212")


def read_bound(text: str, definition: FieldDefinition, is_high: bool) -> Bound:
    """What a person typed as a bound of a field of numbers or dates; None for nothing.

    Dates may be years or months: as a high bound “2019” means its last day. Raises BadSetting with
    a sentence.
    """
    text = text.strip().replace("\u2212", "-")
    if not text:
        return None
    if definition.type is FieldType.DATE:
        return _read_date(text, is_high)
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadSetting(f"“{text}” is not a number.")
    return number


def check_order(low: Bound, high: Bound) -> None:
    """Raises BadSetting with a sentence when nothing can lie between two bounds."""
    if low is None or high is None:
        return
    is_wrong = float(low) > float(high) if isinstance(low, float) else str(low) > str(high)
    if is_wrong:
        raise BadSetting(f"“From” ({shown_bound(low)}) lies above “to” ({shown_bound(high)}).")


def _read_date(text: str, is_high: bool) -> str:
    parts = text.split("-")
    try:
        numbers = [int(part) for part in parts]
        year, month, day = [*numbers, *(12 if is_high else 1, 0)[len(numbers) - 1 :]][:3]
        last = _last_day(year, month)
        day = day or (last if is_high else 1)
        if not (1 <= len(numbers) <= 3 and 1 <= day <= last and 1 <= year <= 9999):
            raise ValueError
    except (ValueError, IndexError):
        raise BadSetting(f"“{text}” is not a date; write 2019, 2019-07 or 2019-07-01.") from None
    whole = f"{year:04d}-{month:02d}-{day:02d}"
    # A low bound stays as short as it was typed, so that dates known to the year pass it.
    return whole if is_high else whole[: (4, 7, WHOLE_DATE)[len(numbers) - 1]]


def _ends_a_month(date: str) -> bool:
    try:
        return date[8:] == f"{_last_day(int(date[:4]), int(date[5:7])):02d}"
    except ValueError:
        return False


def _last_day(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError("month")
    return calendar.monthrange(year, month)[1]
