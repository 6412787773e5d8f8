"""Drawings inside the page: SVG whose colours and type come from the page's style alone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from saedesk.report.shown_text import plain


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


class Drawing:
    """Collects shapes; `markup` is the finished element. All lengths are in its own pixels."""

    def __init__(self, width: float, height: float, name: str, kind: str = "plot") -> None:
        """`name` is what a screen reader says."""
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._name, self._kind = name, kind

    def rect(
        self, x: float, y: float, width: float, height: float, kind: str, tip: str = ""
    ) -> None:
        """A rectangle of a style class, perhaps with a tooltip."""
        shape = (
            f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" '
            f'width="{number(width)}" height="{number(height)}"'
        )
        tip = escape(plain(tip))
        self._parts.append(f"{shape}><title>{tip}</title></rect>" if tip else f"{shape}/>")

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A straight line."""
        self._parts.append(
            f'<path class="{kind}" d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"/>'
        )

    def path(self, points: Sequence[tuple[float, float]], kind: str, closed: bool = False) -> None:
        """Straight lines through points."""
        if points:
            way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
            self._parts.append(f'<path class="{kind}" d="M{way}{"Z" if closed else ""}"/>')

    def text(self, x: float, y: float, text: str, kind: str = "tick", turned: bool = False) -> None:
        """A line of text; the style class says how it stands at its place."""
        turn = f' transform="rotate(-90 {number(x)} {number(y)})"' if turned else ""
        self._parts.append(
            f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{turn}>'
            f"{escape(plain(text))}</text>"
        )

    def markup(self) -> Markup:
        """The finished `<svg>`."""
        name = escape(plain(self._name))
        return Markup(
            f'<svg class="{self._kind}" viewBox="0 0 {number(self.width)} {number(self.height)}" '
            f'role="img" aria-label="{name}">{"".join(self._parts)}</svg>'
        )
