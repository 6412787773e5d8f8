"""The steering panel: ways of turning, keys, marks, cap, mode, presets, two settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from saedesk.search.calibration import Calibration
from saedesk.session.session import Session
from saedesk.session.slider_names import feature
from saedesk.ui.search_panels.distance_meter import FARTHEST, USUAL_CAP
from saedesk.ui.search_panels.result_head import told_steering
from saedesk.ui.search_panels.slider_words import (
    SliderView,
    about_after,
    about_value,
    after_text,
)
from saedesk.ui.search_panels.steering_panel import SteeringPanel
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000
"""Longest wait in milliseconds."""
LEFT = Qt.MouseButton.LeftButton


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> SteeringPanel:
    """The panel in Search, with the answer to a query of two documents."""
    workspace = SearchWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.resize(1376, 900)
    workspace.show()
    qtbot.waitExposed(workspace)
    session.search.set_like([5, 40])
    idle(qtbot, session)
    return workspace.steering


def added_row(panel: SteeringPanel, session: Session) -> SteeringRow:
    """A slider for the most frequent feature that the query does not have."""
    order = np.argsort(-session.sae.statistics.density)
    latent = next(int(i) for i in order if i not in session.search.query.latents)
    session.steer_with(latent)
    return panel.rows[0]


def texts(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def test_a_drag_is_over_when_the_keyboard_goes_elsewhere(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    panel.window().activateWindow()
    added_row(panel, session)
    search = session.search
    for held, key in (
        (panel.rows[1].slider, Qt.Key.Key_Right),
        (panel.rows[0].places, Qt.Key.Key_Right),
        (panel.head.meter, Qt.Key.Key_Left),
    ):
        held.setFocus()
        qtbot.waitUntil(held.hasFocus)
        steps = session.undo.count()
        qtbot.keyPress(held, key)
        assert search.is_dragging
        panel.rows[2].lock.setFocus()
        assert not search.is_dragging
        idle(qtbot, session)
        assert session.undo.count() == steps + 1
        # The next move is a step of its own.
        qtbot.keyClick(held, key)
        assert session.undo.count() == steps + 2
        # The same where the whole workspace goes, and a slider with its row.
        qtbot.keyPress(held, key)
        assert search.is_dragging
        panel.hide()
        assert not search.is_dragging
        panel.show()
    idle(qtbot, session)


def test_a_row_that_goes_while_it_is_turned_ends_the_drag(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = added_row(panel, session)
    row.control.setFocus()
    qtbot.keyPress(row.control, Qt.Key.Key_Right)
    assert session.search.is_dragging
    while row.places.step or row.latent in session.search.state.added:
        session.undo.undo()
    # Nothing is pushed behind the steps that were taken back.
    assert session.undo.canRedo()
    assert not session.search.is_dragging
    idle(qtbot, session)


def test_an_added_feature_gets_places_by_mouse_and_by_digits(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = added_row(panel, session)
    assert row.control is row.places
    assert row.places.isVisible()
    assert not row.slider.isVisible()
    assert row.value_text == "0 of 10"
    steps = session.undo.count()
    left, right = row.track_ends()
    x = round(left - row.places.x() + 0.4 * (right - left))
    qtbot.mousePress(row.places, LEFT, pos=QPoint(20, 11))
    for at in (x // 2, x):
        qtbot.mouseMove(row.places, QPoint(at, 11))
    qtbot.mouseRelease(row.places, LEFT, pos=QPoint(x, 11))
    idle(qtbot, session)
    assert session.undo.count() == steps + 1
    assert row.value_text == "4 of 10"
    assert sum(one.place_of == row.latent for one in session.search.answer.steered) == 4
    assert row.after_text.endswith(" new")
    row.places.setFocus()
    qtbot.keyClick(row.places, Qt.Key.Key_7)
    assert session.search.state.settings.places(row.slid) == 7
    qtbot.keyClick(row.places, Qt.Key.Key_Right)
    assert row.places.step == 8
    other = panel.rows[1]
    other.slider.setFocus()
    qtbot.keyClick(other.slider, Qt.Key.Key_5)
    # Only two are left.
    assert other.value_text == "2 of 10"
    assert other.places.hasFocus()
    assert "At most 8" in about_value(row.view)
    session.undo.undo()
    assert other.control is other.slider
    assert other.slider.hasFocus()
    idle(qtbot, session)


def test_keys_choose_the_way_lock_and_go_on(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    first, second = panel.rows[:2]
    settings = session.search.state.settings
    assert settings.way(first.slid) == "direction"
    first.slider.setFocus()
    qtbot.keyClick(first.slider, Qt.Key.Key_P)
    assert first.places.hasFocus()
    qtbot.keyClick(first.places, Qt.Key.Key_D)
    assert first.slider.hasFocus()
    qtbot.keyClick(first.slider, Qt.Key.Key_L)
    assert first.view.is_locked
    assert first.lock.accessibleName() == f"Unlock {first.label}"
    qtbot.keyClick(first.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert first.slider.strength == pytest.approx(first.slider.typed + 0.05)
    assert not first.reset_button.isVisible()
    assert not panel.reset_all.isEnabled()
    qtbot.keyClick(first.slider, Qt.Key.Key_PageDown)
    assert second.slider.hasFocus()
    qtbot.keyClick(second.slider, Qt.Key.Key_PageUp)
    assert first.slider.hasFocus()
    qtbot.mouseClick(first.lock, LEFT)
    assert not first.view.is_locked
    assert first.reset_button.isVisible()
    idle(qtbot, session)


def test_less_is_offered_only_where_it_is_seen(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = panel.rows[0]
    row.show_calibration(Calibration(0.2, (), (), visible=0))
    refused = "Less: it is in none of the ten results"
    assert texts(row.make_menu(everything=False))[refused] is False
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_Minus)
    assert row.control is row.slider
    row.show_calibration(Calibration(0.2, ((1, 0.1),), (), visible=3))
    qtbot.keyClick(row.slider, Qt.Key.Key_Minus)
    assert row.less.hasFocus()
    qtbot.keyClick(row.less, Qt.Key.Key_End)
    idle(qtbot, session)
    assert row.value_text == "\u2212100 %"
    assert session.search.answer.plan.less == ((row.latent, 1.0),)
    assert row.after_text.startswith("\u2192 ")
    assert row.view.colour == "down"


def test_sliders_carry_the_marks_of_this_query(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    idle(qtbot, session)
    known = session.search.calibrations
    for row in panel.rows:
        found = known.of(row.latent)
        assert found is not None
        marks = [found.typed + strength for _, strength in (*found.down, *found.up)]
        assert list(row.slider._ticks) == marks
    told = panel.rows[0].tooltip_at(panel.rows[0].slider.geometry().center())
    assert "results replaced: 1 at" in told


def test_the_value_after_re_encoding_stands_beside_the_one_asked_for(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row, other = panel.rows[:2]
    assert row.after_text == ""
    session.search.set_position(row.slid, row.slider.typed + 0.6)
    idle(qtbot, session)
    qtbot.waitUntil(lambda: session.search.value_after(row.slid) is not None)
    after = session.search.value_after(row.slid)
    qtbot.waitUntil(lambda: row.after_text == f"\u2192 {after:.3f}")
    assert other.after_text == ""
    told = row.tooltip_at(row._after_place().center())
    assert "taken apart again" in told
    assert f"{after:.3f}" in told
    session.search.reset()
    idle(qtbot, session)
    assert row.after_text == ""
    assert after_text(SliderView(typed=0.1, position=0.3), None, None) == ""


def test_the_cap_is_dragged_and_moved_by_keys(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    meter, search = panel.meter, session.search
    assert search.state.plan.cap is None
    search.set_position(panel.rows[1].slid, 3.0)
    idle(qtbot, session)
    free = search.answer.cosine
    steps = session.undo.count()
    qtbot.mousePress(meter, LEFT, pos=meter.handle_place())
    for share in (0.7, 0.5, 0.25):
        qtbot.mouseMove(meter, QPoint(round(share * meter.width()), meter.handle_place().y()))
    qtbot.mouseRelease(meter, LEFT)
    idle(qtbot, session)
    assert session.undo.count() == steps + 1
    cap = search.state.plan.cap
    assert cap == pytest.approx(1 - 0.25 * (1 - FARTHEST), abs=0.011)
    assert free < cap <= search.answer.cosine + 1e-6
    assert meter.is_cap_reached
    assert meter.text().endswith(f"cap {cap:.2f} reached")
    meter.setFocus()
    qtbot.keyClick(meter, Qt.Key.Key_Left)
    assert search.state.plan.cap == pytest.approx(cap + 0.01)
    qtbot.keyClick(meter, Qt.Key.Key_Return)
    assert search.state.plan.cap is None
    qtbot.keyClick(meter, Qt.Key.Key_Return)
    assert search.state.plan.cap == USUAL_CAP
    qtbot.keyClick(meter, Qt.Key.Key_Delete)
    idle(qtbot, session)
    assert search.state.plan.cap is None
    assert search.answer.cosine == free


def test_the_mode_and_the_encoding_are_chosen_and_undone(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    head = panel.head
    head.mode.setFocus()
    qtbot.keyClick(head.mode, Qt.Key.Key_Right)
    assert session.search.state.plan.mode == "clamp"
    actions = {action.text(): action for action in head.make_menu().actions()}
    actions["Optimise the encoding, so that values asked for come back"].trigger()
    assert session.search.state.plan.optimise
    actions[f"Keep a cosine of at least {USUAL_CAP:.2f}"].trigger()
    assert panel.meter.text().endswith(f"cap {USUAL_CAP:.2f}")
    for _ in range(3):
        session.undo.undo()
    assert head.mode.current == "Add to the query"
    assert session.search.state.plan.cap is None
    idle(qtbot, session)


def test_a_preset_is_saved_applied_renamed_and_deleted(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    presets, search = panel.head.presets, session.search
    assert presets.choice.currentText() == "none"
    slid = added_row(panel, session).slid
    search.set_places(slid, 3)
    assert presets.choice.currentText() == "not saved"
    presets.choice.setCurrentIndex(presets.choice.count() - 1)
    presets.choice.activated.emit(presets.choice.count() - 1)
    assert presets.naming.isVisible()
    qtbot.keyClicks(presets.naming.field, "Wide")
    qtbot.keyClick(presets.naming.field, Qt.Key.Key_Return)
    assert not presets.naming.isVisible()
    assert presets.choice.currentText() == "Wide"
    assert "“Wide”" in presets.choice.toolTip()
    search.remove_feature(slid.latent)
    search.set_like([7])
    idle(qtbot, session)
    assert presets.choice.currentText() == "none"
    presets.choice.setCurrentIndex(1)
    presets.choice.activated.emit(1)
    idle(qtbot, session)
    assert search.state.settings.places(slid) == 3
    assert panel.rows[0].slid == slid
    assert presets.choice.currentText() == "Wide"
    _menu_action(panel, "Rename “Wide”…").trigger()
    presets.naming.field.setText("Narrow")
    qtbot.keyClick(presets.naming.field, Qt.Key.Key_Return)
    assert presets.choice.currentText() == "Narrow"
    _menu_action(panel, "Delete “Narrow”").trigger()
    assert presets.choice.currentText() == "not saved"
    session.undo.undo()
    assert presets.choice.currentText() == "Narrow"
    idle(qtbot, session)


def _menu_action(panel: SteeringPanel, text: str):  # type: ignore[no-untyped-def]
    actions = panel.head.make_menu().actions()
    return next(action for action in actions if action.text() == text)


def test_a_family_preset_comes_back_with_its_slider(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    from saedesk.session.family_search import make_slider

    slider = make_slider(session, int(session.search.query.latents[0]), [1, 2])
    session.search.put_family(slider)
    session.search.set_family_value(slider.root, 0.5)
    presets = panel.head.presets
    presets._begin_saving()
    presets.naming.field.setText("Family")
    qtbot.keyClick(presets.naming.field, Qt.Key.Key_Return)
    kept = session.search.state.steering
    session.search.remove_family(slider.root)
    presets.choice.setCurrentIndex(1)
    presets.choice.activated.emit(1)
    assert [row.latent for row in panel.family_rows] == [slider.root]
    assert session.search.state.steering == kept
    idle(qtbot, session)


def test_two_settings_are_kept_switched_and_ended(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    head, row = panel.head, panel.rows[0]
    assert not head.settings.isVisible()
    qtbot.mouseClick(head.compare, LEFT)
    assert head.settings.isVisible()
    assert not head.compare.isEnabled()
    session.search.set_position(row.slid, 1.0)
    idle(qtbot, session)
    assert session.search.compared is not None
    assert session.search.compared.plan.at_rest
    head.settings.setFocus()
    qtbot.keyClick(head.settings, Qt.Key.Key_Left)
    idle(qtbot, session)
    assert session.search.answer.plan.at_rest
    assert not row.view.is_changed
    assert session.search.compared.plan.strengths
    qtbot.mouseClick(head.both, LEFT)
    assert session.search.compared is None
    qtbot.mouseClick(head.end, LEFT)
    assert not head.settings.isVisible()
    assert head.compare.isEnabled()
    idle(qtbot, session)


def test_what_a_row_shows_is_told_in_words() -> None:
    assert SliderView("places", places=3).value == "3 of 10"
    assert SliderView("less", less=0.6).value == "\u221260 %"
    assert SliderView(typed=0.1, position=-0.08).value == "\u22120.080"
    assert after_text(SliderView("places", places=3), None, 2) == "2 new"
    assert after_text(SliderView("less", 0.2, 0.2, less=0.5), 0.031, None) == "\u2192 0.031"


def test_an_export_says_what_steers_it(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    from saedesk.ui.export_panels.export_subjects import make_request, what_search_adds

    row = added_row(panel, session)
    session.search.set_places(row.slid, 3)
    session.search.set_less(panel.rows[1].slid, 1.0)
    told = what_search_adds(session, "results")
    assert f"3 places for “{row.label}”, less of “{panel.rows[1].label}”" in told
    assert "move no vectors" in what_search_adds(session, "steered-vectors")
    request = make_request(session, "results", Path("results.csv"), None, 10)
    assert request.search.plan == session.search.state.steering
    idle(qtbot, session)


def test_sliders_that_a_new_query_leaves_behind_are_told(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    search, line = session.search, panel.left_behind
    row = panel.rows[0]
    search.set_position(row.slid, row.slider.typed + 0.3)
    idle(qtbot, session)
    assert not line.isVisible()
    search.set_like([41])
    idle(qtbot, session)
    assert line.isVisible()
    assert line.text().startswith("1 feature of the query before is back at rest. Lock")
    # It goes with the first move, but not from under the hand.
    search.set_position(panel.rows[0].slid, 0.4, final=False)
    assert line.isVisible()
    search.end_drag()
    assert not line.isVisible()
    session.undo.undo()
    assert not line.isVisible()
    session.undo.undo()
    assert not line.isVisible()
    idle(qtbot, session)


def test_reset_says_what_it_puts_back(panel: SteeringPanel, session: Session) -> None:
    search, button = session.search, panel.reset_all
    assert not button.isEnabled()
    search.set_cap(0.9)
    assert button.isEnabled()
    assert "without a cap" in button.toolTip()
    search.set_position(panel.rows[0].slid, 0.6)
    assert "the cap stay" in button.toolTip()
    button.click()
    assert (search.state.at_rest, search.state.plan.cap) == (True, 0.9)
    button.click()
    assert search.state.plan.cap is None
    assert not button.isEnabled()


def test_words_alone_are_not_steered_and_the_panel_says_so(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    assert search is not None
    row = added_row(panel, session)
    search.set_places(row.slid, 3)
    own = panel.rows[1].slid
    search.set_position(own, 0.7)
    idle(qtbot, session)
    before = search.state
    search.set_state(replace(before, text="graph", like=(), match="words"), "Search")
    idle(qtbot, session)
    note = panel.unsteered
    assert note.isVisible()
    assert note.by_meaning.isVisible()
    (only,) = panel.rows
    assert only.value_text == "3 of 10"
    assert not only.control.isEnabled()
    assert "Words alone" in only.tooltip_at(QPoint(60, 30))
    assert not any(texts(only.make_menu(everything=False)).values())
    assert not panel.scale.isVisible()
    assert panel.head.meter.text() == "words alone, which are not steered"
    assert told_steering(search.state) == "words alone, not steered"
    # What waits is no feature that somebody added.
    assert search.state.added == before.added
    search.set_state(before, "Search")
    idle(qtbot, session)
    assert not note.isVisible()
    assert panel.rows[0].places.isEnabled()
    assert panel.rows[0].value_text == "3 of 10"
    assert own in [row.slid for row in panel.rows[1:]]


def test_the_note_leads_back_to_meaning(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    session.search.set_text("graph")
    session.search.set_match("words")
    idle(qtbot, session)
    qtbot.mouseClick(panel.unsteered.by_both, LEFT)
    assert session.search.state.match == "both"
    idle(qtbot, session)


def test_what_comes_back_is_told_as_less_as_more_or_as_nothing() -> None:
    down = SliderView("direction", 0.414, 0.372)
    assert "more than asked comes back" in about_after(down, 0.472, None)
    assert "less than asked" not in about_after(down, 0.472, None)
    assert "less than asked comes back" in about_after(down, 0.2, None)
    assert "All of it comes back" in about_after(down, 0.3721, None)
    assert "nothing is the least" in about_after(SliderView("direction", 0.1, -0.3), 0.0, None)


def test_a_label_takes_the_room_that_nothing_else_needs(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = panel.rows[0]
    row.show_feature(row.latent, "word " * 30, None, False)
    at_rest = row.way.x()
    assert at_rest > row.slider.geometry().right()
    row.show_view(SliderView("direction", 0.1, 0.4))
    row.show_effect(0.3, None)
    assert row.after_text
    assert row.way.geometry().right() < row.slider.geometry().right() + 2
    row.show_effect(None, None)
    assert row.way.x() == at_rest


def test_the_meter_tells_far_moves_apart(panel: SteeringPanel, session: Session) -> None:
    meter, answer = panel.meter, session.search.answer
    shares = []
    for cosine in (0.9, 0.56, 0.53, 0.2):
        meter.show_answer(replace(answer, cosine=cosine))
        shares.append(meter.share)
    assert shares == sorted(set(shares))
    assert shares[-1] < 1


def test_the_widest_number_has_room_beside_the_button_that_puts_it_back(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = panel.rows[0]
    session.search.set_places(row.slid, 10)
    idle(qtbot, session)
    assert row.value_text == "10 of 10"
    assert row.reset_button.isVisible()
    room = row._value_place()
    assert text_width(row.value_text, "head of a section", tabular=True) <= room.width()
    assert not room.intersects(row.reset_button.geometry())
    assert not room.intersects(row.places.geometry())


def test_what_is_put_back_keeps_the_keyboard_in_its_row(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = panel.rows[0]
    for move in (
        lambda: session.search.set_position(row.slid, -0.3),
        lambda: session.search.set_places(row.slid, 3),
    ):
        move()
        idle(qtbot, session)
        qtbot.mouseClick(row.reset_button, LEFT)
        assert not row.reset_button.isVisible()
        assert row.control is row.slider
        assert row.slider.hasFocus()
        idle(qtbot, session)


def test_less_goes_in_fine_steps_and_with_shift_in_large_ones(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    row = panel.rows[0]
    session.search.set_way(row.slid, "less")
    row.less.setFocus()
    for key, keys, share in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.01),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 0.11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.10),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 0.0),
    ):
        qtbot.keyClick(row.less, key, keys)
        assert session.search.state.settings.less(row.slid) == pytest.approx(share)
    session.search.set_less(row.slid, 0.37)
    idle(qtbot, session)
    assert (row.less.step, row.value_text) == (37, "\u221237 %")


def test_a_feature_of_the_query_that_is_added_keeps_its_slider_and_what_it_has(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    latents = [int(i) for i in search.query.latents]
    row = panel.rows[1]
    search.set_position(row.slid, row.slider.typed + 0.1)
    idle(qtbot, session)
    state, steps, told = search.state, session.undo.count(), row.value_text
    panel.field.chosen.emit(latents[1])
    assert (search.state, session.undo.count()) == (state, steps)
    assert [one.latent for one in panel.rows] == latents[: len(panel.rows)]
    assert (row.value_text, row.control) == (told, row.slider)
    assert row.slider.hasFocus()
    panel.head.compare.setFocus()
    session.steer_with(latents[1])
    assert row.slider.hasFocus()


def test_a_weaker_feature_that_is_added_is_shown_among_those_of_the_query(
    panel: SteeringPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.ui.search_panels.wanted_sliders.SHOWN_FEATURES", 2)
    session.search.set_like([7, 60])
    idle(qtbot, session)
    latents = [int(i) for i in session.search.query.latents]
    assert len(panel.rows) == 2 < len(latents)
    session.steer_with(latents[-1])
    assert [row.latent for row in panel.rows] == latents
    assert panel.rows[-1].slider.hasFocus()
    assert not session.search.state.added


def test_sliders_beside_a_feature_alone_reach_beyond_its_own_weight(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    session.search.set_target(3)
    idle(qtbot, session)
    (row,) = panel.rows
    assert (row.latent, row.slider.typed) == (3, pytest.approx(1.0))
    session.search.add_feature(5)
    idle(qtbot, session)
    assert [one.slider._high for one in panel.rows] == [2.0, 2.0]
    session.search.set_position(feature(5), 1.5)
    idle(qtbot, session)
    assert session.search.replaced_by(feature(5)) is not None
    assert session.search.value_after(feature(5)) is None
