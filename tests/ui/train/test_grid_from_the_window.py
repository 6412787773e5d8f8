"""Architectures, grids, columns, remarks and help, driven in the real workspace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.sae.architectures import architectures
from saedesk.sae.known_answer.known_answer_results import stored_results
from saedesk.sae.sae_config import GROUPS, describe
from saedesk.session.session import Session
from saedesk.ui.train_panels.run_head import ENCODERS
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.workspaces.train_workspace import TrainWorkspace

LEFT = Qt.MouseButton.LeftButton
SECONDS = 60_000
SMALL = {"n_latents": 24, "k": 3, "epochs": 8, "batch_size": 64}


def fill(workspace: TrainWorkspace, **values: float) -> None:
    for name, value in values.items():
        workspace.new_run.form.field(name).setValue(value)
    workspace.new_run.refresh()


def choose(workspace: TrainWorkspace, name: str) -> None:
    """Takes an architecture out of the list, as a person does."""
    workspace.new_run.form.choice.field.setCurrentText(architectures().get(name).title)


def start(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    button = workspace.new_run.forecast.button
    assert button.isEnabled(), button.toolTip()
    qtbot.mouseClick(button, LEFT)


def wait_idle(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    qtbot.waitUntil(lambda: not workspace.book.is_lane_busy, timeout=SECONDS)


# -- architectures --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(architectures()))
def test_the_form_is_made_for_every_architecture(workspace: TrainWorkspace, name: str) -> None:
    form = workspace.new_run.form
    fill(workspace, n_latents=40, k=5, epochs=17)
    choose(workspace, name)
    settings = describe(architectures().get(name).Config)
    assert set(form._rows) == {info.name for info in settings}
    assert {info.group for info in settings} <= set(GROUPS)
    assert form.choice.about.text() == architectures().get(name).about
    config = workspace.new_run.request().config
    assert (config.n_latents, config.epochs) == (40, 17), "shared settings keep their values"
    for setting, value in architectures().get(name).settings_for_sparsity(5).items():
        assert getattr(config, setting) == value, "the sparsity is said in the settings it has here"
    shown = {info.name for info in settings if form._rows[info.name].isVisible()}
    assert shown == {info.name for info in settings if not info.advanced}
    choose(workspace, "topk")
    assert form.field("k").setting == 5
    assert form.field("epochs").setting == 17


def test_a_preset_fits_the_architecture_that_is_chosen(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    panel = workspace.new_run
    choose(workspace, "relu_l1")
    qtbot.mouseClick(panel.preset_list.rows[0], LEFT)
    assert panel.form.architecture == "relu_l1"
    assert panel.form.differing() == []
    assert panel.form.field("n_latents").setting == panel._presets[0].config.n_latents
    assert panel.request().preset == panel._presets[0].name


def test_another_architecture_trains_from_the_form(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    fill(workspace, **SMALL)
    choose(workspace, "batch_topk")
    start(qtbot, workspace)
    wait_idle(qtbot, workspace)
    (run,) = workspace.book.runs
    assert run.architecture == architectures().get("batch_topk").title
    assert run.k == 3
    assert empty_session.sae is not None


# -- several at once ------------------------------------------------------------------------------


def test_a_grid_trains_to_runs_with_curves_of_their_own(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session
) -> None:
    panel, book = workspace.new_run, workspace.book
    fill(workspace, **{**SMALL, "epochs": 40})
    panel.grid.set_open(True)
    panel.grid.ks.setText("2, 4")
    panel.refresh()
    assert panel.forecast.button.text() == "Train 2 runs"
    assert panel.grid.summary.text() == "2 runs: 24 features, k 2 or 4."
    live_at_once: list[int] = []
    book.curve_grew.connect(lambda: live_at_once.append(sum(run.step > 0 for run in book.runs)))
    start(qtbot, workspace)
    qtbot.waitUntil(lambda: bool(book.focus) and book.focus.is_live, timeout=SECONDS)
    assert workspace.head.stop.text() == "Stop and keep all"
    assert workspace.head.pause.text() == "Pause all"
    wait_idle(qtbot, workspace)
    assert max(live_at_once) == 2, "both curves grow while they are trained"
    assert [(run.name, run.k, run.analysed) for run in book.runs] == [
        ("Run 1", 2, True),
        ("Run 2", 4, True),
    ]
    first, second = (book.curve(run) for run in book.runs)
    assert len(first.step) == len(second.step) > 10
    assert first.l0[-1] < second.l0[-1]
    qtbot.waitUntil(
        lambda: {row[0] for row in workspace.curves.plots["loss"].table()[1]} == {"Run 1", "Run 2"}
    )
    assert not panel.forecast.button.isEnabled(), "both are there now"
    panel.grid.ks.setText("2, 4, 8")
    panel.refresh()
    assert panel.forecast.button.isEnabled()
    assert "2 of these 3 runs are there already" in panel.forecast.sentences.text()


def test_lists_that_cannot_be_trained_say_why(workspace: TrainWorkspace) -> None:
    panel = workspace.new_run
    panel.grid.set_open(True)
    panel.grid.ks.setText("4, many")
    panel.refresh()
    assert panel.grid.ks.error is not None
    assert "“many” is none" in panel.grid.ks.error
    assert not panel.forecast.button.isEnabled()
    panel.grid.ks.setText("4, 300")
    panel.refresh()
    assert panel.grid.ks.error is None
    assert "k 300" in panel.grid.summary.text()
    assert not panel.forecast.button.isEnabled()
    panel.grid.ks.setText(", ".join(str(k) for k in range(1, 30)))
    panel.refresh()
    assert "at most 24" in panel.grid.summary.text()
    panel.grid.set_open(False)
    assert panel.requests() == (panel.request(),)
    panel.refresh()
    assert panel.forecast.button.isEnabled()


def test_architectures_of_a_grid_are_chips(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    panel = workspace.new_run
    panel.grid.set_open(True)
    panel.grid.chips["topk"].click()
    panel.grid.chips["gated"].click()
    assert [request.architecture for request in panel.requests()] == ["topk", "gated"]
    panel.refresh()
    assert "TopK or Gated" in panel.grid.summary.text()


# -- columns --------------------------------------------------------------------------------------


def shown_columns(workspace: TrainWorkspace) -> list[str]:
    return [column.title for column in workspace.runs.model.columns if column.title]


def toggle_column(workspace: TrainWorkspace, title: str) -> None:
    menu = workspace.runs.columns_menu()
    actions = [
        *menu.actions(),
        *(a for m in menu.actions() if m.menu() for a in m.menu().actions()),
    ]
    next(action for action in actions if action.text() == title).trigger()


def test_columns_are_chosen_and_kept_between_starts(
    qtbot: QtBot,
    workspace: TrainWorkspace,
    empty_session: Session,
    shown: Callable[[Session], TrainWorkspace],
) -> None:
    fill(workspace, **SMALL, seed=4)
    start(qtbot, workspace)
    wait_idle(qtbot, workspace)
    toggle_column(workspace, "Loss")
    toggle_column(workspace, "Seed")
    toggle_column(workspace, "Size")
    assert "Size" not in shown_columns(workspace)
    assert shown_columns(workspace)[-2:] == ["Loss", "Seed"]
    (run,) = workspace.book.runs
    texts = {column.title: column.text(run.id) for column in workspace.runs.model.columns}
    assert texts["Seed"] == "4"
    assert float(texts["Loss"]) > 0
    again = shown(empty_session)
    assert shown_columns(again) == shown_columns(workspace)
    menu = again.runs.columns_menu()
    next(a for a in menu.actions() if a.text() == "Back to the usual columns").trigger()
    assert "Size" in shown_columns(again)
    assert "Seed" not in shown_columns(again)


def test_a_column_moved_by_hand_stays_there(
    workspace: TrainWorkspace, empty_session: Session, shown: Callable[[Session], TrainWorkspace]
) -> None:
    head = workspace.runs.table.horizontalHeader()
    names = [column.name for column in workspace.runs.model.columns]
    at, to = names.index("l0"), names.index("k")

    def middle(section: int) -> QPoint:
        return QPoint(head.sectionViewportPosition(section) + head.sectionSize(section) // 2, 10)

    target = middle(to) - QPoint(8, 0)
    QTest.mousePress(head.viewport(), LEFT, pos=middle(at))
    QTest.mouseMove(head.viewport(), middle(at) - QPoint(30, 0))
    QTest.mouseMove(head.viewport(), target)
    QTest.mouseRelease(head.viewport(), LEFT, pos=target)
    moved = [column.name for column in workspace.runs.model.columns]
    assert moved.index("l0") < moved.index("k")
    again = shown(empty_session)
    assert [column.name for column in again.runs.model.columns] == moved


def test_a_damaged_choice_of_columns_is_the_usual_one(
    empty_session: Session, shown: Callable[[Session], TrainWorkspace]
) -> None:
    empty_session.settings.set("run_columns", {"shown": ["gone", "fvu"], "widths": {"fvu": "x"}})
    assert shown_columns(shown(empty_session)) == ["Run", "FVU held-out"]
    empty_session.settings.set("run_columns", [1, 2])
    assert "Dead" in shown_columns(shown(empty_session))


# -- remarks, encoders, help ----------------------------------------------------------------------


def test_remarks_before_and_after_say_their_number(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    fill(workspace, n_latents=250, k=2, epochs=60, batch_size=64, held_out_share=20)
    panel = workspace.new_run
    assert panel.forecast.sentences._rows[0].number.text() == "1.2"
    assert "documents for each feature" in panel.forecast.sentences.text()
    start(qtbot, workspace)
    wait_idle(qtbot, workspace)
    remarks = workspace.remarks
    qtbot.waitUntil(remarks.isVisible, timeout=SECONDS)
    told = remarks.text()
    assert any(sign in told for sign in (" %", "pairs")), told
    assert "Choose" in told or "Read" in told


def test_the_encoders_of_a_run_take_the_place_of_its_curves(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    assert not workspace.head.view.isVisible()
    fill(workspace, **SMALL)
    start(qtbot, workspace)
    wait_idle(qtbot, workspace)
    assert workspace.curves.isVisible()
    workspace.head.view.setFocus()
    QTest.keyClick(workspace.head.view, Qt.Key.Key_Right)
    assert workspace.head.view.current == ENCODERS
    assert workspace.encoders.isVisible()
    assert not workspace.curves.isVisible()
    assert workspace.encoders.compare.isVisible()
    QTest.keyClick(workspace.head.view, Qt.Key.Key_Left)
    assert workspace.curves.isVisible()


def test_the_help_compares_architectures_where_the_answer_is_known(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    qtbot.mouseClick(workspace.new_run.form.choice.help, LEFT)
    card = workspace.new_run._comparison
    assert card is not None
    assert card.isVisible()
    told = [label.text() for label in card.findChildren(TextLabel)]
    for result in stored_results():
        assert result.title in told
        assert f"{result.values['mcc_of_codes'].mean:.3f}" in told
    assert "saedesk benchmark --known-answer" in card.foot.text()
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()
