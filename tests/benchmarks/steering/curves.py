"""The curves: right answers over relevance and over places replaced, as CSV and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from tests.benchmarks.sae_peers.curve_plot import COLOURS
from tests.benchmarks.steering.bench import Results, clusters
from tests.benchmarks.steering.intervals import estimate
from tests.benchmarks.steering.outcomes import (
    NUMBERS,
    RELEVANCE,
    RELEVANCES,
    REPLACED,
    TEXTS,
)
from tests.benchmarks.steering.trials import DOWN, UP

WIDTH, HEIGHT, MARGIN, TOP = 400, 300, 50, 46
DRAWN_UP = (
    *("places (product)", "residual direction (product)", "clamp (product)"),
    *("places by label and words", "places by a search for the label"),
    *("label embedding", "rewriting as a direction", "Rocchio, centred", "random direction"),
)
DRAWN_DOWN = (
    *("less (product)", "residual direction (product)", "encoder row"),
    *("whitened mean difference", "fused score subtracted"),
    *("label embedding", "rewriting as a direction", "Rocchio, centred", "random direction"),
)


def write_csv(results: Results, path: Path) -> None:
    """Every method at every budget: means and intervals."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        head = ["trials", "method", "budget", "level", "judge", "share", "low", "high", "hard"]
        writer.writerow([*head, "moved", "overlap", "relevance", "cosine"])
        for kind, table in results.tables.items():
            own = clusters(results.trials[kind])
            for (method, (budget, level)), one in table.items():
                costs = [_mean(v) for v in (one.overlap, one.relevance, one.cosine)]
                for name, values in one.easy.items():
                    if np.isnan(values).all():
                        continue
                    found = estimate(values, own)
                    shares = [f"{v:.4f}" for v in (found.mean, found.low, found.high)]
                    row = [kind, method, budget, f"{level:g}", name, *shares]
                    writer.writerow([*row, _mean(one.hard[name]), _mean(one.moved[name]), *costs])


def write_plot(results: Results, path: Path) -> None:
    """Four panels, up and down, over relevance and over places, by J1 and JT."""
    panels = []
    ups = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(DRAWN_UP)}
    downs = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(DRAWN_DOWN)}
    for row, (kind, colours, what) in enumerate(((UP, ups, "Up"), (DOWN, downs, "Down"))):
        top = row * (HEIGHT + 20)
        for column, (budget, levels, below) in enumerate(_AXES):
            title = f"{what}, mean of J1 and JT"
            left = column * WIDTH
            panels.append(_Panel(left, top, levels, budget).drawn(results, kind, colours, title))
            panels.append(_text(left + WIDTH / 2 + 15, top + HEIGHT - 6, below, "middle"))
        for place, (name, colour) in enumerate(colours.items()):
            y = top + TOP + 20 * place
            panels.append(_line(2 * WIDTH + 10, y - 4, 2 * WIDTH + 30, y - 4, colour, place))
            panels.append(_text(2 * WIDTH + 38, y, name))
    body = "\n".join(panels)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH + 280} '
        f'{2 * HEIGHT + 30}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n',
        "utf-8",
    )


_WITHOUT_ROOM = (0.98,)
_AXES = (
    (RELEVANCE, RELEVANCES, "relevance kept, at least"),
    (REPLACED, NUMBERS, "results of ten replaced"),
)


class _Panel:
    def __init__(self, left: float, top: float, levels: Sequence[float], budget: str) -> None:
        self._left, self._top, self._levels, self._budget = left, top, levels, budget

    def _x(self, place: int) -> float:
        first, last = self._levels[0], self._levels[-1]
        share = (self._levels[place] - first) / (last - first)
        return self._left + MARGIN + share * (WIDTH - MARGIN - 24)

    def _y(self, share: float) -> float:
        return self._top + HEIGHT - 40 - share * (HEIGHT - 40 - TOP)

    def drawn(self, results: Results, kind: str, colours: dict[str, str], title: str) -> str:
        """Axes and lines."""
        parts = [_text(self._left + MARGIN, self._top + 24, title, weight="bold")]
        for share in np.linspace(0, 1, 6).tolist():
            y = self._y(share)
            parts.append(_line(self._x(0), y, self._x(len(self._levels) - 1), y, "#ddd"))
            parts.append(_text(self._x(0) - 8, y + 4, f"{share:.1f}", "end"))
        for place, level in enumerate(self._levels):
            if level in _WITHOUT_ROOM:
                continue
            parts.append(_text(self._x(place), self._y(0) + 16, f"{level:g}", "middle"))
        for number, (name, colour) in enumerate(colours.items()):
            found = [results.tables[kind][name, (self._budget, level)] for level in self._levels]
            shares = [
                float((np.nanmean(one.easy["J1"]) + np.nanmean(one.easy[TEXTS])) / 2)
                for one in found
            ]
            points = [(self._x(i), self._y(share)) for i, share in enumerate(shares)]
            way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(
                f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"'
                f"{_dashes(number)}/>"
            )
        return "\n".join(parts)


def _dashes(number: int) -> str:
    """Lines beyond the last colour are dashed."""
    return ' stroke-dasharray="5 4"' if number >= len(COLOURS) else ""


def _line(x: float, y: float, x2: float, y2: float, colour: str, number: int = 0) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{1 if colour == "#ddd" else 2}"{_dashes(number)}/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def _mean(values: np.ndarray) -> str:
    return "" if np.isnan(values).all() else f"{np.nanmean(values):.4f}"
