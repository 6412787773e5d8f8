"""The typed fields of a corpus as arrays, read once, so that filters and counts are instant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.project.document_columns import read_document_columns
from saedesk.project.document_store import year_with_fraction
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

NO_VALUE = ""
MOST_CATEGORIES = 500
"""A field with more values than this is no facet: nobody ticks their way through it."""
MOST_BINS = 24
_YEARS_FROM, _YEARS_TO = 1000, 2200
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""How months are called where there are few years."""


@dataclass(frozen=True)
class Binning:
    """How the values of a field fall into a few bins."""

    bin_of: np.ndarray
    """(n,) int32: the bin of each document, −1 where it has no value."""
    low_texts: tuple[str, ...]
    """For each bin what its lower end is called."""
    high_texts: tuple[str, ...]
    """For each bin what its upper end is called."""

    @property
    def n_bins(self) -> int:
        """How many bins there are."""
        return len(self.low_texts)

    def range_text(self, low: int, high: int) -> str:
        """“2015 – 2024” for the bins from `low` to `high`, both included."""
        first, last = self.low_texts[low], self.high_texts[high]
        return first if first == last else f"{first} – {last}"


@dataclass(frozen=True)
class NumberColumn:
    """A number or date field."""

    name: str
    type: FieldType
    values: np.ndarray
    """(n,) float64, NaN where there is none; dates as years with fractions."""
    binning: Binning | None
    """None where all documents that have a value have the same."""


