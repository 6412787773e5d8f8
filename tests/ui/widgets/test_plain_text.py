"""Text of documents is shown as it is: markup never becomes an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QTextDocument
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.chips import Chip, FilterChip
from saedesk.ui.widgets.curve_plot import Curve, CurvePlot
from saedesk.ui.widgets.dialogs import Question
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.fields import ChoiceField, FieldRow, TextField
from saedesk.ui.widgets.hover_card import HoverCard
from saedesk.ui.widgets.message_bar import MessageBar
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.plots import PlotHead
from saedesk.ui.widgets.row_table import make_table
from saedesk.ui.widgets.row_table_model import Column
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import LinkButton, TextLabel
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall

RED = QColor(255, 0, 0)


@pytest.fixture
def attack(tmp_path: Path) -> str:
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(RED)
    image.save(str(tmp_path / "red.png"))
    return f'<img src="file://{tmp_path}/red.png"><b>bold</b>'


def is_red_anywhere(image: QImage) -> bool:
    return any(
        image.pixelColor(x, y) == RED
        for x in range(0, image.width(), 5)
        for y in range(0, image.height(), 5)
    )


def test_no_widget_shows_an_image_that_a_text_names(attack: str, qtbot: QtBot) -> None:
    Theme.current()
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    table = make_table([Column("t", attack, lambda _row: attack, stretch=True)], attack)
    table.row_model.set_order(np.arange(3))
    plot = CurvePlot(x_title=attack, y_title=attack)
    plot.set_curves([Curve(attack, np.arange(5.0), np.arange(5.0), in_focus=True)])
    bar = MessageBar()
    waterfall = ContributionWaterfall(attack)
    waterfall.set_contributions([Contribution(attack, 0.5, "up")], 0.5)
    field = TextField(attack)
    field.set_error(attack)
    widgets = [
        TextLabel(attack), TextLabel(attack, wrap=True), TextLabel(attack, selectable=True),
        LinkButton(attack), DefaultButton(attack), Chip(attack), FilterChip(attack),
        SectionHead(attack, attack), NumberStrip([(attack, attack, attack)]),
        FieldRow(attack, field), ChoiceField([attack], attack), table, plot,
        PlotHead(attack, attack, plot), waterfall, EmptyPanel(attack, attack), bar,
    ]  # fmt: skip
    for widget in widgets:
        column.addWidget(widget)
    page.resize(900, 1400)
    page.show()
    bar.show_message(attack, "warn", attack)
    card = HoverCard(page)
    card.show_beside(QRect(10, 10, 10, 10), attack, [attack], attack)
    assert not is_red_anywhere(page.grab().toImage())


def test_a_question_shows_its_text_literally(attack: str, qtbot: QtBot) -> None:
    Theme.current()
    question = Question(None, attack, attack, ["Go on", "Cancel"], technical=attack)
    qtbot.addWidget(question)
    question.show()
    question._toggle_technical()
    assert not is_red_anywhere(question.grab().toImage())


def test_a_tooltip_shows_the_text_literally(attack: str) -> None:
    shown = QTextDocument()
    shown.setHtml(escaped(attack + "\nsecond line"))
    assert shown.toPlainText() == attack + "\nsecond line"
    assert escaped("") == ""


def test_a_cut_text_stands_whole_in_its_tooltip(qtbot: QtBot) -> None:
    Theme.current()
    label = TextLabel("a < b, and much more than fits", elide=True)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert "a &lt; b" in label.toolTip()
    label.resize(600, 20)
    assert label.toolTip() == ""


def test_a_wrapping_label_grows_with_its_lines_and_stops_at_its_last(qtbot: QtBot) -> None:
    Theme.current()
    words = "one two three four five six seven eight nine ten " * 4
    label = TextLabel(words, "excerpt", wrap=True)
    short = TextLabel(words, "excerpt", wrap=True, max_lines=2)
    for each in (label, short):
        qtbot.addWidget(each)
    line = Theme.current().line_height("excerpt")
    assert label.heightForWidth(200) % line == 0
    assert label.heightForWidth(100) > label.heightForWidth(200) > 2 * line
    assert short.heightForWidth(200) == 2 * line
