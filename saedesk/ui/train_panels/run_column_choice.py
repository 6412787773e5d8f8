"""Which columns of the runs are shown, in which order and how wide; kept between starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saedesk.session.settings import Settings
from saedesk.ui.train_panels.run_columns import RunColumn

SETTING_NAME = "run_columns"
NARROWEST, WIDEST = 32, 600


class RunColumnChoice:
    """The choice of a person; what the settings file holds is checked, and told from there on."""

    def __init__(self, settings: Settings, known: dict[str, RunColumn]) -> None:
        self._settings, self._known = settings, known
        kept = settings.get(SETTING_NAME)
        kept = kept if isinstance(kept, dict) else {}
        self._shown = self._checked_names(kept.get("shown"))
        self._widths = self._checked_widths(kept.get("widths"))

    @property
    def usual(self) -> list[str]:
        """What is shown until a person chooses."""
        return [name for name, column in self._known.items() if column.is_usual]

    @property
    def shown(self) -> list[str]:
        """Names of the columns in the table, from the left."""
        return list(self._shown)

    def width(self, name: str) -> int | None:
        """The width that a person gave a column."""
        return self._widths.get(name)

    def show(self, name: str, is_shown: bool) -> None:
        """Shows a column, at the end, or hides it."""
        self._shown = [other for other in self._shown if other != name]
        if is_shown:
            self._shown.append(name)
        self._keep()

    def arrange(self, names: Sequence[str], widths: dict[str, int]) -> None:
        """Columns were moved or made wider by hand."""
        self._shown = [name for name in names if name in self._known]
        self._widths |= {name: width for name, width in widths.items() if name in self._known}
        self._keep()

    def reset(self) -> None:
        """Back to the usual columns."""
        self._shown, self._widths = self.usual, {}
        self._keep()

    def _keep(self) -> None:
        self._settings.set(SETTING_NAME, {"shown": self._shown, "widths": self._widths})

    def _checked_names(self, names: Any) -> list[str]:
        if not isinstance(names, list):
            return self.usual
        return list(dict.fromkeys(name for name in names if name in self._known))

    def _checked_widths(self, widths: Any) -> dict[str, int]:
        if not isinstance(widths, dict):
            return {}
        return {
            name: width
            for name, width in widths.items()
            if name in self._known and isinstance(width, int) and NARROWEST <= width <= WIDEST
        }
