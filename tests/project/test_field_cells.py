"""Fields of many documents are read without making one object more than the rows are."""

from __future__ import annotations

import gc
from pathlib import Path

from saedesk.corpus.document import Document, FieldDefinition, FieldType
from saedesk.project.document_writer import writing_documents
from saedesk.project.field_cells import field_cells
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

MANY = 7_000
FIELDS = (FieldDefinition("kind", FieldType.CATEGORY), FieldDefinition("size", FieldType.NUMBER))


def test_reading_sets_off_no_more_collections_than_its_rows(tmp_path: Path) -> None:
    """The window waits for each; two objects a document would be twice as many."""
    begun = []

    def note(phase: str, _: dict[str, int]) -> None:
        begun.append(phase)

    with Project.create(tmp_path / "p.saedesk") as project:
        with writing_documents(project.database, FIELDS) as writer:
            for i in range(MANY):
                writer.add(Document(f"d{i}", "", "text", {"kind": f"k{i % 3}", "size": i / 2}))
        gc.collect()
        gc.callbacks.append(note)
        try:
            read = list(field_cells(project.database, FIELDS, ["size", "kind"], Unattended()))
        finally:
            gc.callbacks.remove(note)
    ((ids, (sizes, kinds)),) = read
    assert ids.tolist() == list(range(1, MANY + 1))
    assert (sizes[5], kinds[5]) == (2.5, "k2")
    assert begun.count("start") < 1.5 * MANY / gc.get_threshold()[0]
