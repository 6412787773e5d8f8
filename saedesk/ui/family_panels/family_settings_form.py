"""The settings of the families that have no slider, each as a sentence with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.sae.sae_config import SettingInfo, describe
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.setting_fields import SettingNumber
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.text_label import TextLabel


@dataclass(frozen=True)
class _Words:
    """How one setting reads: a sentence that goes on in its field and behind it."""

    before: str
    after: str = ""
    is_percent: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    """What is shown for each value, where there are few."""


_YES_NO = "no", "yes"
OF_SETTINGS = {
    "later_threshold": _Words(
        "In later passes draw an edge from", "of the special one’s documents", True
    ),
    "above_chance": _Words("Draw an edge only above chance by", "standard deviations"),
    "weight": _Words(
        "Whose documents an edge counts",
        choices={"max": "special one", "mean": "both", "min": "general one"},
    ),
    "passes": _Words("Look for families in", "passes"),
    "most_density": _Words("Leave out features that fire in over", "of all documents", True),
    "fewest_branches": _Words("A root has at least", "features right below it"),
    "fewest_children": _Words("A family has at least", "features below its root"),
    "largest_overlap": _Words("Drop the smaller if two share over", "of their features", True),
}
OF_FILTER = {
    "least_score": _Words("Only features with a label score from", "0 asks for no score"),
    "labels": _Words(
        "Only readable labels", choices=dict(zip(("all", "clean"), _YES_NO, strict=True))
    ),
    "equal_labels": _Words(
        "Of equal labels only the best", choices=dict(zip(("all", "best"), _YES_NO, strict=True))
    ),
}
_FIELD, _AFTER = 4, 6
"""Widths of a field and of what stands behind it, in steps of 32 pixels."""


class WordChoice(ChoiceField):
    """Chooses one of a few values by words."""

    edited = Signal()

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        super().__init__(list(words.values()), accessible_name=name, ground="field")
        self._values = list(words)
        self.changed.connect(self._on_change)

    @property
    def setting(self) -> str:
        """The value of the settings."""
        return self._values[self.currentIndex()]

    def set_setting(self, value: Any) -> None:
        """Show a value without telling anybody."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(self._values.index(value))
        self.blockSignals(blocked)
        self.update()

    @Slot(str)
    def _on_change(self, _: str) -> None:
        self.edited.emit()


FormField = SettingNumber | WordChoice


class FamilySettingsForm(QWidget):
    """Tells which setting was edited; its owner tries it, or puts a sentence under its field."""

    edited = Signal(str)
    """Name of a setting of the families."""
    filter_edited = Signal(str)
    """Name of a setting of the filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, tokens().space[1], 0, tokens().space[1])
        self._column.setSpacing(tokens().space[1])
        self.fields = self._add(FamilySettings, OF_SETTINGS, self.edited)
        self.filter_fields = self._add(FeatureFilter, OF_FILTER, self.filter_edited)

    def show_settings(self, settings: FamilySettings, wanted: FeatureFilter) -> None:
        """Show other values without telling anybody."""
        for name, shown in self.fields.items():
            shown.set_setting(getattr(settings, name))
        for name, shown in self.filter_fields.items():
            shown.set_setting(getattr(wanted, name))

    def clear_errors(self) -> None:
        """What was wrong is gone."""
        for shown in (*self.fields.values(), *self.filter_fields.values()):
            shown.set_error(None)

    def _add(self, kind: type, words: Mapping[str, _Words], told: Any) -> dict[str, FormField]:
        infos = {info.name: info for info in describe(kind)}
        made: dict[str, FormField] = {}
        for name, said in words.items():
            shown = made[name] = _field(infos[name], said)
            shown.edited.connect(lambda name=name: told.emit(name))
            self._column.addWidget(_SentenceRow(said, shown, _help(infos[name], said)))
        return made


class _SentenceRow(FieldRow):
    """A row whose sentence goes on behind the field."""

    def __init__(self, said: _Words, shown: FormField, help: str) -> None:
        step = tokens().space[8]
        super().__init__(said.before, shown, help, _FIELD * step)
        self.after = after = TextLabel(said.after, "caption", "text2", elide=True, parent=self)
        after.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        after.setFixedWidth(_AFTER * step)
        row = self.layout().itemAt(0).layout()  # type: ignore[union-attr]
        row.addWidget(after)
        self.layout().invalidate()


def _field(info: SettingInfo, said: _Words) -> FormField:
    name = f"{said.before} … {said.after}".removesuffix(" … ")
    if said.choices:
        return WordChoice(name, said.choices)
    made = SettingNumber(info, percent=said.is_percent)
    made.setAccessibleName(name)
    # It stands behind the field.
    made.set_unit("")
    return made


def _help(info: SettingInfo, said: _Words) -> str:
    usual = said.choices.get(info.default, str(info.default))
    if said.is_percent:
        usual = f"{100 * info.default:.0f} %"
    return f"{info.help}\nUsual: {usual}."
