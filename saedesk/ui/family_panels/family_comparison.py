"""Two families side by side: members and documents in common, what joins them, what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.features.families.family_comparison import (
    FamilyComparison,
    JoiningPair,
    compare_families,
)
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.field_contrasts import CategoryContrast, FieldContrast
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.session.family_book import family_book
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Session
from saedesk.task_control import TaskControl
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.features_panels.number_texts import documents_text, share_text
from saedesk.ui.features_panels.share_rows import ShareRow, ShareRows
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

MOST_FIELD_ROWS = 8
_ABOUT = {
    "members": "Features that stand in both families. Above a third, think of merging them.",
    "common": (
        "Documents that belong to both: in which the root or at least two other members of each "
        "family fire."
    ),
    "own": "Documents in which the root or at least two other members of the family fire.",
}
_PAIRS = (
    "A feature of the first family and one of the second; the share of the rarer one’s documents "
    "that has both."
)
_FIELDS = (
    "Documents of the first family only against those of the second only: how much more often a "
    "value stands in the first, or how much more often a number is larger there. Only differences "
    "whose 95 % interval leaves out 0."
)


@dataclass(frozen=True)
class _Question:
    first: FeatureFamily
    second: FeatureFamily

    def __call__(self, details: FeatureDetails, control: TaskControl) -> FamilyComparison:
        activations, columns = details.sae.activations, details.fields(control)
        return compare_families(activations, self.first, self.second, columns, control)


class FamilyComparisonPage(ScrollArea):
    """Takes the place of the drawing until it is closed."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        content = QWidget()
        content.setProperty("ground", "surface")
        super().__init__(content, accessible_name="Comparison of two families", parent=parent)
        self._session, self._book = session, family_book(session)
        self.shown: FamilyComparison | None = None
        self._reader = FeatureReader(session, "Comparing two families", self)
        self._reader.answered.connect(self._on_answer)
        self._reader.failed.connect(self._on_failed)
        self.title = TextLabel("", "head of a section", wrap=True)
        self.close_button = DefaultButton("Back to the drawing")
        self.close_button.clicked.connect(self.closed)
        self.numbers = NumberStrip()
        self.told = TextLabel("", "body", "text2", wrap=True)
        self.common = ShareRows("Members in both")
        self.pairs = ShareRows("Strongest shares between them")
        self.fields = ShareRows("Fields that differ")
        self.common.chosen.connect(session.select_feature)
        self.pairs.chosen.connect(session.select_feature)
        self._build(content)

    def _build(self, content: QWidget) -> None:
        space = tokens().space
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        pairs, fields = SectionHead("Strongest shares between them"), SectionHead("What differs")
        pairs.title.set_explanation(_PAIRS)
        fields.title.set_explanation(_FIELDS)
        self.sections: dict[str, QWidget] = {
            "common": _section(SectionHead("Members in both"), self.common),
            "pairs": _section(pairs, self.pairs),
            "fields": _section(fields, self.fields),
        }
        column = QVBoxLayout(content)
        column.setContentsMargins(0, space[2], 0, space[4])
        column.setSpacing(space[3])
        column.addLayout(head)
        column.addWidget(self.numbers)
        column.addWidget(self.told)
        for part in self.sections.values():
            column.addWidget(part)
        column.addStretch(1)

    def compare(self, first: FeatureFamily, second: FeatureFamily) -> None:
        """Ask the query lane what two families have in common."""
        self.shown = None
        names = (self._book.name(first.root), self._book.name(second.root))
        self.title.setText(f"“{names[0]}” and “{names[1]}”")
        self.numbers.hide()
        self._tell("Comparing the documents …")
        self._reader.read(_Question(first, second))

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, FamilyComparison)
        self.shown = answer
        names = [self._book.name(root) for root in (answer.first, answer.second)]
        self.numbers.set_entries(_numbers(answer, names))
        self.numbers.show()
        book = self._session.book
        if book is None:
            return

        def name(latent: int) -> str:
            return name_in_list(book, latent)

        self.common.set_rows([_member_row(latent, name(latent)) for latent in answer.members])
        self.pairs.set_rows([_pair_row(p, name(p.first), name(p.second)) for p in answer.pairs])
        self.fields.set_rows(field_rows(answer.contrasts, names))
        self.sections["common"].setVisible(bool(answer.members))
        self.sections["pairs"].setVisible(bool(answer.pairs))
        self.sections["fields"].setVisible(bool(self.fields.rows))
        missing = []
        if not answer.members:
            missing.append("No feature stands in both.")
        if not answer.pairs:
            missing.append("No feature of the one fires together with one of the other.")
        if not self.fields.rows:
            missing.append("No field differs for sure.")
        self.told.setText(" ".join(missing))
        self.told.setVisible(bool(missing))

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self.told.setText(sentence)
        self.told.show()
        for part in self.sections.values():
            part.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)


