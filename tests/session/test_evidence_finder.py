"""Sentences measured on the query lane, for a real project."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.jobs.sentence_evidence import DocumentEvidence, EvidenceEngine
from saedesk.session.evidence_finder import FAULT, EvidenceFinder
from saedesk.session.session import Session

WAIT = 60_000


def collected(finder: EvidenceFinder) -> list[DocumentEvidence]:
    found: list[DocumentEvidence] = []
    finder.found.connect(found.append)
    return found


def test_answers_come_in_the_order_asked(qtbot, session: Session) -> None:
    finder = EvidenceFinder(session)
    found = collected(finder)
    finder.ask([5, 3, 8])
    qtbot.waitUntil(lambda: len(found) == 3, timeout=WAIT)
    assert [answer.document_id for answer in found] == [5, 3, 8]
    assert session.sae is not None
    latents, values = session.sae.activations.document(4)
    evidence = found[0].evidence
    assert evidence is not None
    at = [evidence.place_of(int(latent)) for latent in latents]
    np.testing.assert_allclose(evidence.activations[at], values, atol=1e-4)


def test_what_left_the_screen_is_not_measured(qtbot, session: Session) -> None:
    finder = EvidenceFinder(session)
    found = collected(finder)
    finder.ask(list(range(1, 40)))
    finder.ask([41, 42])
    qtbot.waitUntil(lambda: bool(found) and found[-1].document_id == 42, timeout=WAIT)
    assert {answer.document_id for answer in found} <= {1, 41, 42}
    assert not finder.is_open
    finder.ask([43])
    finder.forget()
    assert not finder.is_open
    finder.ask([44])
    qtbot.waitUntil(lambda: found[-1].document_id == 44, timeout=WAIT)
    assert 43 not in {answer.document_id for answer in found}


def test_a_search_typed_meanwhile_waits_for_one_document_only(qtbot, session: Session) -> None:
    finder = EvidenceFinder(session)
    found = collected(finder)
    finder.ask(list(range(1, 50)))
    assert session.search is not None
    with qtbot.waitSignal(session.search.answered, timeout=WAIT):
        session.search.set_text("graphs")
    assert len(found) < 40
    finder.forget()


def test_a_fault_is_told_once_with_its_details(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("no sentence")

    monkeypatch.setattr(EvidenceEngine, "evidence", break_down)
    finder = EvidenceFinder(session)
    told: list[str] = []
    finder.failed.connect(told.append)
    with qtbot.waitSignal(session.message, timeout=WAIT) as message:
        finder.ask([5, 6, 7])
    assert "ZeroDivisionError" in message.args[0].details
    assert told == [FAULT]
    finder.ask([8])
    assert told == [FAULT, FAULT]
    assert not finder.is_open
