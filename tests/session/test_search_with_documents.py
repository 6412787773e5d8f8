"""Documents as the query of the live search: asked, undone, replaced by a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.session.more_like_this import can_search_like, search_like
from saedesk.session.session import Session


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=30_000)


def bring(folder: Path, fingerprint: str) -> None:
    """Rewrite the record of the vectors as that of vectors that somebody brought."""
    path = folder / "project.json"
    content = json.loads(path.read_text("utf-8"))
    for record in content["artifacts"]:
        if record["kind"] == "vectors":
            told = {"imported": "00", "model": "acme/v", "model_fingerprint": fingerprint}
            record["inputs"] |= told
    path.write_text(json.dumps(content), "utf-8")


def test_documents_are_asked_undone_and_kept_apart_from_texts(
    qtbot: QtBot, session: Session
) -> None:
    search = session.search
    assert search is not None
    search.set_like([3, 5, 3])
    idle(qtbot, session)
    assert search.state.like == (3, 5)
    assert search.answer is not None
    assert search.answer.like == (3, 5)
    assert not {3, 5} & {row.document.id for row in search.answer.plain}
    first = search.answer
    search.set_value(int(search.query.latents[0]), 0.4)
    search.set_like([9])
    idle(qtbot, session)
    assert search.state.plan.at_rest
    session.undo.undo()
    session.undo.undo()
    idle(qtbot, session)
    assert search.state.like == (3, 5)
    assert [row.row for row in search.answer.plain] == [row.row for row in first.plain]
    search.set_like([])
    idle(qtbot, session)
    assert (search.query, search.answer) == (None, None)


def test_a_document_without_a_vector_is_a_sentence(qtbot: QtBot, session: Session) -> None:
    assert session.search is not None
    assert can_search_like(session, 3)
    assert not can_search_like(session, 999)
    with qtbot.waitSignal(session.search.failed, timeout=30_000) as failed:
        search_like(session, 999)
    assert "no usable vector" in failed.args[0]
    idle(qtbot, session)


@pytest.mark.parametrize("fingerprint", ["", "0" * 16])
def test_an_encoder_that_is_not_here_switches_typed_text_off(
    qtbot: QtBot, empty_session: Session, project_copy: Path, fingerprint: str
) -> None:
    bring(project_copy, fingerprint)
    assert empty_session.open_project(project_copy)
    search = empty_session.search
    assert search is not None
    assert bool(search.text_problem) == (not fingerprint)
    failed: list[str] = []
    search.failed.connect(failed.append)
    search.prepare()
    search.set_text("typed before anybody knew")
    idle(qtbot, empty_session)
    qtbot.waitUntil(lambda: "acme/v" in search.text_problem)
    search.set_text("dark matter")
    assert search.state.text == ""
    search_like(empty_session, 4)
    search_like(empty_session, 8, add=True)
    idle(qtbot, empty_session)
    assert search.state.like == (4, 8)
    assert search.query is not None
    assert len(search.query.latents)
    assert failed == []
