"""How strongly a feature fires: histogram, silent share, groups, threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldType
from saedesk.features.activation_histogram import (
    ActivationHistogram,
    GroupCounts,
    feature_histogram,
)
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Message, Session
from saedesk.task_control import TaskControl
from saedesk.ui.features_panels.group_legend import GroupLegend, group_colour
from saedesk.ui.features_panels.number_texts import density_text
from saedesk.ui.features_panels.threshold_row import ThresholdRow
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.plots import PlotHead
from saedesk.ui.widgets.threshold_histogram import ThresholdHistogram

_FEWEST_FOR_BANDS = 20
"""Documents below which a top 1 % would be nothing but the strongest one."""
_NO_GROUPS = "No groups"
_ABOUT = (
    "In the other documents the feature fires as strongly as shown below. The counts are on a "
    "logarithmic scale, so that a single document is visible."
)


@dataclass(frozen=True)
class GroupQuestion:
    """Asks for the groups of one feature in the query lane."""

    latent: int
    field: str

    def __call__(
        self, details: FeatureDetails, control: TaskControl
    ) -> tuple[GroupQuestion, list[GroupCounts]]:
        histogram = details.histogram(self.latent)
        return self, details.groups(self.latent, self.field, histogram, control)


class FeatureHistogram(QWidget):
    """The plot of one feature with what belongs to it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._latent: int | None = None
        self._names: tuple[str, ...] = ()
        self._groups: list[GroupCounts] = []
        self.histogram = ThresholdHistogram()
        self.histogram.setFixedHeight(tokens().space[8] * 6 + tokens().space[3])
        self.histogram.threshold_moved.connect(self._on_threshold)
        self.head = PlotHead("How strongly it fires", "", self.histogram, note_role="body")
        self.head.note.set_explanation(_ABOUT)
        self.field = ChoiceField([_NO_GROUPS], accessible_name="Lines by category")
        self.field.changed.connect(self._on_field)
        self.legend = GroupLegend()
        self.legend.hide()
        self.threshold = ThresholdRow(session)
        self._reader = FeatureReader(session, "Counting the groups", self)
        self._reader.answered.connect(self._on_groups)
        self._reader.failed.connect(self._on_failure)
        Theme.current().changed.connect(self._paint_groups)
        self._build()

    def _build(self) -> None:
        space = tokens().space
        head = QHBoxLayout()
        head.setSpacing(space[3])
        head.addWidget(self.head, 1)
        head.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space[4])
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(space[2])
        column.addWidget(self.legend)
        column.addWidget(self.histogram)
        column.addWidget(self.threshold)

    def show_feature(self, latent: int) -> None:
        """Show another feature with all its documents, and its groups when they are counted."""
        sae = self._session.sae
        if sae is None:
            return
        self._latent = latent
        counts = feature_histogram(sae.activations, latent)
        bands = counts.bands if counts.n_active >= _FEWEST_FOR_BANDS else np.empty(0)
        self.histogram.set_data(counts.edges, counts.counts, counts.n_active, bands.tolist())
        self.histogram.set_threshold(None)
        self.head.set_note(f"Silent in {silent_text(counts)} of documents")
        self.threshold.show_threshold(latent, None)
        self._offer_fields()
        self._ask()

    def _offer_fields(self) -> None:
        project = self._session.project
        fields = project.documents.fields() if project is not None else ()
        names = tuple(field.name for field in fields if field.type is FieldType.CATEGORY)
        if names != self._names:
            self._names = names
            titles = [_NO_GROUPS, *(f"By {shown_name(name).lower()}" for name in names)]
            self.field.set_items(titles, _NO_GROUPS)
        self.field.setVisible(bool(names))

    def _ask(self) -> None:
        at = self.field.currentIndex() - 1
        self._show([])
        if self._latent is None or not 0 <= at < len(self._names):
            self._reader.drop()
            return
        self._reader.read(GroupQuestion(self._latent, self._names[at]))

    def _show(self, groups: list[GroupCounts]) -> None:
        self._groups = groups
        self.legend.show_groups(groups)
        self._paint_groups()

    @Slot()
    def _paint_groups(self) -> None:
        self.histogram.set_groups(
            [(group.counts, group_colour(at, group)) for at, group in enumerate(self._groups)]
        )

    @Slot(str)
    def _on_field(self, _: str) -> None:
        self._ask()

    @Slot(object)
    def _on_groups(self, answer: object) -> None:
        assert isinstance(answer, tuple)
        question, groups = answer
        if question.latent == self._latent:
            self._show(groups)

    @Slot(str)
    def _on_failure(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    @Slot(float)
    def _on_threshold(self, _: float) -> None:
        if self._latent is not None:
            self.threshold.show_threshold(self._latent, self.histogram.threshold)


def silent_text(counts: ActivationHistogram) -> str:
    """Share of silent documents; all of them only where the feature never fires."""
    said = density_text(counts.zero_share)
    return "more than 99.99 %" if counts.n_active and said == "100.00 %" else said
