"""The plots of a report: histograms, curves of a training, shares over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from saedesk.features.latent_statistics import ActivationCounts
from saedesk.report.drawing import Drawing
from saedesk.report.number_texts import (
    activation_text,
    count_text,
    share_text,
    short_number_text,
)
from saedesk.report.plot_scale import Scale, linear_ticks, logarithmic_ticks
from saedesk.report.report_content import Bins, OverTime
from saedesk.sae.training_curve import DENSITY_EDGES

LOWEST_COUNT = 0.7
"""Where a logarithmic axis of counts begins, so that one document is visible."""
BANDS = ("Weaker half", "50 – 90 %", "90 – 99 %", "Top 1 %")
SIGN_WIDTH, BAND_MARGIN = 6, 10
"""Pixels that a sign of the name of a band needs, and the name beside them."""
MOST_POINTS = 400
"""Points of a curve that are drawn."""
FEWEST_TICKS = 3
"""A logarithmic axis with fewer gets ticks at even distances."""
_TICK, _GAP = 4, 1


@dataclass(frozen=True)
class Frame:
    """The inner part of a plot: x scale, y scale."""

    x: Scale
    y: Scale


def activation_plot(found: ActivationCounts) -> Markup:
    """Log counts of a feature's active values, with the bands of its quantiles."""
    drawing = Drawing(600, 176, f"How often each activation occurs in {found.n_active} documents")
    top = math.log10(max(2.0, float(found.counts.max())))
    low, high = float(found.edges[0]), float(found.edges[-1])
    if not high > low:
        high = low + 1.0
    frame = _frame(drawing, (low, high), (math.log10(LOWEST_COUNT), top * 1.03), top_room=18)
    _bands(drawing, frame, found)
    ticks = [t for t in logarithmic_ticks(0, top, 3) if t >= 1 and t == int(t)]
    _left_axis(drawing, frame, [(math.log10(t), count_text(t)) for t in ticks], "Documents")
    for low_edge, high_edge, count in zip(
        found.edges[:-1], found.edges[1:], found.counts, strict=True
    ):
        if count:
            share = share_text(count / found.n_active)
            tip = (
                f"{activation_text(low_edge)} to {activation_text(high_edge)}: "
                f"{count_text(count)} of {count_text(found.n_active)} documents ({share})"
            )
            _bar(drawing, frame, low_edge, high_edge, math.log10(count), tip)
    _bottom_axis(drawing, frame, _activation_ticks(low, high), "Activation")
    return drawing.markup()


def _activation_ticks(low: float, high: float) -> list[tuple[float, str]]:
    return [(value, short_number_text(round(value, 9))) for value in linear_ticks(low, high, 7)]


def _bands(drawing: Drawing, frame: Frame, found: ActivationCounts) -> None:
    """Alternate grounds behind the bars, each band named where it is wide enough."""
    if not np.isfinite(found.bands).all() or not found.edges[-1] > found.edges[0]:
        return
    bounds = [frame.x.low, *(float(b) for b in found.bands), frame.x.high]
    for at, name in enumerate(BANDS):
        left, right = frame.x.inside(bounds[at]), frame.x.inside(bounds[at + 1])
        if at % 2:
            drawing.rect(
                left, frame.y.end - 18, right - left, frame.y.start - frame.y.end + 18, "band"
            )
        if at:
            drawing.line(left, frame.y.end - 18, left, frame.y.start, "band-edge")
        if right - left >= SIGN_WIDTH * len(name) + BAND_MARGIN:
            drawing.text(left + 6, frame.y.end - 6, name)


def density_plot(density: np.ndarray) -> Markup:
    """How many features have which density; those that are never active are not drawn."""
    active = density[density > 0]
    counts = np.histogram(np.log10(active), DENSITY_EDGES)[0]
    drawing = Drawing(420, 176, "How many features are active in which share of the documents")
    top = max(1.0, float(counts.max()) * 1.06)
    frame = _frame(drawing, (DENSITY_EDGES[0], DENSITY_EDGES[-1]), (0.0, top))
    _left_axis(drawing, frame, _count_ticks(top), "Features")
    for low, high, count in zip(DENSITY_EDGES[:-1], DENSITY_EDGES[1:], counts, strict=True):
        if count:
            tip = f"{_percent(low)} to {_percent(high)} of the documents: {count_text(count)}"
            _bar(drawing, frame, low, high, float(count), f"{tip} features")
    ticks = [(float(power), _percent(power)) for power in range(-5, 1)]
    _bottom_axis(drawing, frame, ticks, "Share of documents, logarithmic scale")
    return drawing.markup()


