"""What `search` tells besides its results, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from saedesk.cli.terminal import table

_TITLE = 44
"""Characters of a title where two lists stand side by side."""
_SHOWN_VALUES = 8
NEW = "new"


def said(target: Mapping[str, Any]) -> str:
    """A feature or a family by its name, as far as it has one."""
    if target.get("family") is not None:
        label = target.get("label")
        return f"family {target['family']}" + (f", {label}" if label else "")
    return str(target.get("label") or f"feature {target['feature']}")


def moved(rank: int, before: int | None) -> str:
    """An arrow with the number of places: “↑3”, “↓2”, “=” or “new”."""
    if before is None:
        return NEW
    places = before - rank
    return "=" if not places else f"↑{places}" if places > 0 else f"↓{-places}"


def compared_text(content: Mapping[str, Any]) -> str:
    """Two lists of results side by side, with how far each document of the right one moved."""
    other = content["compared"]
    setting = "As typed" if other["setting"].strip() == "plain" else other["setting"]
    rows = []
    for left, right in zip_longest(other["results"], content["results"]):
        gone = left is not None and left["rank_compared"] is None
        rows.append(
            (
                "" if left is None else left["rank"],
                "" if left is None else _cut(left["title"]),
                "gone" if gone else "",
                "" if right is None else right["rank"],
                "" if right is None else moved(right["rank"], right["rank_compared"]),
                "" if right is None else _cut(right["title"]),
            )
        )
    heads = ("Rank", _cut(setting), "", "Rank", "Moved", "This search")
    shared = (
        f"{other['shared']} results are in both lists. Cosine to the query as typed: "
        f"{other['cosine']:.3f} at the left, {content['cosine']:.3f} at the right."
    )
    return "\n".join([table(heads, rows, right=(0, 3, 4)), "", shared])


def facets_text(content: Mapping[str, Any]) -> list[str]:
    """How many documents say what, field by field."""
    lines = []
    for name, facet in content["facets"].items():
        rows = [row for row in _facet_rows(facet) if row[1] or row[2]]
        if facet["kind"] == "category":
            rows = sorted(rows, key=lambda row: (-row[2], -row[1]))
            rest = len(rows) - _SHOWN_VALUES
            rows = rows[:_SHOWN_VALUES] + ([(f"{rest:,} more values", "", "")] if rest > 0 else [])
        if facet["unknown"] or facet["unknown_in_results"]:
            rows.append(("says nothing", facet["unknown"], facet["unknown_in_results"]))
        shown = [(value, _number(n), _number(m)) for value, n, m in rows]
        lines += [table((name, "Documents", "Results"), shown, right=(1, 2)), ""]
    return lines[:-1] or ["No field tells these documents apart."]


def _facet_rows(facet: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    if facet["kind"] == "text":
        return [("says something", facet["known"], facet["known_in_results"])]
    rows = []
    for one in facet["values"]:
        name = one["value"] if "value" in one else _range(one["from"], one["to"])
        rows.append((name, one["documents"] or 0, one["results"]))
    return rows


def _range(low: str, high: str) -> str:
    return high if high.startswith(low) else f"{low} – {high}"


def _number(count: Any) -> str:
    return f"{count:,}" if isinstance(count, int) else str(count)


def marks_text(marks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The strengths at which sliders replace results, with the values they bring."""
    counts = sorted({mark["replaced"] for one in marks for mark in (*one["up"], *one["down"])})
    heads = ["Slider", "In the query", "Visible in"]
    heads += [f"−{n}" for n in reversed(counts)] + [f"+{n}" for n in counts]
    rows = []
    for one in marks:
        down = {mark["replaced"]: mark["strength"] for mark in one["down"]}
        up = {mark["replaced"]: mark["strength"] for mark in one["up"]}
        cells = [down.get(n) for n in reversed(counts)] + [up.get(n) for n in counts]
        shown = ["–" if cell is None else f"{cell:+.3f}" for cell in cells]
        rows.append([said(one), f"{one['typed']:.3f}", f"{one['visible']} of 10", *shown])
    if not rows:
        return ["There is no slider to calibrate: the query has no feature."]
    how = (
        "Turned down (−) or up (+) by a strength, as --steer takes it, a slider replaces that many "
        "of the ten results; – is more than it can."
    )
    return [table(heads, rows, right=range(1, len(heads))), how]


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"
