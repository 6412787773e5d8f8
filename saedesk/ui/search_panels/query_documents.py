"""What is searched with besides a text, as chips: documents liked and not liked, or a feature."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.project.document_store import DocumentRow
from saedesk.ui.document_words import shown_heading
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.flow_layout import FlowLayout
from saedesk.ui.widgets.text_label import TextLabel

LENGTHS = (120, 96, 72, 60, 48, 36, 28)
"""Characters of headings in chips: as many as let all of them stand in one line, else the last.
The rest is in their tooltips."""
MANY = 3
ONE_OUT, MANY_OUT = "It is left out of the results.", "They are left out of the results."


class QueryDocuments(QWidget):
    """“More like” and “Less like” with a chip for each document, or a chip for a feature."""

    removed = Signal(int)
    """The id of a document that is no longer searched with."""
    unlike_removed = Signal(int)
    """The id of a document that results may be like again."""
    target_removed = Signal()
    target_opened = Signal()
    """Somebody wants to read about the feature or the family."""
    opened = Signal(int)
    """The id of a document that somebody wants to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[FilterChip] = []
        """Of documents that results should be like."""
        self.unlike_chips: list[FilterChip] = []
        self.target_chip: FilterChip | None = None
        self._flow = FlowLayout()
        self._flow.setSpacing(tokens().space[2])
        self._longest = 0
        self._head = _Head("More like", self)
        self._unlike_head = _Head("Less like", self)
        self._target_head = _Head("Documents of", self)
        self._tail = _Word("", "text3", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("What is searched with")
        self.hide()

    def show_documents(
        self,
        like: Sequence[DocumentRow],
        unlike: Sequence[DocumentRow] = (),
        target: str = "",
    ) -> None:
        """Shows other documents, or the name of a feature; hides itself where there is nothing."""
        has_keyboard = any(chip.hasFocus() for chip in self._all_chips())
        while self._flow.count():
            self._flow.takeAt(0)
        for chip in self._all_chips():
            chip.hide()
            chip.deleteLater()
        count = len(like) + len(unlike)
        self.chips = [self._chip(document, "Searched with", True) for document in like]
        self.unlike_chips = [self._chip(document, "Not wanted", False) for document in unlike]
        self.target_chip = self._target(target) if target else None
        for head, chips in (
            (self._target_head, [self.target_chip] if self.target_chip else []),
            (self._head, self.chips),
            (self._unlike_head, self.unlike_chips),
        ):
            head.show_before(chips[0] if chips else None)
            for widget in (head, *chips[1:]) if chips else ():
                self._flow.addWidget(widget)
                widget.show()
        self._tail.setText(MANY_OUT if count > 1 else ONE_OUT)
        # Beside several it would take a line of its own; the tooltips of the chips say it too.
        self._tail.setVisible(0 < count < MANY)
        if 0 < count < MANY:
            self._flow.addWidget(self._tail)
        self.setVisible(bool(count or target))
        self._longest = 0
        self._fit_names()
        self._flow.invalidate()
        self.updateGeometry()
        left = self._all_chips()
        if has_keyboard and left:
            left[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _all_chips(self) -> list[FilterChip]:
        return [*self.chips, *self.unlike_chips, *([self.target_chip] if self.target_chip else [])]

    def _chip(self, document: DocumentRow, what: str, is_liked: bool) -> FilterChip:
        heading = " ".join(shown_heading(document).split())
        name = _cut(heading, LENGTHS[-1])
        tooltip = f"{heading[:300]}\n{ONE_OUT} Click to read it; the cross or Delete takes it away."
        icon = "plus" if is_liked else "minus"
        chip = FilterChip(name, removable=True, icon=icon, tooltip=tooltip, parent=self)
        chip.setAccessibleName(f"{what}: {_cut(heading, LENGTHS[0])}")
        chip.setProperty("name", heading)
        chip.setProperty("document", document.id)
        chip.clicked.connect(self._on_click)
        chip.removed.connect(self._on_removed if is_liked else self._on_unlike_removed)
        return chip

    def _target(self, name: str) -> FilterChip:
        shown = _cut(name, LENGTHS[-1])
        tooltip = f"{name}\nClick to read about it; the cross or Delete takes it away."
        icon = "sliders-horizontal"
        chip = FilterChip(shown, removable=True, icon=icon, tooltip=tooltip, parent=self)
        chip.setAccessibleName(f"Searched with: {_cut(name, LENGTHS[0])}")
        chip.setProperty("name", name)
        chip.clicked.connect(self.target_opened)
        chip.removed.connect(self.target_removed)
        return chip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()

    def _fit_names(self) -> None:
        """Names as long as there is room for in one line."""
        chips, longest = self._all_chips(), self._longest
        for longest in LENGTHS if chips else ():
            for chip in chips:
                chip.setText(_cut(str(chip.property("name")), longest))
            if self._length_of_line() <= self.width():
                break
        if longest != self._longest:
            self._longest = longest
            for chip in chips:
                chip.updateGeometry()
            self._flow.invalidate()

    def _length_of_line(self) -> int:
        """The width of all that is shown, if it stood in one line."""
        widths = [chip.sizeHint().width() for chip in self._all_chips()]
        heads = (self._target_head, self._head, self._unlike_head)
        widths += [head.word_width for head in heads if head.isVisibleTo(self)]
        widths += [self._tail.sizeHint().width()] if self._tail.isVisibleTo(self) else []
        return sum(widths) + self._flow.spacing() * len(widths)

    def _on_click(self) -> None:
        self.opened.emit(int(self.sender().property("document")))

    def _on_removed(self) -> None:
        self.removed.emit(int(self.sender().property("document")))

    def _on_unlike_removed(self) -> None:
        self.unlike_removed.emit(int(self.sender().property("document")))


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[:longest].rstrip()}…"


class _Head(QWidget):
    """A word that stays on one line with the first chip behind it."""

    def __init__(self, word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(tokens().space[2])
        self._word = _Word(word, "text2", self)
        self._row.addWidget(self._word)
        self.hide()

    @property
    def word_width(self) -> int:
        """The width of the word alone."""
        return self._word.sizeHint().width()

    def show_before(self, chip: FilterChip | None) -> None:
        """Takes the first chip; without any it hides itself."""
        if chip is not None:
            self._row.addWidget(chip)
            chip.show()
        self.setVisible(chip is not None)


class _Word(TextLabel):
    """A word in the line of chips, as high as they are."""

    def __init__(self, text: str, colour: str, parent: QWidget) -> None:
        super().__init__(text, "caption", colour, parent=parent)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 2 * tokens().radius.chip)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
