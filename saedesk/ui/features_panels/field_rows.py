"""Rows and sentences about the fields of a feature's documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from saedesk.features.field_breakdown import CategoryShare
from saedesk.features.field_contrasts import (
    CategoryContrast,
    FieldContrast,
    NumberContrast,
    ValueContrast,
)
from saedesk.features.spatial_autocorrelation import SpatialStructure
from saedesk.ui.features_panels.number_texts import cosine_text, documents_text, share_text
from saedesk.ui.features_panels.share_rows import ShareRow
from saedesk.ui.field_titles import shown_name

MOST_DIFFERENCES = 6
_SURE_BELOW = 0.05


def category_rows(shares: Sequence[CategoryShare]) -> list[ShareRow]:
    """Bars to the scale of the longest one, or of its mark."""
    longest = max((max(s.share_active, s.share_all) for s in shares), default=1.0) or 1.0
    return [
        ShareRow(
            None if share.others else share.value,
            share.value,
            share_text(share.share_active),
            share.share_active / longest,
            share.share_all / longest,
            f"{share.value}\n{documents_text(share.count)}, {share_text(share.share_active)} of "
            f"those in which the feature is active; {share_text(share.share_all)} of the corpus",
        )
        for share in shares
    ]


def difference_rows(contrasts: Sequence[FieldContrast]) -> list[ShareRow]:
    """What differs for sure between a feature's documents and the rest, the surest first.

    Only differences whose 95 % interval leaves out 0. The key is (field, value) for a value of a
    category and None for a number. Values stand behind the name of their field, as soon as there
    are several fields.
    """
    rows: list[tuple[float, ShareRow]] = []
    several = len(contrasts) > 1
    for contrast in contrasts:
        if isinstance(contrast, CategoryContrast):
            rows += [
                (v.at_least, _value_row(contrast, v, several))
                for v in contrast.values
                if v.at_least
            ]
        elif contrast.at_least:
            rows.append((contrast.at_least, _number_row(contrast)))
    rows.sort(key=lambda row: -row[0])
    return _to_scale([row for _, row in rows[:MOST_DIFFERENCES]])


def _to_scale(rows: list[ShareRow]) -> list[ShareRow]:
    """Intervals to the scale of the one that reaches farthest."""
    farthest = max((abs(end) for row in rows for end in row.interval or ()), default=0.0) or 1.0
    return [
        replace(row, interval=(low / farthest, value / farthest, high / farthest))
        for row in rows
        if row.interval is not None
        for low, value, high in [row.interval]
    ]


def _value_row(contrast: CategoryContrast, value: ValueContrast, named: bool) -> ShareRow:
    """`named` puts the name of the field before the value."""
    of_field = f"{shown_name(contrast.field)}: {value.value}"
    interval = f"{_signed(value.low)} to {_signed(value.high)}"
    tip = (
        f"{of_field}\n"
        f"{share_text(value.share_active)} of the documents in which the feature fires, "
        f"{share_text(value.share_rest)} of the others\n"
        f"Difference of the shares {_signed(value.difference)}, 95 % interval {interval} "
        f"(Newcombe)\n{_q_text(value.q)} for the test of association"
    )
    return ShareRow(
        (contrast.field, value.value),
        of_field if named else value.value,
        _signed(value.difference),
        0.0,
        tooltip=tip,
        interval=(value.low, value.difference, value.high),
    )


def _number_row(contrast: NumberContrast) -> ShareRow:
    name = shown_name(contrast.field)
    if contrast.is_date:
        direction = "later" if contrast.delta > 0 else "earlier"
        active, rest = f"{contrast.median_active:.1f}", f"{contrast.median_rest:.1f}"
    else:
        direction = "larger" if contrast.delta > 0 else "smaller"
        active, rest = f"{contrast.median_active:,.4g}", f"{contrast.median_rest:,.4g}"
    interval = f"{_signed(contrast.low)} to {_signed(contrast.high)}"
    tip = (
        f"{name}: median {active} where the feature fires, {rest} elsewhere\n"
        f"Cliff’s delta {_signed(contrast.delta)}, 95 % interval {interval}: how much more often "
        f"a document of the feature has the larger number than the smaller one\n"
        f"{_q_text(contrast.q)} for the test of Mann and Whitney"
    )
    return ShareRow(
        None,
        f"{name}: {direction}",
        _signed(contrast.delta),
        0.0,
        tooltip=tip,
        interval=(contrast.low, contrast.delta, contrast.high),
    )


MORAN_ABOUT = (
    "Moran’s I says whether places near each other are alike: 1 where neighbours have the same "
    "mean activation, about 0 where they are like places anywhere, below 0 where they differ "
    "more. Above what chance gives, the feature gathers in regions."
)


def places_text(places: SpatialStructure) -> str:
    """Moran's I in a sentence, with what chance would give."""
    is_sure = places.p < _SURE_BELOW
    said = "gather in space" if is_sure else "show no sure structure in space"
    p = "< 0.001" if places.p < 0.001 else f"= {places.p:.3f}"
    chance = f"where {cosine_text(places.expected)} is expected by chance"
    if places.by_chance is not None:
        low, high = (cosine_text(end) for end in places.by_chance)
        chance = f"where chance gives {low} to {high} in 95 % of cases"
    return (
        f"Its activations {said}: Moran’s I {cosine_text(places.moran_i)}, {chance} "
        f"(p {p}, {places.permutations:,} permutations). It fires at {places.active_places:,} of "
        f"{places.n_places:,} places."
    )


def time_note(edges: np.ndarray) -> str:
    """What one point of the curve over time is."""
    length = float(edges[1] - edges[0]) if len(edges) > 1 else 1.0
    if abs(length - 1) < 0.01:
        return "share of each year’s documents"
    if abs(length - 1 / 12) < 0.01:
        return "share of each month’s documents"
    if abs(length - 0.25) < 0.01:
        return "share of each quarter’s documents"
    return f"share of the documents in each {length:.0f} years"


def _signed(value: float) -> str:
    text = cosine_text(value)
    return f"+{text}" if value > 0 and text != "0.00" else text


def _q_text(q: float) -> str:
    said = "< 0.001" if q < 0.001 else f"= {q:.3f}"
    return f"q {said} (false discovery rate over all fields of the feature)"
