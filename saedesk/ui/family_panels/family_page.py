"""The page of one family: name, numbers, thresholds, drawing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_actions import FamilyActions
from saedesk.ui.family_panels.family_comparison import FamilyComparisonPage
from saedesk.ui.family_panels.family_drawing import FamilyDrawing
from saedesk.ui.family_panels.family_head import NO_FAMILY, FamilyHead
from saedesk.ui.family_panels.family_table import (
    ABOUT_SCORE,
    ABOUT_SIZE,
    ABOUT_STABLE,
    number_text,
    score_tip,
)
from saedesk.ui.family_panels.measuring_words import why_not_measured
from saedesk.ui.family_panels.published_comparison import PublishedComparison
from saedesk.ui.family_panels.threshold_sliders import FamilyThresholds
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

_CHOOSE = "Choose a family in the list, or look at all of them."
_NONE = (
    "No features belong together at these thresholds. Lower them, or ask for fewer branches and "
    "children of a family."
)
_ABOUT_DOCUMENTS = (
    "Documents that belong to the family: those in which its root or at least two other members "
    "fire."
)
_ABOUT_DENSER = (
    "How many times more often two members fire together than a member and a feature outside. "
    "Above 10 the family is a block of its own; near 1 it is none."
)


class _Room(QWidget):
    """What the page leaves to the drawing; with less than this the page scrolls instead."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(tokens().space[8] * 8)

    def hasHeightForWidth(self) -> bool:
        # Else the wrapped words of a comparison, shown or not, would ask for room of their own.
        return False

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class _NumbersOrWhyNot(QWidget):
    """The numbers, or in their room a sentence: nothing below moves when one follows the other."""

    def __init__(self, numbers: NumberStrip, nothing: TextLabel) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(numbers)
        self._stack.addWidget(nothing)
        numbers.set_entries([("–", "–", "")])
        lines = 2 * Theme.current().line_height("body")
        self.setFixedHeight(max(lines, numbers.sizeHint().height()))

    def show_numbers(self, shown: bool) -> None:
        """Show the numbers, or the sentence."""
        self._stack.setCurrentIndex(0 if shown else 1)


class FamilyPage(ScrollArea):
    """Shows the selected family, and the comparison of two in the place of the drawing."""

    def __init__(
        self, session: Session, actions: FamilyActions, parent: QWidget | None = None
    ) -> None:
        content = QWidget()
        content.setProperty("ground", "surface")
        super().__init__(content, accessible_name="Family", parent=parent)
        self._session, self._book = session, family_book(session)
        self.head = FamilyHead(session, actions)
        self.numbers = NumberStrip()
        self.thresholds = FamilyThresholds(session)
        self.drawing = FamilyDrawing(session)
        self.comparison = FamilyComparisonPage(session)
        self.published = PublishedComparison(session)
        self.nothing = TextLabel("", "body", "text2", wrap=True, max_lines=2)
        self._numbers_place = _NumbersOrWhyNot(self.numbers, self.nothing)
        self._head_line = Hairline()
        self._counted_of: ShownFamily | None = None
        self._documents: int | None = None
        self._build(content)
        self.thresholds.hidden_below.connect(self.drawing.set_smallest_density)
        self.thresholds.refresh()
        for page in (self.comparison, self.published):
            page.closed.connect(self._end_comparison)
        actions.files.comparison_wanted.connect(self.compare_published)
        actions.compare_wanted.connect(self.compare)
        actions.rename_wanted.connect(self.head.edit)
        book = self._book
        book.selected_changed.connect(self._on_selected)
        book.families_changed.connect(self.refresh)
        book.measures_changed.connect(self.refresh)
        book.measuring_changed.connect(self.refresh)
        book.documents_counted.connect(self._on_counted)
        self.refresh()

    def _build(self, content: QWidget) -> None:
        pad, space = tokens().padding.work_area, tokens().space
        middle = _Room()
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(self.drawing)
        self._stack.addWidget(self.comparison)
        self._stack.addWidget(self.published)
        column = QVBoxLayout(content)
        column.setContentsMargins(pad, space[4], pad, space[2])
        column.setSpacing(0)
        for widget, above in (
            (self.head, 0),
            (self._head_line, space[3]),
            (self._numbers_place, space[2] + 2),
            (Hairline(), space[2]),
            (self.thresholds, space[2]),
            (Hairline(), space[1]),
        ):
            column.addSpacing(above)
            column.addWidget(widget)
        column.addSpacing(space[2])
        column.addWidget(middle, 1)

    @Slot(int, int)
    def compare(self, first: int, second: int) -> None:
        """Show what two families have in common."""
        families = [self._book.family(root) for root in (first, second)]
        one, other = families
        if one is not None and other is not None:
            self.comparison.compare(one.family, other.family)
            self._stack.setCurrentWidget(self.comparison)
            self.comparison.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def compare_published(self, path: Path) -> None:
        """Show which families of a file are found here."""
        self.published.compare(path)
        self._stack.setCurrentWidget(self.published)
        self.published.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _end_comparison(self) -> None:
        self._stack.setCurrentWidget(self.drawing)
        self.drawing.focus_drawing()

    @Slot(object)
    def _on_selected(self, _: object) -> None:
        # From the table of published families one looks at several in turn.
        if self._stack.currentWidget() is self.comparison:
            self._stack.setCurrentWidget(self.drawing)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the selected family as it is now."""
        root = self._book.selected
        family = None if root is None else self._book.family(root)
        self.head.show_family(root)
        self._head_line.setVisible(root is not None)
        self._numbers_place.show_numbers(family is not None)
        self.nothing.setText(self._reason(root))
        if root is None or family is None:
            return
        if self._counted_of is None or self._counted_of.members != family.members:
            self._counted_of, self._documents = family, None
            self._book.count_documents(root)
        self.numbers.set_entries(self._entries(root, family.children))

    @Slot(int, int)
    def _on_counted(self, root: int, documents: int) -> None:
        family = self._counted_of
        if family is not None and family.root == root == self._book.selected:
            self._documents = documents
            self.numbers.set_entries(self._entries(root, family.children))

    def _reason(self, root: int | None) -> str:
        """Why no family is shown."""
        if not self._book.families and not self._book.hidden_count:
            return _NONE
        return _CHOOSE if root is None else NO_FAMILY

    def _entries(self, root: int, children: tuple[int, ...]) -> list[tuple[str, str, str]]:
        label, measures = self._book.label(root), self._book.measures(root)
        score = None if label is None else label.score
        why = why_not_measured(self._book)
        told = f"{why}\n{ABOUT_SCORE}"
        if label is not None and label.score is not None:
            told = score_tip(label.score, label.low, label.high, label.documents)
        stability = self._book.stability(root)
        stable = ABOUT_STABLE if stability is not None else f"{why}\n{ABOUT_STABLE}"
        denser = None if measures is None else measures.denser
        unknown = "" if measures is not None else f"{why}\n"
        documents = "…" if self._documents is None else f"{self._documents:,}"
        return [
            (f"{len(children) + 1:,}", "Features", ABOUT_SIZE),
            (documents, "Documents", _ABOUT_DOCUMENTS),
            (number_text(score), "Label score", told),
            (number_text(stability), "Stability", stable),
            (denser_text(denser), "Denser inside", f"{unknown}{_ABOUT_DENSER}"),
        ]


def denser_text(denser: float | None) -> str:
    """ "26 ×", "3.2 ×", or a dash where it was not measured."""
    if denser is None:
        return "–"
    return f"{denser:.1f} ×" if denser < 9.95 else f"{denser:,.0f} ×"
