"""Less is offered where the results have something of it, and not before that is known."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.search.calibration import Calibration
from saedesk.ui.search_panels.slider_words import SliderView, about_calibration
from saedesk.ui.search_panels.steering_row import SteeringRow


def ways(row: SteeringRow) -> dict[str, bool]:
    menu = row.make_menu(everything=False)
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def test_less_is_not_offered_before_anybody_knows_of_the_results(qtbot: QtBot) -> None:
    row = SteeringRow()
    qtbot.addWidget(row)
    row.show_feature(3, "dark matter", (0.1, 0.4), False)
    wanted: list[str] = []
    row.way_wanted.connect(lambda _, way: wanted.append(way))
    unknown = "Less: it is not known yet whether any of the ten results has it"
    assert ways(row)[unknown] is False
    qtbot.keyClick(row.slider, Qt.Key.Key_Minus)
    assert wanted == []
    # Marks come later; whether it is visible is known at once.
    row.show_calibration(Calibration(0.2, (), (), 2, is_marked=False))
    assert unknown not in ways(row)
    qtbot.keyClick(row.slider, Qt.Key.Key_Minus)
    assert wanted == ["less"]
    row.show_calibration(Calibration(0.2, (), (), 0, is_marked=False))
    assert ways(row)["Less: it is in none of the ten results"] is False
    # A slider that is turned by it can be turned back.
    row.show_view(SliderView("less", less=0.5))
    assert row.may_be_less


def test_marks_that_were_not_looked_for_are_no_news() -> None:
    assert about_calibration(Calibration(0.2, (), (), 2, is_marked=False)) == ""
    assert "replaces none" in about_calibration(Calibration(0.2, (), (), 2))
