"""What widths, sizes, colours and dashes in a picture of families mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.family_panels.node_colours import NodeColours, scale_shades
from saedesk.ui.family_panels.node_sizes import edge_widths, node_radii
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import LEFT, draw_hairline, draw_line_of_text, shade, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

SHOWN_DENSITIES = ((0.002, "0.2 %"), (0.01, "1 %"), (0.05, "5 %"))
LINE_LENGTH = 20
SCALE_LENGTH = 88


@dataclass(frozen=True)
class _Mark:
    """One sign of a legend with its text."""

    kind: str
    """"line", "dash", "dot" or "scale"."""
    text: str
    size: float = 0.0
    """Width of a line, radius of a dot at scale 1."""

    @property
    def width(self) -> float:
        sign = {"dot": 2 * self.size, "scale": SCALE_LENGTH}.get(self.kind, LINE_LENGTH)
        return sign + tokens().space[2] + text_width(self.text, "tick", tabular=True)

    def draw(self, painter: QPainter, left: float, middle: float, scale: float) -> None:
        """Draw the sign and its text around a height; dots are as large as at `scale`."""
        sign = self.width - tokens().space[2] - text_width(self.text, "tick", tabular=True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.kind == "dot":
            painter.setPen(QPen(shade("text3"), tokens().line))
            radius = self.size * scale
            painter.drawEllipse(QPointF(left + self.size, middle), radius, radius)
        elif self.kind == "scale":
            _draw_scale(painter, QRectF(left, middle - 4, SCALE_LENGTH, 8))
        else:
            pen = QPen(shade("text3"), self.size)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if self.kind == "dash":
                pen.setDashPattern(list(tokens().plot.forecast_dash))
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + sign, middle))
        line = tokens().line_height[tokens().type["small"]]
        start = left + sign + tokens().space[2]
        place = QRectF(start, middle - line / 2, left + self.width - start + 2, line)
        draw_line_of_text(painter, place, self.text, "tick", "text3", LEFT, tabular=True)


def _draw_scale(painter: QPainter, place: QRectF) -> None:
    shades = scale_shades()
    width = place.width() / len(shades)
    for at, colour in enumerate(shades):
        left = place.left() + at * width
        painter.fillRect(QRectF(left, place.top(), width + 0.5, place.height()), colour)


class LegendGroup(QWidget):
    """A word and the signs that belong to it; the tooltip says more."""

    def __init__(self, title: str, marks: Sequence[_Mark], tooltip: str, before: str = "") -> None:
        super().__init__()
        self.title, self.marks, self._before = title, list(marks), before
        self._scale = 1.0
        set_plain_tooltip(self, tooltip)
        self.setAccessibleName(f"{title}: {', '.join(mark.text for mark in marks)}")
        self.setAccessibleDescription(tooltip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        space = tokens().space
        width = text_width(self.title, "column head") + space[2]
        if self._before:
            width += text_width(self._before, "tick", tabular=True) + space[2]
        width += sum(mark.width for mark in self.marks) + space[3] * (len(self.marks) - 1)
        return QSize(int(np.ceil(width)) + 2, self.height_needed())

    @staticmethod
    def height_needed() -> int:
        """Room for the largest dot."""
        return int(2 * node_radii(np.array([SHOWN_DENSITIES[-1][0]]))[0]) + 2

    def set_scale(self, scale: float) -> None:
        """Shows dots as large as they are at a scale of the picture."""
        if scale != self._scale:
            self._scale = scale
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.draw(QPainter(self), 0.0, 0.0)

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Draw the group into any picture."""
        space, middle = tokens().space, top + self.height_needed() / 2
        line = tokens().line_height[tokens().type["small"]]
        for text, role, colour in (
            (self.title, "column head", "text2"),
            (self._before, "tick", "text3"),
        ):
            if text:
                width = text_width(text, role, tabular=True)
                place = QRectF(left, middle - line / 2, width + 2, line)
                draw_line_of_text(painter, place, text, role, colour, LEFT, tabular=True)
                left += width + space[2]
        for mark in self.marks:
            mark.draw(painter, left, middle, self._scale)
            left += mark.width + space[3]


