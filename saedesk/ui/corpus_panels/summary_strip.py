"""The strip at the top of Corpus: what came in, what did not, Import and Vectors."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.ui.corpus_panels.corpus_summary import SummaryPart
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.painting import draw_dot, draw_hairline, shade
from saedesk.ui.widgets.text_label import LinkButton, TextLabel


class _Facts(QWidget):
    """Facts side by side with dots between them; those that find no room are left out."""

    activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[LinkButton | TextLabel] = []
        self._actions: dict[QWidget, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_parts(self, parts: list[SummaryPart]) -> None:
        for item in self._items:
            item.hide()
            item.deleteLater()
        self._items, self._actions = [], {}
        for at, part in enumerate(parts):
            item: LinkButton | TextLabel
            if part.action:
                item = LinkButton(part.text, tooltip=part.tooltip, parent=self)
                item.clicked.connect(self._on_click)
                self._actions[item] = part.action
            else:
                role = "head of a section" if at == 0 else "body"
                colour = "text1" if at == 0 else part.colour
                item = TextLabel(part.text, role, colour, elide=True, parent=self)
                item.set_explanation(part.tooltip)
            self._items.append(item)
        self._place()

    def links(self) -> list[LinkButton]:
        """The facts that can be clicked."""
        return [item for item in self._items if isinstance(item, LinkButton)]

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, tokens().control_height)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for item in self._items[1:]:
            if not item.isHidden():
                x = item.geometry().left() - self._gap() / 2
                draw_dot(painter, QPointF(x, self.height() / 2), 1.5, shade("text4"))

    def _gap(self) -> int:
        return tokens().space[5] + tokens().grid

    def _place(self) -> None:
        x = 0
        for at, item in enumerate(self._items):
            hint = item.sizeHint()
            left = x + (self._gap() if at else 0)
            room = self.width() - left
            fits = room >= hint.width() or at == 0
            item.setVisible(fits)
            if fits:
                top = (self.height() - hint.height()) // 2
                item.setGeometry(left, top, min(hint.width(), room), hint.height())
                x = left + hint.width()
        self.update()

    def _on_click(self) -> None:
        sender = self.sender()
        if isinstance(sender, QWidget):
            self.activated.emit(self._actions[sender])


class SummaryStrip(QWidget):
    """Facts at the left, the two buttons and a cross at the right."""

    activated = Signal(str)
    """The action of the fact that was clicked."""
    import_wanted = Signal()
    vectors_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = "circle-check"
        self.facts = _Facts()
        self.facts.activated.connect(self.activated)
        self.import_button = DefaultButton("Import…", "upload")
        self.vectors_button = DefaultButton("Vectors…", "binary")
        self.close_button = GhostButton("x", "Close this summary")
        self.import_button.clicked.connect(self._on_import)
        self.vectors_button.clicked.connect(self._on_vectors)
        self.close_button.clicked.connect(self._on_close)
        side = tokens().padding.side_panel
        row = QHBoxLayout(self)
        row.setContentsMargins(side + tokens().icon + tokens().space[2], 0, side - 6, 1)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.facts, 1)
        row.addWidget(self.import_button)
        row.addWidget(self.vectors_button)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().row_height.feature_list + tokens().line)

    def set_parts(self, parts: list[SummaryPart]) -> None:
        """Shows other facts."""
        self.facts.set_parts(parts)
        self.setAccessibleName(". ".join(part.text for part in parts))

    def set_disabled_reason(self, reason: str) -> None:
        """Disables both buttons and says why; an empty reason enables them."""
        self.import_button.set_disabled_reason(reason)
        self.vectors_button.set_disabled_reason(reason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("panel"))
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)
        place = QRect(tokens().padding.side_panel, 0, tokens().icon, bottom)
        paint_icon(painter, self._icon, place, "accent")

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 20, self.height())

    def _on_import(self) -> None:
        self.import_wanted.emit()

    def _on_vectors(self) -> None:
        self.vectors_wanted.emit()

    def _on_close(self) -> None:
        self.closed.emit()
