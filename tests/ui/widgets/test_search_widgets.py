"""What Search is made of: the sum behind a score, the links between two lists, a question."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.dialogs import Question, ask
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.message_bar import MessageBar
from saedesk.ui.widgets.rank_links import RankLinks
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall


def test_bars_start_where_the_one_before_ended(qtbot: QtBot) -> None:
    theme = Theme.current()
    theme.set_mode("light")
    sums = ContributionWaterfall()
    qtbot.addWidget(sums)
    parts = [("a", 0.5, "typed"), ("b", 0.3, "up"), ("c", -0.1, "down"), ("d", 0.1, "rest")]
    sums.set_contributions([Contribution(*part, key=part[0]) for part in parts], 0.8)
    sums.resize(600, sums.sizeHint().height())
    sums.show()
    scale = sums._scale(sums._columns()[1])
    image = sums.grab().toImage()
    for row, (at, colour) in enumerate(
        [(0.25, "text3"), (0.65, "up"), (0.75, "down"), (0.75, "text4")]
    ):
        assert image.pixelColor(scale(at), 20 * row + 10) == theme.colour(colour), row
    assert image.pixelColor(scale(0.4), 30) != theme.colour("up"), "b begins at 0.5"
    theme.set_mode("system")


def test_a_part_that_has_a_key_can_be_clicked(qtbot: QtBot) -> None:
    Theme.current()
    sums = ContributionWaterfall()
    qtbot.addWidget(sums)
    sums.set_contributions(
        [Contribution("a", 0.5, "up", 7), Contribution("rest", 0.1, "rest")], 0.6
    )
    sums.show()
    told: list[object] = []
    sums.clicked.connect(told.append)
    for y in (10, 30, 55):
        QTest.mouseClick(sums, Qt.MouseButton.LeftButton, pos=QPoint(20, y))
    assert told == [7]
    assert "a +0.500" in sums.accessibleDescription()


def test_links_are_coloured_by_direction_and_still_ranks_are_not_drawn(qtbot: QtBot) -> None:
    theme = Theme.current()
    theme.set_mode("light")
    links = RankLinks(row_height=40)
    qtbot.addWidget(links)
    links.resize(links.width(), 200)
    links.show()

    def seen() -> set[str]:
        image = links.grab().toImage()
        return {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
        }

    links.set_links([(0, 0), (1, 1)])
    blank = seen()
    assert theme.colour("up").name() not in blank
    links.set_links([(2, 0)])
    links.set_emphasis(selected=0)
    assert theme.colour("up").name() in seen()
    links.set_links([(0, 2)])
    links.set_emphasis(selected=2)
    assert theme.colour("down").name() in seen()
    theme.set_mode("system")


def test_moves_end_at_their_rank(qtbot: QtBot) -> None:
    Theme.current()
    links = RankLinks(row_height=40)
    qtbot.addWidget(links)
    links.show()
    links.set_links([(0, 1)])
    links.set_links([(0, 3)], animate=True)
    assert links._right_end(0, 3) < 3
    qtbot.waitUntil(lambda: links._right_end(0, 3) == 3)


@pytest.mark.parametrize(("key", "answer"), [("Return", "Delete"), ("Escape", "Keep")])
def test_a_question_returns_the_answer(key: str, answer: str, qtbot: QtBot) -> None:
    Theme.current()

    def press() -> None:
        shown = QApplication.activeModalWidget()
        assert isinstance(shown, Question)
        target = shown.focusWidget() or shown
        QTest.keyClick(target, getattr(Qt.Key, f"Key_{key}"))

    QTimer.singleShot(50, press)
    assert ask(None, "Delete run 7?", "It cannot be brought back.", ["Delete", "Keep"]) == answer


def test_an_empty_panel_and_a_message_offer_what_fills_and_repairs(qtbot: QtBot) -> None:
    Theme.current()
    panel, bar = EmptyPanel("Nothing here yet.", "Import documents"), MessageBar()
    qtbot.addWidget(panel)
    qtbot.addWidget(bar)
    panel.show()
    assert bar.isHidden()
    bar.show_message("12 rows were left out.", "warn", "Show the rows")
    told: list[str] = []
    panel.activated.connect(lambda: told.append("fill"))
    bar.activated.connect(lambda: told.append("act"))
    bar.closed.connect(lambda: told.append("close"))
    QTest.keyClick(panel.button, Qt.Key.Key_Return)
    QTest.mouseClick(bar._action, Qt.MouseButton.LeftButton)
    QTest.mouseClick(bar._close, Qt.MouseButton.LeftButton)
    assert told == ["fill", "act", "close"]
    assert bar.isHidden()