def edge_group(weakest: float) -> LegendGroup:
    """Widths of edges; `weakest` is the smallest share that is drawn."""
    first, second, third = (round(100 * share) for share in tokens().graph["edge_classes_from"])
    weak = f"{first} – {second} %" if weakest >= first / 100 - 1e-9 else f"under {second} %"
    texts = (weak, f"{second} – {third} %", f"over {third} %")
    marks = [_Mark("line", text, width) for text, width in zip(texts, edge_widths(), strict=True)]
    return LegendGroup(
        "Together",
        marks,
        "How often a special feature fires together with the general one to its left: the share "
        "of the special feature’s documents in which both fire. The more, the surer the special "
        "one is a part of the general one.",
    )


def density_group() -> LegendGroup:
    """Sizes of nodes."""
    marks = [
        _Mark("dot", text, float(node_radii(np.array([share]))[0]))
        for share, text in SHOWN_DENSITIES
    ]
    return LegendGroup(
        "Density",
        marks,
        "The area of a node follows the share of all documents in which its feature fires. "
        "General features are dense, special ones rare.",
    )


def colour_group(colours: NodeColours) -> LegendGroup:
    """The scale of the colours."""
    marks = [_Mark("scale", colours.text(colours.high))]
    return LegendGroup(
        colours.title,
        marks,
        f"The colour of a node is its {colours.title.lower()}, from {colours.text(colours.low)} "
        f"to {colours.text(colours.high)}; values beyond take the colour of the end. Hollow "
        "nodes have no value.",
        before=colours.text(colours.low),
    )


def stability_group() -> LegendGroup:
    """Dashes and paleness of edges."""
    return LegendGroup(
        "Found again",
        [_Mark("dash", "under 50 %", 1.0)],
        "How often an edge is there again when the families are found in random samples of the "
        "documents. Full edges return in at least 80 % of the samples, pale ones in 50 to 80 %, "
        "pale dashed ones in fewer: they may be chance.",
    )


def groups_for(
    weights: np.ndarray, colours: NodeColours | None = None, with_stability: bool = False
) -> list[LegendGroup]:
    """All groups that a picture with edges of these weights needs."""
    groups = [edge_group(float(np.min(weights, initial=1.0))), density_group()]
    if colours is not None:
        groups.append(colour_group(colours))
    if with_stability:
        groups.append(stability_group())
    return groups


class FamilyLegend(QWidget):
    """A line above, groups of signs beside one another, in several rows where it is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups: list[LegendGroup] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_groups(self, groups: Sequence[LegendGroup]) -> None:
        """Shows other groups."""
        for group in self.groups:
            group.hide()
            group.deleteLater()
        self.groups = list(groups)
        for group in self.groups:
            group.setParent(self)
            group.show()
        self.setAccessibleName("; ".join(group.accessibleName() for group in self.groups))
        self._arrange()
        self.updateGeometry()

    def set_scale(self, scale: float) -> None:
        """Shows dots as large as nodes are at a scale of the picture."""
        for group in self.groups:
            group.set_scale(scale)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return int(self.height_in(width)) + self._top()

    def sizeHint(self) -> QSize:
        width = max((group.sizeHint().width() for group in self.groups), default=0)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, LegendGroup.height_needed() + self._top())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        if event.size().width() != event.oldSize().width():
            # The layout remembers how high the lines of another width were.
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_hairline(QPainter(self), 0, 0, self.width(), 0)

    def height_in(self, width: float) -> float:
        """The height that the groups need in a picture of a width."""
        lowest = max((top for _group, _left, top in self._placed(width)), default=0.0)
        return lowest + (LegendGroup.height_needed() if self.groups else 0)

    def draw(self, painter: QPainter, left: float, top: float, width: float) -> None:
        """Draw all groups into a picture."""
        for group, x, y in self._placed(width):
            group.draw(painter, left + x, top + y)

    @staticmethod
    def _top() -> int:
        return tokens().space[1]

    def _arrange(self) -> None:
        for group, x, y in self._placed(self.width()):
            group.setGeometry(QRect(QPoint(int(x), int(y) + self._top()), group.sizeHint()))

    def _placed(self, width: float) -> list[tuple[LegendGroup, float, float]]:
        placed, x, y = [], 0.0, 0.0
        for group in self.groups:
            wide = group.sizeHint().width()
            if x and x + wide > width:
                x, y = 0.0, y + LegendGroup.height_needed()
            placed.append((group, x, y))
            x += wide + tokens().space[4]
        return placed
