"""Labels edited by hand are scored quietly, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from saedesk.features.labels.label_scoring import EMBEDDING, LEXICAL
from saedesk.features.labels.scoring_documents import ScoringSettings
from saedesk.jobs import score_labels
from saedesk.jobs.score_labels import ScoreLabelsRequest
from saedesk.session import label_work
from saedesk.session.feature_book import FeatureBook
from saedesk.session.session import Session
from saedesk.task_control import Unattended

FEW = ScoringSettings(positives=6, negatives=6, fewest=3)


@pytest.fixture
def book(session: Session, monkeypatch: pytest.MonkeyPatch) -> FeatureBook:
    """In so small a corpus a person has read four documents."""
    monkeypatch.setattr(score_labels, "READ_BY_A_PERSON", 4)
    session.edited_labels.settings = FEW
    assert session.book is not None
    return session.book


def dense(session: Session, count: int) -> list[int]:
    assert session.sae is not None
    return [int(i) for i in np.argsort(-session.sae.statistics.count, kind="stable")[:count]]


def wait(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.edited_labels.pending, timeout=20_000)


def test_an_edit_is_scored_on_its_own_as_all_labels_are(
    session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    latent, other = dense(session, 2)
    told: list[frozenset[int]] = []
    session.edited_labels.changed.connect(told.append)
    book.set_label(latent, "galaxies and their halos")
    assert session.edited_labels.pending == {latent}
    assert book.score(latent) is None
    assert session.compute.tasks == (), "nothing in the strip of tasks"
    wait(qtbot, session)
    assert told == [{latent}, {latent}]
    assert set(book.scores(latent)) == {EMBEDDING, LEXICAL}
    assert not book.scores(other), "the others were not asked for"
    quiet = dict(book.scores(latent))
    request = ScoreLabelsRequest(latents=(latent,), settings=FEW)
    score_labels.run(session.project, request, Unattended())
    book.reload()
    for scorer, score in book.scores(latent).items():
        assert quiet[scorer].score == pytest.approx(score.score, abs=1e-6)
        assert quiet[scorer].documents == score.documents


def test_undo_brings_the_score_of_the_label_before_and_asks_for_nothing(
    session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    (latent,) = dense(session, 1)
    book.set_label(latent, "first words")
    wait(qtbot, session)
    first = dict(book.scores(latent))
    assert first
    book.set_label(latent, "second words")
    wait(qtbot, session)
    session.undo.undo()
    assert not session.edited_labels.pending
    assert dict(book.scores(latent)) == first
    book.set_label(latent, "")
    assert not session.edited_labels.pending, "no label, no score"


def test_a_newer_edit_takes_the_place_of_the_one_before(
    session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    first, second = dense(session, 2)
    book.set_label(first, "words")
    book.set_label(second, "others")
    book.set_label(first, "better words")
    assert session.edited_labels.pending == {first, second}
    wait(qtbot, session)
    history = book.history(first)
    assert [label.text for label in history][:2] == ["better words", "words"]
    assert book.scores_of(history[0]) == book.scores(first) != {}
    assert book.scores_of(history[1]) == {}, "it was given up before it was scored"
    assert book.scores(second)


def test_an_import_is_scored_in_parts_and_a_search_comes_between(
    session: Session, book: FeatureBook, qtbot: QtBot, tmp_path: Path
) -> None:
    latents = dense(session, 16)
    path = tmp_path / "labels.csv"
    lines = "".join(f"{latent},matter {latent},person\n" for latent in latents)
    path.write_text("feature,label,source\n" + lines, "utf-8")
    done: list[frozenset[int]] = []
    session.edited_labels.changed.connect(done.append)
    label_work.import_labels(session, path, replace_person=True)
    qtbot.waitUntil(lambda: bool(session.edited_labels.pending), timeout=10_000)
    assert session.edited_labels.pending == set(latents)
    assert len(session.query.tasks) == 1, "one part at a time, so that others get their turn"
    wait(qtbot, session)
    assert [len(part) for part in done] == [16, 4, 4, 4, 4]
    assert all(book.scores(latent) for latent in latents[:8])


def test_too_few_documents_leave_a_label_without_a_score(
    session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    session.edited_labels.settings = replace(FEW, fewest=1000)
    (latent,) = dense(session, 1)
    book.set_label(latent, "words")
    wait(qtbot, session)
    assert book.score(latent) is None


def test_nothing_is_scored_where_nothing_can_be_written(
    session: Session, project_copy: Path
) -> None:
    second = Session()
    try:
        assert second.open_project(project_copy)
        assert second.book is not None
        second.edited_labels.score(range(24))
        assert not second.edited_labels.pending
    finally:
        assert second.close()


def test_another_sae_or_project_ends_it(session: Session, book: FeatureBook) -> None:
    book.set_label(dense(session, 1)[0], "words")
    assert session.edited_labels.pending
    session.close_project()
    assert not session.edited_labels.pending
