"""The text of a document: plain, selectable, as high as it is long; very long ones are cut."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.text_label import TextLabel

LONGEST_SHOWN = 20_000
"""Characters shown at once; 5 MB in one piece would take seconds to lay out."""
_LONGEST_BLOCK = 2_000


class DocumentText(QTextEdit):
    """Text in the reading face that takes the height it needs and never becomes markup."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.setPlainText(text[:LONGEST_SHOWN])
        every = QTextCursor(self.document())
        every.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        fixed = QTextBlockFormat.LineHeightTypes.FixedHeight
        lines.setLineHeight(Theme.current().line_height("text of a document"), fixed.value)
        every.mergeBlockFormat(lines)
        self._fit()

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
