"""Typed values: what is a number, a date, a coordinate, and what is none."""

from __future__ import annotations

import pytest

from saedesk.corpus.document import FieldType
from saedesk.corpus.field_parsing import field_parser, parse_date, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0), (" -3.5 ", -3.5), ("1e5", 1e5), ("\u22122", -2.0), ("+7", 7.0),
        ("1,234,567", 1234567.0), ("1,234.5", 1234.5), ("3,14", 3.14), ("3,1415", 3.1415),
        ("1,234", None), ("1_000", None), ("nan", None), ("inf", None), ("NA", None),
        ("12 km", None), ("", None), ("0x10", None),
    ],
)  # fmt: skip
def test_numbers(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2019-09-06", "2019-09-06"), ("2019-9-6", "2019-09-06"), ("2019/09/06", "2019-09-06"),
        ("2019-09", "2019-09"), ("2019", "2019"), ("20190906", "2019-09-06"),
        ("2019-09-06T12:30:00Z", "2019-09-06"), ("2019-09-06 12:30:00.5", "2019-09-06"),
        ("6 Sep 2019", "2019-09-06"), ("6. September 2019", "2019-09-06"),
        ("Fri, 06 Sep 2019 10:00:00 +0000", "2019-09-06"), ("September 6, 2019", "2019-09-06"),
        ("Sept. 6th, 2019", "2019-09-06"), ("Sep 2019", "2019-09"), ("06.09.2019", "2019-09-06"),
        ("13/9/2019", "2019-09-13"), ("9/13/2019", "2019-09-13"), ("9/9/2019", "2019-09-09"),
        ("3/9/2019", None), ("2019-02-30", None), ("2019-13", None), ("31 Foo 2019", None),
        ("0000", None), ("yesterday", None), ("", None), ("20191399", None), ("12345", None),
    ],
)  # fmt: skip
def test_dates(text, date):
    assert parse_date(text) == date


def test_coordinates_outside_the_globe_are_none():
    latitude, longitude = field_parser(FieldType.LATITUDE), field_parser(FieldType.LONGITUDE)
    assert (latitude("90"), latitude("90.1"), longitude("-180"), longitude("181")) == (
        90.0, None, -180.0, None,
    )  # fmt: skip
