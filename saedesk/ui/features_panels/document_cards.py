"""Documents under one another: activation, title, a few lines of text, a line of fields."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea, QToolTip, QWidget

from saedesk.session.more_like_this import MORE_LIKE_THIS
from saedesk.ui.features_panels.card_column import CardColumn
from saedesk.ui.features_panels.card_marks import CardMarks
from saedesk.ui.features_panels.document_card import DocumentCard, copy_card
from saedesk.ui.features_panels.number_texts import activation_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.plain_tooltip import escaped

_AT_REST_MS = 120
"""What is in view is asked for when scrolling has rested so long."""


class DocumentCards(CardColumn):
    """Cards for mouse and keyboard: up and down move, left and right tell marks, Enter opens."""

    opened = Signal(object)
    """A document's id: double click or Enter."""
    like_wanted = Signal(int)
    """The id of a document to search with."""
    marks_wanted = Signal(object)
    """Ids of documents that are in view, or nearly, and whose sentences are not known yet."""

    def __init__(self, left: int = 0, right: int = 0, parent: QWidget | None = None) -> None:
        """`left` and `right` are what is left free beside the cards; tints fill it."""
        super().__init__(left, right, parent)
        self._at_mark = -1
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_AT_REST_MS)
        self._rest.timeout.connect(self._ask_for_marks)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Documents of the feature")

    @property
    def current(self) -> DocumentCard | None:
        """The card that has the keyboard."""
        return self._cards[self._current] if self._current >= 0 else None

    def set_cards(self, cards: Sequence[DocumentCard]) -> None:
        """Show other documents."""
        self._at_mark = -1
        super().set_cards(cards)

    def set_marks(self, document_id: int, marks: CardMarks) -> None:
        """Mark the sentences of a document; no card moves or grows."""
        super().set_marks(document_id, marks)
        if self.current is not None and self.current.document_id == document_id:
            self._describe()

    def clear_marks(self) -> None:
        """Mark nothing; no card moves or shrinks."""
        self._at_mark = -1
        super().clear_marks()
        if self.current is not None:
            self._describe()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        for at, card in enumerate(self._cards):
            if card.document_id not in self._marks and self.place_of(at).intersects(event.rect()):
                self._rest.start()
                break

    def _ask_for_marks(self) -> None:
        """Tell what is in view, from the top, and the card below it."""
        view = self.visibleRegion().boundingRect()
        seen = [at for at in range(len(self._cards)) if self.place_of(at).intersects(view)]
        if seen:
            reach = range(seen[0], min(seen[-1] + 2, len(self._cards)))
            ids = [self._cards[at].document_id for at in reach]
            self.marks_wanted.emit([i for i in ids if i not in self._marks])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._cards) - 1}
        key = Qt.Key(event.key())
        if key in steps and self._cards:
            self._move_to(min(max(self._current + steps[key], 0), len(self._cards) - 1))
        elif key in ends and self._cards:
            self._move_to(ends[key])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._current >= 0:
            self._show_mark(-1 if key == Qt.Key.Key_Left else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self.current.document_id)
        elif event.matches(QKeySequence.StandardKey.Copy) and self.current is not None:
            copy_card(self.current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        by_tab = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        if by_tab and self._current < 0 and self._cards:
            self._move_to(0)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at >= 0:
            self._move_to(at, scroll=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self._cards[at].document_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().toPoint()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        at = self._at(event.pos()) if by_mouse else self._current
        if at < 0:
            return
        card = self._cards[at]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open in Corpus", lambda: self.opened.emit(card.document_id))
        menu.addAction(MORE_LIKE_THIS, lambda: self.like_wanted.emit(card.document_id))
        menu.addAction("Copy title and text", lambda: copy_card(card))
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(event.pos())
            QToolTip.showText(event.globalPos(), escaped(self._tip(at, event.pos())), self)
            return True
        return super().event(event)

    def _tip(self, at: int, place: QPoint) -> str:
        if at < 0:
            return ""
        for rect, mark in self._marked_places(at):
            if rect.contains(QPointF(place)):
                return mark.tip
        known = self._marks.get(self._cards[at].document_id)
        if known is not None and known.note_tip and self._facts_rect(at).contains(place):
            return known.note_tip
        title = self._cards[at].title
        room = self.width() - self._right - self._text_left()
        is_cut = text_width(title, "title in a list") > room
        return f"{title}\nDouble click to open it in Corpus" if is_cut else ""

    def _show_mark(self, step: int) -> None:
        """Say what a mouse would be told over the next mark of the card."""
        places = {mark: rect for rect, mark in reversed(self._marked_places(self._current))}
        if not places:
            return
        marks = sorted(places, key=lambda mark: (places[mark].top(), places[mark].left()))
        self._at_mark = (self._at_mark + step) % len(marks) if self._at_mark >= 0 else 0
        place = places[marks[self._at_mark]].center().toPoint()
        # As an event, so that the card of tooltips knows where it belongs.
        help_event = QHelpEvent(QEvent.Type.ToolTip, place, self.mapToGlobal(place))
        QApplication.sendEvent(self, help_event)

    def _move_to(self, at: int, scroll: bool = True) -> None:
        self._current, self._at_mark = at, -1
        self._describe()
        self.update()
        area = self.scroll_area()
        if scroll and area is not None:
            place = self.place_of(at)
            corner = self.mapTo(area.widget(), place.center())
            area.ensureVisible(0, corner.y(), 0, place.height() // 2 + tokens().space[2])

    def _describe(self) -> None:
        card = self._cards[self._current]
        said = f"{activation_text(card.value)}: {card.title or card.text[:200]}"
        known = self._marks.get(card.document_id)
        self.setAccessibleDescription(said if known is None else f"{said}. {known.said}")

    def scroll_area(self) -> QScrollArea | None:
        """What the cards are scrolled in; None where they stand alone."""
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        return parent

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.update()
