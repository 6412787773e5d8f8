"""The look: tokens, fonts, icons, and the switch between light and dark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import saedesk.ui
from saedesk.resource_files import resource
from saedesk.ui.theme import Theme, icon, pixmap, sign_pixmap, tokens
from saedesk.ui.widgets.text_label import TextLabel


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    current = Theme.current()
    current.set_mode("light")
    yield current
    current.set_mode("system")


def test_every_role_of_the_token_file_has_the_named_family_size_and_weight(theme: Theme) -> None:
    raw = json.loads(resource("theme", "tokens.json").read_text(encoding="utf-8"))
    detail = raw["type_detail"]
    for name, (family, size, weight) in detail["roles"].items():
        for part in name.split(", "):
            font = theme.font(part)
            assert QFontInfo(font).family() == detail["families"][family], part
            assert (font.pixelSize(), int(font.weight())) == (size, weight), part


def test_tabular_figures_have_one_width_and_others_do_not(theme: Theme) -> None:
    tabular, plain = (QFontMetricsF(theme.font("body", tabular=flag)) for flag in (True, False))
    assert tabular.horizontalAdvance("1111") == tabular.horizontalAdvance("0000")
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("0000")


def test_a_switch_to_dark_changes_palette_colours_and_tells_once(
    theme: Theme, qtbot: QtBot
) -> None:
    light = theme.colour("surface")
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.is_dark))
    theme.set_mode("dark")
    theme.set_mode("dark")
    assert told == [True]
    assert theme.colour("surface") == QColor(tokens().dark["surface"]) != light
    assert QApplication.palette().color(QPalette.ColorRole.Window) == theme.colour("canvas")


def test_a_label_takes_the_colours_of_the_new_theme(theme: Theme, qtbot: QtBot) -> None:
    label = TextLabel("Dead in training", colour="text2")
    qtbot.addWidget(label)
    theme.set_mode("dark")
    shown = label.palette().color(QPalette.ColorRole.WindowText)
    assert shown == QColor(tokens().dark["text2"])


def test_the_system_scheme_is_followed_only_in_system_mode(theme: Theme) -> None:
    theme.set_mode("dark")
    theme._follow_system()
    assert theme.is_dark
    theme.set_mode("system")
    assert not theme.is_dark, "an unknown scheme counts as light"


def test_unknown_names_are_refused(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.colour("teal")
    with pytest.raises(KeyError):
        theme.font("headline")
    with pytest.raises(ValueError, match="system, light, dark"):
        theme.set_mode("sepia")
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_icons_are_drawn_in_the_colour_of_the_theme_and_fine_at_twice_the_ratio(
    theme: Theme,
) -> None:
    assert strongest_colour(pixmap("search", "accent").toImage()) == theme.colour("accent")
    fine = pixmap("search", "accent", 16, 2.0)
    assert (fine.width(), fine.devicePixelRatio()) == (32, 2.0)
    made = icon("search", "accent")
    before = strongest_colour(made.pixmap(16, 16).toImage())
    theme.set_mode("dark")
    assert strongest_colour(made.pixmap(16, 16).toImage()) == theme.colour("accent") != before


def test_the_sign_has_its_three_colours(theme: Theme) -> None:
    image = sign_pixmap(32).toImage()
    seen = {image.pixelColor(x, 16).name() for x in range(image.width())}
    for name in ("text3", "accent", "mark2"):
        assert theme.colour(name).name() in seen


def test_no_colour_is_written_outside_the_token_file() -> None:
    folder = Path(saedesk.ui.__file__).parent
    written = re.compile(r"[\"']#[0-9A-Fa-f]{3,8}[\"']|QColor\(\s*\d")
    found = [
        f"{path.relative_to(folder)}: {match.group()}"
        for path in folder.rglob("*.py")
        for match in written.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_text_is_put_into_windows_at_one_place_only() -> None:
    """Labels, tooltips and message boxes interpret markup unless they are told not to."""
    folder = Path(saedesk.ui.__file__).parent
    homes = {
        r"(?<!class )\bQLabel\(": "text_label.py",
        r"\.setToolTip\((?!escaped\()": "plain_tooltip.py",
        r"\.setHtml\(": "",
        "QMessageBox|QInputDialog|QTextBrowser|QErrorMessage|QProgressDialog": "",
        r"QFileDialog\(": "dialogs.py",
    }
    found = [
        f"{path.relative_to(folder)}: {match.group()}"
        for path in folder.rglob("*.py")
        for sink, home in homes.items()
        for match in re.finditer(sink, path.read_text(encoding="utf-8"))
        if path.name != home
    ]
    assert not found


def strongest_colour(image: QImage) -> QColor:
    """The colour of the most opaque pixel, without its alpha."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    found = QColor(max(pixels, key=QColor.alpha))
    found.setAlpha(255)
    return found


def test_only_icons_in_use_are_bundled() -> None:
    package = Path(saedesk.ui.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    used = set(re.findall(r"""["']([a-z0-9-]+)["']""", source))
    bundled = {path.stem for path in resource("icons", "search.svg").parent.glob("*.svg")}
    assert bundled <= used
    assert resource("icons", "LICENSE-Lucide.txt").is_file()
