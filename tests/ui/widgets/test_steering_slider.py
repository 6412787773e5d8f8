"""The slider: keys, drag, wheel, ends, and what it tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.edited_slider import EditedSlider
from saedesk.ui.widgets.steering_slider import SteeringSlider, signed
from saedesk.ui.widgets.step_slider import StepSlider


@pytest.fixture
def slider(qtbot: QtBot) -> SteeringSlider:
    Theme.current()
    holder = QWidget()
    made = SteeringSlider("Stellar variability", -0.3, 0.3)
    made.set_typed(0.1)
    made.set_strength(0.1)
    made.set_natural(0.02, 0.2)
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(made)
    holder.resize(322, 40)
    qtbot.addWidget(holder)
    holder.show()
    made.holder = holder
    return made


def test_arrow_keys_step_and_shift_steps_ten_times_as_far(slider: SteeringSlider) -> None:
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.strength == pytest.approx(0.105)
    QTest.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert slider.strength == pytest.approx(0.055)


def test_home_returns_to_the_typed_value_and_0_to_zero(slider: SteeringSlider) -> None:
    QTest.keyClick(slider, Qt.Key.Key_0)
    assert slider.strength == 0.0
    assert slider.is_changed
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert slider.strength == 0.1
    assert not slider.is_changed


def test_the_ends_hold(slider: SteeringSlider) -> None:
    for _ in range(20):
        QTest.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert slider.strength == -0.3


def test_a_drag_tells_every_move_and_its_end_once(slider: SteeringSlider) -> None:
    moves: list[float] = []
    ends: list[bool] = []
    slider.value_changed.connect(moves.append)
    slider.editing_finished.connect(lambda: ends.append(True))
    middle = slider.height() // 2
    start = round(slider._x(0.1))
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(start, middle))
    assert not moves, "taking hold of the thumb does not move it"
    for x in (start + 30, start + 60):
        QTest.mouseMove(slider, QPoint(x, middle))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(start + 60, middle))
    assert moves == sorted(moves)
    assert moves[-1] == pytest.approx(0.1 + 60 / 300 * 0.6, abs=0.003)
    assert ends == [True]


@pytest.mark.parametrize("made", [SteeringSlider, lambda: StepSlider(9, "up", str)])
@pytest.mark.parametrize("leave", ["keyboard", "hidden", "workspace", "disabled"])
def test_an_edit_ends_however_the_hand_leaves(
    qtbot: QtBot, made: Callable[[], EditedSlider], leave: str
) -> None:
    holder, slider, other = QWidget(), made(), QLineEdit()
    row = QHBoxLayout(holder)
    row.addWidget(slider)
    row.addWidget(other)
    qtbot.addWidget(holder)
    holder.show()
    holder.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    ends: list[bool] = []
    slider.editing_finished.connect(lambda: ends.append(True))
    QTest.keyPress(slider, Qt.Key.Key_Right)
    assert not ends
    leaving = {
        "keyboard": other.setFocus,
        "hidden": slider.hide,
        "workspace": holder.hide,
        "disabled": lambda: slider.setEnabled(False),
    }
    leaving[leave]()
    assert ends == [True]
    # Where nothing was moved there is nothing to end.
    for widget in (holder, slider):
        widget.show()
    slider.setEnabled(True)
    slider.setFocus()
    leaving[leave]()
    assert ends == [True]


def test_what_was_hidden_while_it_was_held_is_held_no_longer(slider: SteeringSlider) -> None:
    middle, start = slider.height() // 2, round(slider._x(0.1))
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(start, middle))
    QTest.mouseMove(slider, QPoint(start + 30, middle))
    slider.hide()
    slider.show()
    strength = slider.strength
    QTest.mouseMove(slider, QPoint(start + 60, middle))
    assert slider.strength == strength


def test_a_drag_rests_on_zero(slider: SteeringSlider) -> None:
    middle, zero = slider.height() // 2, round(slider._x(0.0))
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(zero + 2, middle))
    assert slider.strength == 0.0


def test_setting_it_from_code_tells_nobody(slider: SteeringSlider) -> None:
    told: list[float] = []
    slider.value_changed.connect(told.append)
    slider.valueChanged.connect(told.append)
    slider.set_strength(-0.2)
    slider.set_range(-1.0, 1.0)
    assert told == []


def test_the_wheel_turns_only_a_focused_slider(slider: SteeringSlider, qtbot: QtBot) -> None:
    def turn() -> None:
        place = QPointF(slider.rect().center())
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
    assert slider.strength == 0.1
    slider.holder.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    turn()
    assert slider.strength == pytest.approx(0.105)


def test_colour_says_the_direction_and_the_name_says_the_value(slider: SteeringSlider) -> None:
    slider.set_strength(-0.08)
    assert slider.direction() == "down"
    assert slider.accessibleName() == "Stellar variability −0.080"
    image = slider.grab().toImage()
    turned = image.pixelColor(round(slider._x(0.03)), round(slider.height() / 2))
    assert turned == Theme.current().colour("down")


def test_signs_are_real_and_zero_has_none() -> None:
    assert [signed(v) for v in (0.21, -0.08, 0.0, -0.0001)] == [
        "+0.210",
        "−0.080",
        "0.000",
        "0.000",
    ]