@dataclass(frozen=True)
class CategoryColumn:
    """A field with values that many documents share."""

    name: str
    codes: np.ndarray
    """(n,) int32: an index into `values` for each document."""
    values: tuple[str, ...]
    """Distinct values, in alphabetical order; NO_VALUE where documents say nothing."""

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """How many documents of the whole corpus have each value."""
        return tuple(np.bincount(self.codes, minlength=len(self.values)).tolist())

    @property
    def is_facet(self) -> bool:
        """Whether ticking values makes sense: several, and few enough to be shared."""
        return 2 <= len(self.values) <= min(MOST_CATEGORIES, max(20, len(self.codes) // 3))


@dataclass(frozen=True)
class CorpusColumns:
    """What filters, counts and sorting need of all documents; row i is document `ids[i]`."""

    ids: np.ndarray
    """(n,) int64, ascending."""
    has_text: np.ndarray
    """(n,) bool: whether the text is not blank."""
    can_embed: np.ndarray
    """(n,) bool: whether there is a text or at least a title to make a vector of."""
    length: NumberColumn
    """Words in title and text; its name is empty."""
    fields: dict[str, NumberColumn | CategoryColumn]
    """By name; text and link fields are not among them."""
    definitions: tuple[FieldDefinition, ...]
    """All fields, in the order in which they were imported."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def says_length(self) -> bool:
        """Whether a number field tells how long documents are, as the counted words do."""
        return any(
            column.name.casefold() in _LENGTHS
            for column in self.fields.values()
            if isinstance(column, NumberColumn) and column.type is FieldType.NUMBER
        )

    def positions(self, ids: np.ndarray) -> np.ndarray:
        """Rows of some documents, (m,) int64; documents that are not there are left out."""
        if not len(self.ids):
            return np.zeros(0, np.int64)
        found = np.clip(np.searchsorted(self.ids, ids), 0, len(self.ids) - 1)
        there: np.ndarray = found[self.ids[found] == ids].astype(np.int64)
        return there

    def position(self, document_id: int) -> int | None:
        """The row of one document, or None."""
        found = self.positions(np.array([document_id], np.int64))
        return int(found[0]) if len(found) else None

    def number(self, name: str) -> NumberColumn:
        """A number column by name; the empty name is the length."""
        column = self.fields[name] if name else self.length
        assert isinstance(column, NumberColumn)
        return column


def read_columns(project: Project, control: TaskControl) -> CorpusColumns:
    """Read ids, lengths and typed fields of all documents."""
    definitions = project.documents.fields()
    kept = [field for field in definitions if field.type not in _NO_COLUMN]
    read = read_document_columns(
        project.database, definitions, [field.name for field in kept], control
    )
    fields: dict[str, NumberColumn | CategoryColumn] = {}
    for field in kept:
        control.checkpoint()
        fields[field.name] = _column(field, read.cells[field.name])
    words = read.words.astype(np.float64)
    return CorpusColumns(
        read.ids,
        read.has_text,
        read.can_embed,
        NumberColumn("", FieldType.NUMBER, words, bins_of_numbers(words)),
        fields,
        definitions,
    )


_LENGTHS = ("length", "words")
_NO_COLUMN = (FieldType.TEXT, FieldType.URL)


def _column(definition: FieldDefinition, cells: Sequence[object]) -> NumberColumn | CategoryColumn:
    if definition.type is FieldType.CATEGORY:
        values = tuple(sorted({NO_VALUE if cell is None else str(cell) for cell in cells}))
        code = {value: at for at, value in enumerate(values)}
        codes = [code[NO_VALUE if cell is None else str(cell)] for cell in cells]
        return CategoryColumn(definition.name, np.array(codes, np.int32), values)
    if definition.type is FieldType.DATE:
        years = {cell: year_with_fraction(cell) for cell in set(cells)}  # type: ignore[arg-type]
        numbers = np.array([years[cell] for cell in cells], np.float64)
        return NumberColumn(definition.name, definition.type, numbers, bins_of_dates(numbers))
    numbers = np.array([math.nan if cell is None else cell for cell in cells], np.float64)
    return NumberColumn(definition.name, definition.type, numbers, bins_of_numbers(numbers))


def bins_of_dates(years: np.ndarray) -> Binning | None:
    """One bin a year or several years, or one a month where there are few years."""
    known = years[np.isfinite(years)]
    if not len(known) or known.min() == known.max():
        return None
    first, last = math.floor(known.min()), math.floor(known.max())
    if last - first < 2:
        low = math.floor(known.min() * 12 + 1e-6)
        high = math.floor(known.max() * 12 + 1e-6)
        bin_of = _bin(years * 12 + 1e-6, low, 1.0, high - low + 1)
        texts = tuple(f"{MONTHS[m % 12]} {m // 12}" for m in range(low, high + 1))
        return Binning(bin_of, texts, texts) if len(texts) > 1 else None
    step = max(1, math.ceil((last - first + 1) / (MOST_BINS + 6)))
    starts = range(first, last + 1, step)
    bin_of = _bin(years, first, step, len(starts))
    lows = tuple(str(start) for start in starts)
    highs = tuple(str(min(start + step - 1, last)) for start in starts)
    return Binning(bin_of, lows, highs)


def bins_of_numbers(values: np.ndarray) -> Binning | None:
    """Bins of a round width; a long tail at the top falls into the last one."""
    known = values[np.isfinite(values)]
    if not len(known) or known.min() == known.max():
        return None
    low, high = float(known.min()), float(known.max())
    most = float(np.quantile(known, 0.995))
    has_tail = high > low + 2 * (most - low) and most > low
    high = most if has_tail else high
    whole = bool(np.all(known == np.round(known)))
    step = _round_width((high - low) / MOST_BINS)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    start = math.floor(low / step) * step
    count = max(1, math.floor((high - start) / step + 1e-9) + 1)
    bin_of = _bin(values, start, step, count)
    lows = [start + at * step for at in range(count)]
    lows[0] = max(lows[0], low)
    highs = [start + (at + 1) * step - (1 if whole else 0) for at in range(count)]
    if not has_tail:
        highs[-1] = min(highs[-1], high)
    plain = whole and low >= _YEARS_FROM and high <= _YEARS_TO
    decimals = 0 if whole else max(0, -math.floor(math.log10(step)))
    low_texts = [_number_text(value, decimals, plain) for value in lows]
    high_texts = [_number_text(value, decimals, plain) for value in highs]
    if has_tail:
        high_texts[-1] = f"{low_texts[-1]} and more"
    return Binning(bin_of, tuple(low_texts), tuple(high_texts))


def _bin(values: np.ndarray, start: float, step: float, count: int) -> np.ndarray:
    known = np.isfinite(values)
    bins = np.full(len(values), -1, np.int32)
    bins[known] = np.clip(np.floor((values[known] - start) / step + 1e-9), 0, count - 1)
    return bins


def _round_width(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(
        power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * (1 - 1e-9)
    )


def _number_text(value: float, decimals: int, plain: bool) -> str:
    """With grouped thousands, but years as they are written."""
    text = f"{value:.0f}" if plain else f"{value:,.{decimals}f}"
    return text.replace("-", "\u2212")