def _percent(power: float) -> str:
    percent = 100 * 10**power
    return f"{percent:.3g} %" if percent >= 0.0001 else "0 %"


def curve_plot(
    points: Sequence[tuple[float, float]],
    name: str,
    y_title: str,
    *,
    logarithmic: bool = False,
    least_top: float | None = None,
    tick_text: Callable[[float], str] = short_number_text,
) -> Markup:
    """One curve of a training over its steps; `points` are (step, value), in order.

    With `least_top` the axis begins at zero and reaches at least that far.
    """
    drawing = Drawing(420, 184, name)
    points = thinned(points)
    values = np.array([value for _, value in points])
    last = max(1.0, points[-1][0])
    if logarithmic:
        low, high = _log_range(values)
        drawn = [(step, math.log10(max(value, 1e-300))) for step, value in points]
        places = logarithmic_ticks(low, high, 4)
        if len(places) < FEWEST_TICKS:
            places = linear_ticks(10**low, 10**high, 4)
        ticks = [(math.log10(v), tick_text(round(v, 12))) for v in places]
    else:
        low, high = _range(values, least_top)
        drawn = list(points)
        ticks = [(v, tick_text(round(v, 12))) for v in linear_ticks(low, high, 4)]
    frame = _frame(drawing, (0.0, last), (low, high))
    _left_axis(drawing, frame, ticks, y_title)
    way = [(frame.x.place(step), frame.y.inside(value)) for step, value in drawn]
    drawing.path(way, "curve")
    drawing.rect(way[-1][0] - 2.5, way[-1][1] - 2.5, 5, 5, "curve-end")
    steps = linear_ticks(0.0, last, 4)
    _bottom_axis(drawing, frame, [(step, count_text(step)) for step in steps], "Step")
    return drawing.markup()


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most about MOST_POINTS of them: of each stretch the lowest and the highest, in order."""
    if len(points) <= MOST_POINTS:
        return list(points)
    kept: list[tuple[float, float]] = [points[0]]
    for part in np.array_split(np.arange(len(points)), MOST_POINTS // 2):
        values = [points[at][1] for at in part]
        ends = {int(part[int(np.argmin(values))]), int(part[int(np.argmax(values))])}
        kept.extend(points[at] for at in sorted(ends))
    return [*kept, points[-1]]


def _range(values: np.ndarray, least_top: float | None) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if least_top is not None:
        return 0.0, max(high * 1.08, least_top)
    # A few wild first points would flatten all the others.
    high = min(high, max(float(np.quantile(values, 0.97)), low) * 1.15 or high)
    room = (high - low) * 0.06 or max(abs(high), 1e-6) * 0.1
    return max(0.0, low - room) if low >= 0 else low - room, high + room


def _log_range(values: np.ndarray) -> tuple[float, float]:
    known = values[values > 0]
    if len(known) == 0:
        return -1.0, 0.0
    low, high = math.log10(float(known.min())), math.log10(float(known.max()))
    room = max(0.06 * (high - low), 0.02)
    return low - room, high + room


def bins_plot(bins: Bins, name: str, what: str = "documents") -> Markup:
    """A small histogram with its lowest and highest value."""
    drawing = Drawing(280, 76, name, "plot small-plot")
    low, high = float(bins.edges[0]), float(bins.edges[-1])
    frame = Frame(Scale(low, high, 0, 280), Scale(0.0, max(1.0, float(bins.counts.max())), 56, 2))
    for at, count in enumerate(bins.counts):
        if count:
            tip = f"{_bin_text(bins, at)}: {count_text(count)} {what}"
            _bar(drawing, frame, bins.edges[at], bins.edges[at + 1], float(count), tip)
    drawing.line(0, 56.5, 280, 56.5, "axis")
    drawing.text(0, 71, edge_text(bins, low))
    last = f"{edge_text(bins, high)} or more" if bins.highest > high else _last_text(bins)
    drawing.text(280, 71, last, "tick end")
    return drawing.markup()


def edge_text(bins: Bins, value: float) -> str:
    """A value on the axis of a histogram: "1,200", "0.25", and years as they are written."""
    if bins.unit == "years":
        return f"{math.floor(value)}"
    return short_number_text(float(f"{value:.4g}")) if not bins.is_whole else count_text(value)


def _last_text(bins: Bins) -> str:
    """The last bin's own number, or the largest value."""
    return edge_text(bins, float(bins.edges[-2]) if bins.is_whole else bins.highest)


