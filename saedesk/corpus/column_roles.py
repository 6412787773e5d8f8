"""A guess, by name and by the first rows, what each column of a table is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType
from saedesk.corpus.field_parsing import parse_date, parse_number

_KEY_NAMES = (
    "id", "_id", "key", "doc_id", "docid", "document_id", "documentid", "uuid", "guid",
    "identifier", "arxiv_id", "paper_id", "pmid", "corpusid", "corpus_id",
)  # fmt: skip
_TITLE_NAMES = ("title", "headline", "heading", "subject", "name")
_TEXT_NAMES = (
    "text", "abstract", "full_text", "fulltext", "body", "content", "contents", "document",
    "description", "article", "passage", "review", "review_text", "review_body", "summary",
    "message", "comment", "post", "tweet", "docstring", "transcript", "sentence", "question",
    "query", "claim", "utterance",
)  # fmt: skip
_LATITUDE_NAMES = frozenset({"lat", "latitude"})
_LONGITUDE_NAMES = frozenset({"lon", "lng", "long", "longitude"})
_DATE_WORDS = frozenset({"date", "published", "created", "updated", "time", "timestamp", "day"})
_CATEGORY_WORDS = frozenset(
    {"category", "categories", "label", "class", "topic", "type", "kind", "split", "status",
     "language", "lang", "country", "code", "genre", "section", "tag", "tags"}
)  # fmt: skip
_WORD = re.compile(r"[^0-9a-z]+")
_URL = re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)
_LEADING_ZERO = re.compile(r"0\d+")
_SHORT = 100
"""Characters a category never exceeds."""


@dataclass(frozen=True)
class _ColumnSample:
    """What the first rows say of one column."""

    name: str
    values: tuple[str, ...]
    """Cells that are not blank."""
    row_count: int
    """Rows looked at, with the blank ones."""

    @property
    def plain_name(self) -> str:
        return _WORD.sub("_", self.name.strip().lower()).strip("_")

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.plain_name.split("_"))

    @property
    def distinct(self) -> int:
        return len(set(self.values))

    @property
    def mean_length(self) -> float:
        return sum(map(len, self.values)) / max(1, len(self.values))

    @property
    def is_unique(self) -> bool:
        return len(self.values) == self.row_count == self.distinct

    def share(self, test: Callable[[str], object]) -> float:
        """Share of the values for which `test` finds something."""
        hits = sum(test(value) is not None for value in self.values)
        return hits / max(1, len(self.values))


def guess_uses(
    columns: Sequence[str], rows: Sequence[Sequence[str]], key_column: str | None = None
) -> tuple[ColumnUse, ...]:
    """One use for each column: at most one key, one title and one text, the rest typed fields.

    `rows`: cells of the first rows; `key_column`: known to be unique, from the format itself.
    """
    samples = [
        _ColumnSample(name, tuple(row[at].strip() for row in rows if row[at].strip()), len(rows))
        for at, name in enumerate(columns)
    ]
    key = key_column or _first_name(samples, _KEY_NAMES, lambda sample: sample.is_unique)
    if key is None and samples and samples[0].plain_name.endswith("id") and samples[0].is_unique:
        key = samples[0].name
    rest = [sample for sample in samples if sample.name != key]
    text = _guess_text(rest)
    title = _first_name(
        [sample for sample in rest if sample.name != text], _TITLE_NAMES, _could_be_title
    )
    if text is None and title is not None:
        text, title = title, None
    roles = {key: ColumnRole.KEY, text: ColumnRole.TEXT, title: ColumnRole.TITLE}
    return tuple(
        ColumnUse(sample.name, roles[sample.name])
        if sample.name in roles
        else ColumnUse(sample.name, ColumnRole.FIELD, _guess_type(sample))
        for sample in samples
    )


def _first_name(
    samples: Sequence[_ColumnSample],
    names: Sequence[str],
    fits: Callable[[_ColumnSample], bool],
) -> str | None:
    """The column with the first of `names` that fits."""
    by_name: dict[str, _ColumnSample] = {}
    for sample in samples:
        by_name.setdefault(sample.name.strip().lower(), sample)
        by_name.setdefault(sample.plain_name, sample)
    for name in names:
        if name in by_name and fits(by_name[name]):
            return by_name[name].name
    return None


def _could_be_title(sample: _ColumnSample) -> bool:
    return bool(sample.values) and sample.mean_length <= 300 and sample.share(parse_number) < 0.5


def _guess_text(samples: Sequence[_ColumnSample]) -> str | None:
    """By name; otherwise the column with the longest values, if they are more than labels."""
    named = _first_name(
        samples, _TEXT_NAMES, lambda s: bool(s.values) and s.share(parse_number) < 0.5
    )
    if named is not None:
        return named
    prose = [
        sample
        for sample in samples
        if _guess_type(sample) is FieldType.TEXT
        and sample.mean_length >= 20
        and sum(" " in value for value in sample.values) > 0.5 * len(sample.values)
        and sample.plain_name not in _TITLE_NAMES
    ]
    if not prose:
        return None
    longest = max(sample.mean_length for sample in prose)
    return next(sample.name for sample in prose if sample.mean_length >= 0.8 * longest)


def _guess_type(sample: _ColumnSample) -> FieldType:
    if not sample.values:
        return FieldType.TEXT
    if sample.share(_URL.match) >= 0.9:
        return FieldType.URL
    if _is_numeric(sample):
        return _numeric_type(sample)
    is_dated = bool(sample.words & _DATE_WORDS)
    if sample.share(parse_date) >= (0.8 if is_dated else 0.95):
        return FieldType.DATE
    return FieldType.CATEGORY if _is_category(sample) else FieldType.TEXT


def _is_numeric(sample: _ColumnSample) -> bool:
    has_leading_zeros = any(_LEADING_ZERO.fullmatch(value) for value in sample.values)
    return not has_leading_zeros and sample.share(parse_number) >= 0.95


def _numeric_type(sample: _ColumnSample) -> FieldType:
    numbers = [number for value in sample.values if (number := parse_number(value)) is not None]
    largest = max(map(abs, numbers), default=0.0)
    if sample.words & _LATITUDE_NAMES and largest <= 90:
        return FieldType.LATITUDE
    if sample.words & _LONGITUDE_NAMES and largest <= 180:
        return FieldType.LONGITUDE
    if sample.words & _CATEGORY_WORDS and sample.distinct <= 50:
        return FieldType.CATEGORY
    is_dated = sample.words & _DATE_WORDS and sample.share(parse_date) >= 0.95
    if is_dated and "year" not in sample.words:
        return FieldType.DATE
    return FieldType.NUMBER


def _is_category(sample: _ColumnSample) -> bool:
    """Few distinct short values; a telling name makes up for more of them."""
    if max(map(len, sample.values)) > _SHORT:
        return False
    count = len(sample.values)
    if sample.words & _CATEGORY_WORDS:
        return sample.distinct <= max(10, 0.9 * count)
    return sample.distinct <= (0.5 if sample.distinct <= 20 else 0.3) * count
