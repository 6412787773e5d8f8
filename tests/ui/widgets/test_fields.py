"""Fields, rows of forms, segments and chips."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.check_marks import CheckBox, RadioButton
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.fields import ChoiceField, FieldRow, NumberField, SearchField, TextField
from saedesk.ui.widgets.segmented import SegmentedControl


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    Theme.current()
    made = QWidget()
    QVBoxLayout(made)
    made.resize(400, 300)
    qtbot.addWidget(made)
    return made


def add(page: QWidget, widget: QWidget) -> None:
    page.layout().addWidget(widget)
    page.show()


def test_numbers_are_grouped_and_lose_needless_zeros(page: QWidget) -> None:
    whole, small = NumberField(0, 100_000), NumberField(0, 1, decimals=7)
    whole.setValue(6144)
    small.setValue(0.0001)
    below = NumberField(-5, 5, decimals=1, suffix=" %", value=-2.5)
    assert whole.text() == "6,144"
    assert small.text() == "0.0001"
    assert below.text() == "−2.5 %"
    for field in (whole, small, below):
        add(page, field)


def test_a_typed_number_is_read_with_commas_and_held_in_its_range(page: QWidget) -> None:
    field = NumberField(1, 9000, value=5)
    told: list[float] = []
    field.value_changed.connect(told.append)
    add(page, field)
    for text in ("6,144", "99999"):
        field.lineEdit().selectAll()
        QTest.keyClicks(field.lineEdit(), text)
        QTest.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert told == [6144, 9000]
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), "x")
    assert field.value() == 9000


def test_the_row_shows_an_error_and_takes_it_back(page: QWidget) -> None:
    field = TextField("Name")
    row = FieldRow("Name", field, help="What the project is called.")
    add(page, row)
    assert row.remark.isHidden()
    field.set_error("A project of this name exists.")
    assert row.remark.isVisible()
    assert row.remark.text() == "A project of this name exists."
    assert field.accessibleDescription() == "A project of this name exists."
    field.set_error(None)
    assert row.remark.isHidden()


def test_the_help_stands_under_the_field_that_has_the_keyboard(page: QWidget, qtbot: QtBot) -> None:
    row = FieldRow("Features", NumberField(1, 10), help="More features are finer.")
    add(page, row)
    page.activateWindow()
    row.field.setFocus()
    qtbot.waitUntil(row.field.hasFocus)
    assert row.remark.text() == "More features are finer."
    assert row.remark.isVisible()


def test_a_search_field_clears_with_its_cross_and_with_escape(page: QWidget) -> None:
    field = SearchField("Filter", "Ctrl+F")
    told: list[str] = []
    field.text_changed.connect(told.append)
    add(page, field)
    QTest.keyClicks(field, "gr")
    QTest.mouseClick(field._clear, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field, "a")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert told == ["g", "gr", "", "a", ""]
    assert field._clear.isHidden()


def test_a_choice_tells_what_was_chosen_but_not_what_code_set(page: QWidget) -> None:
    field = ChoiceField(["TopK", "BatchTopK"], "SAE")
    told: list[str] = []
    field.changed.connect(told.append)
    add(page, field)
    field.set_items(["a", "b", "c"], "b")
    assert field.currentText() == "b"
    assert told == []
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert told == ["c"]


def test_segments_answer_clicks_and_arrow_keys(page: QWidget) -> None:
    control = SegmentedControl(["Meaning", "Words", "Both"])
    told: list[str] = []
    control.changed.connect(told.append)
    add(page, control)
    right = QPoint(control.width() - 5, control.height() // 2)
    QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=right)
    QTest.keyClick(control, Qt.Key.Key_Left)
    control.set_current("Meaning")
    assert told == ["Both", "Words"]
    assert control.current == "Meaning"


def test_a_filter_is_removed_by_its_cross_or_by_delete(page: QWidget) -> None:
    chip = FilterChip("Year 2012 – 2024", removable=True)
    told: list[str] = []
    chip.removed.connect(lambda: told.append("removed"))
    chip.clicked.connect(lambda: told.append("clicked"))
    add(page, chip)
    middle = chip.height() // 2
    left, cross = QPoint(8, middle), QPoint(chip.width() - 10, middle)
    for place in (left, cross):
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    assert told == ["clicked", "removed", "removed"]


def test_a_button_that_cannot_be_used_says_why(page: QWidget) -> None:
    button = DefaultButton("Import…", tooltip="Read documents from files")
    add(page, button)
    button.set_disabled_reason("Open a project first.")
    assert not button.isEnabled()
    assert "Open a project first." in button.toolTip()
    button.set_disabled_reason("")
    assert button.isEnabled()
    assert "Read documents" in button.toolTip()


def test_the_focus_ring_lies_outside_the_button_and_goes_with_the_focus(
    page: QWidget, qtbot: QtBot
) -> None:
    first, second = DefaultButton("One"), DefaultButton("Two")
    add(page, first)
    add(page, second)
    page.activateWindow()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(first.hasFocus)
    edge = first.geometry().adjusted(-3, -3, 3, 3)
    seen = page.grab().toImage().pixelColor(edge.left(), edge.center().y())
    assert seen == Theme.current().colour("focus")
    second.setFocus(Qt.FocusReason.MouseFocusReason)
    seen = page.grab().toImage().pixelColor(edge.left(), edge.center().y())
    assert seen != Theme.current().colour("focus")


def test_marks_answer_keys_and_radio_buttons_exclude_each_other(page: QWidget) -> None:
    box, first, second = CheckBox("Normalise"), RadioButton("One", checked=True), RadioButton("Two")
    for widget in (box, first, second):
        add(page, widget)
    QTest.keyClick(box, Qt.Key.Key_Space)
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert box.isChecked()
    assert (first.isChecked(), second.isChecked()) == (False, True)
    ground = box.grab().toImage().pixelColor(8, box.height() // 2 - 6)
    assert ground == Theme.current().colour("accent")


def test_a_number_field_keeps_its_border_when_the_theme_changes(page: QWidget) -> None:
    field = NumberField(0, 100, value=7)
    page.layout().addWidget(field)
    QTest.qWait(1)
    for mode in ("dark", "light"):
        Theme.current().set_mode(mode)
        QTest.qWait(1)
        assert field.rect().adjusted(2, 2, -2, -2).contains(field.lineEdit().geometry())
        middle = field.grab().toImage().pixelColor(field.width() // 2, 0)
        assert middle.name() == Theme.current().colour("lineStrong").name()


def test_undo_is_that_of_the_program_where_a_field_has_no_letters_to_take_back(
    page: QWidget, qtbot: QtBot
) -> None:
    told: list[str] = []
    for name in ("undo", "redo"):
        action = QAction(name, page)
        action.setShortcut(QKeySequence({"undo": "Ctrl+Z", "redo": "Ctrl+Shift+Z"}[name]))
        action.triggered.connect(lambda *_, name=name: told.append(name))
        page.addAction(action)
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    text, number = TextField("Name"), NumberField(0, 9, value=5)
    for field, line in ((text, text), (number, number.lineEdit())):
        told.clear()
        with qtbot.waitActive(page):
            add(page, field)
            page.activateWindow()
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Z, ctrl)
        QTest.keyClick(field, Qt.Key.Key_Z, ctrl | shift)
        assert told == ["undo", "redo"]
        before = line.text()
        line.selectAll()
        QTest.keyClicks(field, "7")
        QTest.keyClick(field, Qt.Key.Key_Z, ctrl)
        assert line.text() == before
        QTest.keyClick(field, Qt.Key.Key_Z, ctrl | shift)
        assert line.text() == "7"
        assert told == ["undo", "redo"]
