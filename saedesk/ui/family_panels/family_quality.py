"""How well the families hold together, in plain words, beside what chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.features.families.family_metrics import (
    WELL_SCORED,
    FamilyMeasures,
    GroupingMeasures,
)
from saedesk.report.number_texts import decimal_text, share_text
from saedesk.ui.family_panels.co_occurrence_blocks import percent_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import RIGHT
from saedesk.ui.widgets.text_label import TextLabel

NOT_MEASURED = "They are measured when families are found or kept."
_INSIDE = (
    "Of two features of a family, the share of the rarer one’s documents that has both, on "
    "average. Higher is better; compare it with the share across families."
)
_ACROSS = (
    "The same for two features that are together in no family. Lower is better: then the families "
    "stand apart."
)
_BLOCKS = (
    "How many times more often two features fire together inside a family than across families. "
    "1 is chance; a random grouping of the same sizes is measured beside it."
)
_SIMILAR = (
    "The same for how alike the activations of two features are over all documents (cosine), so "
    "that it counts how strongly they fire, too. 1 is chance."
)
_PARENT = (
    "How many times more often features fire with the root of their family than with one another. "
    "Above 1 the root is what they share; about 1 they are a group without a head."
)
_PLACED = "Share of the features in use that stand in at least one family."
_SCORED = (
    "Share of the features in use that stand in a family whose label tells its documents apart "
    f"with a score of {decimal_text(WELL_SCORED, 1)} or more."
)
_ONE = (
    "Of the features in any family, the share that stands in exactly one. The others sit between "
    "topics; nearly all in one means that the families hardly overlap."
)
_STABLE = (
    "In how many random draws of the documents a family is found again with most of its features, "
    "on average over the families. Below 50 % it is an accident of these documents."
)
_OUTSIDE = (
    "The same for a feature of this family and any other feature in use. The lower, the more the "
    "family stands for itself."
)
_OWN_PARENT = (
    "How many times more often the features of this family fire with its root than with one "
    "another. Above 1 the root is what they share; about 1 they are a group without a head."
)
_SPREAD = (
    "In how many independent directions its features point, counted from the variance along each "
    "of their principal components. About 1: they are shades of one thing; near the number of its "
    "features: each is something else."
)


@dataclass(frozen=True)
class QualityRow:
    """One number with its name and what explains it."""

    text: str
    value: str
    explanation: str
    random: str = ""
    """The same number for a random grouping of the same sizes."""


def quality_rows(measures: GroupingMeasures, stability: float | None) -> list[QualityRow]:
    """The numbers that are known; stability from 0 to 1."""
    rows = [
        QualityRow("Together inside a family", percent_text(measures.inside), _INSIDE),
        QualityRow("Together across families", percent_text(measures.across), _ACROSS),
    ]
    ratios = (
        ("Denser inside", measures.block_ratio, measures.random_block_ratio, _BLOCKS),
        ("More alike inside", measures.block_ratio_similarity, None, _SIMILAR),
        ("Closer to the root", measures.r_cooc, measures.random_r_cooc, _PARENT),
    )
    for text, ratio, random, explanation in ratios:
        if ratio is not None:
            beside = "" if random is None else f"random {times_text(random)}"
            rows.append(QualityRow(text, times_text(ratio), explanation, beside))
    rows.append(QualityRow("Features placed in a family", share_text(measures.membership), _PLACED))
    if measures.membership_scored is not None:
        value = share_text(measures.membership_scored)
        rows.append(QualityRow("In a family with a good label", value, _SCORED))
    value = share_text(measures.in_one_family)
    rows.append(QualityRow("Features placed in one family only", value, _ONE))
    if stability is not None:
        rows.append(QualityRow("Found again in other documents", share_text(stability), _STABLE))
    return rows


def rows_of_family(measures: FamilyMeasures) -> list[QualityRow]:
    """What is known of one family."""
    rows = [
        QualityRow("Together inside this family", percent_text(measures.inside), _INSIDE),
        QualityRow("Together with features outside", percent_text(measures.outside), _OUTSIDE),
    ]
    if measures.r_cooc is not None:
        rows.append(QualityRow("Closer to the root", times_text(measures.r_cooc), _OWN_PARENT))
    if measures.spectrum:
        shares = ", ".join(share_text(share) for share in measures.spectrum)
        spread = f"Its features spread over {measures.dimensions:.1f} directions. {_SPREAD}"
        told = f"{spread}\nShares of the variance, the largest first: {shares}."
        rows.append(QualityRow("Directions it spreads over", f"{measures.dimensions:.1f}", told))
    return rows


def times_text(ratio: float) -> str:
    """ "26 ×", "2.4 ×"."""
    return f"{ratio:.1f} ×" if ratio < 9.95 else f"{ratio:,.0f} ×"


class FamilyQuality(QWidget):
    """Rows of a name, a number, and in front of it what chance gives."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens().space[3])
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self._rows: list[QualityRow] = []
        self._labels: list[TextLabel] = []
        self._nothing = ""
        self.show_rows([], NOT_MEASURED)

    @property
    def rows(self) -> Sequence[QualityRow]:
        """What is shown."""
        return tuple(self._rows)

    def show_measures(
        self,
        measures: GroupingMeasures | None,
        stability: float | None,
        nothing: str = NOT_MEASURED,
    ) -> None:
        """Show numbers of all families; before they were measured what `nothing` says."""
        self.show_rows([] if measures is None else quality_rows(measures, stability), nothing)

    def show_rows(self, rows: Sequence[QualityRow], nothing: str) -> None:
        """Show other rows; where there are none, a sentence."""
        if list(rows) == self._rows and nothing == self._nothing:
            return
        self._rows, self._nothing = list(rows), nothing
        for label in self._labels:
            self._grid.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._labels = []
        # A grid keeps the heights of rows that are gone.
        for at in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(at, 0)
        if not rows:
            self._add(0, 0, TextLabel(nothing, "body", "text2", wrap=True), columns=3)
        for at, row in enumerate(rows):
            self._add(at, 0, TextLabel(row.text, "body", "text2", elide=True), row.explanation)
            quiet = TextLabel(row.random, "caption", "text3", tabular=True, align=RIGHT)
            self._add(at, 1, quiet, row.explanation)
            value = TextLabel(row.value, "head of a section", tabular=True, align=RIGHT)
            value.setAccessibleName(f"{row.text}: {row.value} {row.random}".strip())
            self._add(at, 2, value, row.explanation)

    def _add(
        self, row: int, column: int, label: TextLabel, explanation: str = "", columns: int = 1
    ) -> None:
        label.set_explanation(explanation)
        self._grid.addWidget(label, row, column, 1, columns)
        self._grid.setRowMinimumHeight(row, tokens().row_height.short_list)
        self._labels.append(label)
        label.show()
