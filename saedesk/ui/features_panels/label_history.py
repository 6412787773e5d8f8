"""The labels a feature ever had, in a card under the link that opens it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.ui.features_panels.number_texts import day_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_ROWS_IN_VIEW = 6


def author_text(label: FeatureLabel) -> str:
    """Who wrote a label: "you", "keywords", "the language model small-7b"."""
    if label.source == PERSON:
        file = label.details.get("imported_from")
        if file and label.author == file:
            return f"somebody in {file}"
        return "you" if label.author in ("", "you") else label.author
    if label.source == LANGUAGE_MODEL:
        return f"the language model {label.author}" if label.author else "a language model"
    return "keywords" if label.source == KEYWORDS else label.source


def provenance_text(labels: list[FeatureLabel], in_force: FeatureLabel | None) -> str:
    """Who gave the label in force, and when: "Named by keywords on 12 November."."""
    if in_force is None:
        return "Nobody has named it yet."
    when = day_text(in_force.created)
    on = f" on {when}" if when else ""
    if not in_force.text:
        return f"The label was taken away by {author_text(in_force)}{on}."
    made = next((one for one in labels if _is_by_program(one) and one.id < in_force.id), None)
    if in_force.source == PERSON and made is not None:
        return f"Named by {author_text(made)}, changed by {author_text(in_force)}{on}."
    return f"Named by {author_text(in_force)}{on}."


def _is_by_program(label: FeatureLabel) -> bool:
    return bool(label.text) and label.source != PERSON


class LabelHistory(QFrame):
    """Every label with who wrote it and when; earlier ones can be used again."""

    wanted = Signal(str)
    """A text to put in force again."""

    def __init__(
        self, labels: Sequence[FeatureLabel], in_force: int, parent: QWidget | None = None
    ) -> None:
        """`labels` newest first; `in_force` is the id of the one that counts."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "raised")
        self.setAccessibleName("Earlier labels")
        self.uses: list[LinkButton] = []
        self._texts: list[str] = []
        size = tokens()
        content = QWidget()
        column = QVBoxLayout(content)
        pad = size.padding.hover_card
        column.setContentsMargins(pad, pad // 2, pad, pad // 2)
        column.setSpacing(size.space[1])
        for at, label in enumerate(labels):
            if at:
                column.addWidget(Hairline())
            column.addLayout(self._row(label, label.id == in_force))
        column.addStretch(1)
        area = ScrollArea(content, "raised", "Earlier labels")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*[size.line] * 4)
        outer.addWidget(area)
        row = size.row_height.feature_list + size.space[2] + size.line
        self.setFixedWidth(size.space[8] * 11)
        self.setFixedHeight(pad + 2 + min(len(labels), _ROWS_IN_VIEW) * row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("lineStrong"))
        line = tokens().line
        painter.fillRect(self.rect().adjusted(line, line, -line, -line), shade("raised"))

    def open_under(self, widget: QWidget) -> None:
        """Show the card under a widget."""
        self.move(widget.mapToGlobal(QPoint(0, widget.height() + tokens().grid)))
        self.show()
        if self.uses:
            self.uses[0].setFocus()

    def _row(self, label: FeatureLabel, is_in_force: bool) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        if label.text:
            words.addWidget(TextLabel(label.text, "label", elide=True))
        else:
            words.addWidget(TextLabel("No label", "body", "text3", italic=True))
        when = day_text(label.created)
        note = f"By {author_text(label)}" + (f" on {when}" if when else "")
        words.addWidget(TextLabel(note, "caption", "text3"))
        row = QHBoxLayout()
        row.setContentsMargins(0, tokens().grid, 0, tokens().grid)
        row.setSpacing(tokens().space[3])
        row.addLayout(words, 1)
        if is_in_force:
            row.addWidget(TextLabel("in use", "caption", "text3"))
            return row
        use = LinkButton("Use this one", accessible_name=f"Use “{label.text or 'no label'}”")
        use.clicked.connect(self._on_use)
        self.uses.append(use)
        self._texts.append(label.text)
        row.addWidget(use)
        return row

    @Slot()
    def _on_use(self) -> None:
        sender = self.sender()
        text = next(text for text, use in zip(self._texts, self.uses, strict=True) if use is sender)
        self.wanted.emit(text)
        self.close()
