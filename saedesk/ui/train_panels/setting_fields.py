"""Fields made from the description of a setting: a number, a share in percent, a choice."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from saedesk.sae.sae_config import SettingInfo
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.number_field import NumberField

WIDEST = 1e12
"""Fields take any number: what is out of range is said in a sentence, never mended silently."""
MOST_DECIMALS = 16


class SettingNumber(NumberField):
    """A number of a config; tells every change while it is typed."""

    edited = Signal()

    def __init__(
        self, info: SettingInfo, parent: QWidget | None = None, *, percent: bool = False
    ) -> None:
        """`percent` shows a share in percent; settings called a share are shown so anyway."""
        self._info = info
        self._is_whole = isinstance(info.default, int)
        self._factor = 100.0 if percent or info.name.endswith("_share") else 1.0
        decimals = 0 if self._is_whole else _decimals(info, self._factor)
        super().__init__(
            -WIDEST,
            WIDEST,
            decimals=decimals,
            unit=info.unit,
            accessible_name=info.label,
            suffix=" %" if self._factor != 1.0 else "",
            parent=parent,
        )
        if not self._is_whole or (info.high or 0) - (info.low or 0) > 1000:
            self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(True)
        self.value_changed.connect(self._on_change)

    @property
    def setting(self) -> int | float:
        """The value as the config has it."""
        if self._is_whole:
            return round(self.value())
        return round(self.value() / self._factor, MOST_DECIMALS)

    def set_setting(self, value: Any) -> None:
        """Shows a value of the config, without telling anybody."""
        if self.setting != value:
            blocked = self.blockSignals(True)
            self.setValue(float(value) * self._factor)
            self.blockSignals(blocked)

    def range_error(self) -> str | None:
        """A sentence where the value is out of its range, in percent where the field is; or None.

        A check of the settings tells shares as fractions, which are not what stands here.
        """
        low, high = self._info.low, self._info.high
        if low is None or high is None or low <= self.setting <= high:
            return None
        unit = self._plain_suffix
        least, most = (f"{bound * self._factor:,g}{unit}" for bound in (low, high))
        return f"{self._info.label} must lie between {least} and {most}; it is {self.text()}."

    def stepBy(self, steps: int) -> None:
        """The steppers stay within the range."""
        super().stepBy(steps)
        low, high = self._info.low, self._info.high
        if low is not None and high is not None:
            inside = min(max(self.value(), low * self._factor), high * self._factor)
            if inside != self.value():
                self.setValue(inside)

    def _on_change(self, _: float) -> None:
        self.edited.emit()


class SettingChoice(ChoiceField):
    """A word of a config."""

    edited = Signal()

    def __init__(self, info: SettingInfo, parent: QWidget | None = None) -> None:
        super().__init__(info.choices, accessible_name=info.label, ground="field", parent=parent)
        self.changed.connect(self._on_change)

    @property
    def setting(self) -> str:
        """The value as the config has it."""
        return self.currentText()

    def set_setting(self, value: Any) -> None:
        """Shows a value of the config, without telling anybody."""
        blocked = self.blockSignals(True)
        self.setCurrentText(str(value))
        self.blockSignals(blocked)
        self.update()

    def _on_change(self, _: str) -> None:
        self.edited.emit()


SettingField = SettingNumber | SettingChoice


def field_for(info: SettingInfo) -> SettingField:
    """The field that a setting is edited in."""
    return SettingChoice(info) if info.choices else SettingNumber(info)


def _decimals(info: SettingInfo, factor: float) -> int:
    """As many as the default and the smallest value need, two more to play with."""
    needed = [_digits(v * factor) for v in (info.default, info.low, info.high) if v is not None]
    return min(MOST_DECIMALS, max(2, *needed) + (0 if factor != 1.0 else 2))


def _digits(value: float) -> int:
    """Decimals of a number as a person writes it."""
    if value == 0:
        return 0
    for digits in range(MOST_DECIMALS):
        if math.isclose(round(value, digits), value, rel_tol=1e-9):
            return digits
    return MOST_DECIMALS
