"""The form of a training, made from the description of its config's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.embedding.compute_device import DEVICE_CHOICES
from saedesk.errors import BadSetting
from saedesk.sae.architecture_settings import config_in, sparsity_of
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import GROUPS, SaeConfig, SettingInfo, describe
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.architecture_choice import ArchitectureChoice
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.train_panels.setting_fields import SettingField, field_for
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

FIELD_WIDTH = 140
GROUP_OF_DEVICE = "training"
Remark = Callable[[Any], str]

DEVICE_HELP = (
    "Where it is computed: “auto” takes CUDA, then Apple’s MPS, then the CPU. The SAE is the same "
    "up to rounding."
)


class SettingsForm(QWidget):
    """One row for each setting; `edited` comes with every change by a person."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset: SaeConfig | None = None
        self._settings: tuple[SettingInfo, ...] = ()
        self._rows: dict[str, FieldRow] = {}
        self._made: dict[SettingInfo, FieldRow] = {}
        self._heads = {
            name: TextLabel(title, "column head", "text2", parent=self)
            for name, title in GROUPS.items()
        }
        self._remarks: Mapping[str, Remark] = {}
        self._last_edited = ""
        self._last_k: int | None = None
        self._head = SectionHead("Settings")
        self.choice = ArchitectureChoice()
        self.choice.changed.connect(self._on_architecture)
        self._made_for = self.choice.name
        self._device = ChoiceField(DEVICE_CHOICES, accessible_name="Device", ground="field")
        self._device.changed.connect(self._on_device)
        self._device_row = FieldRow("Device", self._device, DEVICE_HELP, FIELD_WIDTH)
        self._fold = FoldButton()
        self._fold.toggled.connect(self._on_fold)
        self._main, self._further = QVBoxLayout(), QVBoxLayout()
        self._lay_out()
        self._make_rows()

    def _lay_out(self) -> None:
        space = tokens().space
        pitch = tokens().row_height.form_pitch - tokens().control_height
        self._more = QWidget()
        self._more.setLayout(self._further)
        self._more.hide()
        for part in (self._main, self._further):
            part.setContentsMargins(0, 0, 0, 0)
            part.setSpacing(pitch)
        head = QVBoxLayout()
        head.setContentsMargins(FieldRow.DOT_ROOM, 0, 0, 0)
        head.setSpacing(space[2])
        head.addWidget(self._head)
        head.addWidget(self.choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space[3])
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(space[2])
        column.addLayout(self._main)
        column.addSpacing(space[2])
        fold = QVBoxLayout()
        fold.setContentsMargins(FieldRow.DOT_ROOM - space[1], 0, 0, 0)
        fold.addWidget(self._fold)
        column.addLayout(fold)
        column.addSpacing(space[1])
        column.addWidget(self._more)

    # -- what the form says ------------------------------------------------------------------

    @property
    def architecture(self) -> str:
        """The name of the chosen architecture."""
        return self.choice.name

    @property
    def device(self) -> str:
        """One of DEVICE_CHOICES."""
        return self._device.currentText()

    def config(self) -> SaeConfig:
        """The config as the fields stand; raises BadSetting with a sentence."""
        config = self._unchecked()
        config.check()
        return config

    def field(self, name: str) -> SettingField:
        """The field of a setting."""
        return self._rows[name].field  # type: ignore[return-value]

    def differing(self) -> list[str]:
        """Names of the settings that differ from the preset."""
        if self._preset is None:
            return []
        preset = config_in(self.architecture, self._preset)
        return [
            info.name
            for info in self._settings
            if self.field(info.name).setting != getattr(preset, info.name)
        ]

    # -- what the form is told ---------------------------------------------------------------

    def set_preset(self, preset: SaeConfig, fill: bool = True) -> None:
        """Compares with a preset from now on; `fill` puts its values into the fields.

        The architecture stays as it is chosen; the preset is translated into its settings.
        """
        self._preset = preset
        if fill:
            self._fill(config_in(self.architecture, preset))
        self.refresh()

    def set_values(self, values: Mapping[str, Any], architecture: str | None = None) -> None:
        """Puts values into the fields; settings that are not named take their default."""
        if architecture is not None and self.choice.set_name(architecture):
            self._make_rows()
        for info in self._settings:
            self.field(info.name).set_setting(values.get(info.name, info.default))
        self._note_k()
        self.refresh()

    def set_remarks(self, remarks: Mapping[str, Remark]) -> None:
        """What stands small behind a number, by setting: its value to a few words."""
        self._remarks = remarks
        self.refresh()

    def commit(self) -> None:
        """Takes what is being typed as it stands."""
        for info in self._settings:
            if not info.choices:
                self.field(info.name).interpretText()

    @Slot()
    def refresh(self) -> str:
        """Shows dots, remarks and the error; returns the sentence of the error, or ""."""
        differing = self.differing()
        for info in self._settings:
            self._rows[info.name].set_differs(info.name in differing)
            remark = self._remarks.get(info.name)
            if remark is not None:
                self.field(info.name).set_unit(remark(self.field(info.name).setting))
        count = len(differing)
        verb = "differs" if count == 1 else "differ"
        self._head.set_note(f"{count} {verb} from the preset" if count else "")
        sentence = self._error()
        at_fault = self._at_fault(sentence) if sentence else None
        for info in self._settings:
            wanted = sentence if info is at_fault else None
            if self.field(info.name).error != wanted:
                self.field(info.name).set_error(wanted)
        if at_fault is not None and at_fault.advanced and not self._fold.isChecked():
            self._fold.setChecked(True)
        return sentence

    def shows_error(self) -> bool:
        """Whether the sentence of the error stands under a field."""
        return any(self.field(info.name).error for info in self._settings)

    def _error(self) -> str:
        try:
            self.config()
        except BadSetting as error:
            return error.sentence
        return ""

    def _at_fault(self, sentence: str) -> SettingInfo | None:
        """The setting that a sentence names, else the one edited last."""
        for info in self._settings:
            if sentence.startswith((f"{info.label} ", f"{info.name} ")):
                return info
        return next((info for info in self._settings if info.name == self._last_edited), None)

    def _unchecked(self) -> SaeConfig:
        kind = architectures().get(self._made_for).Config
        return kind(**{info.name: self.field(info.name).setting for info in self._settings})

    def _fill(self, config: SaeConfig) -> None:
        for info in self._settings:
            self.field(info.name).set_setting(getattr(config, info.name))
        self._note_k()

    def _note_k(self) -> None:
        k = sparsity_of(self._unchecked())
        self._last_k = self._last_k if k is None else k

    # -- rows --------------------------------------------------------------------------------

    def _make_rows(self) -> None:
        """Shows the rows of the architecture; those of settings that others share are kept."""
        for part in (self._main, self._further):
            _empty(part)
        self._made_for = self.architecture
        self._settings = _in_order(architectures().get(self.architecture).Config)
        self._rows = {info.name: self._row(info) for info in self._settings}
        for info in self._settings:
            if not info.advanced:
                self._main.addWidget(self._rows[info.name])
                self._rows[info.name].show()
        self._add_groups()
        self._fold.set_count(1 + sum(info.advanced for info in self._settings))
        self._set_tab_order()

    def _row(self, info: SettingInfo) -> FieldRow:
        """Made once for each setting, because a field takes its time."""
        if info not in self._made:
            field = field_for(info)
            field.edited.connect(self._on_edit)
            self._made[info] = FieldRow(info.label, field, _help(info), FIELD_WIDTH, parent=self)
        return self._made[info]

    def _add_groups(self) -> None:
        for name, head in self._heads.items():
            rows = [self._rows[i.name] for i in self._settings if i.advanced and i.group == name]
            if name == GROUP_OF_DEVICE:
                rows.append(self._device_row)
            if not rows:
                continue
            above = tokens().space[2] if self._further.count() else 0
            head.setContentsMargins(FieldRow.DOT_ROOM, above, 0, 0)
            for widget in (head, *rows):
                self._further.addWidget(widget)
                widget.show()

    def _set_tab_order(self) -> None:
        further = [
            row.field
            for at in range(self._further.count())
            if isinstance(row := self._further.itemAt(at).widget(), FieldRow)
        ]
        usual = [self.field(info.name) for info in self._settings if not info.advanced]
        chain = [self.choice.field, self.choice.help, *usual, self._fold, *further]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _on_edit(self) -> None:
        sender = self.sender()
        for info in self._settings:
            if self.field(info.name) is sender:
                self._last_edited = info.name
        self._note_k()
        self.edited.emit()

    @Slot()
    def _on_architecture(self) -> None:
        """Shared settings keep their values, the sparsity is said in the settings it has here."""
        before = self._unchecked()
        kind = architectures().get(self.architecture)
        has_sparsity = all(hasattr(before, name) for name in kind.settings_for_sparsity(1))
        k = None if has_sparsity else self._last_k
        self._make_rows()
        self._fill(config_in(self.architecture, before, k=k))
        self.refresh()
        self.edited.emit()

    def _on_device(self, _: str) -> None:
        self.edited.emit()

    def _on_fold(self, open_: bool) -> None:
        self._more.setVisible(open_)


def _in_order(kind: type[SaeConfig]) -> tuple[SettingInfo, ...]:
    """The size of the dictionary, what the architecture adds, then what all have."""
    every = describe(kind)
    common = {info.name for info in describe(SaeConfig)}
    own = tuple(info for info in every if info.name not in common)
    return (every[0], *own, *(info for info in every[1:] if info.name in common))


def _help(info: SettingInfo) -> str:
    return f"{info.help} Source: {info.source}." if info.source and info.advanced else info.help


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        if item is not None and item.widget() is not None:
            item.widget().hide()
