"""What a person types as a bound, what a chip says, and what the filter becomes."""

from __future__ import annotations

import pytest

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.errors import BadSetting
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.filter_bounds import read_bound
from saedesk.ui.search_panels.filter_conditions import (
    Condition,
    conditions_of,
    with_condition,
)

DATE = FieldDefinition("date", FieldType.DATE)
NUMBER = FieldDefinition("citations", FieldType.NUMBER)


@pytest.mark.parametrize(
    ("typed", "is_high", "bound"),
    [
        ("2019", False, "2019"),
        ("2019", True, "2019-12-31"),
        ("2020-02", True, "2020-02-29"),
        ("2019-7", False, "2019-07"),
        ("2019-07-04", True, "2019-07-04"),
        ("  ", True, None),
    ],
)
def test_dates_may_be_years_or_months(typed: str, is_high: bool, bound: str | None) -> None:
    assert read_bound(typed, DATE, is_high) == bound


@pytest.mark.parametrize("typed", ["soon", "2019-13", "2019-02-30", "1-2-3-4", "2019-", "0"])
def test_what_is_no_date_is_a_sentence(typed: str) -> None:
    with pytest.raises(BadSetting, match="is not a date"):
        read_bound(typed, DATE, False)


def test_numbers() -> None:
    assert read_bound("1,200.5", NUMBER, False) == 1200.5
    assert read_bound("\u22123", NUMBER, True) == -3
    for typed in ("many", "nan", "inf"):
        with pytest.raises(BadSetting, match="is not a number"):
            read_bound(typed, NUMBER, True)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("date", bounds=("2012", "2024-12-31")), "Date 2012 – 2024"),
        (Condition("date", bounds=("2012-03", None)), "Date from 2012-03"),
        (Condition("num_pages", bounds=(None, 12.0)), "Num pages up to 12"),
        (Condition("year", bounds=(2012.0, 2012.0)), "Year 2012"),
        (Condition("length", bounds=(20.0, 300.0)), "Length 20 – 300 words"),
        (Condition("field", ("A", "B")), "A, B"),
        (Condition("field", ("A", "B", "C", "D", "")), "A, B, C and 2 more"),
        (Condition("field", ("",)), "no field"),
        (Condition("date", bounds=(None, "2012-05\uffff")), "Date up to 2012-05"),
        (Condition("date", bounds=("2012-ab-31", None)), "Date from 2012-ab-31"),
        (Condition("comments", words="12  pages"), "Comments: “12 pages”"),
        (Condition("comments", words="“12 pages”"), "Comments: “12 pages”"),
    ],
)
def test_what_a_chip_says(condition: Condition, text: str) -> None:
    assert condition.text() == text


def test_a_condition_replaces_the_one_on_its_field_and_an_empty_one_takes_it_away() -> None:
    wanted = DocumentFilter(words="stars", categories={"field": ("A",)})
    changed = with_condition(wanted, Condition("field", ("B",)))
    changed = with_condition(changed, Condition("year", bounds=(2012.0, None)))
    assert changed.words == "stars"
    assert conditions_of(changed) == [
        Condition("field", ("B",)),
        Condition("year", bounds=(2012.0, None)),
    ]
    assert conditions_of(with_condition(changed, Condition("field"))) == [
        Condition("year", bounds=(2012.0, None))
    ]


def test_words_of_a_field_are_a_condition_like_the_others() -> None:
    wanted = DocumentFilter(categories={"url": ("x",), "field": ("A",)})
    changed = with_condition(wanted, Condition("url", words="arxiv"))
    assert changed.field_words == {"url": "arxiv"}
    assert changed.categories == {"field": ("A",)}
    assert conditions_of(changed)[-1] == Condition("url", words="arxiv")
    assert with_condition(changed, Condition("url", words=' "" ')).field_words == {}
    assert not changed.is_empty
    assert with_condition(DocumentFilter(), Condition("url", words="")).is_empty
