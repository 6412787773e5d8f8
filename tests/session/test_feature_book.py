"""Labels, scores and marks through the book: what is written, told, and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.features.labels.label_score import LabelScore
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import PERSON
from saedesk.session import label_work
from saedesk.session.feature_book import FeatureBook
from saedesk.session.session import Session


@pytest.fixture
def book(session: Session) -> FeatureBook:
    assert session.book is not None
    return session.book


def stored(session: Session) -> dict[int, FeatureMark]:
    assert session.project is not None
    assert session.sae is not None
    return session.project.marks.marks(session.sae.hash)


def test_marks_of_several_features_are_one_step_each(session: Session, book: FeatureBook) -> None:
    book.set_stars([3], True)
    book.set_stars([3, 4, 5], True)
    book.set_hidden([4, 5], True)
    book.add_tag([3, 4], "  graph   theory ")
    assert session.undo.count() == 4
    marked = {
        3: FeatureMark(True, tags=frozenset({"graph theory"})),
        4: FeatureMark(True, True, tags=frozenset({"graph theory"})),
        5: FeatureMark(True, True),
    }
    assert stored(session) == marked
    assert dict(book.marks) == marked
    assert book.tags() == {"graph theory": 2}
    for _ in range(3):
        session.undo.undo()
    assert stored(session) == {3: FeatureMark(True)}, "3 was starred before the others were"
    for _ in range(3):
        session.undo.redo()
    assert stored(session) == marked
    book.remove_tag([3, 4, 5], "graph theory")
    assert book.tags() == {}
    session.undo.undo()
    assert stored(session) == marked


def test_what_changes_nothing_is_no_step(session: Session, book: FeatureBook) -> None:
    book.set_hidden([1], False)
    book.add_tag([1], "   ")
    book.remove_tag([1], "none")
    book.set_note(1, "")
    book.clear_labels([latent for latent in range(24) if not book.has_label(latent)])
    assert session.undo.count() == 0


def test_a_note_typed_in_one_go_is_one_step(session: Session, book: FeatureBook) -> None:
    for text in ("First", "First words", "First words, then more\n"):
        book.set_note(2, text, edit=1)
    book.set_note(2, "Another day", edit=2)
    assert session.undo.count() == 2
    session.undo.undo()
    assert stored(session)[2].note == "First words, then more"
    session.undo.undo()
    assert stored(session) == {}
    assert book.mark(2) == FeatureMark()


def test_labels_are_cleared_in_one_step_and_come_back_with_their_scores(
    session: Session, book: FeatureBook
) -> None:
    assert session.project is not None
    assert session.sae is not None
    labelled = [latent for latent in range(24) if book.has_label(latent)]
    texts = {latent: book.text(latent) for latent in labelled}
    label = book.label(labelled[0])
    assert label is not None
    score = LabelScore("lexical", 0.8, 0.75, 0.85, 60)
    session.project.labels.put_scores([(label.id, score)])
    book.reload()
    assert book.score(labelled[0]) == score
    told: list[frozenset[int]] = []
    book.labels_changed.connect(told.append)
    book.clear_labels(range(24))
    assert told == [frozenset(labelled)]
    assert session.undo.count() == 1
    assert not any(book.has_label(latent) for latent in range(24))
    assert book.score(labelled[0]) is None, "a score belongs to its label"
    cleared = book.label(labelled[0])
    assert cleared is not None
    assert cleared.source == PERSON
    session.undo.undo()
    assert {latent: book.text(latent) for latent in labelled} == texts
    assert book.score(labelled[0]) == score
    session.undo.redo()
    assert not any(book.has_label(latent) for latent in range(24))


def test_a_read_only_project_says_so_and_nothing_becomes_a_step(
    session: Session, project_copy: Path, qapp
) -> None:
    second = Session()
    try:
        assert second.open_project(project_copy)
        book = second.book
        assert book is not None
        said: list[str] = []
        book.refused.connect(said.append)
        book.set_hidden([1, 2], True)
        book.add_tag([1], "tag")
        book.set_note(1, "note")
        book.clear_labels([i for i in range(24) if book.has_label(i)])
        assert len(said) == 4
        assert all("read-only" in sentence for sentence in said)
        assert second.undo.count() == 0
        assert dict(book.marks) == {}
    finally:
        assert second.close()


def test_an_import_is_one_step(session: Session, book: FeatureBook, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("feature,label,source,tags\n1,From afar,keywords,t\n2,Also,,\n", "utf-8")
    before = {latent: book.text(latent) for latent in (1, 2)}
    label_work.import_labels(session, path, replace_person=False)
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=5000)
    assert (book.text(1), book.text(2)) == ("From afar", "Also")
    assert book.mark(1).tags == {"t"}
    assert session.undo.count() == 1
    session.undo.undo()
    assert {latent: book.text(latent) for latent in (1, 2)} == before
    assert stored(session) == {}
    session.undo.redo()
    assert book.text(1) == "From afar"
    assert stored(session)[1].tags == {"t"}


def test_scores_are_read_in_one_go_and_all_scorers_only_when_asked(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, sae = session.project, session.sae
    assert project is not None
    assert sae is not None
    found = project.labels.current(sae.hash)
    scores = [LabelScore(scorer, 0.8, 0.7, 0.9, 40) for scorer in ("embedding", "lexical")]
    project.labels.put_scores([(label.id, one) for label in found.values() for one in scores])
    asked: list[str] = []
    real = project.database.rows

    def counted(sql: str, parameters=()):  # type: ignore[no-untyped-def]
        asked.append(sql)
        return real(sql, parameters)

    monkeypatch.setattr(project.database, "rows", counted)
    book = FeatureBook(project, sae, session.undo)
    assert len(asked) == 4, "labels, the score that stands for each, stars and notes, tags"
    assert len(book.shown_scores) == len(found)
    latent = min(found)
    for _ in range(2):
        assert set(book.scores(latent)) == {"embedding", "lexical"}
    assert len(asked) == 5
