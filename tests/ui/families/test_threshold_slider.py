"""A slider between listed values: keys, mouse, the way back, what it tells."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from saedesk.ui.family_panels.threshold_slider import ThresholdSlider
from saedesk.ui.family_panels.threshold_sliders import (
    document_steps,
    edge_text,
    later_threshold,
)

VALUES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


@pytest.fixture
def slider(qtbot: QtBot) -> ThresholdSlider:
    made = ThresholdSlider("Draw an edge from", VALUES, edge_text)
    qtbot.addWidget(made)
    made.resize(300, 30)
    made.show()
    made.set_threshold(0.1)
    made.set_kept(0.1)
    return made


def test_keys_go_from_value_to_value(slider: ThresholdSlider, qtbot: QtBot) -> None:
    told: list[float] = []
    slider.chosen.connect(told.append)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert told == [0.2, 1.0, 0.75, 0.1]
    assert slider.accessibleName() == "Draw an edge from 10 % together"


def test_a_click_goes_there_and_a_double_click_back(slider: ThresholdSlider, qtbot: QtBot) -> None:
    with qtbot.waitSignal(slider.chosen) as told:
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(299, 15))
    assert told.args == [1.0]
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(299, 15))
    assert slider.threshold == 0.1


def test_a_value_between_the_listed_ones_is_kept_until_somebody_moves(
    slider: ThresholdSlider, qtbot: QtBot
) -> None:
    slider.set_threshold(0.12)
    assert slider.threshold == 0.12
    assert slider.value() == 1
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.threshold == 0.2


def test_the_wheel_turns_it_only_with_the_keyboard(slider: ThresholdSlider, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    def turn() -> None:
        place = QPointF(100, 15)
        event = QWheelEvent(
            place,
            slider.mapToGlobal(place),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(slider, event)

    slider.clearFocus()
    turn()
    assert slider.threshold == 0.1
    slider.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    turn()
    assert slider.threshold == 0.2


def test_densities_to_choose_from_are_whole_documents() -> None:
    steps = document_steps(30_000)
    assert steps[0] == 1
    assert steps[-1] == 1_500
    assert all(step == int(step) for step in steps)
    assert list(steps) == sorted(set(steps))
    assert document_steps(10) == [1, 2]


def test_later_passes_follow_in_proportion_and_stay_in_their_range() -> None:
    assert later_threshold(0.1) == 0.07
    assert later_threshold(0.3) == pytest.approx(0.21)
    assert later_threshold(0.05) == 0.05
