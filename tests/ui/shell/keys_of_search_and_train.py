"""Trials of the keys of Search, Train and the first page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.search.calibration import Calibration
from saedesk.ui.search_panels.distance_meter import DistanceMeter
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.train_panels import run_commands
from saedesk.ui.widgets.steering_slider import SteeringSlider
from tests.ui.shell.key_trials import works

# -- search ------------------------------------------------------------------------------------


def results_of(window, qtbot):
    window.show_workspace("search")
    workspace, search = window.current_workspace, window.session.search
    with qtbot.waitSignal(search.answered, timeout=20_000):
        search.set_text("dark matter halos")
    qtbot.waitUntil(lambda: not window.session.query.tasks, timeout=20_000)
    return workspace.results


@works("Search results", "Next result")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    press(rows, 1)
    first = rows._selected
    press(rows, 1)
    assert rows._selected == first + 1
    press(rows, 0)
    assert rows._selected == first


@works("Search results", "First or last result")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    press(rows, 1)
    assert rows._selected == len(rows._rows) - 1
    press(rows, 0)
    assert rows._selected == 0


@works("Search results", "Between plain and steered")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    told = QSignalSpy(rows.side_wanted)
    press(rows, 0)
    press(rows, 1)
    assert told.count() == 2


@works("Search results", "Open the document in Corpus")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    QTest.keyClick(rows, Qt.Key.Key_Home)
    press(rows)
    assert window.shown == "corpus"


@works("Search results", "Choose several")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    QTest.keyClick(rows, Qt.Key.Key_Home)
    press(rows, 1)
    press(rows, 1)
    assert len(rows.chosen) == 3
    press(rows, 0)
    assert len(rows.chosen) == 2


@works("Search results", "Choose or leave one")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    QTest.keyClick(rows, Qt.Key.Key_Home)
    QTest.keyClick(rows, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(rows)
    assert rows.chosen == (rows.rows[0].document_id,)
    press(rows)
    assert len(rows.chosen) == 2


@works("Search results", "Choose all")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    press(rows)
    assert len(rows.chosen) == len(rows.rows)


@works("Search results", "More like the chosen")
def _(window, qtbot, press):
    rows, search = results_of(window, qtbot).steered, window.session.search
    QTest.keyClick(rows, Qt.Key.Key_Home)
    first = rows.chosen
    press(rows)
    assert search.state.like == first
    qtbot.waitUntil(lambda: not window.session.query.tasks, timeout=20_000)


@works("Search results", "Less like the chosen")
def _(window, qtbot, press):
    rows, search = results_of(window, qtbot).steered, window.session.search
    QTest.keyClick(rows, Qt.Key.Key_Home)
    first = rows.chosen
    press(rows)
    assert (search.state.text, search.state.unlike) == ("dark matter halos", first)
    qtbot.waitUntil(lambda: not window.session.query.tasks, timeout=20_000)


@works("Search results", "Last searches, in an empty query")
def _(window, qtbot, press):
    results_of(window, qtbot)
    field = window.current_workspace.bar.field
    window.session.search.set_text("")
    press(field)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()


@works("Search results", "From the query to the results")
def _(window, qtbot, press):
    rows = results_of(window, qtbot).steered
    press(window.current_workspace.bar.field)
    assert rows.hasFocus()
    assert rows.selected_place == 0


@works("Search results", "The next part of Search")
def _(window, qtbot, press):
    results_of(window, qtbot)
    workspace = window.current_workspace
    press(workspace.bar.field)
    assert workspace.steering.rows[0].control.hasFocus()


@works("Search results", "The part before")
def _(window, qtbot, press):
    results_of(window, qtbot)
    workspace = window.current_workspace
    press(workspace.steering.rows[0].control)
    assert workspace.bar.field.hasFocus()


def text_that_is_cut(window, qtbot):
    results_of(window, qtbot)
    text = window.current_workspace.explanation.text
    text.set_text(" ".join(f"word{at}" for at in range(2000)))
    text.fit(200, 100)
    return text


@works("Search results", "Read on in the text under Why")
def _(window, qtbot, press):
    text = text_that_is_cut(window, qtbot)
    press(text, 1)
    assert text.text.split()[0] not in ("word0", "word1")
    press(text, 0)
    assert text.text.startswith("word0 ")


@works("Search results", "To its beginning, to its end")
def _(window, qtbot, press):
    text = text_that_is_cut(window, qtbot)
    press(text, 1)
    assert text.text.endswith("word1999")
    press(text, 0)
    assert text.text.startswith("word0 ")


@works("Search results", "Copy the results")
def _(window, qtbot, press):
    QGuiApplication.clipboard().clear()
    press(results_of(window, qtbot).steered)
    assert QGuiApplication.clipboard().text().startswith("rank")


@works("Search results", "Palette: search for the text")
def _(window, qtbot, press):
    window.cards.palette.open("dark matter")
    press(window.cards.palette.field)
    assert window.shown == "search"
    assert window.session.search.state.text == "dark matter"


def slider_of(qtbot: QtBot) -> SteeringSlider:
    made = SteeringSlider("A feature", -0.3, 0.3)
    made.set_typed(0.1)
    made.set_strength(0.1)
    qtbot.addWidget(made)
    made.show()
    return made


@works("Steering sliders", "A little up or down")
@works("Steering sliders", "More up or down")
def _(window, qtbot, press):
    made = slider_of(qtbot)
    press(made, 1)
    assert made.strength > 0.1
    press(made, 0)
    assert made.strength == pytest.approx(0.1)


@works("Steering sliders", "Back to the query as typed")
def _(window, qtbot, press):
    made = slider_of(qtbot)
    made.set_strength(0.2)
    press(made)
    assert made.strength == pytest.approx(0.1)


@works("Steering sliders", "To zero")
def _(window, qtbot, press):
    made = slider_of(qtbot)
    press(made)
    assert made.strength == 0


def row_of(qtbot: QtBot) -> SteeringRow:
    made = SteeringRow()
    made.show_feature(3, "A feature", None, removable=False)
    # Less is offered of what is among the results.
    made.show_calibration(Calibration(0.0, (), (), visible=4))
    qtbot.addWidget(made)
    made.show()
    return made


@works("Steering sliders", "So many of ten results")
def _(window, qtbot, press):
    made = row_of(qtbot)
    for at, places in ((0, 1), (1, 9)):
        with qtbot.waitSignal(made.moved) as moved:
            press(made.slider, at)
        assert moved.args == [made.slid, "places", places, True]


@works("Steering sliders", "Turn by places")
@works("Steering sliders", "Turn by direction")
@works("Steering sliders", "Turn by less")
def _(window, qtbot, press):
    made = row_of(qtbot)
    with qtbot.waitSignal(made.way_wanted) as wanted:
        press(made.slider)
    assert wanted.args[1] in ("places", "direction", "less")


@works("Steering sliders", "Lock")
def _(window, qtbot, press):
    made = row_of(qtbot)
    with qtbot.waitSignal(made.lock_wanted) as wanted:
        press(made.slider)
    assert wanted.args == [made.slid, True]


@works("Steering sliders", "Slider before, slider after")
def _(window, qtbot, press):
    made = row_of(qtbot)
    for at, step in ((0, -1), (1, 1)):
        with qtbot.waitSignal(made.neighbour_wanted) as wanted:
            press(made.slider, at)
        assert wanted.args == [made.slid, step]


def meter_of(qtbot: QtBot) -> DistanceMeter:
    made = DistanceMeter()
    made.show_cap(0.8)
    qtbot.addWidget(made)
    made.show()
    return made


@works("Steering sliders", "Cap the distance")
def _(window, qtbot, press):
    made = meter_of(qtbot)
    for at, cap in ((0, 0.81), (1, 0.8)):
        with qtbot.waitSignal(made.cap_moved) as moved:
            press(made, at)
        assert moved.args[0] == pytest.approx(cap)


@works("Steering sliders", "Cap on or off")
def _(window, qtbot, press):
    made = meter_of(qtbot)
    with qtbot.waitSignal(made.cap_moved) as moved:
        press(made)
    assert moved.args[0] is None


# -- train and projects ------------------------------------------------------------------------


def in_train(window):
    window.show_workspace("train")
    return window.current_workspace


@works("Train and projects", "Start the training")
def _(window, qtbot, press):
    workspace = in_train(window)
    epochs = workspace.new_run.form.field("epochs")
    qtbot.waitUntil(epochs.isVisible, timeout=5000)
    press(epochs)
    qtbot.waitUntil(lambda: bool(window.session.compute.tasks), timeout=10_000)
    window.session.compute.cancel_all()
    qtbot.waitUntil(lambda: not window.session.compute.tasks, timeout=30_000)


@works("Train and projects", "Show the curve of a run")
def _(window, qtbot, press):
    runs = in_train(window).runs
    runs.table.select_id(int(runs.table.row_model.row_id(0)), tell=True)
    told = QSignalSpy(runs.table.row_toggled)
    press(runs.table)
    assert told.count() == 1


@works("Train and projects", "Delete a run")
def _(window, qtbot, press):
    runs = in_train(window).runs
    runs.table.select_id(int(runs.table.row_model.row_id(0)), tell=True)
    asked: list[str] = []
    before = run_commands.may_delete
    run_commands.may_delete = lambda parent, button, details: bool(asked.append(button))
    try:
        press(runs.table)
    finally:
        run_commands.may_delete = before
    assert asked


@works("Train and projects", "Forget a recent project")
def _(window, qtbot, press):
    window.session.close_project()
    (row,) = window.first_start.recent.rows
    press(row)
    assert window.session.settings.recent_projects() == []
