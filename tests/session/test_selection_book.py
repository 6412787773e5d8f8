"""Selections are saved, renamed, deleted and shown, and every change is a step to undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import KnownError
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.selection_store import SavedSelection
from saedesk.session.session import Session


def names(session: Session) -> list[str]:
    return [one.name for one in session.selections.selections]


def test_saving_renaming_and_deleting_are_undone_one_by_one(session: Session) -> None:
    book, told = session.selections, []
    book.changed.connect(lambda: told.append(names(session)))
    one = book.save(" Halos ", np.array([5, 3]), {"feature": 2})
    before: SavedSelection = book.selections[0]
    book.rename(one, "Dark halos")
    book.delete(one)
    assert told == [["Halos"], ["Dark halos"], []]
    assert session.undo.count() == 3
    session.undo.undo()
    assert names(session) == ["Dark halos"]
    assert session.project is not None
    assert session.project.selections.document_ids(one).tolist() == [5, 3]
    session.undo.undo()
    assert book.selections == (before,), "with its number, time and origin"
    session.undo.undo()
    assert names(session) == []
    for expected in (["Halos"], ["Dark halos"], []):
        session.undo.redo()
        assert names(session) == expected
    assert told[-1] == []


def test_a_step_that_can_no_longer_be_taken_back_says_why(session: Session) -> None:
    one = session.selections.save("Halos", [1])
    session.selections.delete(one)
    assert session.project is not None
    session.project.selections.save("Halos", [2])
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    session.undo.undo()
    assert said == ["There is a selection called “Halos” already. Choose another name."]


def test_what_changes_nothing_or_is_refused_is_no_step(session: Session) -> None:
    one = session.selections.save("Halos", [1])
    session.selections.rename(one, "Halos ")
    assert session.undo.count() == 1
    session.selections.save("Others", [2])
    for refused in (
        lambda: session.selections.save("Halos", [3]),
        lambda: session.selections.rename(one, "Others"),
        lambda: session.selections.rename(one, "  "),
        lambda: session.selections.delete(99),
    ):
        with pytest.raises(KnownError):
            refused()
    assert session.undo.count() == 2
    assert names(session) == ["Halos", "Others"]


def test_a_selection_is_shown_in_corpus_under_its_name(session: Session) -> None:
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    session.selections.show(session.selections.save("Halos", [9, 4]))
    assert wanted[0].document_ids is not None
    assert wanted[0].document_ids.tolist() == [4, 9]
    assert wanted[0].documents_of == "“Halos”"


def test_nothing_is_written_where_the_project_is_read_only(
    session: Session, project_copy: Path
) -> None:
    one = session.selections.save("Halos", [1])
    second = Session()
    try:
        assert second.open_project(project_copy)
        assert names(second) == ["Halos"]
        with pytest.raises(KnownError, match="read-only"):
            second.selections.delete(one)
        assert second.undo.count() == 0
    finally:
        assert second.close()
