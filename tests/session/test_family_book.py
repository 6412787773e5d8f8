"""The families of a session: found, tried, edited, undone, kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.project.project_folder import Project
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.session import Session
from saedesk.task_control import Unattended

LOOSE = FamilySettings(
    threshold=0.05, most_density=1.0, fewest_documents=1, fewest_branches=2, fewest_children=2
)


@pytest.fixture
def folder(project_copy: Path) -> Path:
    with Project.open(project_copy) as project:
        find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
    return project_copy


@pytest.fixture
def session(empty_session: Session, folder: Path) -> Session:
    assert empty_session.open_project(folder)
    return empty_session


@pytest.fixture
def book(session: Session) -> FamilyBook:
    return family_book(session)


def test_there_is_one_book_and_it_reads_what_is_stored(session: Session, book: FamilyBook) -> None:
    assert family_book(session) is book
    assert book.settings == book.kept_settings == LOOSE
    assert book.is_counted
    assert len(book.families) > 2
    sizes = [one.size for one in book.families]
    assert sizes == sorted(sizes, reverse=True)
