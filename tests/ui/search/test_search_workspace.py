"""The Search workspace driven by keys and mouse over a small real project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.search_panels.filter_cards import CategoryCard, RangeCard
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

QUERY = "planets around other stars"
SECONDS = 20_000
"""Longest wait in milliseconds; the first query loads the embedding model."""


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> SearchWorkspace:
    shown = SearchWorkspace(session)
    qtbot.addWidget(shown)
    shown.resize(1376, 820)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


@pytest.fixture
def searched(workspace: SearchWorkspace, session: Session, qtbot: QtBot) -> SearchWorkspace:
    """The workspace after a query was typed and Enter pressed."""
    assert session.search is not None
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        qtbot.keyClicks(workspace.bar.field, QUERY)
        qtbot.keyClick(workspace.bar.field, Qt.Key.Key_Return)
    return workspace


def wait_for_answer(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def mouse(row: SteeringRow, kind: QEvent.Type, x: float) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    place = QPointF(x, row.slider.height() / 2)
    button = none if kind == QEvent.Type.MouseMove else left
    event = QMouseEvent(
        kind, place, row.slider.mapToGlobal(place), button, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(row.slider, event)


def drag(row: SteeringRow, *places: float) -> None:
    mouse(row, QEvent.Type.MouseButtonPress, places[0])
    for x in places[1:]:
        mouse(row, QEvent.Type.MouseMove, x)
    mouse(row, QEvent.Type.MouseButtonRelease, places[-1])


def test_a_query_shows_its_features_strongest_first(
    searched: SearchWorkspace, session: Session
) -> None:
    query = session.search.query
    rows = searched.steering.rows
    assert [row.latent for row in rows] == query.latents.tolist()[:10]
    assert [row.slider.strength for row in rows] == pytest.approx(query.values.tolist()[:10])
    assert all(row.label == session.book.text(row.latent) for row in rows)
    assert not any(row.reset_button.isVisible() for row in rows)


def test_at_rest_both_lists_are_the_plain_ranking(searched: SearchWorkspace) -> None:
    plain, steered = searched.results.plain.rows, searched.results.steered.rows
    assert len(plain) == 10
    assert [row.document_id for row in plain] == [row.document_id for row in steered]
    assert not any(row.direction or row.note for row in [*plain, *steered])
    assert searched.results.steered_head.note == "nothing changed"
    assert "1.00" in searched.steering.meter.text()
    assert not searched.steering.reset_all.isEnabled()


def test_dragging_a_slider_is_one_step_and_moves_the_results(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    row = searched.steering.rows[0]
    typed = row.slider.typed
    before = [shown.document_id for shown in searched.results.steered.rows]
    steps = session.undo.count()
    drag(row, 150, 120, 90, 60, 30)
    wait_for_answer(qtbot, session)
    assert session.undo.count() == steps + 1
    assert row.slider.strength < 0
    assert row.value_text.startswith("\u2212")
    assert row.reset_button.isVisible()
    after = searched.results.steered.rows
    assert [shown.document_id for shown in after] != before
    assert [shown.document_id for shown in searched.results.plain.rows] == before
    assert searched.results.steered_head.note == "1 feature changed"
    session.undo.undo()
    wait_for_answer(qtbot, session)
    assert row.slider.strength == typed
    assert [shown.document_id for shown in searched.results.steered.rows] == before
    session.undo.redo()
    wait_for_answer(qtbot, session)
    assert searched.results.steered.rows == after


def test_every_drag_is_a_step_of_its_own(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    row = searched.steering.rows[0]
    steps = session.undo.count()
    drag(row, 150, 120)
    drag(row, 120, 90)
    assert session.undo.count() == steps + 2
    wait_for_answer(qtbot, session)


def test_moves_are_told_at_both_sides(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_value(searched.steering.rows[0].latent, -0.8)
    wait_for_answer(qtbot, session)
    answer = session.search.answer
    for shown, result in zip(searched.results.steered.rows, answer.steered, strict=True):
        moved = result.rank_before - result.rank
        assert shown.places == abs(moved)
        assert shown.direction == ("up" if moved > 0 else "down" if moved < 0 else "")
    kept = {result.row for result in answer.steered}
    for shown, result, after in zip(
        searched.results.plain.rows, answer.plain, answer.ranks_after, strict=True
    ):
        assert shown.is_faded == (result.row not in kept)
        assert shown.note.startswith(f"now {after}") == shown.is_faded
    assert answer.kept < 10
    assert f"keeps {answer.kept} of 10" in searched.steering.meter.text()


def test_reset_buttons_put_sliders_back(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    first, second = searched.steering.rows[:2]
    session.search.set_value(first.latent, 0.0)
    session.search.set_value(second.latent, 0.7)
    qtbot.mouseClick(first.reset_button, Qt.MouseButton.LeftButton)
    assert first.slider.strength == first.slider.typed
    assert second.slider.strength == pytest.approx(0.7)
    qtbot.mouseClick(searched.steering.reset_all, Qt.MouseButton.LeftButton)
    assert session.search.state.plan.at_rest
    session.undo.undo()
    assert second.slider.strength == pytest.approx(0.7)
    wait_for_answer(qtbot, session)


def test_a_feature_is_found_by_its_label_added_and_removed(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    panel, own = searched.steering, len(searched.steering.rows)
    latent = next(
        i
        for i in range(session.sae.n_latents)
        if session.book.has_label(i) and i not in session.search.query.latents
    )
    panel.field.setFocus()
    qtbot.keyClicks(panel.field, session.book.text(latent))
    assert latent in [feature.latent for feature in panel.field.found]
    wanted = panel.field.found[0].latent
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.field.text() == ""
    assert panel.rows[0].latent == wanted
    assert panel.rows[0].control.hasFocus()
    assert panel.rows[0].remove_button.isVisible()
    assert len(panel.rows) >= own
    qtbot.mouseClick(panel.rows[0].remove_button, Qt.MouseButton.LeftButton)
    assert session.search.state.added == ()
    session.undo.undo()
    assert session.search.state.added == (wanted,)
    wait_for_answer(qtbot, session)


def test_a_feature_is_chosen_from_the_list_with_the_keys(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field = searched.steering.field
    field.setFocus()
    qtbot.keyClicks(field, "e")
    wanted = field.found[1].latent
    card = field.suggestions
    assert card.isVisible()
    # The field stands at the foot of the window: there is more room above it.
    assert (
        card.mapTo(searched, card.rect().bottomLeft()).y()
        < field.mapTo(searched, field.rect().bottomLeft()).y()
    )
    assert len(field.found) <= 8
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == ""
    assert not card.isVisible()
    assert session.search.state.added == (wanted,)
    wait_for_answer(qtbot, session)


def test_a_feature_that_does_not_exist_is_a_sentence(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field = searched.steering.field
    field.setFocus()
    qtbot.keyClicks(field, "no such thing")
    assert field.suggestions.isVisible()
    assert field.suggestions.sentence == "No feature\u2019s label contains “no such thing”."
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.suggestions.isVisible()
    assert session.search.state.added == ()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.suggestions.isVisible()


def test_the_keyboard_goes_to_a_slider_that_was_added_elsewhere(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    searched.hide()
    session.steer_with(5)
    searched.show()
    searched.focus_first()
    row = next(row for row in searched.steering.rows if row.latent == 5)
    assert searched.focusWidget() is row.control
    searched.focus_first()
    assert searched.focusWidget() is searched.bar.field
    wait_for_answer(qtbot, session)


def test_without_results_there_are_no_numbers_of_the_answer_before(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    assert "cosine 1.00" in searched.steering.meter.text()
    session.search.failed.emit("No document passes the filter.")
    assert searched.steering.meter.text() == "no results"


def test_the_hint_of_an_empty_panel_is_whole(workspace: SearchWorkspace) -> None:
    hint = workspace.steering._hint
    assert hint.height() >= hint.heightForWidth(hint.width())


def test_the_sum_of_the_explanation_is_the_score(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_value(searched.steering.rows[0].latent, 0.6)
    wait_for_answer(qtbot, session)
    searched.results.steered.setFocus()
    qtbot.keyClick(searched.results.steered, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "second" in searched.explanation.head.text())
    assert searched.explanation.head.text() == "Why this document is second"
    heads, rows = searched.explanation.waterfall.table()
    assert heads[1] == "contribution"
    parts, total = [row[1] for row in rows[:-1]], rows[-1][1]
    assert total == pytest.approx(session.search.answer.steered[1].score)
    assert sum(parts) == pytest.approx(total, abs=1e-5)
    assert rows[-2][0] == "Not explained by features"


def test_a_chosen_document_stays_chosen_while_it_moves(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    steered = searched.results.steered
    qtbot.mouseClick(steered, Qt.MouseButton.LeftButton, pos=QPoint(100, 44 * 3 + 20))
    chosen = steered.rows[3].document_id
    session.search.set_value(searched.steering.rows[0].latent, 0.6)
    wait_for_answer(qtbot, session)
    places = [shown.document_id for shown in steered.rows]
    expected = places.index(chosen) if chosen in places else 0
    assert steered.selected_place == expected


def test_enter_and_double_click_open_a_document(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    wanted: list[str] = []
    session.workspace_wanted.connect(wanted.append)
    searched.results.plain.setFocus()
    qtbot.mouseClick(searched.results.plain, Qt.MouseButton.LeftButton, pos=QPoint(90, 60))
    qtbot.keyClick(searched.results.plain, Qt.Key.Key_Return)
    assert session.document == searched.results.plain.rows[1].document_id
    qtbot.mouseDClick(searched.results.steered, Qt.MouseButton.LeftButton, pos=QPoint(90, 20))
    assert session.document == searched.results.steered.rows[0].document_id
    assert wanted == ["corpus", "corpus"]


def test_double_click_on_a_label_opens_the_feature(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    row = searched.steering.rows[1]
    with qtbot.waitSignal(session.workspace_wanted) as asked:
        qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=QPoint(48, 10))
    assert asked.args == ["features"]
    assert session.feature == row.latent


def test_category_filter(searched: SearchWorkspace, session: Session, qtbot: QtBot) -> None:
    filters = searched.bar.filters
    filters.edit("category", filters.add_button)
    card = filters.card
    assert isinstance(card, CategoryCard)
    qtbot.waitUntil(lambda: len(card.boxes) == 6)
    box = next(box for value, box, _ in card.boxes if value == "Language")
    box.click()
    qtbot.mouseClick(card.apply_button, Qt.MouseButton.LeftButton)
    wait_for_answer(qtbot, session)
    assert [chip.text() for chip in filters.chips] == ["Language"]
    assert filters.note.text().startswith("20 of 120 documents pass the filters. Answered in")
    assert {row.pieces[0] for row in searched.results.plain.rows} == {"Language"}
    filters.chips[0].removed.emit()
    wait_for_answer(qtbot, session)
    assert filters.chips == []
    assert filters.note.text().startswith("120 documents.")
    session.undo.undo()
    wait_for_answer(qtbot, session)
    assert [chip.text() for chip in filters.chips] == ["Language"]


def test_range_filter_refuses_nonsense_with_a_sentence(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    filters = searched.bar.filters
    filters.edit("date", filters.add_button)
    card = filters.card
    assert isinstance(card, RangeCard)
    qtbot.keyClicks(card.low, "soon")
    qtbot.keyClick(card.low, Qt.Key.Key_Return)
    assert "is not a date" in card.error.text()
    assert session.search.state.wanted.is_empty
    card.low.setText("2010")
    card.high.setText("2012")
    qtbot.keyClick(card.high, Qt.Key.Key_Return)
    wait_for_answer(qtbot, session)
    assert [chip.text() for chip in filters.chips] == ["Date 2010 – 2012"]
    years = {int(row.pieces[1]) for row in searched.results.plain.rows}
    assert years <= {2010, 2011, 2012}
    passed = session.project.documents.find(session.search.state.wanted)
    assert session.search.answer.passed == len(passed) > 0


def test_a_filter_that_nothing_passes_is_a_sentence(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_filter(DocumentFilter(categories={"category": ("Nowhere",)}))
    wait_for_answer(qtbot, session)
    assert "No document passes" in searched.sentence.sentence.text()
    assert searched.sentence.isVisible()
    assert not searched.bar.export_button.isEnabled()
    session.undo.undo()
    wait_for_answer(qtbot, session)
    assert searched.results.isVisible()


def test_a_pause_in_typing_searches_and_clearing_empties(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    searched.bar.take_keyboard()
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        qtbot.keyClicks(searched.bar.field, "monetary policy")
    assert session.search.state.text == "monetary policy"
    assert searched.results.plain.rows[0].pieces[0] == "Economics"
    qtbot.keyClick(searched.bar.field, Qt.Key.Key_Escape)
    assert session.search.state.text == ""
    assert searched.sentence.isVisible()
    assert searched.steering.rows == []


def test_undo_of_a_slider_brings_back_its_query(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_value(searched.steering.rows[0].latent, 0.7)
    wait_for_answer(qtbot, session)
    searched.bar.field.setText("protein folding")
    qtbot.keyClick(searched.bar.field, Qt.Key.Key_Return)
    wait_for_answer(qtbot, session)
    session.undo.undo()
    wait_for_answer(qtbot, session)
    assert searched.bar.field.text() == QUERY
    assert session.search.answer.text == QUERY


def test_results_can_be_taken_away(
    searched: SearchWorkspace, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    qtbot.mouseClick(searched.bar.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 11
    assert lines[0].split("\t")[:4] == ["rank", "rank_before", "key", "title"]
    searched.leaving.save_results(tmp_path / "results.csv")
    assert len((tmp_path / "results.csv").read_text("utf-8").splitlines()) == 11
    with qtbot.waitSignal(session.message) as told:
        searched.leaving.save_results(tmp_path / "absent" / "results.csv")
    assert "absent" in told.args[0].sentence


def test_left_and_right_go_from_list_to_list(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    results = searched.results
    session.search.set_value(searched.steering.rows[0].latent, 0.1)
    wait_for_answer(qtbot, session)
    results.steered.setFocus()
    qtbot.keyClick(results.steered, Qt.Key.Key_Left)
    assert results.plain.selected_place == 0
    assert results.steered.selected_place == -1
    qtbot.waitUntil(lambda: searched.explanation.scores.text().endswith("with the query as typed"))


def test_a_new_label_is_shown_on_its_slider(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent = searched.steering.rows[2].latent
    session.book.set_label(latent, "Worlds elsewhere")
    row = next(row for row in searched.steering.rows if row.latent == latent)
    assert row.label == "Worlds elsewhere"
    qtbot.keyClicks(searched.steering.field, "worlds els")
    assert [feature.latent for feature in searched.steering.field.found] == [latent]


def test_natural_ranges_are_quantiles_and_fit_on_one_scale(
    searched: SearchWorkspace, session: Session
) -> None:
    values = session.sae.activations
    for row in searched.steering.rows:
        _, active = values.latent(row.latent)
        low, high = np.quantile(np.asarray(active), [0.05, 0.95])
        assert row.slider._natural == pytest.approx((low, high), rel=1e-4)
        assert row.slider._high == searched.steering.scale.end >= max(0.8, 2 * high)
        assert row.slider._low == -searched.steering.scale.end


def test_without_a_project_and_back(
    empty_session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    shown = SearchWorkspace(empty_session)
    qtbot.addWidget(shown)
    shown.show()
    assert shown.missing.isVisible()
    assert empty_session.open_project(tiny_project)
    assert shown.bar.isVisible()
    assert shown.steering.field.isVisible()
    wait_for_answer(qtbot, empty_session)
    empty_session.close_project()
    assert shown.missing.isVisible()


def test_without_an_sae_the_search_is_plain(session: Session, qtbot: QtBot) -> None:
    session.remove_sae(session.project.current("saes"))
    shown = SearchWorkspace(session)
    qtbot.addWidget(shown)
    shown.resize(1376, 820)
    shown.show()
    with qtbot.waitSignal(session.workspace_wanted) as asked:
        shown.steering._missing.button.click()
    assert asked.args == ["train"]
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        shown.bar.field.setText(QUERY)
        qtbot.keyClick(shown.bar.field, Qt.Key.Key_Return)
    assert len(shown.results.plain.rows) == 10
    assert not shown.results.steered.isVisible()
    assert not shown.explanation.waterfall.isVisible()
    qtbot.waitUntil(shown.explanation.scores.isVisible)
    assert shown.explanation.scores.text().startswith("Score 0.")


def test_every_control_has_an_accessible_name(searched: SearchWorkspace) -> None:
    for kind in (QAbstractButton, QAbstractSlider, QLineEdit):
        for control in searched.findChildren(kind):
            if control.isVisible() and type(control).__module__.startswith("saedesk"):
                assert control.accessibleName(), control


def test_nothing_is_clipped_in_the_smallest_window(searched: SearchWorkspace, qtbot: QtBot) -> None:
    searched.resize(1216, 640)
    QApplication.processEvents()
    assert searched.minimumSizeHint().width() <= 1216
    assert searched.minimumSizeHint().height() <= 640
    assert searched.explanation.waterfall.geometry().bottom() <= searched.explanation.height()
