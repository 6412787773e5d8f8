"""The thresholds of the families: two sliders that act at once, the other settings folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import BadSetting
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_rows import families_text
from saedesk.ui.family_panels.family_settings_form import FamilySettingsForm, FormField
from saedesk.ui.family_panels.threshold_slider import ThresholdSlider
from saedesk.ui.features_panels.number_texts import density_text
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.train_panels.setting_fields import SettingNumber
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.text_label import TextLabel

EDGES = (*(n / 100 for n in range(5, 31)), *(n / 100 for n in range(32, 61, 2)), 0.7, 0.8, 0.9, 1.0)
LARGEST_HIDDEN = 0.05
"""Density up to which features can be hidden."""
DENSITY_STEPS = 60
_ABOUT_EDGE = (
    "Two features are joined where this share of the special (the rarer) one’s documents, or more, "
    "has both. Lower joins more and makes larger families; from 10 % on, few edges are chance. "
    "Later passes, which look again once the roots are taken away, keep their own, lower "
    "threshold in proportion."
)
_ABOUT_DENSITY = (
    "Features that fire in a smaller share of all documents are left out, and what lies below them "
    "follows. In fewer than five documents, firing together is chance."
)


class FamilyThresholds(QWidget):
    """Every move is tried at once; “Keep” stores it, “Back” returns to what is stored."""

    hidden_below = Signal(float)
    """The smallest density of a feature that is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, family_book(session)
        self._documents = 0
        self._wanted, self._wanted_filter = self._book.settings, self._book.filter
        self.edge = ThresholdSlider("Draw an edge from", EDGES, edge_text)
        self.edge.chosen.connect(self._on_edge)
        self.density = ThresholdSlider("Hide features below", (0.0,), self._density_text)
        self.density.chosen.connect(self._on_density)
        self.edge_value, self.density_value = _value(), _value()
        self.fold = FoldButton()
        self.fold.toggled.connect(self._on_fold)
        self.told = TextLabel("", "caption", "text2", elide=True, tabular=True)
        self.back = DefaultButton("Back", tooltip="Return to the thresholds that are kept")
        self.back.clicked.connect(self._on_back)
        self.keep = DefaultButton("Keep", tooltip="Store the families of these thresholds")
        self.keep.clicked.connect(self._book.keep_settings)
        self.form = FamilySettingsForm()
        self.form.edited.connect(self._on_field)
        self.form.filter_edited.connect(self._on_filter_field)
        self.form.hide()
        self.fold.set_count(len(self.form.fields) + len(self.form.filter_fields))
        self._build()
        self._book.families_changed.connect(self._on_families)
        self._book.live_changed.connect(self._on_live)
        self.refresh()

    def _build(self) -> None:
        space = tokens().space
        sliders = QHBoxLayout()
        sliders.setSpacing(space[4])
        for slider, words, value, about in (
            (self.edge, "Draw an edge from", self.edge_value, _ABOUT_EDGE),
            (self.density, "Hide features below", self.density_value, _ABOUT_DENSITY),
        ):
            # Equally wide where there is room; in narrow windows as wide as their words.
            sliders.addLayout(_slider_column(slider, words, value, about))
        under = QHBoxLayout()
        under.setSpacing(space[2])
        under.addWidget(self.fold)
        under.addWidget(self.told, 1)
        under.addWidget(self.back)
        under.addWidget(self.keep)
        # The row is as high without its buttons, so that nothing below jumps while one drags.
        under.addStrut(tokens().control_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addLayout(sliders)
        column.addLayout(under)
        column.addWidget(self.form)

    @property
    def fields(self) -> dict[str, FormField]:
        """The fields of the settings that are folded away, by name."""
        return self.form.fields

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show the settings in force, and how many families they give."""
        self._refresh()
        least = self._book.settings.fewest_documents
        self.hidden_below.emit(least / max(1, self._documents))

    def _refresh(self) -> None:
        sae, kept = self._session.sae, self._book.kept_settings
        documents = 0 if sae is None else sae.statistics.n_documents
        if documents != self._documents:
            self._documents = documents
            self.density.set_values(document_steps(documents))
        self.edge.set_kept(kept.threshold)
        self.density.set_kept(kept.fewest_documents)
        self._show(self._wanted)

    @Slot()
    def _on_families(self) -> None:
        self._wanted_filter = self._book.filter
        self.refresh()

    @Slot(object)
    def _on_live(self, settings: object) -> None:
        assert isinstance(settings, FamilySettings)
        self._wanted = settings
        self._refresh()

    def _show(self, settings: FamilySettings) -> None:
        self.edge.set_threshold(settings.threshold)
        self.density.set_threshold(settings.fewest_documents)
        self.edge_value.setText(edge_text(settings.threshold))
        self.density_value.setText(self._density_text(settings.fewest_documents))
        self.density_value.set_explanation(
            f"Features with fewer than {settings.fewest_documents:,} documents are left out."
        )
        self.form.show_settings(settings, self._wanted_filter)
        is_tried = self.is_tried
        for button in (self.back, self.keep):
            button.setVisible(is_tried)
        self.keep.set_disabled_reason(read_only_reason(self._session))
        self.told.setText(
            f"Tried, not kept: {families_text(len(self._book.families))}" if is_tried else ""
        )

    @property
    def is_tried(self) -> bool:
        """Whether other settings are tried than those that are kept."""
        kept = self._book.kept_settings, self._book.kept_filter
        return (self._wanted, self._wanted_filter) != kept

    def _density_text(self, documents: float) -> str:
        return f"{density_text(documents / max(1, self._documents))} density"

    # -- what a person does ------------------------------------------------------------------

    @Slot(float)
    def _on_edge(self, threshold: float) -> None:
        self._try(threshold=threshold, later_threshold=later_threshold(threshold))

    @Slot(float)
    def _on_density(self, documents: float) -> None:
        self._try(fewest_documents=round(documents))

    @Slot(str)
    def _on_field(self, name: str) -> None:
        field = self.form.fields[name]
        changed = replace(self._wanted, **{name: field.setting})
        if _is_right(changed, field) and changed != self._wanted:
            self._try(**{name: field.setting})

    @Slot(str)
    def _on_filter_field(self, name: str) -> None:
        field = self.form.filter_fields[name]
        changed = replace(self._wanted_filter, **{name: field.setting})
        if _is_right(changed, field) and changed != self._wanted_filter:
            self._wanted_filter = changed
            self._book.set_filter(changed)
            self._show(self._wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._book.prepare()

    def _try(self, **changes: Any) -> None:
        self._wanted = replace(self._wanted, **changes)
        self._book.try_settings(self._wanted)
        # Thumb and number follow the hand; the families follow when they are found.
        self._show(self._wanted)

    @Slot()
    def _on_back(self) -> None:
        self.form.clear_errors()
        self._wanted_filter = self._book.kept_filter
        self._book.set_filter(self._wanted_filter)
        self._book.try_settings(self._book.kept_settings)

    @Slot(bool)
    def _on_fold(self, shown: bool) -> None:
        self.form.setVisible(shown)


def edge_text(threshold: float) -> str:
    """ "10 % together"."""
    return f"{100 * threshold:.0f} % together"


def later_threshold(threshold: float) -> float:
    """That of later passes, in the proportion of the defaults; within its range."""
    default = FamilySettings()
    later = threshold * default.later_threshold / default.threshold
    return float(round(max(0.05, later), 3))


def document_steps(documents: int) -> Sequence[float]:
    """Numbers of documents to choose from, 1 to a twentieth of all, each a little more."""
    most = max(2, int(LARGEST_HIDDEN * documents))
    steps = np.unique(np.round(np.geomspace(1, most, DENSITY_STEPS)))
    return [float(step) for step in steps]


def _is_right(changed: FamilySettings | FeatureFilter, field: FormField) -> bool:
    """Whether the settings can be tried; else a sentence under the field says why not."""
    try:
        changed.check()
    except BadSetting as error:
        sentence = field.range_error() if isinstance(field, SettingNumber) else None
        field.set_error(sentence or error.sentence)
        return False
    field.set_error(None)
    return True


def _value() -> TextLabel:
    return TextLabel("", "head of a section", "text1", tabular=True)


def _slider_column(
    slider: ThresholdSlider, words: str, value: TextLabel, about: str
) -> QVBoxLayout:
    label = TextLabel(words, "body", "text2")
    label.set_explanation(about)
    value.set_explanation(about)
    head = QHBoxLayout()
    head.setSpacing(tokens().space[1])
    head.addWidget(label, 1)
    head.addWidget(value)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addLayout(head)
    column.addWidget(slider)
    return column