def _bin_text(bins: Bins, at: int) -> str:
    low, high = float(bins.edges[at]), float(bins.edges[at + 1])
    if bins.is_whole:
        return edge_text(bins, low)
    if at == len(bins.counts) - 1 and bins.highest > high:
        return f"{edge_text(bins, low)} or more"
    return f"{edge_text(bins, low)} to {edge_text(bins, high)}"


def over_time_plot(found: OverTime) -> Markup:
    """The share of each period's documents in which a feature fires, as an area."""
    drawing = Drawing(280, 116, "Share of each period’s documents", "plot small-plot")
    centres = (found.edges[:-1] + found.edges[1:]) / 2
    known = np.isfinite(found.shares)
    top = float(np.nanmax(found.shares)) if known.any() else 0.0
    frame = Frame(
        Scale(float(found.edges[0]), float(found.edges[-1]), 40, 264),
        Scale(0.0, top * 1.1 or 1.0, 92, 6),
    )
    ticks = linear_ticks(0.0, frame.y.high, 2)
    _left_axis(drawing, frame, [(value, percent_tick(value)) for value in ticks], "")
    places = [
        (frame.x.place(float(x)), frame.y.place(float(y)))
        for x, y in zip(centres[known], found.shares[known], strict=True)
    ]
    if places:
        bottom = frame.y.start
        ground = [(places[0][0], bottom), *places, (places[-1][0], bottom)]
        drawing.path(ground, "area", closed=True)
        drawing.path(places, "curve")
    years = [t for t in linear_ticks(frame.x.low, frame.x.high, 3) if t == int(t)]
    _bottom_axis(drawing, frame, [(year, f"{year:.0f}") for year in years], "")
    return drawing.markup()


def percent_tick(share: float) -> str:
    """A share as a tick: "4 %", "0.5 %"."""
    return f"{short_number_text(round(100 * share, 6))} %"


def share_bar(share: float, mark: float | None = None) -> Markup:
    """A bar from 0 to 1, perhaps with a mark where the whole corpus is."""
    width = f"{100 * min(max(share, 0.0), 1.0):.1f}%"
    parts = '<rect class="track" width="100%" height="4" y="4" rx="2"/>'
    if share > 0:
        parts += f'<rect class="fill" width="{width}" height="4" y="4" rx="2"/>'
    if mark is not None:
        place = f"{100 * min(max(mark, 0.0), 1.0):.1f}%"
        parts += f'<rect class="mark" x="{place}" width="2" height="12"/>'
    return Markup(f'<svg class="bar" height="12" aria-hidden="true">{parts}</svg>')


def _frame(
    drawing: Drawing, x: tuple[float, float], y: tuple[float, float], top_room: float = 6
) -> Frame:
    """The inner part of a plot that has ticks and titles on both axes."""
    return Frame(Scale(*x, 58, drawing.width - 14), Scale(*y, drawing.height - 38, top_room))


def _bar(drawing: Drawing, frame: Frame, low: float, high: float, value: float, tip: str) -> None:
    left, right = frame.x.place(low), frame.x.place(high)
    top = frame.y.place(value)
    width = max(1.0, right - left - _GAP)
    drawing.rect(left, top, width, max(1.0, frame.y.start - top), "fill", tip)


def _count_ticks(top: float) -> list[tuple[float, str]]:
    return [(t, count_text(t)) for t in linear_ticks(0.0, top, 4) if t == int(t)]


def _left_axis(
    drawing: Drawing, frame: Frame, ticks: Sequence[tuple[float, str]], title: str
) -> None:
    for value, text in ticks:
        y = frame.y.place(value)
        drawing.line(frame.x.start, y, frame.x.end, y, "grid")
        drawing.text(frame.x.start - 8, y + 4, text, "tick end")
    if title:
        middle = (frame.y.start + frame.y.end) / 2
        drawing.text(11, middle, title, "axis-title", turned=True)


def _bottom_axis(
    drawing: Drawing, frame: Frame, ticks: Sequence[tuple[float, str]], title: str
) -> None:
    y = frame.y.start
    drawing.line(frame.x.start, y + 0.5, frame.x.end, y + 0.5, "axis")
    for value, text in ticks:
        x = frame.x.place(value)
        drawing.line(x, y, x, y + _TICK, "axis")
        drawing.text(x, y + 16, text, "tick middle")
    if title:
        middle = (frame.x.start + frame.x.end) / 2
        drawing.text(middle, drawing.height - 5, title, "axis-title")
