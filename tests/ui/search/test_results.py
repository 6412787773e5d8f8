"""Results side by side: given places, changes that sum, matching sentences, two settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle
from pytestqt.qtbot import QtBot

from saedesk.jobs.search_answer import ResultRow
from saedesk.project.document_store import DocumentRow
from saedesk.search.explanation import Contribution as Part
from saedesk.search.family_steering import FamilySlider
from saedesk.session.session import Session
from saedesk.session.slider_names import feature
from saedesk.ui.search_panels.result_excerpt import Excerpt, ExcerptMark, piece_of
from saedesk.ui.search_panels.result_row_bar import bar_reach, paint_bar
from saedesk.ui.search_panels.result_row_painting import RowColumns, row_tooltip
from saedesk.ui.search_panels.score_parts import bar_decimals, score_parts
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.calm_motion import motion_ms
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000
QUERY = "planets around other stars"


def idle(qtbot: QtBot, session: Session) -> None:
    for _ in range(2):
        qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)
        QApplication.processEvents()


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = SearchWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.resize(1376, 820)
    with qtbot.waitActive(workspace):
        workspace.show()
        workspace.activateWindow()
    assert session.search is not None
    session.search.set_text(QUERY)
    idle(qtbot, session)
    return workspace


def far_feature(session: Session) -> int:
    """A feature with documents, none of which is among the results."""
    shown = {row.row for row in session.search.answer.plain}
    activations = session.sae.activations
    return next(
        i
        for i in range(session.sae.n_latents)
        if len(activations.latent(i)[0]) > 3 and not shown & set(activations.latent(i)[0].tolist())
    )


def test_a_document_that_was_given_a_place_says_by_what(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent = far_feature(session)
    session.search.set_places(feature(latent), 2)
    idle(qtbot, session)
    rows, label = searched.results.steered.rows, session.book.text(latent)
    given = [at for at, row in enumerate(rows) if row.giver]
    assert len(given) == 2
    assert {rows[at].giver for at in given} == {label}
    columns = RowColumns.of(600, True)
    told = row_tooltip(rows[given[0]], columns, columns.title + 5)
    assert f"It was given a place by “{label}”." in told
    height = tokens().row_height.result
    place = QPoint(120, given[0] * height + height // 2)
    qtbot.mouseClick(searched.results.steered, Qt.MouseButton.LeftButton, pos=place)
    chosen = rows[given[0]].document_id
    qtbot.waitUntil(lambda: searched.explanation._result.document.id == chosen)
    assert f"given a place by {label}" in searched.results.steered.accessibleDescription()
    _, parts = searched.explanation.waterfall.table()
    assert f"Place: {label}" in [part[0] for part in parts]
    assert sum(part[1] for part in parts[:-1]) == pytest.approx(parts[-1][1], abs=1e-5)


def test_with_places_what_stands_in_the_score_column_explains_the_order(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent = far_feature(session)
    session.search.set_places(feature(latent), 3)
    idle(qtbot, session)
    answer, rows = session.search.answer, searched.results.steered.rows
    assert [row.place_mark for row in rows if row.giver] == [
        "place 1 of 3",
        "place 2 of 3",
        "place 3 of 3",
    ]
    others = [row.score for row in rows if not row.giver]
    assert others == sorted(others, reverse=True)
    first = next(row for row in rows if row.giver)
    result = answer.steered[first.rank - 1]
    assert first.score == pytest.approx(result.score_before, abs=1e-5)
    assert first.score == pytest.approx(sum(value for _, value in first.parts), abs=1e-5)
    assert first.place_value == result.place_activation > 0
    columns = RowColumns.of(600, True)
    assert "Place 1 of 3; it is active" in row_tooltip(first, columns, columns.title + 5)
    assert "By itself its score is" in row_tooltip(first, columns, columns.parts + 5)
    pushed = next(row for row in rows if row.gave_way)
    assert pushed.direction == "down"
    assert f"it gave way to {pushed.gave_way} place" in row_tooltip(pushed, columns, 60)
    height = tokens().row_height.result
    at = QPoint(120, (pushed.rank - 1) * height + height // 2)
    qtbot.mouseClick(searched.results.steered, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: "gave way to" in searched.explanation.scores.text())


def test_bars_sum_to_the_change_as_they_do_to_the_score(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    switch, sums = searched.explanation.switch, searched.explanation.waterfall
    assert not switch.isVisible()
    session.search.set_value(searched.steering.rows[0].latent, -0.6)
    session.search.set_value(searched.steering.rows[1].latent, 0.6)
    idle(qtbot, session)
    qtbot.waitUntil(switch.isVisible)
    # The sum follows a moment after the lists.
    score = f"{session.search.answer.steered[0].score:.3f}"
    qtbot.waitUntil(lambda: score in sums.accessibleDescription())
    switch.setFocus()
    for key, name in ((Qt.Key.Key_Right, "Change"), (Qt.Key.Key_Left, "Score")):
        QTest.keyClick(switch, key)
        result = session.search.answer.steered[0]
        expected = result.score if name == "Score" else result.score - result.score_before
        _, rows = sums.table()
        assert rows[-1][0] == name
        assert rows[-1][1] == pytest.approx(expected)
        assert sum(row[1] for row in rows[:-1]) == pytest.approx(expected, abs=1e-5)
    assert f"{name} {result.score:.3f}" in sums.accessibleDescription()
    session.undo.undo()
    session.undo.undo()
    idle(qtbot, session)
    qtbot.waitUntil(lambda: not switch.isVisible())


def test_the_sentence_that_matches_is_marked(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    explanation = searched.explanation

    def marks() -> bool:
        return bool(explanation.text.marks or explanation.title.marks)

    qtbot.waitUntil(marks, timeout=SECONDS)
    idle(qtbot, session)
    everything = [*explanation.text.marks, *explanation.title.marks]
    assert max(mark.grade for mark in everything) == 1.0
    assert "the cosine with the query changes by" in everything[0].tip
    first = (explanation.text.text, explanation.text.marks)
    searched.results.steered.setFocus()
    QTest.keyClick(searched.results.steered, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "second" in explanation.head.text() and marks(), timeout=SECONDS)
    idle(qtbot, session)
    QTest.keyClick(searched.results.steered, Qt.Key.Key_Up)
    # It is known already: nothing is asked again.
    qtbot.waitUntil(lambda: "first" in explanation.head.text())
    assert (explanation.text.text, explanation.text.marks) == first
    assert not session.query.tasks


def test_two_settings_stand_side_by_side(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, results = session.search, searched.results
    latent = searched.steering.rows[0].latent
    search.set_value(latent, -0.6)
    idle(qtbot, session)
    setting_a = [row.document_id for row in results.steered.rows]
    search.keep_as_a()
    search.set_value(latent, 0.9)
    idle(qtbot, session)
    setting_b = [row.document.id for row in search.answer.steered]
    assert setting_a != setting_b
    assert [row.document_id for row in results.plain.rows] == setting_a
    assert [row.document_id for row in results.steered.rows] == setting_b
    assert (results.plain_head.title, results.steered_head.title) == ("Setting A", "Setting B")
    for row in results.steered.rows:
        if row.document_id in setting_a:
            moved = setting_a.index(row.document_id) + 1 - row.rank
            assert (row.places, row.note) == (abs(moved), "")
        else:
            assert (row.note, row.has_move) == ("not in Setting A", False)
    gone = [row for row in results.plain.rows if row.is_faded]
    assert {row.document_id for row in gone} == set(setting_a) - set(setting_b)
    results.plain.setFocus()
    QTest.keyClick(results.plain, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: searched.explanation._result.document.id == setting_a[0])
    assert searched.explanation._result.score == search.compared.steered[0].score
    search.switch_settings()
    idle(qtbot, session)
    assert [row.document_id for row in results.plain.rows] == setting_a
    assert [row.document_id for row in results.steered.rows] == setting_b
    assert (results.plain_head.title, results.steered_head.title) == ("Setting A", "Setting B")
    assert results.answer_of(True) is search.compared
    search.switch_settings()
    idle(qtbot, session)
    search.end_comparison()
    idle(qtbot, session)
    assert (results.plain_head.title, results.steered_head.title) == ("Plain", "Steered")


def test_several_results_are_chosen_with_the_mouse_and_with_keys(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    plain, height = searched.results.plain, tokens().row_height.result
    session.search.set_value(searched.steering.rows[0].latent, 0.1)
    idle(qtbot, session)
    rows = [row.document_id for row in plain.rows]
    left, control = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier

    def click(place: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        qtbot.mouseClick(plain, left, keys, QPoint(90, place * height + 20))

    click(1)
    click(3, control)
    assert plain.chosen == (rows[1], rows[3])
    click(1, control)
    assert plain.chosen == (rows[3],)
    click(5, Qt.KeyboardModifier.ShiftModifier)
    assert searched.results.chosen_documents in (tuple(rows[1:6]), tuple(rows[3:6]))
    click(0)
    assert plain.chosen == (rows[0],)
    QTest.keyClick(plain, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert plain.chosen == tuple(rows[:2])
    QTest.keyClick(plain, Qt.Key.Key_Space)
    assert plain.chosen == (rows[0],)
    QTest.keyClick(plain, Qt.Key.Key_Right)
    assert searched.results.steered.hasFocus()
    assert plain.chosen == ()


def test_a_piece_of_a_text_keeps_its_marks_when_white_space_is_squeezed() -> None:
    text = "One  two.\n\n \U0001d54f three   four. Five"
    mark = ExcerptMark(text.index("three"), text.index(" Five"))
    piece = piece_of(text, [mark])
    assert piece.text == "One two. \U0001d54f three four. Five"
    (found,) = piece.marks
    units = piece.text.encode("utf-16-le")
    assert units[2 * found.start : 2 * found.end].decode("utf-16-le") == "three four."
    later = piece_of(text, [mark], text.index("three"))
    assert later.text == "… three four. Five"
    assert later.text[later.marks[0].start : later.marks[0].end] == "three four."


def test_an_excerpt_goes_to_the_sentence_that_is_marked(qtbot: QtBot) -> None:
    words = " ".join(f"word{at}" for at in range(300))
    text = f"{words}. The one that counts is here. {words}"
    start = text.index("The one")
    excerpt = Excerpt()
    qtbot.addWidget(excerpt)
    excerpt.set_text(text)
    assert excerpt.fit(300, 100) <= 100
    assert excerpt.text.startswith("word0 ")
    excerpt.set_marks([ExcerptMark(start, start + 27, 1.0, "a tip")])
    height = excerpt.fit(300, 100)
    excerpt.resize(300, height)
    assert excerpt.text.startswith("… word")
    rows = [QPointF(x, y) for y in range(5, height, 10) for x in range(5, 300, 20)]
    tips = [excerpt.tip_at(place) for place in rows]
    assert "a tip" in tips
    # What was written before the sentence fills the room above it.
    assert tips[0] == ""


def test_nothing_moves_where_the_system_asks_for_less_motion(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Still(QProxyStyle):
        def styleHint(self, hint, option=None, widget=None, data=None):  # type: ignore[no-untyped-def]
            if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
                return 0
            return super().styleHint(hint, option, widget, data)

    assert motion_ms(180) == 180
    still = Still()
    monkeypatch.setattr(QApplication, "style", lambda: still)
    assert motion_ms(180) == 0
    results = searched.results
    results._answered_at = 0.0
    session.search.set_value(searched.steering.rows[0].latent, -0.8)
    idle(qtbot, session)
    assert not results.steered._is_moving()
    monkeypatch.undo()
    results._answered_at = 0.0
    session.search.set_value(searched.steering.rows[0].latent, 0.9)
    qtbot.waitUntil(results.steered._is_moving, timeout=SECONDS)
    idle(qtbot, session)


def test_turned_features_have_bars_of_their_own_however_small() -> None:
    parts = [Part(at, 0.1 - 0.01 * at, "typed") for at in range(6)]
    parts += [Part(7, -0.001, "down"), Part(None, 0.2, "rest")]
    total = sum(part.value for part in parts)
    row = DocumentRow(1, "k", "A title", "", 2, {})
    result = ResultRow(row, 0, total, 1, 1, total, tuple(parts))
    bars = score_parts(result, False, 3, str, str)
    assert [bar.name for bar in bars] == [
        "0", "1", "7", "4 other features", "Not explained by features",
    ]  # fmt: skip
    assert sum(bar.value for bar in bars) == pytest.approx(total)


def test_many_turned_features_leave_bars_to_the_largest() -> None:
    parts = [Part(at, 0.02, "down") for at in range(9)]
    parts += [Part(20, 0.5, "typed"), Part(21, 0.3, "typed"), Part(22, 0.1, "typed")]
    total = sum(part.value for part in parts)
    row = DocumentRow(1, "k", "A title", "", 2, {})
    result = ResultRow(row, 0, total, 1, 1, total, tuple(parts))
    bars = score_parts(result, False, 6, str, str)
    assert [bar.name for bar in bars] == ["0", "1", "2", "3", "20", "21", "6 other features"]
    assert sum(bar.value for bar in bars) == pytest.approx(total)


def test_a_family_turned_as_one_has_its_bar_and_small_changes_can_be_read() -> None:
    family = FamilySlider(4, (5,), "both", "density", ((4, 0.7), (5, 0.7)), ((4, 0.7), (5, 0.7)))
    parts = (
        Part(None, 0.0021, "up", family),
        Part(7, 0.0004, "typed"),
        Part(8, -0.00004, "typed"),
        Part(None, -0.0005, "rest"),
    )
    total = sum(part.value for part in parts)
    row = DocumentRow(1, "k", "A title", "", 2, {})
    result = ResultRow(row, 0, 0.5 + total, 1, 1, 0.5, (Part(None, 0.5 + total, "rest"),), parts)
    decimals = bar_decimals(result, True, 3)
    assert decimals == 4
    assert bar_decimals(result, False, 3) == 3
    bars = score_parts(result, True, 5, str, lambda _: "Galaxies", decimals)
    assert [(bar.name, bar.kind) for bar in bars] == [
        ("Family: Galaxies", "up"),
        ("7", "typed"),
        ("1 other feature", "rest"),
        ("Not explained by features", "rest"),
    ]
    assert sum(bar.value for bar in bars) == pytest.approx(total)
    # The bar of a family takes none from features that can be read, while there is room.
    more = (*parts[:2], Part(9, -0.0003, "typed"), *parts[2:])
    bars = score_parts(replace(result, change=more), True, 5, str, lambda _: "Galaxies", decimals)
    assert [bar.name for bar in bars[:4]] == ["Family: Galaxies", "7", "9", "1 other feature"]
    # Clamped or optimised, a feature can lose though its family was turned up.
    lost = replace(result, change=(Part(None, -0.2, "up", family), Part(7, 0.1, "typed")))
    bar = score_parts(lost, True, 5, str, lambda _: "Galaxies")[0]
    assert (bar.value, bar.kind) == (-0.2, "up")
    assert "can go the other way" in bar.tip
    assert "added" not in bar.tip
    large = replace(result, change=(Part(7, 0.4, "up"), Part(None, -0.001, "rest")))
    assert bar_decimals(large, True, 3) == 3
    assert bar_decimals(replace(result, change=()), True, 3) == 3


def test_at_rest_one_list_is_enough(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    results = searched.results
    assert results.steered.isVisible()
    assert not results.plain.isVisible()
    assert not results.links.isVisible()
    assert results.steered._shown_columns().arrow == 0
    session.search.set_value(searched.steering.rows[0].latent, 0.9)
    idle(qtbot, session)
    assert results.plain.isVisible()
    assert results.steered._shown_columns().arrow > 0
    assert results.steered_head.title == "Steered"
    results.plain.setFocus()
    QTest.keyClick(results.plain, Qt.Key.Key_Home)
    session.undo.undo()
    idle(qtbot, session)
    assert not results.plain.isVisible()
    assert results.steered.hasFocus()
    assert results.steered.selected_place == 0


def test_more_results_are_loaded_at_the_end_of_the_list_and_by_a_button(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, results = session.search, searched.results
    ten = [row.document_id for row in results.steered.rows]
    assert len(ten) == 10
    searched.resize(1376, 620)
    bar = results._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: len(results.steered.rows) == 20, timeout=SECONDS)
    assert [row.document_id for row in results.steered.rows][:10] == ten
    assert results.more.text() == "Show 50 results"
    idle(qtbot, session)
    results.more.click()
    qtbot.waitUntil(lambda: len(results.steered.rows) == 50, timeout=SECONDS)
    search.set_value(searched.steering.rows[0].latent, 0.9)
    idle(qtbot, session)
    assert (len(results.plain.rows), len(results.steered.rows)) == (50, 50)
    # How far the query has moved is told of the first ten.
    assert " of 10" in searched.steering.meter.text()
    searched.resize(1376, 2400)
    qtbot.waitUntil(lambda: results.height() > 30 * tokens().row_height.result)
    searched.resize(1376, 620)
    qtbot.waitUntil(lambda: results.height() < 10 * tokens().row_height.result)
    idle(qtbot, session)
    search.set_text("another thing")
    idle(qtbot, session)
    assert len(results.steered.rows) == 10


def test_a_high_window_is_filled(searched: SearchWorkspace, session: Session, qtbot: QtBot) -> None:
    row = tokens().row_height.result
    assert len(searched.results.steered.rows) == 10
    searched.resize(1376, 1100)
    qtbot.waitUntil(lambda: len(searched.results.steered.rows) == 20, timeout=SECONDS)
    qtbot.waitUntil(lambda: searched.results.height() > 13 * row)
    idle(qtbot, session)
    assert len(searched.results.steered.rows) == 20


def explained(workspace: SearchWorkspace, qtbot: QtBot, document: int, score: float) -> None:
    """Waits until the sum of this document in this answer is shown."""
    shown = workspace.explanation

    def is_there() -> bool:
        result = shown._result
        return result is not None and (result.document.id, result.score) == (document, score)

    qtbot.waitUntil(is_there, timeout=SECONDS)


def test_of_two_settings_the_one_that_is_chosen_is_explained(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, head, why = session.search, searched.steering.head, searched.explanation
    latent = searched.steering.rows[0].latent
    search.set_value(latent, -0.6)
    search.set_mode("clamp")
    search.keep_as_a()
    search.set_mode("add")
    search.set_cap(0.9)
    idle(qtbot, session)
    heads = searched.results.plain_head, searched.results.steered_head
    assert heads[0].note == "Clamp, no cap, 1 feature changed"
    assert heads[1].note == "Add, cap 0.90, 1 feature changed"
    why.switch.set_current("Change")
    for name, key in (("A", Qt.Key.Key_Left), ("B", Qt.Key.Key_Right)):
        QTest.keyClick(head.settings, key)
        idle(qtbot, session)
        first = search.answer.steered[0]
        explained(searched, qtbot, first.document.id, first.score)
        assert search.state.comparison.in_force == name
        assert why.head.text() == f"Why this document is first in Setting {name}"
        change = first.score - first.score_before
        _, rows = why.waterfall.table()
        assert (rows[-1][0], rows[-1][1]) == ("Change", pytest.approx(change))
        assert sum(row[1] for row in rows[:-1]) == pytest.approx(change, abs=1e-5)
    # A click on a result of the other side explains that one, and its change.
    other = search.compared.steered[1]
    place = QPoint(120, tokens().row_height.result * 3 // 2)
    qtbot.mouseClick(searched.results.plain, Qt.MouseButton.LeftButton, pos=place)
    explained(searched, qtbot, other.document.id, other.score)
    assert why.head.text() == "Why this document is second in Setting A"
    assert why.waterfall.table()[1][-1][1] == pytest.approx(other.score - other.score_before)
    search.end_comparison()
    idle(qtbot, session)
    qtbot.waitUntil(lambda: "Setting" not in why.head.text())
    assert why._is_steered


def test_settings_in_the_same_mode_do_not_tell_it(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.keep_as_a()
    session.search.set_value(searched.steering.rows[0].latent, -0.6)
    idle(qtbot, session)
    assert searched.results.plain_head.note == "nothing changed"
    assert searched.results.steered_head.note == "1 feature changed"


def test_a_given_place_makes_no_score_of_its_own(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent = far_feature(session)
    session.search.set_places(feature(latent), 3)
    idle(qtbot, session)
    answer, why = session.search.answer, searched.explanation
    at = next(at for at, one in enumerate(answer.steered) if one.place_of is not None)
    result, height = answer.steered[at], tokens().row_height.result
    place = QPoint(120, at * height + height // 2)
    qtbot.mouseClick(searched.results.steered, Qt.MouseButton.LeftButton, pos=place)
    explained(searched, qtbot, result.document.id, result.score)
    assert result.score > result.score_before + 0.01
    own = f"{result.score_before:.3f}"
    assert why.scores.text().startswith(f"Score {own}; it was given place 1 of 3")
    assert f"{result.score:.3f}" not in why.scores.text()
    _, rows = why.waterfall.table()
    assert rows[-1][0] == "Sum for the place"
    under = len(rows[:-1]) * why.waterfall.row_height
    tip = why.waterfall.tooltip_at(under + why.waterfall.row_height // 2)
    assert f"Places of “{session.book.text(latent)}”" in tip
    assert f"{own} and {result.score - result.score_before:.3f}" in tip
    assert why.waterfall.tooltip_at(5).startswith(rows[0][0])


def test_of_two_settings_given_places_make_no_score_on_either_side(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, latent = session.search, far_feature(session)
    search.set_places(feature(latent), 3)
    search.keep_as_a()
    search.set_mode("clamp")
    idle(qtbot, session)
    for shown, answer in (
        (searched.results.plain, search.compared),
        (searched.results.steered, search.answer),
    ):
        given = [row for row in shown.rows if row.giver]
        assert [row.giver for row in given] == [session.book.text(latent)] * 3
        for row in given:
            result = answer.steered[row.rank - 1]
            place = sum(part.value for part in result.contributions if part.kind == "place")
            assert place > 0
            assert row.score == pytest.approx(result.score - place, abs=1e-6)
            assert row.place_value == result.place_activation


def test_scores_of_nothing_have_no_bars(qtbot: QtBot) -> None:
    def widest(score: float) -> int:
        """Pixels of the bar of the best row of a list in which none has more."""
        image = QImage(200, 8, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        row = ShownResult(1, 1, "", (), score, parts=(("words", score),), decimals=4)
        painter = QPainter(image)
        paint_bar(painter, QRect(0, 0, 200, 8), {"accent": QColor("black")}, row, bar_reach(row))
        painter.end()
        return sum(image.pixelColor(x, 4).lightness() < 128 for x in range(200))

    assert widest(0.5) > 190
    assert widest(4e-5) == widest(0.0) == 0


def test_a_sum_of_nothing_has_no_bars(qtbot: QtBot) -> None:
    shown = ContributionWaterfall(show_legend=False)
    qtbot.addWidget(shown)
    shown.resize(600, 80)
    shown.set_total("Score", 4)

    def widest(score: float) -> int:
        shown.set_contributions([Contribution("Words of the query", score, "words")], score)
        image, colour = shown.grab().toImage(), Theme.current().colour("accent").rgb()
        y = shown.row_height // 2
        return sum(image.pixel(x, y) == colour for x in range(shown.width()))

    assert widest(0.5) > 200
    assert widest(4e-5) <= 1
