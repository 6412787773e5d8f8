"""The index of the open project: used once it is built, built again where it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.errors import KnownError
from saedesk.jobs import build_index
from saedesk.jobs.build_index import IndexRequest
from saedesk.project.project_folder import Project
from saedesk.session import index_keeper
from saedesk.session.message import Message
from saedesk.session.session import Session
from saedesk.task_control import Unattended

SECONDS = 30_000


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few vectors there are, an index is needed."""
    for module in (index_keeper, build_index):
        monkeypatch.setattr(module, "needs_index", lambda rows, width: True)


@pytest.fixture
def said(empty_session: Session) -> list[Message]:
    told: list[Message] = []
    empty_session.message.connect(told.append)
    return told


def idle(qtbot: QtBot, session: Session) -> None:
    def is_idle() -> bool:
        return not (session.query.tasks or session.compute.tasks)

    qtbot.waitUntil(is_idle, timeout=SECONDS)


def damage(folder: Path) -> None:
    (file,) = folder.glob("indexes/*/codes.safetensors")
    content = bytearray(file.read_bytes())
    content[-100] ^= 255
    file.write_bytes(content)


def test_an_index_is_used_as_soon_as_it_is_built(
    qtbot: QtBot, empty_session: Session, project_copy: Path, large: None
) -> None:
    session = empty_session
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        assert session.open_project(project_copy)
        assert session.search is not None
        # Asked before there is one: everything is compared.
        session.search.set_like([3])
    session.search.set_like([17])
    idle(qtbot, session)
    answer = session.search.answer
    assert answer is not None
    assert (answer.like, answer.exact, answer.recall) == ((17,), False, 1.0)
    assert session.search.engine.index_in_memory is not None


def test_an_index_that_a_job_built_on_its_way_is_used_and_told_once(
    qtbot: QtBot, session: Session, large: None
) -> None:
    assert session.project is not None
    assert session.vectors is not None
    built: list[None] = []
    session.index.built.connect(lambda: built.append(None))
    build_index.run(session.project, IndexRequest(), Unattended())
    for _ in range(2):
        session.exchange.take_vectors(session.vectors.record)
        idle(qtbot, session)
        assert len(built) == 1
    assert session.search is not None
    session.search.set_like([17])
    idle(qtbot, session)
    assert session.search.answer is not None
    assert not session.search.answer.exact


def test_a_damaged_index_is_told_and_built_again(
    qtbot: QtBot, empty_session: Session, project_copy: Path, large: None, said: list[Message]
) -> None:
    session = empty_session
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        assert session.open_project(project_copy)
    session.close_project()
    damage(project_copy)
    assert session.open_project(project_copy)
    assert session.search is not None
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.search.set_like([3])
    idle(qtbot, session)
    (told,) = said
    assert told.kind == "warning"
    assert "has changed since it was written" in told.sentence
    assert told.sentence.endswith(index_keeper.BUILT_AGAIN)
    assert session.search.engine.index_in_memory is not None
    session.search.set_like([17])
    idle(qtbot, session)
    assert session.search.answer is not None
    assert not session.search.answer.exact
    # On a disk that loses it once more it is not built for ever.
    damage(project_copy)
    session.search.renew_index()
    idle(qtbot, session)
    assert len(said) == 2
    assert said[1].sentence.endswith(index_keeper.AGAIN_DAMAGED)


def test_beside_a_damaged_index_a_read_only_project_is_searched_exactly(
    qtbot: QtBot, empty_session: Session, project_copy: Path, large: None, said: list[Message]
) -> None:
    with Project.open(project_copy) as elsewhere:
        build_index.run(elsewhere, IndexRequest(), Unattended())
        damage(project_copy)
        assert empty_session.open_project(project_copy)
        assert empty_session.search is not None
        empty_session.search.set_like([3])
        idle(qtbot, empty_session)
        assert said[-1].sentence.endswith(index_keeper.NOT_HERE)
        assert empty_session.search.answer is not None
        assert empty_session.search.answer.exact
        with pytest.raises(KnownError, match="read-only"):
            empty_session.index.rebuild(IndexRequest(anew=True))


def test_an_index_of_another_storage_is_built_and_told(
    qtbot: QtBot, session: Session, said: list[Message]
) -> None:
    assert not session.index.is_needed
    assert session.index.record is None
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.index.rebuild(IndexRequest(always=True, storage="float16"))
    idle(qtbot, session)
    assert session.index.record is not None
    assert said[-1].sentence.startswith("The search index is built: 60 documents in float16, ")
    assert "Recall 1.000 of an exact search" in said[-1].sentence
