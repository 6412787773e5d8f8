"""Drawings have the numbers they were given, also where those are odd."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from saedesk.features.latent_statistics import ActivationCounts
from saedesk.report import plots
from saedesk.report.plot_scale import linear_ticks, logarithmic_ticks
from saedesk.report.report_content import Bins, OverTime
from tests.report.invented_content import COUNTS


def bars(markup: str) -> list[tuple[float, float, str]]:
    """Top, height and tooltip of every bar."""
    found = re.findall(
        r'<rect class="fill" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)">'
        r"<title>([^<]*)</title>",
        markup,
    )
    return [(float(top), float(height), tip) for top, height, tip in found]


def test_bars_of_a_feature_have_logarithmic_heights_and_tell_their_counts() -> None:
    drawn = bars(plots.activation_plot(COUNTS))
    assert [tip for *_, tip in drawn] == [
        "0.100 to 0.200: 10 of 16 documents (62 %)",
        "0.200 to 0.300: 5 of 16 documents (31 %)",
        "0.400 to 0.500: 1 of 16 documents (6 %)",
    ]
    ten, five, one = (height for _, height, _ in drawn)
    # log10 of 10, 5 and 1 above that of 0.7, where the axis begins.
    assert np.allclose([five / ten, one / ten], [0.739, 0.134], atol=0.01)


def test_the_bands_are_named_where_they_are_wide_enough() -> None:
    names = re.findall(
        r">(Weaker half|50 – 90 %|90 – 99 %|Top 1 %)<", plots.activation_plot(COUNTS)
    )
    assert names == ["Weaker half", "50 – 90 %", "90 – 99 %", "Top 1 %"]
    narrow = replace(COUNTS, bands=np.array([0.45, 0.46, 0.499]))
    assert "90 – 99 %" not in plots.activation_plot(narrow)


def test_equal_and_missing_activations_are_drawn() -> None:
    one = ActivationCounts(np.linspace(0, 0.3, 5), np.array([0, 0, 0, 1]), 1, np.full(3, 0.3))
    assert len(bars(plots.activation_plot(one))) == 1
    none = ActivationCounts(np.linspace(0, 1, 5), np.zeros(4, int), 0, np.full(3, np.nan))
    assert "nan" not in plots.activation_plot(none)
    assert "nan" not in plots.density_plot(np.zeros(4))


def test_features_are_counted_by_density() -> None:
    drawn = bars(plots.density_plot(np.array([0.0, 0.02, 0.02, 0.5, 1.0])))
    assert [tip.split(": ")[1] for *_, tip in drawn] == ["2 features", "1 features", "1 features"]


def test_years_are_written_as_years_and_far_values_are_told() -> None:
    years = Bins(np.array([2018.0, 2019.0, 2020.0]), np.array([1, 2]), 2019.0, "years", True)
    markup = plots.bins_plot(years, "Years")
    assert [tip for *_, tip in bars(markup)] == ["2018: 1 documents", "2019: 2 documents"]
    assert ">2019</text>" in markup
    far = Bins(np.array([0.0, 500.0, 1000.0]), np.array([5, 1]), 90_000.0)
    assert "1,000 or more" in plots.bins_plot(far, "Words")


def test_a_time_without_documents_leaves_a_gap_not_a_zero() -> None:
    found = OverTime("year", np.arange(2015.0, 2019.0), np.array([0.5, np.nan, 0.25]))
    (curve,) = re.findall(r'class="curve" d="M([^"]*)"', plots.over_time_plot(found))
    assert len(curve.split("L")) == 2
    nothing = OverTime("year", np.arange(2015.0, 2017.0), np.array([np.nan]))
    assert "nan" not in plots.over_time_plot(nothing)


def test_long_curves_keep_their_peaks() -> None:
    points = [(float(step), 1.0) for step in range(10_000)]
    points[5001] = (5001.0, 9.0)
    kept = plots.thinned(points)
    assert len(kept) <= 2 * plots.MOST_POINTS
    assert (5001.0, 9.0) in kept
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (points[0], points[-1])


def test_a_bar_never_leaves_its_track() -> None:
    assert 'width="100.0%"' in plots.share_bar(1.7)
    assert 'class="fill"' not in plots.share_bar(-0.2)


def test_ticks_are_round() -> None:
    assert linear_ticks(0, 8.6, 4) == [0, 2, 4, 6, 8]
    assert len(linear_ticks(0.503, 0.596, 4)) >= 3
    assert np.allclose(linear_ticks(0.38, 0.77, 4), [0.4, 0.5, 0.6, 0.7])
    assert logarithmic_ticks(0, 2, 3) == [1, 10, 100]
