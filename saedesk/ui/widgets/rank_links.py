"""Curves between the plain and the steered list: what rose, what fell, what came, what went."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.calm_motion import motion_ms
from saedesk.ui.widgets.painting import fill_ground, shade, stand_on_own_ground

Link = tuple[int | None, int | None]


class RankLinks(QWidget):
    """Stands between two lists whose rows have one height; ranks count from 0.

    A link without a steered rank left the list, one without a plain rank entered it: both are
    short dashes at their side. Links whose rank stayed the same are not drawn.
    """

    def __init__(self, row_height: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._links: list[Link] = []
        self._row = row_height or tokens().row_height.result
        self._top = 0.0
        self._emphasised: set[int] = set()
        stand_on_own_ground(self)
        self.setFixedWidth(tokens().space[8] + tokens().space[5])
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("How the ranks moved")
        self._moving = QVariantAnimation(self)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.valueChanged.connect(self._repaint)
        self._before: dict[int, float] = {}

    def set_links(self, links: Sequence[Link], animate: bool = False) -> None:
        """Shows these moves; `animate` lets the right ends slide from where they were."""
        before = {
            plain: self._right_end(plain, steered)
            for plain, steered in self._links
            if plain is not None and steered is not None
        }
        self._links = list(links)
        moved = [link for link in self._links if link[0] != link[1]]
        told = f"{len(moved)} of {len(self._links)} results changed their rank"
        self.setAccessibleDescription(told)
        self._moving.stop()
        self._before = before if animate else {}
        duration = motion_ms(tokens().animation_ms.rank_move)
        if animate and duration and self.isVisible():
            self._moving.setDuration(duration)
            self._moving.start()
        self.update()

    def set_top(self, top: float) -> None:
        """Sets where the first row begins, e.g. minus the scroll of the lists."""
        if top != self._top:
            self._top = top
            self.update()

    def set_emphasis(self, hovered: int | None = None, selected: int | None = None) -> None:
        """Thickens the links of a hovered and a selected steered rank."""
        emphasised = {rank for rank in (hovered, selected) if rank is not None}
        if emphasised != self._emphasised:
            self._emphasised = emphasised
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self._row * max(1, len(self._links)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, "surface")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dimmed = bool(self._emphasised)
        for plain, steered in self._links:
            if plain == steered:
                continue
            emphasised = steered in self._emphasised and steered is not None
            if plain is None and steered is not None:
                self._dash(painter, steered, True)
            elif steered is None and plain is not None:
                self._dash(painter, plain, False)
            elif plain is not None and steered is not None:
                self._curve(painter, plain, steered, emphasised, dimmed)

    def _curve(
        self, painter: QPainter, plain: int, steered: int, strong: bool, dimmed: bool
    ) -> None:
        colour = QColor(shade("up" if steered < plain else "down"))
        if dimmed and not strong:
            colour.setAlphaF(tokens().plot.other_runs_alpha)
        width = self.width()
        left, right = self._y(plain), self._y(self._right_end(plain, steered))
        path = QPainterPath(QPointF(2, left))
        middle = width / 2
        path.cubicTo(QPointF(middle, left), QPointF(middle, right), QPointF(width - 4, right))
        painter.setPen(QPen(colour, 2.0 if strong else 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _dash(self, painter: QPainter, rank: int, entered: bool) -> None:
        pen = QPen(shade("up" if entered else "down"), 1.25)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        y, long = self._y(rank), tokens().space[4]
        start = self.width() - long - 4 if entered else 2
        painter.drawLine(QPointF(start, y), QPointF(start + long, y))

    def _right_end(self, plain: int, steered: int | None) -> float:
        end = float(steered or 0)
        if plain in self._before and self._moving.state() == self._moving.State.Running:
            share = _out_cubic(float(self._moving.currentValue()))
            return self._before[plain] + share * (end - self._before[plain])
        return end

    def _y(self, rank: float) -> float:
        return self._top + (rank + 0.5) * self._row

    def _repaint(self, _value: object) -> None:
        self.update()


def _out_cubic(share: float) -> float:
    return 1 - (1 - share) ** 3
