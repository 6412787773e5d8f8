"""Plots: ticks, items that are kept, the shared cursor, and what can be saved."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.errors import KnownError
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.curve_plot import Curve, CurvePlot, Forecast, PlotCursor
from saedesk.ui.widgets.histogram import ActivationHistogram, activation_ticks
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.plot_axis import linear_ticks, logarithmic_ticks, number_text
from saedesk.ui.widgets.plots import BarPlot, rounded_up

STEPS = np.arange(1, 1001, 10.0)


def curve(name: str, scale: float, series: int = 0, focus: bool = False) -> Curve:
    return Curve(name, STEPS, scale / np.sqrt(STEPS), series, focus)


@pytest.fixture
def plots(qtbot: QtBot) -> tuple[CurvePlot, CurvePlot]:
    Theme.current()
    page = QWidget()
    row = QHBoxLayout(page)
    cursor = PlotCursor(page)
    made = (
        CurvePlot(y_title="Loss, log scale", log_y=True, cursor=cursor),
        CurvePlot(y_title="Share of variance", cursor=cursor),
    )
    for plot in made:
        row.addWidget(plot)
        plot.set_curves([curve("Run 1", 1.0), curve("Run 2", 2.0, 1, True)])
    page.resize(900, 300)
    qtbot.addWidget(page)
    page.show()
    made[0].page = page
    return made


def test_ticks_are_round_and_few() -> None:
    assert linear_ticks(0.1, 0.3, 4) == pytest.approx([0.1, 0.15, 0.2, 0.25, 0.3])
    assert [10**v for v in logarithmic_ticks(-1, 0, 4)] == pytest.approx([0.1, 0.2, 0.5, 1])
    assert len(logarithmic_ticks(-6, 6, 4)) <= 6
    assert number_text(1000) == "1,000"
    assert number_text(-0.25) == "−0.25"
    assert rounded_up(1103) == 1200


def test_new_data_reuse_the_items(plots: tuple[CurvePlot, CurvePlot]) -> None:
    plot = plots[0]
    before = list(plot.plotItem.items)
    plot.set_curves([curve("Run 1", 3.0), curve("Run 2", 4.0, 1, True)])
    assert plot.plotItem.items == before
    plot.set_curves([curve("Run 1", 3.0)])
    assert plot._items[1].xData is None, "a run that went leaves no line"


def test_one_cursor_goes_through_all_plots_and_the_card_is_sorted_like_the_lines(
    plots: tuple[CurvePlot, CurvePlot], qtbot: QtBot
) -> None:
    left, right = plots
    place = left.viewport().rect().center()
    QTest.mouseMove(left.viewport(), place)
    left._pending = QPointF(place)
    left._follow_mouse()
    assert left.cursor_line.x == pytest.approx(500, abs=120)
    assert right._upright.isVisible()
    assert right._upright.value() == left.cursor_line.x
    assert [line.text for line in left._card._lines] == ["Run 2", "Run 1"]
    assert left._card.isVisible()
    assert not right._card.isVisible()
    left.cursor_line.move(None)
    assert not right._upright.isVisible()


def test_the_card_lies_beside_what_it_explains_and_inside_the_window(
    plots: tuple[CurvePlot, CurvePlot],
) -> None:
    plot = plots[1]
    right_edge = QPoint(plot.width() - 30, plot.height() // 2)
    plot.cursor_line.x = 900.0
    plot._show_card(right_edge)
    window = plots[0].page
    card = plot._card.geometry()
    place = plot.mapTo(window, right_edge)
    edge = card.width() - plot._card.sizeHint().width() + 20
    assert not card.adjusted(edge, edge, -edge, -edge).contains(place)
    assert card.right() - edge <= window.width()


def test_a_logarithmic_axis_and_a_forecast_cover_their_values(
    plots: tuple[CurvePlot, CurvePlot],
) -> None:
    plot = plots[0]
    x = np.linspace(1000, 2000, 5)
    y = 2 / np.sqrt(x)
    plot.set_curves([curve("Run 2", 2.0, 1, True)], Forecast(x, y, y * 0.9, y * 1.1))
    (x_low, x_high), (y_low, y_high) = plot.plotItem.vb.viewRange()
    assert (x_low, x_high) == (0, 2000)
    assert y_low <= np.log10(y.min())
    assert y_high >= np.log10(2.0)


def test_empty_and_constant_curves_are_shown_without_a_warning(
    plots: tuple[CurvePlot, CurvePlot],
) -> None:
    for plot in plots:
        plot.set_curves([])
        plot.set_curves([Curve("Run 1", np.zeros(0), np.zeros(0))])
        plot.set_curves([Curve("Run 1", np.array([1.0]), np.array([0.0]))])
        plot.set_curves([Curve("Run 1", np.array([1.0, 2.0]), np.array([np.nan, np.nan]))])
        assert np.isfinite(plot.plotItem.vb.viewRange()).all()
        assert not plot.grab().isNull()


def test_a_plot_is_saved_as_picture_drawing_and_table(
    plots: tuple[CurvePlot, CurvePlot], tmp_path: Path
) -> None:
    plot = plots[1]
    plot.save_png(tmp_path / "a.png")
    plot.save_svg(tmp_path / "a.svg")
    plot.save_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert "<path" in (tmp_path / "a.svg").read_text()
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "run,Step,Share of variance"
    assert len(lines) == 1 + 2 * len(STEPS)
    assert lines[1] == "Run 1,1.0,1.0"
    for save in (plot.save_png, plot.save_svg, plot.save_csv):
        with pytest.raises(KnownError, match="could not be written"):
            save(tmp_path / "missing" / "a.x")


def test_bars_are_painted_with_a_gap_between_them(qtbot: QtBot) -> None:
    plot = BarPlot("Share of documents, log scale")
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    plot.set_data(np.arange(5.0), np.array([1, 2, 3, 4]))
    image = plot.grab().toImage()
    area = plot.plotItem.vb.sceneBoundingRect()
    y = int(area.bottom()) - 3
    inside = range(int(area.left()) + 2, int(area.right()) - 2)
    colours = [image.pixelColor(x, y).name() for x in inside]
    changes = sum(first != second for first, second in pairwise(colours))
    assert changes == 6, "four bars, three gaps"


@pytest.fixture
def histogram(qtbot: QtBot) -> ActivationHistogram:
    Theme.current()
    made = ActivationHistogram()
    qtbot.addWidget(made)
    made.resize(600, 260)
    made.set_data(np.linspace(0, 0.4, 5), np.array([100, 10, 0, 1]), 111, [0.05, 0.12, 0.35])
    made.show()
    return made


def test_a_click_on_a_bin_tells_its_ends(histogram: ActivationHistogram, qtbot: QtBot) -> None:
    area = histogram._area()
    place = QPoint(area.left() + area.width() * 3 // 8, area.bottom() - 2)
    with qtbot.waitSignal(histogram.bin_clicked) as clicked:
        QTest.mouseClick(histogram, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == pytest.approx([0.1, 0.2])
    QTest.mouseMove(histogram, QPoint(1, 1))
    histogram.show_bin(-1)
    assert histogram.marked_bin == 1
    accent = Theme.current().colour("accent").name()
    assert histogram.grab().toImage().pixelColor(place).name() == accent
    histogram.mark_bin(None)
    assert histogram.grab().toImage().pixelColor(place).name() != accent


def test_ticks_between_two_activations_are_regular() -> None:
    inner = [text for _, text in activation_ticks(0.05, 0.63)][1:-1]
    assert inner == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]


def test_an_empty_bin_opens_nothing_and_keys_walk(
    histogram: ActivationHistogram, qtbot: QtBot
) -> None:
    told: list[tuple[float, float]] = []
    histogram.bin_clicked.connect(lambda low, high: told.append((low, high)))
    for key in (Qt.Key.Key_Right,) * 3 + (Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(histogram, key)
    assert told == [pytest.approx((0.3, 0.4))]
    assert histogram.accessibleDescription() == "0.300 to 0.400: 1 of 111 documents (0.9 %)"


def test_one_document_is_visible_on_the_logarithmic_axis(histogram: ActivationHistogram) -> None:
    area = histogram._area()
    heights = [area.bottom() + 1 - histogram._y(count, area) for count in (1, 10, 100)]
    assert heights[0] > 5
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1])
    rows = [row.split(",") for row in histogram.to_csv().splitlines()]
    assert rows[0] == ["from", "to", "documents"]
    assert [int(row[2]) for row in rows[1:]] == [100, 10, 0, 1]


def test_a_feature_that_never_fires_is_said_in_words(qtbot: QtBot) -> None:
    Theme.current()
    made = ActivationHistogram()
    qtbot.addWidget(made)
    made.set_data(np.zeros(1), np.zeros(0), 0)
    made.show()
    made.grab()
    QTest.keyClick(made, Qt.Key.Key_Right)
    QTest.keyClick(made, Qt.Key.Key_Return)
    assert made.to_csv() == "from,to,documents\n"


def test_the_left_axis_is_as_wide_as_its_ticks_at_once(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 120)
    plot.show()
    plot.set_ranges((0, 10), (0, 0.5))
    plot.set_ranges((0, 10), (0, 80_000))
    QTest.qWait(30)
    texts = [text for _value, text in plot.y_axis.ticks()]
    assert "50 k" in texts
    widest = max(text_width(text, "tick", tabular=True) for text in texts)
    assert plot.y_axis.width() >= widest + tokens().space[2]
