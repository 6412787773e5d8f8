"""Conditions on fields as the chips say them, and how a filter changes when one is set."""

from __future__ import annotations

from dataclasses import dataclass, replace

from saedesk.corpus.document import FieldType
from saedesk.jobs.search_facets import SAID_TYPES
from saedesk.project.document_filter import DocumentFilter, words_and_phrases
from saedesk.project.filter_bounds import Bound, shown_bound

NUMERIC = (FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE)
FILTERED_TYPES = (FieldType.CATEGORY, FieldType.DATE, *NUMERIC, *SAID_TYPES)
NAMED_VALUES = 3
"""Values of a category that a chip names; the others are counted."""
LENGTH = "length"
"""The field that says how many words a document has."""

WORDS, DOCUMENTS = "words", "documents"
"""What conditions on no field are about."""
LONGEST_WORDS = 40
"""Characters of them in a chip."""


@dataclass(frozen=True)
class Condition:
    """One condition of a filter: values, a range of numbers or dates, or words of a text."""

    field: str
    values: tuple[str, ...] = ()
    bounds: tuple[Bound, Bound] | None = None
    words: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything through."""
        if self.words is not None:
            return not words_and_phrases(self.words)
        return not self.values and (self.bounds is None or self.bounds == (None, None))

    def text(self) -> str:
        """What the chip says: “Astrophysics, Statistics”, “Year 2012 – 2024”."""
        name = shown_name(self.field)
        if self.words is not None:
            return f"{name}: “{_short(self.words)}”"
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


def conditions_of(wanted: DocumentFilter) -> list[Condition]:
    """The conditions of a filter on fields."""
    found = [Condition(name, values) for name, values in wanted.categories.items()]
    found += [Condition(name, bounds=bounds) for name, bounds in wanted.ranges.items()]
    return found + [Condition(name, words=words) for name, words in wanted.field_words.items()]


def others_of(wanted: DocumentFilter) -> dict[str, str]:
    """The conditions of a filter that are on no field, and what their chips say."""
    found = {}
    if wanted.words.strip():
        found[WORDS] = f"Has “{_short(wanted.words)}”"
    if wanted.document_ids is not None:
        count = len(wanted.document_ids)
        of = f" of {wanted.documents_of[:LONGEST_WORDS]}" if wanted.documents_of else ""
        found[DOCUMENTS] = f"{count:,} document{'' if count == 1 else 's'}{of}"
    return found


def without_other(wanted: DocumentFilter, name: str) -> DocumentFilter:
    """The filter without a condition that is on no field."""
    if name == WORDS:
        return replace(wanted, words="")
    return replace(wanted, document_ids=None, documents_of="", documents_where="")


def with_condition(wanted: DocumentFilter, condition: Condition) -> DocumentFilter:
    """The filter with this condition in place of the one on the same field."""
    categories = {k: v for k, v in wanted.categories.items() if k != condition.field}
    ranges = {k: v for k, v in wanted.ranges.items() if k != condition.field}
    words = {k: v for k, v in wanted.field_words.items() if k != condition.field}
    if not condition.is_empty:
        if condition.words is not None:
            words[condition.field] = condition.words
        elif condition.bounds is not None:
            ranges[condition.field] = condition.bounds
        else:
            categories[condition.field] = condition.values
    return replace(wanted, categories=categories, ranges=ranges, field_words=words)


def _short(words: str) -> str:
    """Words as a chip has room for them, without the marks around a single phrase."""
    parts = words_and_phrases(words)
    words = parts[0] if len(parts) == 1 else words
    return " ".join(words.split())[:LONGEST_WORDS]
