"""The theme in force: light or dark, its colours and fonts, applied to the whole application."""

from __future__ import annotations

import sys
from typing import ClassVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from saedesk.ui.theme import fonts
from saedesk.ui.theme.design_tokens import tokens
from saedesk.ui.theme.stylesheet import stylesheet

MODES = ("system", "light", "dark")


class Theme(QObject):
    """Colours and fonts by name; `changed` is emitted after a switch between light and dark.

    Widgets that read colours while they paint need not listen: a switch repaints everything.
    """

    changed = Signal()
    _instance: ClassVar[Theme | None] = None

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._mode = "system"
        self._dark = False
        self._colours: dict[str, QColor] = {}
        self._applied = False
        fonts.load_fonts()
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._apply()

    @classmethod
    def current(cls) -> Theme:
        """The theme of the running application; made, and applied, at the first call."""
        if cls._instance is None or not shiboken6.isValid(cls._instance):
            application = QApplication.instance()
            if not isinstance(application, QApplication):
                raise RuntimeError("a theme needs a running QApplication")
            cls._instance = Theme(application)
        return cls._instance

    @property
    def mode(self) -> str:
        """ "system", "light" or "dark", as chosen."""
        return self._mode

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are in force."""
        return self._dark

    def set_mode(self, mode: str) -> None:
        """Chooses "system", "light" or "dark" and repaints the program at once."""
        if mode not in MODES:
            raise ValueError(f"a theme is one of {', '.join(MODES)}, not {mode}")
        self._mode = mode
        self._apply()

    def colour(self, name: str, alpha: float | None = None) -> QColor:
        """The colour of a token ("text1", "accent", "series2"), with an alpha from 0 to 1."""
        made = QColor(self._colours[name])
        if alpha is not None:
            made.setAlphaF(alpha)
        return made

    def series(self, index: int) -> QColor:
        """The colour of the plot series `index`, counted from 0 and round again after eight."""
        return self.ramp("series")[index % len(self.ramp("series"))]

    def ramp(self, name: str) -> list[QColor]:
        """All colours of "series", "heat" or "div", in order."""
        return [QColor(value) for value in self._raw()[name]]

    def mix(self, first: str | QColor, second: str | QColor, share: float) -> QColor:
        """`first` mixed with the share (0 to 1) of `second`."""
        a = first if isinstance(first, QColor) else self._colours[first]
        b = second if isinstance(second, QColor) else self._colours[second]
        return QColor.fromRgbF(
            a.redF() + (b.redF() - a.redF()) * share,
            a.greenF() + (b.greenF() - a.greenF()) * share,
            a.blueF() + (b.blueF() - a.blueF()) * share,
        )

    def number(self, name: str) -> float:
        """A number that belongs to the colours: "scrimAlpha", "shadowAlpha"."""
        return float(self._raw()[name])

    def font(self, role: str, tabular: bool = False, italic: bool = False) -> QFont:
        """The font of a role of the token file, e.g. "body", "caption", "title of a result"."""
        return fonts.font(role, tabular, italic)

    def line_height(self, role: str) -> int:
        """The height of a line of text in a role, in device-independent pixels."""
        return fonts.line_height(role)

    def _raw(self):  # type: ignore[no-untyped-def]
        return tokens().dark if self._dark else tokens().light

    @Slot()
    def _follow_system(self) -> None:
        if self._mode == "system":
            self._apply()

    def _apply(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        scheme = application.styleHints().colorScheme()
        dark = self._mode == "dark" or (self._mode == "system" and scheme == Qt.ColorScheme.Dark)
        if self._applied and dark == self._dark:
            return
        self._dark, self._applied = dark, True
        self._colours = _colours(self._raw())
        application.setFont(self.font("body"))
        application.setPalette(self._palette())
        application.setStyleSheet(stylesheet(self._raw()))
        if "pyqtgraph" in sys.modules:
            apply_to_plots(self)
        self.changed.emit()

    def _palette(self) -> QPalette:
        role, group = QPalette.ColorRole, QPalette.ColorGroup
        made = QPalette()
        for which, name in {
            role.Window: "canvas",
            role.WindowText: "text1",
            role.Base: "field",
            role.AlternateBase: "panel",
            role.Text: "text1",
            role.Button: "control",
            role.ButtonText: "text1",
            role.PlaceholderText: "text3",
            role.BrightText: "onAccent",
            role.Highlight: "accent",
            role.HighlightedText: "onAccent",
            role.Link: "accent",
            role.LinkVisited: "accent",
            role.ToolTipBase: "raised",
            role.ToolTipText: "text1",
            role.Light: "surface",
            role.Midlight: "hover",
            role.Mid: "line",
            role.Dark: "lineStrong",
            role.Shadow: "lineStrong",
            role.Accent: "accent",
        }.items():
            made.setColor(which, self._colours[name])
        for which in (role.WindowText, role.Text, role.ButtonText):
            made.setColor(group.Disabled, which, self._colours["disabled"])
        return made


def _colours(raw) -> dict[str, QColor]:  # type: ignore[no-untyped-def]
    made: dict[str, QColor] = {}
    for name, value in raw.items():
        if isinstance(value, str):
            made[name] = QColor(value)
        elif isinstance(value, tuple):
            made |= {f"{name}{index}": QColor(shade) for index, shade in enumerate(value)}
    return made


def apply_to_plots(theme: Theme) -> None:
    """Gives pyqtgraph, which follows no palette, the colours of the theme."""
    import pyqtgraph

    pyqtgraph.setConfigOptions(
        antialias=True, background=theme.colour("surface"), foreground=theme.colour("text3")
    )
