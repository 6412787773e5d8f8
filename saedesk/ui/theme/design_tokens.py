"""Typed reading of `resources/theme/tokens.json`; no other file of the window holds a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from saedesk.resource_files import resource

T = TypeVar("T")


@dataclass(frozen=True)
class Padding:
    """Inner distances in device-independent pixels."""

    side_panel: int
    aside: int
    work_area: int
    button: int
    field: int
    hover_card: int


@dataclass(frozen=True)
class RowHeight:
    """Heights of rows in device-independent pixels."""

    table: int
    table_dense: int
    recent_project: int
    feature_list: int
    result: int
    slider_row: int
    facet: int
    short_list: int
    column_head: int
    form_pitch: int
    waterfall: int
    palette: int


@dataclass(frozen=True)
class Layout:
    """Widths and heights of the window's parts in device-independent pixels."""

    rail: int
    rail_item: int
    header: int
    footer: int
    facets: int
    feature_list: int
    family_list: int
    training_form: int
    steering: int
    aside: int
    document_page: int
    heat_map: int
    palette: int
    first_start: int
    narrow_below: int


@dataclass(frozen=True)
class Radius:
    """Radii of rounded corners in device-independent pixels."""

    control: int
    segment: int
    check: int
    keycap: int
    score: int
    mark: int
    chip: int
    card: int
    palette: int


@dataclass(frozen=True)
class IconSizes:
    """Edge lengths of icons in device-independent pixels."""

    small: int
    inline: int
    control: int
    rail: int


@dataclass(frozen=True)
class IconStroke:
    """Widths of an icon's lines on the 24-unit grid of the drawings."""

    control: float
    rail: float
    sort_arrow: float


@dataclass(frozen=True)
class ThumbHalo:
    """The ring around a slider's thumb that has the keyboard."""

    radius: int
    alpha: float


@dataclass(frozen=True)
class FocusRing:
    """What shows where the keyboard is."""

    width: int
    gap: int
    in_field: int
    thumb_halo: ThumbHalo


@dataclass(frozen=True)
class SliderSizes:
    """Measures of a slider in device-independent pixels."""

    track: int
    fill: int
    thumb: int
    zero_mark: int
    natural_range: int
    before_mark: int


@dataclass(frozen=True)
class BarSizes:
    """Thicknesses of bars in device-independent pixels."""

    cell: int
    document_feature: int
    meter: int
    footer: int


@dataclass(frozen=True)
class ScrollbarSizes:
    """Measures of a scroll bar in device-independent pixels."""

    width: int
    radius: int
    margin: int
    shortest: int


@dataclass(frozen=True)
class ScoreChipSizes:
    """Size of a score and the values from which it counts as good and as fair."""

    width: int
    height: int
    good_from: float
    fair_from: float


@dataclass(frozen=True)
class PlotValues:
    """Lines, dashes and mixtures of plots."""

    line: float
    line_in_focus: float
    line_over_20000_points: float
    other_runs_alpha: float
    bars_mix_to_surface: float
    area_alpha: float
    forecast_dash: tuple[float, ...]
    cursor_dash: tuple[float, ...]
    band_dash: tuple[float, ...]
    tick: int
    gap_between_bars: int
    series_mark_alpha: Mapping[str, float]


@dataclass(frozen=True)
class Shadow:
    """A soft shadow: how far it falls and how wide it is blurred."""

    dy: int
    blur: int


@dataclass(frozen=True)
class Shadows:
    """The shadows under raised things."""

    card: Shadow
    palette: Shadow


@dataclass(frozen=True)
class AnimationMs:
    """Durations in milliseconds."""

    hover: int
    press: int
    panel: int
    palette: int
    rank_move: int
    theme: int


@dataclass(frozen=True)
class FontRole:
    """One role of type."""

    family: str
    """"ui" or "reading"."""
    size: int
    """Device-independent pixels."""
    weight: int
    """400, 500 or 600."""


