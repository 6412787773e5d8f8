"""Training from the window: the form starts it, the plots and the table follow it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.ui.train_panels import run_commands
from saedesk.ui.train_panels.deletion_question import deletion_question
from saedesk.ui.train_panels.remarks import Note
from saedesk.ui.widgets.hover_card import HoverCard
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.workspaces.train_workspace import TrainWorkspace

LEFT = Qt.MouseButton.LeftButton
SECONDS = 60_000


def fill(workspace: TrainWorkspace, **values: float) -> None:
    """Types values into fields of the form."""
    for name, value in values.items():
        workspace.new_run.form.field(name).setValue(value)
    workspace.new_run.refresh()


def press(qtbot: QtBot, button) -> None:  # type: ignore[no-untyped-def]
    assert button.isVisible()
    assert button.isEnabled(), button.toolTip()
    qtbot.mouseClick(button, LEFT)


def train(qtbot: QtBot, workspace: TrainWorkspace, **values: float) -> None:
    """Trains with these settings, from the form, to the end of the analysis."""
    fill(workspace, **values)
    press(qtbot, workspace.new_run.forecast.button)
    wait_idle(qtbot, workspace)


def wait_idle(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    qtbot.waitUntil(lambda: not workspace.book.is_lane_busy, timeout=SECONDS)


def drawn(workspace: TrainWorkspace, plot: str) -> set[object]:
    """Names of the runs whose curves a plot shows."""
    _heads, rows = workspace.curves.plots[plot].table()
    return {row[0] for row in rows}


def project_of(session: Session) -> Project:
    assert session.project is not None
    return session.project


SMALL = {"n_latents": 24, "k": 3, "epochs": 12, "batch_size": 64}
LONG = {"n_latents": 24, "k": 3, "epochs": 10_000, "batch_size": 32}


def test_without_a_project_there_is_one_way_on(
    qtbot: QtBot, empty_session: Session, shown: Callable[[Session], TrainWorkspace]
) -> None:
    workspace = shown(empty_session)
    assert workspace.is_empty
    with qtbot.waitSignal(empty_session.workspace_wanted) as wanted:
        press(qtbot, workspace.empty.button)
    assert wanted.args == ["corpus"]


def test_before_the_first_run_the_plots_are_sentences(workspace: TrainWorkspace) -> None:
    assert not workspace.is_empty
    assert workspace.book.runs == []
    assert workspace.head.name.text() == "No run yet"
    assert not workspace.head.strip.isVisible()
    for place in workspace.curves.places.values():
        assert not place.is_filled
        assert place.promise.isVisible()
        assert place.plot is not None
        assert not place.plot.isVisible()
    assert (
        "after the first run" in workspace.new_run.forecast.values["FVU held-out"].accessibleName()
    )


def test_a_training_from_the_form_is_drawn_listed_and_used(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    grown = []
    workspace.book.curve_grew.connect(lambda: grown.append(len(workspace.book.runs)))
    train(qtbot, workspace, **SMALL, seed=3)
    stored = project_of(empty_session).artifacts("saes")
    assert [record.inputs["config"]["n_latents"] for record in stored] == [24]
    assert stored[0].inputs["config"]["seed"] == 3
    assert stored[0].summary["preset"] == "Balanced"
    (run,) = workspace.book.runs
    assert (run.name, run.in_use, run.analysed) == ("Run 1", True, True)
    assert empty_session.sae is not None
    texts = {column.name: column.text(run.id) for column in workspace.runs.model.columns}
    assert texts["k"] == "3"
    assert texts["features"] == "24"
    assert texts["epochs"] == "12 of 12"
    assert texts["state"] == "in use"
    assert 0 < float(texts["fvu"]) < 1
    qtbot.waitUntil(lambda: all(place.is_filled for place in workspace.curves.places.values()))
    assert drawn(workspace, "fvu") == {"Run 1"}
    assert workspace.head.chip.accessibleName() == "in use"
    assert grown, "the curve came only at the end"


def test_the_same_settings_are_not_trained_twice(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    train(qtbot, workspace, **SMALL)
    button = workspace.new_run.forecast.button
    assert not button.isEnabled()
    assert "Run 1 was trained with exactly these settings" in button.toolTip()
    fill(workspace, seed=1)
    assert button.isEnabled()
    assert button.text() == "Train"
    assert "–" in workspace.new_run.forecast.values["FVU held-out"].accessibleName()


def test_pause_resume_and_stop_and_keep(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    fill(workspace, **LONG)
    press(qtbot, workspace.new_run.forecast.button)
    book, head = workspace.book, workspace.head
    qtbot.waitUntil(lambda: book.focus is not None and book.focus.step > 0, timeout=SECONDS)
    assert head.chip.accessibleName() == "training"
    assert workspace.new_run.forecast.button.text() == "Add to the queue"
    press(qtbot, head.pause)
    qtbot.waitUntil(lambda: head.chip.accessibleName() == "paused", timeout=SECONDS)
    assert head.pause.text() == "Resume"
    qtbot.wait(500)
    assert book.focus is not None
    resting = book.focus.step
    qtbot.wait(300)
    assert book.focus.step == resting
    press(qtbot, head.pause)
    qtbot.waitUntil(lambda: book.focus.step > resting, timeout=SECONDS)
    qtbot.waitUntil(lambda: book.focus.seconds_left is not None, timeout=SECONDS)
    press(qtbot, head.stop)
    wait_idle(qtbot, workspace)
    (run,) = book.runs
    assert run.state == "stopped early"
    assert 0 < run.step < run.total_steps
    assert not head.pause.isVisible()
    assert len(project_of(empty_session).artifacts("saes")) == 1


def drawn_points(workspace: TrainWorkspace) -> int:
    """Points of the curve of the run in focus."""
    focus = workspace.book.focus
    return 0 if focus is None else len(workspace.book.curve(focus).step)


def cancel_a_training(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    fill(workspace, **LONG)
    press(qtbot, workspace.new_run.forecast.button)
    qtbot.waitUntil(lambda: bool(drawn_points(workspace)), timeout=SECONDS)
    press(qtbot, workspace.head.cancel)
    wait_idle(qtbot, workspace)


def test_a_cancelled_training_is_listed_and_goes_on(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    with qtbot.waitSignal(empty_session.message, timeout=SECONDS) as told:
        cancel_a_training(qtbot, workspace)
    assert "checkpoint is kept" in told.args[0].sentence
    book, head, start = workspace.book, workspace.head, workspace.new_run.forecast.button
    (run,) = book.runs
    assert (run.name, run.state, run.is_live) == ("Run 1", "stopped", False)
    assert 0 < run.step < run.total_steps
    texts = {column.name: column.text(run.id) for column in workspace.runs.model.columns}
    assert texts["state"].startswith("stopped at ")
    assert texts["k"] == "3"
    assert (head.name.text(), head.chip.accessibleName()) == ("Run 1", "stopped")
    assert head.settings.text() == (
        f"Stopped at step {run.step:,} of {run.total_steps:,}. It goes on from there."
    )
    assert not head.stop.isVisible()
    assert not start.is_primary
    qtbot.waitUntil(lambda: workspace.curves.places["loss"].is_filled)
    sentences = workspace.new_run.forecast.sentences
    assert "will go on from its checkpoint" in sentences.text()
    fill(workspace, seed=5)
    assert "checkpoint" not in sentences.text()
    press(qtbot, head.go_on)
    qtbot.waitUntil(lambda: book.focus is not None and book.focus.is_live, timeout=SECONDS)
    assert [(one.id, one.name) for one in book.runs] == [(run.id, "Run 1")]
    assert start.is_primary
    assert not head.go_on.isVisible()
    assert book.focus is not None
    assert book.focus.step >= run.step
    qtbot.waitUntil(lambda: book.focus.step > run.step, timeout=SECONDS)
    press(qtbot, head.stop)
    wait_idle(qtbot, workspace)
    assert [one.state for one in book.runs] == ["stopped early"]


def test_enter_lets_a_stopped_run_go_on_and_delete_asks(
    qtbot: QtBot, workspace: TrainWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel_a_training(qtbot, workspace)
    book, table = workspace.book, workspace.runs.table
    (run,) = book.runs
    names = [action.text() for action in workspace.runs.menu_for(run).actions()]
    assert names[0] == "Continue"
    assert names[-1] == "Delete checkpoint…"
    table.setFocus()
    table.select_id(run.id, tell=True)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: book.focus is not None and book.focus.is_live, timeout=SECONDS)
    qtbot.waitUntil(lambda: book.focus.step > run.step, timeout=SECONDS)
    press(qtbot, workspace.head.cancel)
    wait_idle(qtbot, workspace)
    assert [one.state for one in book.runs] == ["stopped"]
    asked: list[str] = []

    def answer(parent: object, button: str, details: str) -> bool:
        asked.append(button)
        return len(asked) > 1

    monkeypatch.setattr(run_commands, "may_delete", answer)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert [one.state for one in book.runs] == ["stopped"]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert asked == ["Delete the checkpoint of run 1"] * 2
    assert book.runs == []
    assert workspace.head.name.text() == "No run yet"
    assert "checkpoint" not in workspace.new_run.forecast.sentences.text()


def test_enter_and_escape_keep_what_may_be_deleted(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        question = deletion_question(workspace, "Delete run 1", "It leaves the project.")
        qtbot.addWidget(question)
        question.show()
        told = [label.text() for label in question.findChildren(TextLabel)]
        assert told == ["Delete run 1?", "It leaves the project. This cannot be undone."]
        keyboard = question.focusWidget()
        assert keyboard is question.buttons["Keep"]
        QTest.keyClick(keyboard, key)
        assert not question.isVisible()
        assert question.answer == "Keep"


def test_the_first_key_goes_to_the_chosen_preset(workspace: TrainWorkspace) -> None:
    workspace.focus_first()
    assert workspace.new_run.preset_list.rows[1].hasFocus()


def test_remarks_never_move_the_button(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    box = workspace.new_run.forecast
    place = box.button.mapTo(workspace, QPoint(0, 0))
    box.sentences.set_notes([])
    qtbot.waitUntil(lambda: not box.sentences.isVisible() and box.height() < 200)
    low = box.height()
    assert box.button.mapTo(workspace, QPoint(0, 0)) == place
    notes = [Note(f"A rather long sentence, the {n}th of its kind.", n, "Do it.") for n in "4567"]
    box.sentences.set_notes(notes)
    qtbot.waitUntil(lambda: box.height() > low)
    assert box.button.mapTo(workspace, QPoint(0, 0)) == place
    assert "the 7th" in box.sentences.toolTip()
    assert box.sentences.more.text() == "2 more to know"


def test_a_second_run_waits_and_its_colour_stays(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    train(qtbot, workspace, **SMALL)
    book, table = workspace.book, workspace.runs
    first = book.runs[0].id
    colour = book.series_of(first)
    train(qtbot, workspace, seed=1)
    second = next(run.id for run in book.runs if run.id != first)
    assert book.focus is not None
    assert book.focus.id == second
    assert [book.series_of(first), book.series_of(second)] == [0, 1] == [colour, 1]
    assert list(table.model.order) == [second, first]
    qtbot.waitUntil(lambda: drawn(workspace, "loss") == {"Run 1", "Run 2"})
    box = table.table.visualRect(table.model.index(table.model.row_of(first), 0)).center()
    # The first click hides the run, which is in focus from now on; the second draws it again.
    qtbot.mouseClick(table.table.viewport(), LEFT, pos=box)
    assert book.series_of(first) is None
    qtbot.waitUntil(lambda: drawn(workspace, "loss") == {"Run 2"})
    qtbot.mouseClick(table.table.viewport(), LEFT, pos=box)
    qtbot.waitUntil(lambda: drawn(workspace, "loss") == {"Run 1", "Run 2"})
    book.show_only(second)
    qtbot.waitUntil(lambda: drawn(workspace, "loss") == {"Run 2"})


def test_using_another_run_sorting_and_deleting(
    qtbot: QtBot,
    workspace: TrainWorkspace,
    empty_session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train(qtbot, workspace, **SMALL)
    train(qtbot, workspace, n_latents=32)
    book, table = workspace.book, workspace.runs.table
    first, second = (run.id for run in book.runs)
    workspace.runs.model.sort_by("features", False)
    assert list(workspace.runs.model.order) == [first, second]
    table.setFocus()
    table.select_id(first, tell=True)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert [run.in_use for run in book.runs] == [True, False]
    assert empty_session.sae is not None
    assert empty_session.sae.n_latents == 24
    monkeypatch.setattr(run_commands, "may_delete", lambda *_: False)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert len(book.runs) == 2
    monkeypatch.setattr(run_commands, "may_delete", lambda *_: True)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert [run.id for run in book.runs] == [second]
    assert [run.in_use for run in book.runs] == [True]
    assert len(project_of(empty_session).artifacts("saes")) == 1


def test_the_menu_of_a_run_copies_its_settings(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    train(qtbot, workspace, **SMALL, seed=9)
    qtbot.mouseClick(workspace.new_run.preset_list.rows[0], LEFT)
    assert workspace.new_run.form.field("seed").setting == 0
    run = workspace.book.runs[0]
    actions = {action.text(): action for action in workspace.runs.menu_for(run).actions()}
    assert not actions["Use this SAE"].isEnabled()
    assert actions["Delete…"].isEnabled()
    assert isinstance(actions["Copy the settings to the form"], QAction)
    actions["Copy the settings to the form"].trigger()
    form = workspace.new_run.form
    assert {name: form.field(name).setting for name in SMALL} == SMALL
    assert form.field("seed").setting == 9
    assert workspace.new_run.preset_list.rows[1].isChecked()


def test_one_cursor_goes_through_all_plots(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    train(qtbot, workspace, **SMALL)
    train(qtbot, workspace, k=6)
    plot = workspace.curves.plots["loss"]
    qtbot.mouseMove(plot.viewport(), QPoint(plot.width() // 2, plot.height() // 2))
    qtbot.waitUntil(lambda: workspace.curves.cursor_line.x is not None)
    cards = [card for card in workspace.findChildren(HoverCard) if card.isVisible()]
    assert len(cards) == 1
    told = cards[0].accessibleName()
    assert told.startswith("Step ")
    assert "epoch" in told
    assert "Run 1" in told
    assert "Run 2" in told
    steps = {p.cursor_line.x for p in workspace.curves.plots.values()}
    assert steps == {workspace.curves.cursor_line.x}


def test_another_project_takes_the_place_of_the_first(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    train(qtbot, workspace, **SMALL)
    assert empty_session.create_project(tmp_path / "other.saedesk")
    assert workspace.is_empty
    assert workspace.book.runs == []
    assert "Import documents" in workspace.empty.sentence.text()
    assert empty_session.open_project(tmp_path / "made-up.saedesk")
    assert not workspace.is_empty
    assert [run.name for run in workspace.book.runs] == ["Run 1"]
    assert workspace.new_run.form.differing() == []


def test_closing_the_project_while_it_trains(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    fill(workspace, **LONG)
    press(qtbot, workspace.new_run.forecast.button)
    book = workspace.book
    qtbot.waitUntil(lambda: book.focus is not None and book.focus.step > 0, timeout=SECONDS)
    empty_session.close_project()
    assert workspace.is_empty
    assert book.runs == []
    qtbot.wait(150)


def test_tab_goes_from_the_presets_through_the_form_to_the_button(
    workspace: TrainWorkspace,
) -> None:
    panel = workspace.new_run
    panel.preset_list.rows[1].setFocus()
    names = []
    while not panel.forecast.button.hasFocus():
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
        assert len(names) < 20
    assert names[:4] == [
        "Architecture",
        "How do the architectures compare?",
        "Features",
        "Active at once, k",
    ]
    assert names[-3:] == [panel.form._fold.text(), "Several at once", "Train"]


def test_arrows_choose_a_preset(workspace: TrainWorkspace) -> None:
    panel = workspace.new_run
    panel.preset_list.rows[1].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert panel.preset_list.rows[2].isChecked()
    assert panel.form.field("n_latents").setting == 9216
    assert panel.form.differing() == []
