"""The query bar: ways to match, documents not wanted, a feature alone, history, saved searches."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.search_history import search_book
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.ui.search_panels.carried_search import CarriedSearch
from saedesk.ui.search_panels.query_bar import DOCUMENTS, FEATURE, TEXT
from saedesk.ui.search_panels.query_saved_dialog import SavedSearchesDialog
from saedesk.ui.search_panels.shown_result import ordinal
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000
QUERY = "planets around other stars"


def idle(qtbot: QtBot, session: Session) -> None:
    for _ in range(2):
        qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)
        QApplication.processEvents()


def shown(session: Session, qtbot: QtBot) -> SearchWorkspace:
    made = SearchWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    idle(qtbot, session)
    return made


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = shown(session, qtbot)
    assert session.search is not None
    session.search.set_text(QUERY)
    idle(qtbot, session)
    return workspace


def ids(workspace: SearchWorkspace) -> list[int]:
    return [row.document_id for row in workspace.results.plain.rows]


def test_words_and_both_rank_in_other_ways_and_one_step_brings_meaning_back(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    by_meaning, match = ids(searched), searched.bar.ways.match
    match.setFocus()
    QTest.keyClick(match, Qt.Key.Key_Right)
    idle(qtbot, session)
    assert session.search.state.match == "words"
    by_words = ids(searched)
    assert by_words != by_meaning
    for row in session.project.documents.rows(by_words[:3]):
        assert "planet" in f"{row.title} {row.text}".lower()
    QTest.keyClick(match, Qt.Key.Key_Right)
    idle(qtbot, session)
    assert session.search.state.match == "both"
    sums = searched.explanation.waterfall
    # The sum follows a moment after the lists.
    qtbot.waitUntil(lambda: {row[2] for row in sums.table()[1][:-1]} <= {"meaning", "words"})
    _, rows = sums.table()
    first = session.search.answer.steered[0]
    names = {row[0] for row in rows[:-1]}
    ranks = {"meaning": first.rank_by_meaning, "words": first.rank_by_words}
    assert names == {f"{ordinal(rank)} by {how}" for how, rank in ranks.items() if rank}
    session.undo.undo()
    session.undo.undo()
    idle(qtbot, session)
    assert (match.current, ids(searched)) == ("Meaning", by_meaning)


def test_quoted_phrases_are_explained(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    notes = searched.bar.notes
    assert not notes.isVisible()
    session.search.set_text('"other stars" planets')
    idle(qtbot, session)
    assert "choose Words or Both for “other stars”" in notes.text()
    assert notes.isVisible()
    session.search.set_text("planets")
    idle(qtbot, session)
    assert not notes.isVisible()


def test_words_that_no_document_has_are_a_sentence_with_a_way_out(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_match("words")
    session.search.set_text("zzyzx")
    idle(qtbot, session)
    assert "has these words" in searched.sentence.sentence.text()
    assert searched.sentence.button.text() == "Search by meaning"
    assert not searched.bar.tools.more_button.isEnabled()
    QTest.mouseClick(searched.sentence.button, Qt.MouseButton.LeftButton)
    idle(qtbot, session)
    assert session.search.state.match == "meaning"
    assert len(ids(searched)) == 10


def test_plus_and_minus_search_with_the_chosen_documents(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    plain, bar = searched.results.steered, searched.bar
    plain.setFocus()
    QTest.keyClick(plain, Qt.Key.Key_Home)
    QTest.keyClick(plain, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    first_two = tuple(ids(searched)[:2])
    assert plain.chosen == first_two
    assert "2 documents are chosen" in plain.accessibleDescription()
    QTest.keyClick(plain, Qt.Key.Key_Plus)
    idle(qtbot, session)
    assert session.search.state.like == first_two
    assert not set(first_two) & set(ids(searched))
    assert [chip.property("document") for chip in bar.documents.chips] == list(first_two)
    assert bar.mode.current == DOCUMENTS
    assert plain.hasFocus()
    third = ids(searched)[0]
    QTest.keyClick(plain, Qt.Key.Key_Home)
    QTest.keyClick(plain, Qt.Key.Key_Minus)
    idle(qtbot, session)
    state = session.search.state
    assert (state.like, state.unlike) == (first_two, (third,))
    assert third not in ids(searched)
    (chip,) = bar.documents.unlike_chips
    assert chip.isVisible()
    assert searched.results.plain_head.note == "like 2 documents, unlike one document"
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    idle(qtbot, session)
    assert session.search.state.unlike == ()
    assert third in ids(searched)


def test_less_like_a_result_keeps_the_text(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    first = ids(searched)[0]
    searched.bar.tools.less_wanted.emit()
    idle(qtbot, session)
    state = session.search.state
    assert (state.text, state.like, state.unlike) == (QUERY, (), (first,))
    assert searched.bar.mode.current == TEXT
    assert first not in ids(searched)


def test_documents_are_compared_by_features(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    QTest.mouseClick(searched.bar.tools.more_button, Qt.MouseButton.LeftButton)
    idle(qtbot, session)
    by_vectors, compared = ids(searched), searched.bar.ways.compared
    assert compared.isVisible()
    assert not searched.bar.ways.match.isVisible()
    compared.setFocus()
    QTest.keyClick(compared, Qt.Key.Key_Right)
    idle(qtbot, session)
    assert session.search.state.like_by == "features"
    assert ids(searched) != by_vectors
    _, rows = searched.explanation.waterfall.table()
    assert sum(row[1] for row in rows[:-1]) == pytest.approx(rows[-1][1], abs=1e-5)


def test_a_feature_alone_is_found_by_typing_and_searched_with(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    bar = searched.bar
    bar.mode.setFocus()
    QTest.keyClick(bar.mode, Qt.Key.Key_Right)
    QTest.keyClick(bar.mode, Qt.Key.Key_Right)
    assert bar.mode.current == FEATURE
    assert bar.target.hasFocus()
    latent = next(i for i in range(session.sae.n_latents) if session.book.has_label(i))
    QTest.keyClicks(bar.target, session.book.text(latent))
    found = bar.target.found[0].latent
    QTest.keyClick(bar.target, Qt.Key.Key_Return)
    idle(qtbot, session)
    state = session.search.state
    assert (state.target, state.text) == (found, "")
    rows, values = session.sae.activations.latent(found)
    best = session.sae.vectors.document_ids[rows[values.argmax()]]
    assert ids(searched)[0] == best
    assert bar.documents.target_chip.text().startswith(session.book.text(found)[:20])
    assert session.book.text(found) in searched.results.plain_head.note
    bar.documents.target_chip.removed.emit()
    idle(qtbot, session)
    assert session.search.state.target is None
    session.undo.undo()
    idle(qtbot, session)
    assert session.search.state.target == found


def test_a_slider_is_searched_with_alone_from_its_menu(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    row = searched.steering.rows[1]
    latent, menu = row.latent, row.make_menu(everything=True)
    actions = {action.text(): action for action in menu.actions()}
    actions["Search with it alone"].trigger()
    menu.close()
    idle(qtbot, session)
    assert session.search.state.target == latent
    assert session.book.text(latent) in searched.results.plain_head.note


def test_down_in_an_empty_field_shows_the_last_searches(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    book = search_book(session)
    book.settle()
    session.search.set_text("protein folding")
    idle(qtbot, session)
    book.settle()
    session.search.set_text("")
    searched.bar.take_keyboard()
    QTest.keyClick(searched.bar.field, Qt.Key.Key_Down)
    menu = QApplication.activePopupWidget()
    told = [action.text() for action in menu.actions()]
    assert told[:2] == ["protein folding", QUERY]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    idle(qtbot, session)
    assert session.search.state.text == QUERY
    assert searched.bar.field.text() == QUERY
    book.clear_history()
    menu = searched.bar.menus.open_history(searched.bar.field)
    assert [
        action.text() for action in menu.actions() if action.isEnabled() and action.text()
    ] == []
    menu.close()
    session.undo.undo()
    assert len(book.history) >= 2


def test_a_search_is_saved_renamed_asked_again_and_deleted(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_value(searched.steering.rows[0].latent, -0.4)
    idle(qtbot, session)
    steered = searched.results.steered.rows
    menu = searched.bar.menus.open_saved(QPoint(0, 0))
    next(a for a in menu.actions() if a.text() == "Save this search…").trigger()
    menu.close()
    naming = searched.bar.naming
    assert naming.field.text() == QUERY
    naming.field.setText("Far & away")
    QTest.keyClick(naming.field, Qt.Key.Key_Return)
    searched.bar.menus.manage()
    (dialog,) = searched.findChildren(SavedSearchesDialog)
    book = search_book(session)
    assert [one.name for one in book.searches] == ["Far & away"]
    assert "1 feature turned" in dialog._told(book.searches[0].id)
    dialog.table.rename_wanted.emit()
    dialog.naming.field.setText("Planets")
    QTest.keyClick(dialog.naming.field, Qt.Key.Key_Return)
    assert book.searches[0].name == "Planets"
    dialog.close()
    session.search.set_text("monetary policy")
    idle(qtbot, session)
    menu = searched.bar.menus.open_saved(QPoint(0, 0))
    next(action for action in menu.actions() if action.text() == "Planets").trigger()
    menu.close()
    idle(qtbot, session)
    assert session.search.state.text == QUERY
    assert searched.results.steered.rows == steered
    book.delete(book.searches[0].id)
    assert book.searches == ()
    session.undo.undo()
    assert book.searches[0].name == "Planets"


def test_a_search_is_copied_as_a_line_and_as_python(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent = searched.steering.rows[0].latent
    session.search.set_value(latent, -0.4)
    idle(qtbot, session)
    menu = searched.bar.tools.make_menu()
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy the search as a command line"].trigger()
    line = QGuiApplication.clipboard().text()
    assert line.startswith("saedesk search ")
    assert f"--steer={latent}=-" in line
    assert QUERY in line
    actions["Copy the search as Python"].trigger()
    script = QGuiApplication.clipboard().text()
    compile(script, "copied", "exec")
    assert f"steer={{{latent}: -" in script
    searched.results.steered.setFocus()
    QTest.keyClick(searched.results.steered, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    actions["Copy the titles of the chosen documents"].trigger()
    titles = [row.title for row in searched.results.steered.rows]
    assert QGuiApplication.clipboard().text().split("\n") == titles
    menu.deleteLater()


def test_loading_an_sae_again_keeps_the_search(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    unlike = ids(searched)[0]
    search.set_filter(DocumentFilter(categories={"category": ("Cosmology", "Exoplanets")}))
    search.set_unlike([unlike])
    idle(qtbot, session)
    search.set_value(searched.steering.rows[0].latent, -0.4)
    idle(qtbot, session)
    before, passed = search.state, search.answer.passed
    rows = [(row.row, row.score) for row in search.answer.steered]
    chips = [chip.accessibleName() for chip in searched.bar.filters.chips]
    # As an analysis does, while something else is in view.
    for in_view in (True, False):
        searched.setVisible(in_view)
        session.undo.clear()
        session._load_sae()
        idle(qtbot, session)
        assert session.search is not search
        assert session.search.state == before
        assert session.search.answer.passed == passed
        assert [(row.row, row.score) for row in session.search.answer.steered] == rows
        assert [chip.accessibleName() for chip in searched.bar.filters.chips] == chips
        assert searched.bar.field.text() == QUERY
        assert session.undo.count() == 0
        search = session.search


def test_another_sae_is_asked_the_same_with_sliders_at_rest(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, wanted = session.search, DocumentFilter(words="the")
    search.set_filter(wanted)
    search.set_value(searched.steering.rows[0].latent, -0.4)
    idle(qtbot, session)
    carried = replace(CarriedSearch.of(search), sae="of another SAE")
    search.restore(SearchState())
    carried.go_on(search, session.project)
    assert search.state.text == QUERY
    assert search.state.wanted is wanted
    assert search.state.at_rest
    search.set_target(3)
    idle(qtbot, session)
    carried = replace(CarriedSearch.of(search), sae="of another SAE")
    search.restore(SearchState())
    carried.go_on(search, session.project)
    assert not search.state.asks_something
    assert search.state.wanted is wanted
    idle(qtbot, session)


def test_a_search_that_fits_into_no_line_is_copied_by_its_name(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    said: list[str] = []
    session.message.connect(lambda told: said.append(told.sentence))
    ids = session.sae.vectors.document_ids
    many = np.concatenate([ids, np.arange(10_000, 10_200)])
    session.search.set_filter(DocumentFilter(document_ids=many, documents_of="a family"))
    idle(qtbot, session)
    searched.leaving.copy_script("command")
    assert "Save the search under a name, then copy it." in said[-1]
    state = session.search.state
    search_book(session).save_search("Far & away", state.kept_request, state.settings)
    searched.leaving.copy_script("command")
    line = QGuiApplication.clipboard().text()
    assert line.endswith("'--saved=Far & away'")
    assert QUERY not in line
    searched.leaving.copy_script("python")
    assert "saved='Far & away'" in QGuiApplication.clipboard().text()


def test_without_the_encoder_words_are_a_way_out(
    empty_session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    path = tiny_project / "project.json"
    content = json.loads(path.read_text("utf-8"))
    for record in content["artifacts"]:
        if record["kind"] == "vectors":
            record["inputs"] |= {"imported": "00", "model": "", "model_fingerprint": ""}
    path.write_text(json.dumps(content), "utf-8")
    assert empty_session.open_project(tiny_project)
    workspace = shown(empty_session, qtbot)
    bar, search = workspace.bar, empty_session.search
    assert bar.by_words.isVisible()
    QTest.mouseClick(bar.by_words, Qt.MouseButton.LeftButton)
    assert bar.field.isVisible()
    assert bar.field.hasFocus()
    QTest.keyClicks(bar.field, "planets")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    idle(qtbot, empty_session)
    assert search.state.text == "planets"
    found = workspace.results.plain.rows
    assert found
    bar.ways.match.setFocus()
    QTest.keyClick(bar.ways.match, Qt.Key.Key_Left)
    idle(qtbot, empty_session)
    assert not bar.field.isVisible()
    assert bar.mode.current == DOCUMENTS
