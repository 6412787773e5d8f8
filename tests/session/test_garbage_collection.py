"""Large SAEs are kept out of garbage collections for as long as they are in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from saedesk.session import garbage_collection
from saedesk.session.session import Session


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    assert gc.get_freeze_count() == 0
    yield
    assert gc.get_freeze_count() == 0


def test_many_labels_are_passed_over_until_the_project_is_closed(
    empty_session: Session, project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage_collection, "MANY_LABELS", 10)
    assert empty_session.open_project(project_copy)
    assert gc.get_freeze_count() > 0
    empty_session.close_project()


def test_few_labels_are_looked_at_as_everything_else(session: Session) -> None:
    assert session.book is not None
    assert 0 < len(session.book.labels) < garbage_collection.MANY_LABELS


def test_a_session_that_ends_leaves_nothing_out(
    qapp, settings_folder: Path, project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage_collection, "MANY_LABELS", 10)
    session = Session()
    assert session.open_project(project_copy)
    assert session.close()
