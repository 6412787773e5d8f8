"""The curves as an SVG: held-out FVU over examples and over seconds, both on a log axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Protocol

WIDTH, HEIGHT, MARGIN = 460, 300, 56
# Okabe and Ito's colours, which most colour-blind people can tell apart.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000", "#8a8a00")


class Point(Protocol):
    """What is drawn."""

    @property
    def method(self) -> str: ...
    @property
    def examples(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def fvu(self) -> float: ...


def write_curves(points: Sequence[Point], path: Path, *, title: str) -> None:
    """Two panels side by side with one legend."""
    names = list(dict.fromkeys(point.method for point in points))
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    parts = [
        _panel(points, lambda p: p.examples, "examples seen", 0, colours),
        _panel(points, lambda p: p.seconds, "seconds of training", WIDTH, colours),
        f'<text x="{MARGIN}" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for i, name in enumerate(names):
        x, y = MARGIN + (i % 4) * 210, HEIGHT + 26 + 20 * (i // 4)
        parts.append(f'<rect x="{x}" y="{y - 9}" width="14" height="4" fill="{colours[name]}"/>')
        parts.append(f'<text x="{x + 20}" y="{y}">{escape(name)}</text>')
    body = "\n".join(parts)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 60}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"\n{body}\n</svg>\n",
        "utf-8",
    )


def _panel(
    points: Sequence[Point],
    value: Callable[[Point], float],
    label: str,
    left: int,
    colours: dict[str, str],
) -> str:
    low, high = _log_range([value(point) for point in points])
    fvus = [point.fvu for point in points]
    step = 0.05 if max(fvus) - min(fvus) < 0.5 else 0.1
    bottom, top = math.floor(min(fvus) / step) * step, math.ceil(max(fvus) / step) * step

    def x_of(number: float) -> float:
        span = (math.log10(number) - low) / (high - low)
        return left + MARGIN + span * (WIDTH - MARGIN - 20)

    def y_of(fvu: float) -> float:
        return HEIGHT - 40 - (fvu - bottom) / (top - bottom) * (HEIGHT - 80)

    parts = []
    for number in range(round(bottom / step), round(top / step) + 1):
        tick = number * step
        y = y_of(tick)
        parts.append(
            f'<line x1="{left + MARGIN}" x2="{left + WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#ddd"/><text x="{left + MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tick:.2f}</text>"
        )
    for value_of_tick in _ticks(low, high):
        parts.append(
            f'<text x="{x_of(value_of_tick):.1f}" y="{HEIGHT - 22}" text-anchor="middle">'
            f"{value_of_tick:,g}</text>"
        )
    middle = left + (WIDTH + MARGIN - 20) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 5}" text-anchor="middle">{label}</text>')
    parts.append(
        f'<text transform="translate({left + 14},{HEIGHT / 2}) rotate(-90)" '
        f'text-anchor="middle">FVU, held out</text>'
    )
    for name, colour in colours.items():
        mine = sorted((p for p in points if p.method == name), key=value)
        line = " ".join(f"{x_of(value(p)):.1f},{y_of(p.fvu):.1f}" for p in mine)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x_of(value(p)):.1f}" cy="{y_of(p.fvu):.1f}" r="2.5" fill="{colour}"/>'
            for p in mine
        ]
    return "\n".join(parts)


def _log_range(numbers: list[float]) -> tuple[float, float]:
    return math.log10(min(numbers)) - 0.05, math.log10(max(numbers)) + 0.05


def _ticks(low: float, high: float) -> list[float]:
    """1, 3, 10, 30 … inside the range."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    numbers = [factor * 10.0**power for power in powers for factor in (1, 3)]
    return [number for number in numbers if low <= math.log10(number) <= high]
