"""What is found out of sliders while nothing is asked, and how it gives way to what is."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.live_search import LiveSearch
from saedesk.session.session import Session
from saedesk.session.steering_settings import feature
from saedesk.task_control import TaskControl

SECONDS = 30_000
"""Longest wait in milliseconds."""


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


@pytest.fixture
def search(session: Session, qtbot: QtBot) -> LiveSearch:
    """A search with documents, answered; it needs no embedding model."""
    assert session.search is not None
    session.search.set_like([3, 17])
    idle(qtbot, session)
    assert session.search.answer is not None
    return session.search


def endless(control: TaskControl, began: threading.Event) -> None:
    began.set()
    while True:
        control.checkpoint()


def test_a_calibration_gives_way_to_a_move_and_begins_again(
    qtbot: QtBot, session: Session, search: LiveSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = [int(i) for i in search.query.latents]
    began = threading.Event()
    sliders = search.engine.sliders
    monkeypatch.setattr(sliders, "calibration", lambda *asked: endless(asked[-1], began))
    search.calibrations.want(targets)
    qtbot.waitUntil(began.is_set, timeout=SECONDS)
    assert search.calibrations.of(targets[0]).visible >= 0
    monkeypatch.undo()
    with qtbot.waitSignal(search.answered, timeout=SECONDS):
        search.set_position(feature(targets[0]), 0.6, final=False)
    search.set_position(feature(targets[0]), 0.6)
    idle(qtbot, session)
    assert all(search.calibrations.of(target).is_marked for target in targets)


def test_what_the_first_places_need_is_read_while_nothing_is_asked(
    qtbot: QtBot, session: Session, search: LiveSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sliders = search.engine.sliders
    read: list[object] = []
    prepare, prepare_target = sliders.prepare, sliders.prepare_target
    monkeypatch.setattr(sliders, "prepare", lambda c: (read.append("all"), prepare(c)))
    monkeypatch.setattr(
        sliders, "prepare_target", lambda t, c: (read.append(t), prepare_target(t, c))
    )
    search.calibrations._prepared.clear()
    first, other = (int(i) for i in search.query.latents[:2])
    search.calibrations.want([first, other])
    idle(qtbot, session)
    assert read == ["all"]
    search.calibrations.want_first(other)
    idle(qtbot, session)
    assert read == ["all", other]
    # Once is enough.
    search.calibrations.want_first(other)
    search.set_position(feature(first), 0.4)
    idle(qtbot, session)
    assert read == ["all", other]


def test_it_is_read_before_anything_is_asked(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = session.search
    monkeypatch.setattr(search.engine, "prepare", lambda: None)
    search.prepare()
    idle(qtbot, session)
    assert None in search.calibrations._prepared
    assert search.engine.index_in_memory is None


def test_other_documents_to_be_unlike_are_another_question(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    target = int(search.query.latents[0])
    search.calibrations.want([target])
    idle(qtbot, session)
    before = search.calibrations.of(target)
    assert before.is_marked
    query, request = search.query, search.state.request()
    search.calibrations.set_subject(query, request.with_plan(SteeringPlan(((3, 0.4),))))
    assert search.calibrations.of(target) is before
    search.set_unlike([9])
    idle(qtbot, session)
    found = search.calibrations.of(target)
    assert found.is_marked
    active = [
        target in search.engine.sae.activations.document(row.row)[0] for row in search.answer.plain
    ]
    assert found.visible == sum(active)
    search.set_like_by("features")
    idle(qtbot, session)
    assert not search.calibrations.of(target).is_marked
