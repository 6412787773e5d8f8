"""Saved searches and presets with undo, and the last searches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.errors import BadInput, KnownError
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import request_to_json
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.family_search import make_slider
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_history import SearchBook, search_book
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings
from saedesk.ui.search_panels.query_words import search_in_words

REQUEST = SearchRequest("dark halos", plan=SteeringPlan(((3, 0.25),)), match="both")


@pytest.fixture
def book(session: Session) -> SearchBook:
    return search_book(session)


def asked(book: SearchBook) -> list[str]:
    return [one.content.get("text", "") for one in book.history]


def remember(book: SearchBook, *texts: str) -> None:
    for text in texts:
        book.remember(SearchRequest(text))
        book.settle()


def test_there_is_one_book(session: Session, book: SearchBook) -> None:
    assert search_book(session) is book


def test_saving_renaming_changing_and_deleting_are_undone(session: Session, book) -> None:
    told: list[list[str]] = []
    book.saved_changed.connect(lambda: told.append([one.name for one in book.searches]))
    one = book.save_search(" Halos ", REQUEST)
    assert request_to_json(book.request_of(book.searches[0])) == request_to_json(REQUEST)
    book.rename(one, "Dark")
    book.change(one, {"text": "other"})
    book.delete(one)
    assert told == [["Halos"], ["Dark"], ["Dark"], []]
    session.undo.undo()
    assert book.searches[0].content == {"text": "other"}
    session.undo.undo()
    assert request_to_json(book.request_of(book.searches[0])) == request_to_json(REQUEST)
    session.undo.undo()
    session.undo.undo()
    assert book.searches == ()
    for _ in range(4):
        session.undo.redo()
    assert book.searches == ()
    assert book.presets == ()


def test_presets_keep_the_plan_and_what_the_window_knows(session: Session, book) -> None:
    plan = SteeringPlan(((3, 0.1 + 0.2),), places=((5, 2),), less=((7, 0.5),), cap=0.9)
    book.save_preset("More of this", plan, {"added": [5]})
    (preset,) = book.presets
    assert book.plan_of(preset) == plan
    assert preset.content["added"] == [5]
    session.project.saved_searches.change(preset.id, preset.content, "another SAE")
    with pytest.raises(BadInput, match="features are those of another SAE"):
        book.plan_of(book.presets[0])


def test_a_search_by_shared_features_is_one_of_its_sae(session: Session, book: SearchBook) -> None:
    request = SearchRequest(like=(3,), like_by="features")
    book.save_search("Alike", request)
    assert book.name_of(request) == "Alike"
    (saved,) = book.searches
    session.project.saved_searches.change(saved.id, saved.content, "another SAE")
    (saved,) = book.searches
    for asked_of in (book.request_of, book.state_of):
        with pytest.raises(BadInput, match="features are those of another SAE"):
            asked_of(saved)
    assert book.name_of(request) == ""
    by_vectors = request_to_json(replace(request, like_by="vectors"))
    session.project.saved_searches.change(saved.id, by_vectors, "another SAE")
    assert book.request_of(book.searches[0]).like == (3,)


def test_what_is_refused_is_no_step(session: Session, book: SearchBook) -> None:
    one = book.save_search("Halos", REQUEST)
    book.rename(one, " Halos")
    for refused in (
        lambda: book.save_search("Halos", REQUEST),
        lambda: book.save_search(" ", REQUEST),
        lambda: book.delete(99),
    ):
        with pytest.raises(KnownError):
            refused()
    assert session.undo.count() == 1


def test_only_a_search_that_stands_is_remembered(book: SearchBook, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(book._timer, "interval", lambda: 0)
    book._timer.setInterval(1)
    with qtbot.waitSignal(book.history_changed):
        for text in ("d", "da", "dark"):
            book.remember(SearchRequest(text))
    assert asked(book) == ["dark"]
    book.remember(SearchRequest("more"))
    book.remember(SearchRequest(" "))
    book.settle()
    assert asked(book) == ["dark"]
    remember(book, "halos", "dark")
    assert asked(book) == ["dark", "halos"]
    book.remember(REQUEST)
    book.settle()
    assert request_to_json(book.request_of(book.history[0])) == request_to_json(REQUEST)


def test_forgetting_is_undone(session: Session, book: SearchBook) -> None:
    remember(book, "a", "b", "c")
    book.forget([book.history[1].id])
    assert asked(book) == ["c", "a"]
    session.undo.undo()
    assert asked(book) == ["c", "b", "a"]
    book.clear_history()
    assert asked(book) == []
    assert session.project.search_history.all() == []
    session.undo.undo()
    assert asked(book) == ["c", "b", "a"]
    session.undo.redo()
    assert asked(book) == []


def test_a_read_only_project_remembers_while_it_is_open(
    empty_session: Session, project_copy: Path
) -> None:
    with Project.open(project_copy) as elsewhere:
        elsewhere.search_history.add({"text": "a"})
        assert empty_session.open_project(project_copy)
        assert empty_session.project.read_only
        book = search_book(empty_session)
        remember(book, "b", "c", "b")
        assert asked(book) == ["b", "c", "a"]
        assert len(elsewhere.search_history.all()) == 1
        book.forget([book.history[0].id])
        assert asked(book) == ["c", "a"]
        assert empty_session.undo.count() == 0
        with pytest.raises(KnownError, match="read-only"):
            book.clear_history()
        assert asked(book) == ["c", "a"]
        with pytest.raises(KnownError, match="read-only"):
            book.save_search("Halos", REQUEST)
        # Each has a number of its own, so that one alone can be forgotten.
        book.settle()
        remember(book, "d", "c", "e")
        numbers = [one.id for one in book.history]
        assert len(set(numbers)) == len(numbers)
        book.forget(numbers[:1])
        assert asked(book) == ["c", "d", "a"]


def test_another_project_has_another_history(session: Session, book, tmp_path: Path) -> None:
    remember(book, "a")
    book.remember(SearchRequest("of the first"))
    assert session.create_project(tmp_path / "other.saedesk")
    book.settle()
    assert asked(book) == []
    assert book.searches == ()


def test_documents_of_a_filter_are_kept(book: SearchBook) -> None:
    import numpy as np

    wanted = DocumentFilter(
        document_ids=np.array([2, 9]), documents_of="a family", documents_where="0.2 or more"
    )
    book.save_search("Some", SearchRequest("a", wanted=wanted))
    found = book.request_of(book.searches[0]).wanted
    assert found.document_ids is not None
    assert found.document_ids.tolist() == [2, 9]
    assert (found.documents_of, found.documents_where) == ("a family", "0.2 or more")


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=30_000)


def test_a_family_comes_back_as_one_slider(qtbot: QtBot, session: Session, book) -> None:
    search = session.search
    search.set_like([3, 17])
    idle(qtbot, session)
    slider = make_slider(session, 3, [1, 2])
    search.put_family(slider)
    search.set_family_value(3, 0.4)
    idle(qtbot, session)
    steered, state = shown(search), search.state
    number = book.save_search("Family", state.kept_request, state.settings)
    book.remember(state.kept_request, state.settings)
    book.settle()
    search.set_like([5])
    idle(qtbot, session)
    for kept in (book.searches[0], book.history[0]):
        assert replace(book.state_of(kept), wanted=state.wanted) == state
        assert search_in_words(book.state_of(kept), str) == (
            "More like 2 documents, 1 family turned"
        )
        search.set_state(book.state_of(kept), "Search again")
        idle(qtbot, session)
        assert search.state.families == state.families
        assert search.state.plan.strengths == ()
        assert shown(search) == steered
        session.undo.undo()
        idle(qtbot, session)
    # One of a time when single features were kept is asked all the same.
    book.change(number, request_to_json(state.kept_request))
    assert book.state_of(book.searches[0]).steering == state.steering


def test_what_a_search_turns_has_a_slider_though_its_question_is_in_force(
    qtbot: QtBot, session: Session, book
) -> None:
    search = session.search
    search.set_like([3, 17])
    idle(qtbot, session)
    first, rest = shown(search), search.state
    latent = next(i for i in range(24) if i not in search.query.latents)
    turned = SearchState.of(
        SearchRequest(like=(3, 17)), SteeringSettings(SteeringPlan(((latent, 0.5),)))
    )
    search.set_state(turned, "Search again")
    assert search.state.added == (latent,)
    idle(qtbot, session)
    assert shown(search) != first
    search.set_value(latent, 0.0)
    idle(qtbot, session)
    assert shown(search) == first
    session.undo.undo()
    session.undo.undo()
    assert search.state == rest
    idle(qtbot, session)
    assert shown(search) == first
    session.undo.redo()
    assert search.state.added == (latent,)


def test_a_search_keeps_how_many_results_it_asks_for(book: SearchBook, session: Session) -> None:
    book.save_search("Many", SearchRequest("halos", count=25))
    state = book.state_of(book.searches[0])
    assert (state.kept_request.count, state.request().count) == (25, 10)
    assert book.name_of(state.kept_request) == "Many"
    assert book.name_of(SearchRequest("halos")) == ""
    assert state.asking(text="other").kept_request.count == 10


def shown(search: LiveSearch) -> list[tuple[int, float]]:
    """The ranking, bit for bit."""
    assert search.answer is not None
    return [(row.row, row.score) for row in search.answer.steered]


def test_turning_sliders_makes_no_new_entries(session: Session, book: SearchBook) -> None:
    for at in range(1, 4):
        plan = SteeringPlan(((3, 0.1 * at),))
        for text in ("galaxies", "stars"):
            book.remember(SearchRequest(text, plan=plan), SteeringSettings(plan=plan))
            book.settle()
    assert asked(book) == ["stars", "galaxies"]
    assert all(
        one.content["plan"]["strengths"] == [[3, pytest.approx(0.3)]] for one in book.history
    )
    book.remember(SearchRequest("stars", match="words"))
    book.settle()
    assert asked(book) == ["stars", "stars", "galaxies"], "another question"
