"""Fields as arrays: bins that fall where a person would cut, values that are kept."""

from __future__ import annotations

import numpy as np

from saedesk.jobs.corpus_columns import bins_of_dates, bins_of_numbers
from saedesk.ui.corpus_panels.document_texts import shown_date, shown_number
from saedesk.ui.field_titles import shown_name


def test_years_are_bins_of_their_own_and_are_written_without_commas() -> None:
    years = np.array([2005, 2005, 2010, np.nan, 2024], np.float64)
    binning = bins_of_numbers(years)
    assert binning is not None
    assert binning.low_texts[0] == "2005"
    assert binning.high_texts[-1] == "2024"
    assert binning.bin_of.tolist() == [0, 0, 5, -1, 19]


def test_dates_within_two_years_are_cut_into_months() -> None:
    binning = bins_of_dates(np.array([2019 + 4 / 12, 2019 + 4 / 12 + 13 / 372, 2020.0]))
    assert binning is not None
    assert binning.low_texts[0] == "May 2019"
    assert binning.high_texts[-1] == "Jan 2020"
    assert binning.bin_of.tolist() == [0, 0, 8]


def test_dates_over_centuries_stay_a_few_bins() -> None:
    binning = bins_of_dates(np.arange(1500, 2001, dtype=np.float64))
    assert binning is not None
    assert binning.n_bins <= 30
    assert binning.low_texts[0] == "1500"
    assert binning.high_texts[-1] == "2000"
    assert binning.bin_of.max() == binning.n_bins - 1


def test_a_long_tail_falls_into_the_last_bin_and_says_so() -> None:
    values = np.concatenate([np.arange(1000) % 50, [1_000_000]]).astype(np.float64)
    binning = bins_of_numbers(values)
    assert binning is not None
    assert binning.high_texts[-1].endswith("and more")
    assert binning.bin_of[-1] == binning.n_bins - 1
    counts = np.bincount(binning.bin_of)
    assert counts.max() < 200


def test_fractions_and_negative_numbers_get_round_edges() -> None:
    binning = bins_of_numbers(np.linspace(-0.5, 0.5, 101))
    assert binning is not None
    assert binning.low_texts[0] == "\u22120.50"
    assert binning.bin_of[0] == 0
    assert binning.bin_of[-1] == binning.n_bins - 1
    assert np.all(np.diff(binning.bin_of) >= 0)


def test_one_value_makes_no_histogram() -> None:
    assert bins_of_numbers(np.array([3.0, 3.0, np.nan])) is None
    assert bins_of_dates(np.array([np.nan])) is None


def test_names_dates_and_numbers_read_like_words() -> None:
    assert shown_name("primary_category") == "Primary category"
    assert shown_name("num_authors") == "Number of authors"
    assert shown_name("DOI") == "DOI"
    assert shown_date("2019-05-14") == "14 May 2019"
    assert shown_date("2019-05") == "May 2019"
    assert shown_date("2019") == "2019"
    assert shown_date("2019-13-01") == "2019-13-01"
    assert shown_number(-1234567.0) == "\u22121,234,567"
    assert shown_number(2019.0, plain=True) == "2019"
