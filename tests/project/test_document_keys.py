"""Documents found by what their keys begin with, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.corpus.document import Document
from saedesk.project.document_keys import ids_with_key, keys_of
from saedesk.project.document_writer import ImportRecord, writing_documents
from saedesk.project.project_folder import Project

KEYS = ["b2", "a_10", "a_1", "a%1", "ax1", "B21", "Été", "0704.0001", "a_100"]


def filled(folder: Path, keys: list[str]) -> Project:
    project = Project.create(folder)
    with writing_documents(project.database, ()) as writer:
        for key in keys:
            writer.add(Document(key, key, "", {}))
        writer.finish("s", ImportRecord("s", len(keys), len(keys), 0, 0, 0), [])
    return project


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a_1", ["a_1", "a_10", "a_100"]),
        ("a%", ["a%1"]),
        ("b2", ["b2", "B21"]),
        ("é", ["Été"]),
        ("0704", ["0704.0001"]),
        ("zz", []),
        ("", []),
    ],
)
def test_the_shortest_key_comes_first_in_any_case(
    tmp_path: Path, typed: str, found: list[str]
) -> None:
    with filled(tmp_path / "p.saedesk", KEYS) as project:
        ids = ids_with_key(project.database, typed, 10)
        assert keys_of(project.database, ids) == found
        assert len(ids_with_key(project.database, "a", 2)) == 2


def test_a_beginning_of_very_many_keys_is_answered_by_the_index(tmp_path: Path) -> None:
    with filled(tmp_path / "p.saedesk", [f"k{i}" for i in range(5_000)]) as project:
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection = project.database.connection()
        connection.set_progress_handler(count, 100)
        ids = ids_with_key(project.database, "k", 6)
        connection.set_progress_handler(None, 0)
        assert keys_of(project.database, ids)[0] == "k0"
        # Reading every key takes tens of thousands of steps; the first thousand some of them.
        assert steps < 200
