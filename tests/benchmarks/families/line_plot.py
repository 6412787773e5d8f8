"""Shares over a share, as an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.benchmarks.sae_peers.curve_plot import COLOURS

WIDTH, HEIGHT, MARGIN = 560, 320, 52


@dataclass(frozen=True)
class Line:
    """One curve; values from 0 to 1."""

    name: str
    values: Sequence[float]


def write_lines(
    lines: Sequence[Line], places: Sequence[float], path: Path, *, title: str, below: str
) -> None:
    """All lines over the same `places`, 0 to 1, with a legend."""
    parts = [f'<text x="{MARGIN}" y="22" font-weight="bold">{escape(title)}</text>']
    for step in range(6):
        share = step / 5
        x, y = _x(share), _y(share)
        parts.append(f'<path d="M{_x(0)} {y}H{_x(1)}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 8}" y="{y + 4}" text-anchor="end">{share:.1f}</text>')
        parts.append(f'<text x="{x}" y="{HEIGHT - 30}" text-anchor="middle">{share:.1f}</text>')
    parts.append(f'<text x="{_x(0.5)}" y="{HEIGHT - 10}" text-anchor="middle">{below}</text>')
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = [(_x(a), _y(b)) for a, b in zip(places, line.values, strict=True)]
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        y = MARGIN + 18 * number
        parts.append(f'<rect x="{WIDTH}" y="{y - 6}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH + 20}" y="{y}">{escape(line.name)}</text>')
    body = "\n".join(parts)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 250} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"\n{body}\n</svg>\n",
        "utf-8",
    )


def _x(share: float) -> float:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _y(share: float) -> float:
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)
