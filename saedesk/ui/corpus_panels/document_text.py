"""The text of a document: plain, selectable, as high as it is long; very long ones are cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QTextEdit,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.text_marks import TextMark, draw_mark, mark_at, mark_rects, utf16

LONGEST_SHOWN = 20_000
"""Characters shown at once; 5 MB in one piece would take seconds to lay out."""
_LONGEST_BLOCK = 2_000


class DocumentText(QTextEdit):
    """Text in the reading face that takes the height it needs and never becomes markup.

    N and Shift+N go through its marks and say what a mouse would be told.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = ""
        self._marks: tuple[TextMark, ...] = ()
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(Theme.current().font("text of a document"))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Text of the document")
        self.document().setDocumentMargin(0)
        self.setStyleSheet("QTextEdit { border: none; padding: 0; background: transparent; }")
        self._retint()
        Theme.current().changed.connect(self._retint)

    def show_text(self, text: str) -> None:
        """Shows the first part of a text, literally."""
        self._source, self._marks = text[:LONGEST_SHOWN], ()
        self.setAccessibleDescription("")
        self.setPlainText(self._source)
        every = QTextCursor(self.document())
        every.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        fixed = QTextBlockFormat.LineHeightTypes.FixedHeight
        lines.setLineHeight(Theme.current().line_height("text of a document"), fixed.value)
        every.mergeBlockFormat(lines)
        self._fit()

    @property
    def marks(self) -> tuple[TextMark, ...]:
        """What is marked, in Qt's count of the text shown."""
        return self._marks

    def set_marks(self, marks: Sequence[TextMark]) -> None:
        """Marks sentences, given in Python's count of the text as stored; nothing moves."""
        shown = (mark for mark in marks if mark.start < len(self._source))
        self._marks = tuple(
            TextMark(
                self._shown_place(mark.start),
                self._shown_place(mark.end),
                mark.grade,
                mark.series,
                mark.tip,
            )
            for mark in shown
        )
        said = (mark.tip.replace("\n", "; ") for mark in self._marks)
        self.setAccessibleDescription(". ".join(said))
        self.viewport().update()

    def _shown_place(self, at: int) -> int:
        # Both signs of a line break of Windows become one.
        return utf16(self._source, at) - self._source.count("\r\n", 0, at)

    def _mark_rects(self, mark: TextMark) -> list[QRectF]:
        found, block = [], self.document().findBlock(mark.start)
        while block.isValid() and block.position() < mark.end:
            first = block.position()
            origin = self.document().documentLayout().blockBoundingRect(block).topLeft()
            rects = mark_rects(block.layout(), mark.start - first, mark.end - first)
            found += [rect.translated(origin) for rect in rects]
            block = block.next()
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        for mark in self._marks:
            for rect in self._mark_rects(mark):
                if rect.intersects(QRectF(event.rect())):
                    draw_mark(painter, rect, mark)
        painter.end()
        super().paintEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = QPointF(event.pos())
            over = [m for m in self._marks if any(r.contains(place) for r in self._mark_rects(m))]
            tip = over[0].tip if over else ""
            QToolTip.showText(event.globalPos(), escaped(tip), self.viewport())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_N and self._marks:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go_to_mark(-1 if back else 1)
        else:
            super().keyPressEvent(event)

    def _go_to_mark(self, step: int) -> None:
        """Select the next mark after the cursor, or the one before it."""
        here = self.textCursor().selectionStart()
        chosen = mark_at(self._marks, here) if self.textCursor().hasSelection() else None
        at = self._marks.index(chosen) + step if chosen is not None else min(step, 0)
        mark = self._marks[at % len(self._marks)]
        cursor = self.textCursor()
        cursor.setPosition(mark.start)
        cursor.setPosition(mark.end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        rects = self._mark_rects(mark)
        if rects:
            place = rects[-1].center().toPoint()
            where: QPoint = self.viewport().mapToGlobal(place)
            # As an event, so that the card of tooltips knows where it belongs.
            help_event = QHelpEvent(QEvent.Type.ToolTip, place, where)
            QApplication.sendEvent(self.viewport(), help_event)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # The page around it scrolls.

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        copy = menu.addAction("Copy")
        copy.setEnabled(self.textCursor().hasSelection())
        everything = menu.addAction("Select all")
        chosen = menu.exec(event.globalPos())
        if chosen is copy:
            self.copy()
        elif chosen is everything:
            self.selectAll()
        menu.deleteLater()

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        height = round(self.document().size().height())
        if height != self.height():
            self.setFixedHeight(max(1, height))

    def _retint(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Text, shade("text1"))
        self.setPalette(palette)


class WholeText(QDialog):
    """All of a very long text, to be scrolled and searched by eye."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Text of a document")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "surface")
        self._text = text
        self.body = QPlainTextEdit()
        self.body.setReadOnly(True)
        self.body.setUndoRedoEnabled(False)
        self.body.setFrameShape(QFrame.Shape.NoFrame)
        self.body.setFont(Theme.current().font("text of a document"))
        self.body.setAccessibleName("Text of the document")
        self.body.setPlainText("\n".join(in_blocks(text)))
        copy, close = DefaultButton("Copy all", "copy"), DefaultButton("Close")
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.close)
        space = tokens().space
        buttons = QHBoxLayout()
        buttons.setSpacing(space[2])
        note = f"{len(text):,} characters; very long paragraphs are broken for reading."
        buttons.addWidget(TextLabel(note, "caption", "text3"))
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel(title, "title of a document", elide=True))
        column.addWidget(self.body, 1)
        column.addLayout(buttons)
        self.resize(space[8] * 24, space[8] * 20)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)


def in_blocks(text: str, longest: int = _LONGEST_BLOCK) -> list[str]:
    """Paragraphs of at most `longest` characters, broken at spaces where there are any.

    A paragraph is laid out whole once it comes into view: 5 MB in one would take seconds.
    """
    blocks: list[str] = []
    for paragraph in text.split("\n"):
        start = 0
        while len(paragraph) - start > longest:
            space = paragraph.rfind(" ", start + longest // 2, start + longest)
            end = space if space > 0 else start + longest
            blocks.append(paragraph[start:end])
            start = end + (space > 0)
        blocks.append(paragraph[start:])
    return blocks
