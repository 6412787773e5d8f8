"""Line icons from `resources/icons`, drawn in token colours and sharp at every pixel ratio."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from saedesk.resource_files import resource
from saedesk.ui.theme.design_tokens import tokens

_pixmaps: dict[tuple[str, int, int, float, bool], QPixmap] = {}
_icons: dict[tuple[str, str, int, bool], QIcon] = {}

SIGN_BARS = (
    (0, 6, "text3"),
    (5, 10, "text3"),
    (10, 16, "accent"),
    (15, 8, "text3"),
    (20, 14, "mark2"),
)
"""Left edge, height and colour of the five bars of the program's sign, on a 23 x 16 ground."""
SIGN_BAR_WIDTH = 3
SIGN_SIZE = QSize(23, 16)


@cache
def _drawing(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def pixmap(
    name: str,
    colour: str | QColor = "text2",
    size: int | None = None,
    ratio: float = 1.0,
    filled: bool = False,
) -> QPixmap:
    """One icon as a pixmap of `size` device-independent pixels.

    `colour` is a token's name or a colour, `ratio` the device pixel ratio, `filled` fills the
    outline with the same colour (a set star). Raises `FileNotFoundError` for an unknown name.
    """
    from saedesk.ui.theme.theme import Theme

    size = size or tokens().icon_sizes.control
    shade = QColor(colour) if isinstance(colour, QColor) else Theme.current().colour(colour)
    key = (name, shade.rgba(), size, ratio, filled)
    if key not in _pixmaps:
        _pixmaps[key] = _render(name, shade, size, ratio, filled)
    return _pixmaps[key]


def _render(name: str, shade: QColor, size: int, ratio: float, filled: bool) -> QPixmap:
    strokes = tokens().icon_stroke
    stroke = strokes.rail if size >= tokens().icon_sizes.rail else strokes.control
    if name.startswith("arrow-") and size <= tokens().icon_sizes.small:
        stroke = strokes.sort_arrow
    text = _drawing(name).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    text = text.replace("currentColor", shade.name())
    if filled:
        text = text.replace('fill="none"', f'fill="{shade.name()}"')
    made = QPixmap(QSize(size, size) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setOpacity(shade.alphaF())
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def paint_icon(
    painter: QPainter,
    name: str,
    place: QRect | QRectF | QPointF,
    colour: str | QColor = "text2",
    size: int | None = None,
    filled: bool = False,
) -> None:
    """Paints an icon in the middle of a rectangle, or around a point."""
    size = size or tokens().icon_sizes.control
    middle = place if isinstance(place, QPointF) else QRectF(place).center()
    ratio = painter.device().devicePixelRatio()
    drawn = pixmap(name, colour, size, ratio, filled)
    left = round((middle.x() - size / 2) * ratio) / ratio
    top = round((middle.y() - size / 2) * ratio) / ratio
    painter.drawPixmap(QPointF(left, top), drawn)


class TokenIconEngine(QIconEngine):
    """Draws one icon in the colours of the moment, so that a theme change needs no new icons."""

    def __init__(self, name: str, colour: str, size: int, filled: bool) -> None:
        super().__init__()
        self._name, self._colour, self._size, self._filled = name, colour, size, filled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colour = "disabled" if mode == QIcon.Mode.Disabled else self._colour
        size = min(rect.width(), rect.height())
        paint_icon(painter, self._name, rect, colour, size, self._filled)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made


def icon(name: str, colour: str = "text2", size: int | None = None, filled: bool = False) -> QIcon:
    """An icon for buttons, menus and lists; takes the colours of the theme when it is drawn."""
    size = size or tokens().icon_sizes.control
    key = (name, colour, size, filled)
    if key not in _icons:
        _drawing(name)
        _icons[key] = QIcon(TokenIconEngine(name, colour, size, filled))
    return _icons[key]


def paint_sign(painter: QPainter, place: QRectF) -> None:
    """Paints the program's sign, five bars, as large as fits in the middle of `place`."""
    from saedesk.ui.theme.theme import Theme

    scale = min(place.width() / SIGN_SIZE.width(), place.height() / SIGN_SIZE.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.translate(place.center())
    painter.scale(scale, scale)
    painter.translate(-SIGN_SIZE.width() / 2, 0)
    for left, height, colour in SIGN_BARS:
        painter.setBrush(Theme.current().colour(colour))
        bar = QRectF(left, -height / 2, SIGN_BAR_WIDTH, height)
        painter.drawRoundedRect(bar, SIGN_BAR_WIDTH / 2, SIGN_BAR_WIDTH / 2)
    painter.restore()


def sign_pixmap(height: int = 16, ratio: float = 1.0) -> QPixmap:
    """The program's sign in the colours of the theme, `height` device-independent pixels high."""
    width = round(height * SIGN_SIZE.width() / SIGN_SIZE.height())
    made = QPixmap(QSize(width, height) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_sign(painter, QRectF(0, 0, width, height))
    painter.end()
    return made


def application_icon() -> QIcon:
    """The icon of the program for the window's frame and the task bar."""
    return QIcon(str(resource("icons", "saedesk.svg")))
