"""Text in the window: always plain, in a role of the type scale, elided with its full tooltip."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QWidget

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import draw_line_of_text, shade, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

WIDER_IN_A_LAYOUT = 8
"""Device-independent pixels by which a layout may take a line to be wider than its metrics do; the
ellipsis at its end would then stand in a line that is not shown."""
WIDEST_HINT = 480
"""Device-independent pixels a text that wraps asks for at most; it takes what it gets."""


class TextLabel(QLabel):
    """One text in a role and a token colour.

    `elide` cuts a single line at the right and shows the whole in the tooltip, `wrap` breaks
    lines at the height of the type scale, `selectable` lets a person mark and copy the text.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        colour: str | QColor = "text1",
        elide: bool = False,
        selectable: bool = False,
        wrap: bool = False,
        tabular: bool = False,
        italic: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
        max_lines: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._colour, self._elide = role, colour, elide
        self._tabular, self._italic, self._max_lines = tabular, italic, max_lines
        self._own_tooltip = ""
        self._layouts: dict[int, tuple[QTextLayout, int, bool]] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(align)
        self.setWordWrap(wrap)
        self.setFont(Theme.current().font(role, tabular, italic))
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._retint()
        Theme.current().changed.connect(self._retint)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Shows another text."""
        self._layouts.clear()
        super().setText(text)
        self.updateGeometry()
        self._refresh_tooltip()

    def set_colour(self, colour: str | QColor) -> None:
        """Shows the text in another token colour."""
        self._colour = colour
        self._retint()

    def set_role(self, role: str, tabular: bool = False, italic: bool = False) -> None:
        """Shows the text in another role of the type scale."""
        self._role, self._tabular, self._italic = role, tabular, italic
        self._layouts.clear()
        self.setFont(Theme.current().font(role, tabular, italic))
        self.updateGeometry()
        self.update()

    def set_max_lines(self, max_lines: int | None) -> None:
        """Lets a text that wraps take so many lines at most; None takes as many as it needs."""
        if max_lines != self._max_lines:
            self._max_lines = max_lines
            self._layouts.clear()
            self.updateGeometry()
            self._refresh_tooltip()
            self.update()

    def set_explanation(self, text: str) -> None:
        """Sets what the tooltip says when the text is not cut."""
        self._own_tooltip = text
        self._refresh_tooltip()

    def sizeHint(self) -> QSize:
        height = Theme.current().line_height(self._role)
        if self.wordWrap():
            width = min(self._natural_width(), WIDEST_HINT, self.maximumWidth())
            return QSize(width, self.heightForWidth(width))
        margins = self.contentsMargins()
        lines = self.text().split("\n")
        width = max(QFontMetricsF(self.font()).horizontalAdvance(line[:2000]) for line in lines)
        return QSize(
            int(width) + 1 + margins.left() + margins.right(),
            max(1, len(lines)) * height + margins.top() + margins.bottom(),
        )

    def _natural_width(self) -> int:
        lines = self.text().split("\n")
        return max(text_width(line, self._role, self._tabular) for line in lines)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        if self._elide or self.wordWrap():
            return QSize(24, Theme.current().line_height(self._role))
        return hint

    def heightForWidth(self, width: int) -> int:
        if not self.wordWrap():
            return self.sizeHint().height()
        # A layout that centres a narrower label asks for the height at its own width.
        return self._laid_out(max(1, min(width, self.maximumWidth())))[1]

    def hasHeightForWidth(self) -> bool:
        return self.wordWrap()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_tooltip()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        colour = shade(self._colour) if self.isEnabled() else shade("disabled")
        area = self.contentsRect()
        if not self.wordWrap() and "\n" not in self.text():
            draw_line_of_text(
                painter,
                area,
                self.text(),
                self._role,
                colour,
                self.alignment(),
                self._tabular,
                self._italic,
            )
            return
        painter.setPen(colour)
        layout, height, _cut = self._laid_out(area.width())
        top = area.top()
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            top += max(0, (area.height() - height) // 2)
        layout.draw(painter, QPointF(area.left(), top))

    def _laid_out(self, width: int) -> tuple[QTextLayout, int, bool]:
        """The text broken into lines for a width, its height, and whether something was cut."""
        if width in self._layouts:
            return self._layouts[width]
        if len(self._layouts) > 4:
            self._layouts.clear()
        self._layouts[width] = lay_out(
            self.text(),
            self.font(),
            width,
            Theme.current().line_height(self._role),
            self._max_lines,
            self.alignment(),
        )
        return self._layouts[width]

    def _refresh_tooltip(self) -> None:
        cut = self._elide and self.width() < self.sizeHint().width()
        if self._max_lines and self.wordWrap():
            cut = self._laid_out(max(1, self.width()))[2]
        set_plain_tooltip(self, self.text() if cut else self._own_tooltip)

    def _retint(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, shade(self._colour))
        self.setPalette(palette)
        self.update()


def lay_out(
    text: str,
    font,  # type: ignore[no-untyped-def]
    width: int,
    line_height: int,
    max_lines: int | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> tuple[QTextLayout, int, bool]:
    """Breaks plain text into lines of a fixed height.

    Returns the layout, its height in device-independent pixels and whether lines were left out;
    the last line then ends in an ellipsis.
    """
    layout, starts = _broken(text, font, width, line_height, max_lines, align)
    cut = max_lines is not None and len(starts) > max_lines
    if cut and max_lines is not None:
        metrics = QFontMetricsF(font)
        shown = text.replace("\n", "\u2028")
        rest = shown[starts[max_lines - 1] :][:400].replace("\u2028", " ")
        if metrics.horizontalAdvance(rest) <= width:
            rest += "…"
        first = starts[max_lines - 1]
        for room in range(width, width - WIDER_IN_A_LAYOUT, -1):
            last = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, room)
            text = shown[:first] + last
            layout, starts = _broken(text, font, width, line_height, max_lines, align)
            if len(starts) <= max_lines:
                break
        starts = starts[:max_lines]
    return layout, len(starts) * line_height, cut


def _broken(text, font, width, line_height, max_lines, align):  # type: ignore[no-untyped-def]
    option = QTextOption(Qt.AlignmentFlag(align & Qt.AlignmentFlag.AlignHorizontal_Mask))
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    starts: list[int] = []
    # Not rounded: the baseline is then where it is for a single line.
    above = (line_height - QFontMetricsF(font).height()) / 2
    layout.beginLayout()
    while True:
        line = layout.createLine()
        if not line.isValid() or (max_lines is not None and len(starts) > max_lines):
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, len(starts) * line_height + above))
        starts.append(line.textStart())
    layout.endLayout()
    return layout, starts


class LinkButton(QAbstractButton):
    """A word that does something when it is clicked; accent colour, no ground."""

    def __init__(
        self,
        text: str,
        role: str = "label",
        accessible_name: str = "",
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role = role
        self.setText(text)
        self.setAccessibleName(accessible_name or text)
        set_plain_tooltip(self, tooltip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, 4)

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), self._role), Theme.current().line_height(self._role))

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = "accentHover" if self.underMouse() else "accent"
        if self.isDown():
            colour = "accentPressed"
        if not self.isEnabled():
            colour = "disabled"
        rect = QRect(self.rect())
        width = draw_line_of_text(painter, rect, self.text(), self._role, colour)
        if self.underMouse() and self.isEnabled():
            middle = rect.center().y() + self.fontMetrics().ascent() // 2 + 2
            painter.fillRect(QRect(0, middle, int(width), 1), shade(colour))