@dataclass(frozen=True)
class DesignTokens:
    """All values of the look; lengths in device-independent pixels."""

    light: Mapping[str, Any]
    dark: Mapping[str, Any]
    type: Mapping[str, int]
    families: Mapping[str, str]
    weights: Mapping[str, int]
    line_height: Mapping[int, int]
    reading_line_height: Mapping[int, int]
    roles: Mapping[str, FontRole]
    """By the whole name in the file and by each of its parts ("body", "caption", "chip", ...)."""
    grid: int
    space: Mapping[int, int]
    padding: Padding
    control_height: int
    control_height_large: int
    query_field_height: int
    hit_target: int
    row_height: RowHeight
    layout: Layout
    radius: Radius
    icon: int
    icon_sizes: IconSizes
    icon_stroke: IconStroke
    line: int
    focus_ring: FocusRing
    selection_bar: int
    tab_underline: int
    slider: SliderSizes
    bar: BarSizes
    scrollbar: ScrollbarSizes
    score_chip: ScoreChipSizes
    plot: PlotValues
    graph: Mapping[str, Any]
    shadow: Shadows
    animation_ms: AnimationMs


@cache
def tokens() -> DesignTokens:
    """The values of `resources/theme/tokens.json`, read once."""
    raw = json.loads(resource("theme", "tokens.json").read_text(encoding="utf-8"))
    detail = raw["type_detail"]
    ring = dict(raw["focus_ring"])
    ring["thumb_halo"] = _fill(ThumbHalo, ring["thumb_halo"])
    shadows = {name: _fill(Shadow, value) for name, value in raw["shadow"].items()}
    built = {
        "families": MappingProxyType(detail["families"]),
        "weights": MappingProxyType(detail["weights"]),
        "line_height": _by_number(detail["line_height"]),
        "reading_line_height": _by_number(detail["reading_line_height"]),
        "roles": MappingProxyType(_roles(detail["roles"], raw["type"]["lead"])),
        "space": _by_number(raw["space"]),
        "padding": _fill(Padding, raw["padding"]),
        "row_height": _fill(RowHeight, raw["row_height"]),
        "layout": _fill(Layout, raw["layout"]),
        "radius": _fill(Radius, raw["radius"]),
        "icon_sizes": _fill(IconSizes, raw["icon_sizes"]),
        "icon_stroke": _fill(IconStroke, raw["icon_stroke"]),
        "focus_ring": _fill(FocusRing, ring),
        "slider": _fill(SliderSizes, raw["slider"]),
        "bar": _fill(BarSizes, raw["bar"]),
        "scrollbar": _fill(ScrollbarSizes, raw["scrollbar"]),
        "score_chip": _fill(ScoreChipSizes, raw["score_chip"]),
        "plot": _fill(PlotValues, raw["plot"]),
        "shadow": _fill(Shadows, shadows),
        "animation_ms": _fill(AnimationMs, raw["animation_ms"]),
    }
    return _fill(DesignTokens, {**raw, **built})


def _fill(kind: type[T], values: Mapping[str, Any]) -> T:
    """An instance of `kind` from the entries of `values` that carry its fields' names."""
    return kind(**{field.name: _frozen(values[field.name]) for field in fields(kind)})  # type: ignore[arg-type]


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(value) if isinstance(value, list) else value


def _by_number(values: Mapping[str, int]) -> Mapping[int, int]:
    return MappingProxyType({int(key): value for key, value in values.items()})


def _roles(raw: Mapping[str, tuple[str, int, int]], lead: int) -> dict[str, FontRole]:
    roles: dict[str, FontRole] = {}
    for name, (family, size, weight) in raw.items():
        for part in (name, *name.split(", ")):
            roles[part] = FontRole(family, size, weight)
    roles["label"] = roles["label of a feature"]
    roles["lead"] = FontRole("ui", lead, roles["body"].weight)
    return roles