def _section(head: QWidget, body: QWidget) -> QWidget:
    made, space = QWidget(), tokens().space
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(space[1])
    column.addWidget(Hairline())
    column.addSpacing(space[1])
    column.addWidget(head)
    column.addWidget(body)
    return made


def _numbers(found: FamilyComparison, names: Sequence[str]) -> list[tuple[str, str, str]]:
    overlap = f"{share_text(found.overlap)} of the documents in either family."
    own = [
        (f"{many:,}", f"Of the {which}", f"{name}\n{_ABOUT['own']}")
        for many, which, name in zip(found.documents, ("first", "second"), names, strict=True)
    ]
    return [
        (f"{len(found.members):,}", "Members in both", _ABOUT["members"]),
        (f"{found.documents_in_both:,}", "Documents in both", f"{overlap} {_ABOUT['common']}"),
        *own,
    ]


def _member_row(latent: int, name: str) -> ShareRow:
    return ShareRow(latent, name, "", 0.0, tooltip=f"{name}\nFeature {latent}", has_bar=False)


def _pair_row(pair: JoiningPair, first: str, second: str) -> ShareRow:
    told = (
        f"{first}\n{second}\n{share_text(pair.share)}: "
        f"{pair.together:,} of {documents_text(pair.documents)}"
    )
    text = f"{first} – {second}"
    return ShareRow(pair.first, text, share_text(pair.share), min(1.0, pair.share), tooltip=told)


def field_rows(contrasts: Sequence[FieldContrast], names: Sequence[str]) -> list[ShareRow]:
    """What differs for sure between the documents of two families, the surest first."""
    found: list[tuple[float, str, float, float, float, str]] = []
    for contrast in contrasts:
        field = shown_name(contrast.field)
        if not isinstance(contrast, CategoryContrast):
            if contrast.at_least:
                ends = (contrast.low, contrast.delta, contrast.high)
                told = (
                    f"{field}: median {contrast.median_active:,.5g} in “{names[0]}”, "
                    f"{contrast.median_rest:,.5g} in “{names[1]}”"
                )
                words = ("later", "earlier") if contrast.is_date else ("larger", "smaller")
                text = f"{field}: {words[contrast.delta < 0]}"
                found.append((contrast.at_least, text, *ends, told))
            continue
        for value in contrast.values:
            if value.at_least:
                ends = (value.low, value.difference, value.high)
                told = (
                    f"{field}: {value.value}\n{share_text(value.share_active)} of “{names[0]}”, "
                    f"{share_text(value.share_rest)} of “{names[1]}”"
                )
                found.append((value.at_least, value.value, *ends, told))
    found.sort(key=lambda row: -row[0])
    return [
        ShareRow(None, text, _signed(value), 0.0, tooltip=told, interval=(low, value, high))
        for _, text, low, value, high, told in found[:MOST_FIELD_ROWS]
    ]


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{abs(value):.2f}"
