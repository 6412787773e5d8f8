"""The texts that say between which ends the values of a field lie."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.project.filter_bounds import read_bound, shown_bound
from saedesk.ui.search_panels.filter_values import shown_ends

NUMBER = FieldDefinition("score", FieldType.NUMBER)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([0.2, 0.9], ("0.2", "0.9")),
        ([0.12345678, 0.98765432], ("0.123", "0.988")),
        ([0.29, 3.71, np.nan], ("0.29", "3.71")),
        ([0.5, 1204.25], ("0", "1205")),
        ([-3.14159, 2.71828], ("\u22123.15", "2.72")),
        ([3, 17], ("3", "17")),
        ([1234567, 89012345], ("1234567", "89012345")),
        ([0.25, 0.25], ("0.25", "0.25")),
        ([0.1 + 1e-17, 0.1 + 2e-16], ("0.1", "0.100000000000001")),
        ([np.nan], ("", "")),
        ([], ("", "")),
    ],
)
def test_ends_of_numbers(values: list[float], ends: tuple[str, str]) -> None:
    assert shown_ends(np.array(values, np.float64), FieldType.NUMBER) == ends


def test_no_number_lies_beyond_the_ends() -> None:
    random = np.random.default_rng(0)
    for scale in 10.0 ** np.arange(-6, 7):
        values = scale * random.standard_normal(20)
        low, high = (read_bound(end, NUMBER, False) for end in shown_ends(values, FieldType.NUMBER))
        assert isinstance(low, float)
        assert isinstance(high, float)
        assert low <= values.min()
        assert values.max() <= high
        span = values.max() - values.min()
        assert high - low <= 1.03 * span or span < 100 <= 100 * high


def test_dates_are_the_years_they_lie_in() -> None:
    assert shown_ends(np.array([2012.0, 2024.99]), FieldType.DATE) == ("2012", "2024")


@pytest.mark.parametrize("typed", ["1234567", "0.1", "1200.5", "12345678.25", "\u22120.3"])
def test_a_bound_is_shown_as_it_was_typed(typed: str) -> None:
    assert shown_bound(read_bound(typed, NUMBER, False)) == typed
