"""How far steering has moved the query: results kept, cosine, a bar, and a cap one can set."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.jobs.search_answer import SearchAnswer, kept_of_first
from saedesk.ui.search_panels.distance_words import (
    EXPLANATION,
    TITLE,
    cosine_text,
    kept_text,
)
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import (
    LEFT,
    RIGHT,
    draw_dot,
    draw_line_of_text,
    fill_ground,
    shade,
    stand_on_own_ground,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

FARTHEST = 0.0
"""The cosine at the right end of the bar: nothing of the query is left."""

USUAL_CAP = 0.80
"""The cap that Enter sets."""
STEP, LARGE_STEP = 0.01, 0.05
REACHED = 1e-4
"""So close to the cap the cosine is that of the cap."""
GRIP = 6
"""Device-independent pixels around the handle that take hold of it."""
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Down)
"""First those that move the cap towards the query as typed."""


class DistanceMeter(QWidget):
    """“How far the query has moved”, with its numbers and a bar from 1.00 to 0.00.

    The handle on the bar is the least cosine; at the right end there is no cap.
    """

    cap_moved = Signal(object, bool)
    """The least cosine, or None for no cap; and whether the mouse has let go."""
    let_go = Signal(bool)
    """What was being moved is no longer held; whether the hand may go on at once, as from arrow
    key to arrow key. It does not where the keyboard or the meter went."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cosine: float | None = None
        self._kept = self._results = 0
        self._has_failed = self._is_unsteered = False
        self._cap: float | None = None
        self._is_dragging = self._is_over_handle = self._is_edited = False
        self._told_cap: float | None = None
        stand_on_own_ground(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        set_plain_tooltip(self, EXPLANATION)
        self.show_answer(None)

    def show_answer(self, answer: SearchAnswer | None) -> None:
        """Shows the numbers of an answer, or that there is none."""
        before, under_bar = self._numbers(), self._cap_text()
        self._has_failed = self._is_unsteered = False
        self._cosine = None if answer is None else answer.cosine
        self._kept, self._results = (0, 0) if answer is None else kept_of_first(answer)
        self._told_cap = None if answer is None or answer.plan.at_rest else answer.plan.cap
        if self._cap_text() != under_bar or answer is None:
            self._tell()
        elif self._numbers() != before:
            self._tell(self._down_to_bar())

    def show_cap(self, cap: float | None) -> None:
        """Puts the handle where the cap is; None is no cap."""
        if cap != self._cap:
            self._cap = cap
            self._tell()

    @property
    def is_cap_reached(self) -> bool:
        """Whether the cap holds the query back in the answer that is shown."""
        told, cosine = self._told_cap, self._cosine
        return told is not None and cosine is not None and cosine <= told + REACHED

    def show_failure(self) -> None:
        """Shows dashes: there was a query, but it has no results."""
        self.show_answer(None)
        self._has_failed = True
        self._tell()

    def show_unsteered(self) -> None:
        """Shows no numbers: the query is none that could be moved."""
        self.show_answer(None)
        self._is_unsteered = True
        self._tell()

    def text(self) -> str:
        """The numbers as a sentence."""
        if self._is_unsteered:
            return "words alone, which are not steered"
        if self._has_failed:
            return "no results"
        if self._cosine is None:
            return "no query yet"
        capped = f", {self._cap_text()}" if self._cap is not None else ""
        return f"cosine {cosine_text(self._cosine)}, {self._kept_text()}{capped}"

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        lines = 1 if self._is_one_line() else 2
        height = theme.line_height("body") * lines + theme.line_height("caption")
        height += self._handle_height() + tokens().space[1]
        return QSize(tokens().space[8] * 8, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, "panel")
        body, caption = (Theme.current().line_height(role) for role in ("body", "caption"))
        line = QRect(0, 0, self.width(), body)
        draw_line_of_text(painter, line, TITLE, "head of a section")
        if not self._is_one_line():
            line.translate(0, body)
        self._paint_numbers(painter, line)
        bar = self._bar()
        draw_bar(painter, bar, self.share, thickness=tokens().bar.meter)
        if self._cap is not None:
            self._paint_beyond(painter, QRectF(bar))
        self._paint_handle(painter)
        ends = QRect(0, self.height() - caption, self.width(), caption)
        if not event.rect().intersects(ends):
            return
        used = draw_line_of_text(painter, ends, "1.00, unchanged", "caption", "text3", LEFT)
        last = f"{FARTHEST:.2f}"
        used_right = text_width(last, "caption", tabular=True)
        draw_line_of_text(painter, ends, last, "caption", "text3", RIGHT, tabular=True)
        self._paint_cap_text(painter, ends, int(used), used_right)

    def _paint_beyond(self, painter: QPainter, bar: QRectF) -> None:
        """The part of the bar to which the query does not get."""
        x = self._handle_x()
        painter.save()
        painter.setClipRect(QRectF(x, bar.top(), bar.right() - x, bar.height()))
        colour = Theme.current().colour("down", 0.28)
        draw_bar(painter, bar, 1.0, colour, track=None, thickness=tokens().bar.meter)
        painter.restore()

    def _paint_handle(self, painter: QPainter) -> None:
        x, bar = self._handle_x(), self._bar()
        middle, height = bar.center().y() + 0.5, self._handle_height()
        colour = "text3" if self._cap is None else "down"
        if self.hasFocus():
            halo = Theme.current().colour("focus", tokens().focus_ring.thumb_halo.alpha)
            draw_dot(painter, QPointF(x, middle), height / 2 + 1, halo)
            colour = "focus" if self._cap is None else "down"
        elif self._is_over_handle and self._cap is None:
            colour = "text1"
        painter.fillRect(QRectF(round(x) - 1, middle - height / 2, 2, height), shade(colour))

    def _paint_cap_text(self, painter: QPainter, ends: QRect, left: int, right: int) -> None:
        """Under the handle, as far as both ends leave room."""
        role = "caption" if self._cap is None else "sorted column head"
        colour = "text3" if self._cap is None else "down"
        told, gap = self._cap_text(), tokens().space[2]
        width = text_width(told, role, tabular=True)
        low, high = left + gap, ends.right() - right - gap - width
        x = min(max(int(self._handle_x() - width / 2), low), high)
        place = QRect(x, ends.top(), width + 1, ends.height())
        draw_line_of_text(painter, place, told, role, colour, LEFT, tabular=True)

    # -- the cap -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step, key = LARGE_STEP if large else STEP, Qt.Key(event.key())
        if key in _ARROWS[:2]:
            self._move(step + (FARTHEST if self._cap is None else self._cap))
        elif key in _ARROWS[2:]:
            self._move(FARTHEST if self._cap is None else self._cap - step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._move(USUAL_CAP if self._cap is None else FARTHEST)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_End):
            self._move(FARTHEST)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._is_edited = False
            self.let_go.emit(event.key() in _ARROWS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_handle(event.position()):
            self._is_dragging = True
            self.let_go.emit(False)  # What keys have done before is a step of its own.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragging:
            share = event.position().x() / max(1, self.width())
            self._move(round(1 - share * (1 - FARTHEST), 2))
            return
        over = self._is_on_handle(event.position())
        if over != self._is_over_handle:
            self._is_over_handle = over
            shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_dragging:
            self._is_dragging = False
            self._finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._is_on_handle(event.position()):
            self._move(FARTHEST)
            self._finish()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._leave()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._is_dragging = False
        self._leave()

    def _leave(self) -> None:
        if self._is_edited:
            self._is_edited = False
            self.let_go.emit(False)

    def _move(self, cap: float) -> None:
        """Moves the handle; at the right end there is no cap."""
        wanted = None if cap <= FARTHEST + 1e-9 else round(min(cap, 1.0), 2)
        if wanted != self._cap:
            self._cap = wanted
            self._tell()
            self._is_edited = True
            self.cap_moved.emit(wanted, False)

    def _finish(self) -> None:
        self._is_edited = False
        self.cap_moved.emit(self._cap, True)

    def _is_on_handle(self, at: QPointF) -> bool:
        near = abs(at.x() - self._handle_x()) <= GRIP
        return near and abs(at.y() - self._bar().center().y()) <= self._handle_height()

    def handle_place(self) -> QPoint:
        """The middle of the handle, in the meter's coordinates."""
        return QPoint(round(self._handle_x()), self._bar().center().y())

    def _handle_x(self) -> float:
        cap = FARTHEST if self._cap is None else max(self._cap, FARTHEST)
        x = (1 - cap) / (1 - FARTHEST) * self.width()
        return min(max(x, 1.0), self.width() - 1.0)

    def _handle_height(self) -> int:
        return tokens().bar.meter + tokens().space[2]

    def _bar(self) -> QRect:
        """The bar; the handle looks out above and below."""
        caption = Theme.current().line_height("caption")
        height = tokens().bar.meter
        bottom = self.height() - caption - tokens().space[1]
        return QRect(0, bottom - height, self.width(), height)

    def _cap_text(self) -> str:
        if self._cap is None:
            return "no cap"
        return f"cap {self._cap:.2f}" + (" reached" if self.is_cap_reached else "")

    def _tell(self, changed: QRect | None = None) -> None:
        """Says it in the name, and has all painted again or a part."""
        self.setAccessibleName(f"{TITLE}: {self.text()}")
        self.update(self.rect() if changed is None else changed)

    def _numbers(self) -> tuple[object, ...]:
        flags = self._has_failed, self._is_unsteered
        return self._cosine, self._kept, self._results, self._told_cap, flags

    def _paint_numbers(self, painter: QPainter, line: QRect) -> None:
        """Both at the right of the title; under it the kept results begin at the left."""
        told, is_one_line = f"cosine {cosine_text(self._cosine)}", self._is_one_line()
        if self._cosine is None and not self._why_none() and is_one_line:
            return
        if not self._is_unsteered:
            used = draw_line_of_text(
                painter, line, told, "head of a section", "text1", RIGHT, tabular=True
            )
            line = line.adjusted(0, 0, -int(used) - tokens().space[3], 0)
        align = RIGHT if is_one_line else LEFT
        draw_line_of_text(painter, line, self._kept_text(), "body", "text2", align)

    def _kept_text(self) -> str:
        return kept_text(self._cosine, self._kept, self._results, self._why_none())

    def _why_none(self) -> str:
        """Why there are no numbers, where there is a query; "" else."""
        return "not steered" if self._is_unsteered else "no results" if self._has_failed else ""

    def _down_to_bar(self) -> QRect:
        """All but the line under the bar."""
        caption = Theme.current().line_height("caption")
        return QRect(0, 0, self.width(), self.height() - caption)

    def _is_one_line(self) -> bool:
        """Whether the title and the widest numbers stand beside each other."""
        cosine = text_width("cosine 0.00", "head of a section", tabular=True)
        numbers = text_width("keeps 10 of 10") + cosine
        gaps = tokens().space[3] + tokens().space[1]
        return text_width(TITLE, "head of a section") + numbers + gaps <= self.width()

    @property
    def share(self) -> float:
        """How far the bar is filled, 0 to 1 at its right end."""
        return 0.0 if self._cosine is None else (1 - self._cosine) / (1 - FARTHEST)
