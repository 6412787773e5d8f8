"""Conditions on fields as the chips say them, and how a filter changes when one is set."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.errors import BadSetting
from saedesk.project.document_filter import DocumentFilter

NUMERIC = (FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE)
FILTERED_TYPES = (FieldType.CATEGORY, FieldType.DATE, *NUMERIC)
NAMED_VALUES = 3
"""Values of a category that a chip names; the others are counted."""
LENGTH = "length"
"""The field that says how many words a document has."""

WORDS, DOCUMENTS = "words", "documents"
"""What conditions on no field are about."""
LONGEST_WORDS = 40
"""Characters of them in a chip."""

Bound = float | str | None


@dataclass(frozen=True)
class Condition:
    """One condition of a filter: values of a category, or a range of numbers or dates."""

    field: str
    values: tuple[str, ...] = ()
    bounds: tuple[Bound, Bound] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything through."""
        return not self.values and (self.bounds is None or self.bounds == (None, None))

    def text(self) -> str:
        """What the chip says: “Astrophysics, Statistics”, “Year 2012 – 2024”."""
        name = shown_name(self.field)
        if self.bounds is None:
            named = [value or f"no {name.lower()}" for value in self.values[:NAMED_VALUES]]
            more = len(self.values) - len(named)
            return ", ".join(named) + (f" and {more} more" if more else "")
        low, high = (shown_bound(bound) for bound in self.bounds)
        unit = f" {unit_of(self.field)}" if unit_of(self.field) else ""
        if low and high:
            return f"{name} {low}{unit}" if low == high else f"{name} {low} – {high}{unit}"
        return f"{name} from {low}{unit}" if low else f"{name} up to {high}{unit}"


def shown_name(field: str) -> str:
    """A field's name as a person reads it: “primary_category” -> “Primary category”."""
    words = field.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def unit_of(field: str) -> str:
    """What a field of numbers counts, where its name tells: "words", else empty."""
    return "words" if field.casefold() == LENGTH else ""


def shown_bound(bound: Bound) -> str:
    """A bound as text; the last day of a year or month is that year or month."""
    if bound is None:
        return ""
    if isinstance(bound, str):
        if bound.endswith("-12-31"):
            return bound[:4]
        year, month = bound[:4], bound[5:7]
        if month and bound[8:10] == f"{_last_day(int(year), int(month)):02d}":
            return bound[:7]
        return bound
    # Every digit that was typed: the text is what a person changes later.
    return f"{bound:.15g}".replace("-", "\u2212")


def conditions_of(wanted: DocumentFilter) -> list[Condition]:
    """The conditions of a filter on fields."""
    found = [Condition(name, values) for name, values in wanted.categories.items()]
    return found + [Condition(name, bounds=bounds) for name, bounds in wanted.ranges.items()]


def others_of(wanted: DocumentFilter) -> dict[str, str]:
    """The conditions of a filter that are on no field, and what their chips say."""
    found = {}
    if wanted.words.strip():
        found[WORDS] = f"Has “{' '.join(wanted.words.split())[:LONGEST_WORDS]}”"
    if wanted.document_ids is not None:
        count = len(wanted.document_ids)
        of = f" of {wanted.documents_of[:LONGEST_WORDS]}" if wanted.documents_of else ""
        found[DOCUMENTS] = f"{count:,} document{'' if count == 1 else 's'}{of}"
    return found


def without_other(wanted: DocumentFilter, name: str) -> DocumentFilter:
    """The filter without a condition that is on no field."""
    if name == WORDS:
        return replace(wanted, words="")
    return replace(wanted, document_ids=None, documents_of="")


def with_condition(wanted: DocumentFilter, condition: Condition) -> DocumentFilter:
    """The filter with this condition in place of the one on the same field."""
    categories = {k: v for k, v in wanted.categories.items() if k != condition.field}
    ranges = {k: v for k, v in wanted.ranges.items() if k != condition.field}
    if not condition.is_empty:
        if condition.bounds is None:
            categories[condition.field] = condition.values
        else:
            ranges[condition.field] = condition.bounds
    return replace(wanted, categories=categories, ranges=ranges)


def read_bound(text: str, definition: FieldDefinition, is_high: bool) -> Bound:
    """What a person typed as a bound; raises BadSetting with a sentence.

    Dates may be years or months: as a high bound “2019” means its last day.
    """
    text = text.strip().replace("\u2212", "-")
    if not text:
        return None
    if definition.type is not FieldType.DATE:
        try:
            return float(text.replace(",", ""))
        except ValueError:
            raise BadSetting(f"“{text}” is not a number.") from None
    return _read_date(text, is_high)


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
    return whole if is_high else whole[: (4, 7, 10)[len(numbers) - 1]]


def _last_day(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError("month")
    return calendar.monthrange(year, month)[1]
