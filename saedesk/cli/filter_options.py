"""Options for which documents count: conditions on fields, words in the texts, documents by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from saedesk.corpus.document import FieldDefinition
    from saedesk.project.document_filter import DocumentFilter
    from saedesk.project.filter_bounds import Bound
    from saedesk.project.project_folder import Project

_YEAR_OR_MONTH = len("2015-12")


def add_where_option(parser: argparse.ArgumentParser) -> None:
    """`--where FIELD=VALUE`, as often as wanted."""
    parser.add_argument(
        "--where",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="only these documents; numbers and dates also as FIELD=LOW..HIGH; FIELD~WORDS for a "
        "text, a link or a category with all of these words, letter for letter, also within longer "
        "ones: “wave” is in “waves”, “waves” is not in “wave”",
    )


def add_filter_options(parser: argparse.ArgumentParser) -> None:
    """`--where`, and documents by their words and keys."""
    add_where_option(parser)
    parser.add_argument(
        "--containing",
        metavar="WORDS",
        default="",
        help="only documents with all of these words in title or text, whatever their endings; the "
        "last may be the beginning of a word unless it is in quotation marks, and what is in "
        "quotation marks has to stand one word after the other",
    )
    parser.add_argument(
        "--only",
        metavar="KEY",
        action="append",
        default=[],
        help="only these documents, by their keys",
    )


@dataclass
class _Conditions:
    """What the entries that were read so far ask for."""

    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: dict[str, tuple[Bound, Bound]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def parse_where(
    project: Project, entries: list[str], words: str = "", keys: Sequence[str] = ()
) -> DocumentFilter:
    """“year=2010..2015”, “kind=letter” and “comments~page” as a filter.

    Besides, documents with `words`, and those with one of `keys`. Raises BadSetting for an unknown
    field and for a value that it cannot have, BadInput for an unknown key.
    """
    import numpy as np

    from saedesk.errors import BadSetting
    from saedesk.project.document_filter import DocumentFilter, match_expression
    from saedesk.project.document_keys import documents_with_keys

    if words.strip() and not match_expression(words):
        raise BadSetting(f"“{words}” has no word for --containing to look for.")
    fields = {field.name: field for field in project.documents.fields()}
    found = _Conditions()
    for entry in entries:
        # The longest name that fits: one may hold the sign itself.
        names = [name for name in fields if entry.startswith((f"{name}=", f"{name}~"))]
        if not names:
            known = ", ".join(fields) or "none"
            raise BadSetting(f"“{entry}” is not FIELD=VALUE; the fields are: {known}.")
        name = max(names, key=len)
        value = entry[len(name) + 1 :]
        if entry[len(name)] == "~":
            _add_words(found, fields[name], value, entry)
        else:
            _add_value(found, fields[name], value, entry)
    ids = None
    if keys:
        ids = np.unique(np.array(documents_with_keys(project.database, keys), np.int64))
    return DocumentFilter(words, found.categories, found.ranges, ids, field_words=found.words)


def _add_words(found: _Conditions, field: FieldDefinition, value: str, entry: str) -> None:
    from saedesk.errors import BadSetting
    from saedesk.project.document_filter import words_and_phrases
    from saedesk.project.field_words import WORD_TYPES

    if field.type not in WORD_TYPES:
        raise BadSetting(
            f"“{entry}” looks for words, but {field.name} is a {field.type.value}; say "
            f"{field.name}=VALUE or {field.name}=LOW..HIGH."
        )
    if not words_and_phrases(value):
        raise BadSetting(f"“{entry}” names no words; say {field.name}~WORDS.")
    # Said twice, the words of both have to occur.
    found.words[field.name] = f"{found.words.get(field.name, '')} {value}".strip()


def _add_value(found: _Conditions, field: FieldDefinition, value: str, entry: str) -> None:
    from saedesk.corpus.document import FieldType
    from saedesk.errors import BadSetting
    from saedesk.project.field_words import WORD_TYPES

    low, dots, high = value.partition("..")
    is_day = field.type is FieldType.DATE and not dots and len(value.strip()) > _YEAR_OR_MONTH
    if field.type in WORD_TYPES or is_day:
        if is_day:
            value = str(_bound(value, field, False, entry))
        found.categories[field.name] = (*found.categories.get(field.name, ()), value)
    elif field.name in found.ranges:
        raise BadSetting(
            f"{field.name} has two ranges; give it one, for example {_example(field)}."
        )
    else:
        found.ranges[field.name] = _range(low, high if dots else low, field, entry)
    if field.name in found.ranges and field.name in found.categories:
        raise BadSetting(
            f"{field.name} has days and a range; give it one range, for example {_example(field)}."
        )


def _range(low: str, high: str, field: FieldDefinition, entry: str) -> tuple[Bound, Bound]:
    from saedesk.errors import BadSetting
    from saedesk.project.filter_bounds import AFTER_DATES, check_order

    bottom, top = _bound(low, field, False, entry), _bound(high, field, True, entry)
    if bottom is None and top is None:
        raise BadSetting(f"“{entry}” lets everything through; say {_example(field)}.")
    try:
        check_order(bottom, top)
    except BadSetting as error:
        raise BadSetting(f"“{entry}” lets nothing through. {error.sentence}") from error
    if isinstance(top, str):
        # A year or month includes all of its days.
        return bottom, f"{_bound(high, field, False, entry)}{AFTER_DATES}"
    return bottom, top


def _bound(text: str, field: FieldDefinition, is_high: bool, entry: str) -> Bound:
    from saedesk.errors import BadSetting
    from saedesk.project.filter_bounds import read_bound

    try:
        return read_bound(text, field, is_high)
    except BadSetting as error:
        raise BadSetting(f"“{entry}” cannot be read: {error.sentence}") from error


def _example(field: FieldDefinition) -> str:
    from saedesk.corpus.document import FieldType

    if field.type is FieldType.DATE:
        return f"{field.name}=2010-05..2015"
    return f"{field.name}=2010..2015"
