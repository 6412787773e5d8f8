"""What the pictures of a project show."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.screenshot_choices import (
    COSINES,
    best_feature,
    question,
    steerings,
)


def test_the_question_is_made_of_the_labels_of_the_best_feature(session: Session) -> None:
    latent = best_feature(session)
    assert session.book.has_label(latent)
    assert question(session).startswith(session.book.text(latent).split(",")[0])
    assert question(session) == question(session)


def test_a_steering_turns_one_feature_off_and_keeps_most_of_the_query(
    session: Session, qtbot: QtBot
) -> None:
    search = session.search
    with qtbot.waitSignal(search.answered, timeout=20_000):
        search.set_text(question(session))
    proposed = list(steerings(session))
    assert proposed
    (zeroed, nothing), (raised, value) = proposed[0]
    assert nothing == 0.0
    assert value > search.typed_value(raised) > 0
    assert search.typed_value(zeroed) > 0
    search.set_value(zeroed, nothing)
    search.set_value(raised, value)
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=20_000)
    assert any(search.answer.cosine == pytest.approx(wanted, abs=2e-3) for wanted in COSINES)
