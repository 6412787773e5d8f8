"""Labels, strips of numbers, buttons and sums: where things stand and when they ask for room."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.text_label import TextLabel, lay_out
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall


def _first_row(label: TextLabel, role: str) -> int:
    label.setGeometry(0, 0, 200, Theme.current().line_height(role))
    picture: QImage = label.grab().toImage()
    ground = picture.pixel(199, 0)
    return next(
        y
        for y in range(picture.height())
        if any(picture.pixel(x, y) != ground for x in range(picture.width()))
    )


@pytest.mark.parametrize("role", ["body", "caption", "excerpt", "title of a result", "page title"])
def test_a_text_that_may_wrap_stands_where_a_single_line_does(qtbot: QtBot, role: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    single = TextLabel("Height", role, parent=page)
    wrapping = TextLabel("Height", role, wrap=True, parent=page)
    assert _first_row(single, role) == _first_row(wrapping, role)


def test_the_most_lines_of_a_text_can_change(qtbot: QtBot) -> None:
    label = TextLabel("one two three " * 20, "body", wrap=True, max_lines=2)
    qtbot.addWidget(label)
    label.resize(100, 400)
    line = Theme.current().line_height("body")
    assert label.heightForWidth(100) == 2 * line
    label.set_max_lines(4)
    assert label.heightForWidth(100) == 4 * line
    assert label.toolTip()
    label.set_max_lines(None)
    assert label.heightForWidth(100) > 4 * line
    assert not label.toolTip()


def test_a_text_that_is_cut_ends_in_an_ellipsis_at_every_width(qtbot: QtBot) -> None:
    text = (
        "We begin by providing a brief overview of gravitational waves, their sources and the "
        "gravitational wave detectors. The origin of these sources is still mysterious, and a "
        "well-known, long-discussed matter. "
    ) * 3
    role = "title in a list"
    font, height = Theme.current().font(role), Theme.current().line_height(role)
    for width in range(120, 460):
        layout, _, cut = lay_out(text, font, width, height, 6)
        last = layout.lineAt(5)
        shown = layout.text()[last.textStart() : last.textStart() + last.textLength()]
        assert not cut or shown.endswith("…"), width


def test_numbers_stand_in_equal_columns(qtbot: QtBot) -> None:
    strip = NumberStrip([(str(at), name, "") for at, name in enumerate(("A", "Longer", "B", "C"))])
    qtbot.addWidget(strip)
    strip.resize(800, strip.sizeHint().height())
    strip.show()
    captions = [
        label
        for label in strip.findChildren(TextLabel)
        if label.text() in ("A", "Longer", "B", "C")
    ]
    lefts = [label.mapTo(strip, label.rect().topLeft()).x() for label in captions]
    assert lefts[0] == 0
    assert all(200 <= left - 200 * at < 240 for at, left in enumerate(lefts[1:], start=0))


def test_numbers_stand_closer_where_there_is_little_room_and_none_is_cut(qtbot: QtBot) -> None:
    names = ("Documents", "Mean activation", "Median", "Label score, 0.60 – 0.75")
    strip = NumberStrip([("0.123", name, "") for name in names])
    qtbot.addWidget(strip)
    least, most = strip.minimumSizeHint().width(), strip.sizeHint().width()
    assert least <= most - 40
    strip.show()
    for width in (least, (least + most) // 2, most + 100):
        strip.resize(width, strip.sizeHint().height())
        QApplication.processEvents()
        captions = [label for label in strip.findChildren(TextLabel) if label.text() in names]
        assert len(captions) == len(names)
        for label in captions:
            assert label.width() >= text_width(label.text(), "caption") - 1, (width, label.text())
            right = label.mapTo(strip, label.rect().topRight()).x()
            assert right < strip.width()


def test_a_trailing_icon_takes_room(qtbot: QtBot) -> None:
    button = DefaultButton("More")
    qtbot.addWidget(button)
    narrow = button.sizeHint().width()
    button.set_trailing_icon("chevron-down")
    assert button.sizeHint().width() > narrow
    button.set_trailing_icon(None)
    assert button.sizeHint().width() == narrow


def test_a_sum_asks_for_room_only_when_it_has_other_rows(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    waterfall = ContributionWaterfall()
    qtbot.addWidget(waterfall)
    asked: list[int] = []
    monkeypatch.setattr(waterfall, "updateGeometry", lambda: asked.append(1))
    parts = [Contribution("One", 0.2, "typed"), Contribution("Two", 0.1, "up")]
    waterfall.set_contributions(parts, 0.3)
    waterfall.set_contributions(list(reversed(parts)), 0.3)
    assert len(asked) == 1
    waterfall.set_contributions(parts[:1], 0.2)
    assert len(asked) == 2
