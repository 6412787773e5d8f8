"""Fields of a real project as columns in the order of vectors that leave some documents out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from saedesk.features.field_columns import FieldColumns
from saedesk.jobs.document_fields import read_document_fields
from saedesk.project import field_cells
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, import_file

N = 60
KINDS = ("park", "museum", "", "harbour")


def write_sights(path: Path) -> Path:
    """A table with every type of field, and gaps."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = ("id", "title", "text", "kind", "latitude", "longitude", "visitors", "opened")
        writer.writerow((*names, "year"))
        for i in range(N):
            writer.writerow(
                (
                    f"s{i:03}",
                    f"Sight number {i}",
                    f"A place that people like to see, described in sentence {i} of a long list.",
                    KINDS[i % 4],
                    "" if i == 5 else f"{40 + i / 7:.4f}",
                    f"{-3 + i / 5:.4f}",
                    "" if i % 10 == 3 else i * 1000,
                    f"{1950 + i % 13}-0{1 + i % 9}-15",
                    2000 + i % 5,
                )
            )
    return path


@pytest.fixture
def sights(tmp_path: Path):
    path = write_sights(tmp_path / "sights.csv")
    with Project.create(tmp_path / "sights.saedesk") as project:
        import_file(project, path)
        yield project


@pytest.mark.parametrize("at_once", [1, 7, 20_000])
def test_columns_follow_the_ids(sights: Project, monkeypatch, at_once: int) -> None:
    monkeypatch.setattr(field_cells, "DOCUMENTS_AT_ONCE", at_once)
    everything = np.sort(sights.documents.find())
    ids = np.delete(everything, [0, 7, 59])
    columns = read_document_fields(sights, ids, Unattended())
    number = {int(row.id): int(row.key[1:]) for row in sights.documents.rows(ids)}
    of = [number[int(i)] for i in ids]
    assert isinstance(columns, FieldColumns)
    assert columns.n_documents == len(ids) == N - 3
    kind = columns.category("kind")
    assert kind is not None
    assert kind.values == ("harbour", "museum", "park")
    told = [kind.values[code] if code >= 0 else "" for code in kind.codes]
    assert told == [KINDS[i % 4] for i in of]
    by_name = {column.name: column for column in columns.numbers}
    assert set(by_name) == {"visitors", "opened", "year"}
    visitors = [np.nan if i % 10 == 3 else i * 1000.0 for i in of]
    assert by_name["visitors"].values == pytest.approx(visitors, nan_ok=True)
    opened = [1950 + i % 13 + (i % 9) / 12 + 14 / 372 for i in of]
    assert by_name["opened"].values == pytest.approx(opened)
    assert columns.time is by_name["opened"]
    places = columns.places
    assert places is not None
    assert (places.place_of < 0).tolist() == [i == 5 for i in of]
    north = [40 + i / 7 for i in of if i != 5]
    known = places.place_of[places.place_of >= 0]
    assert places.latitude[known] == pytest.approx(north, abs=1e-3)


def test_fields_that_are_no_groups_and_a_cancel(sights: Project) -> None:
    ids = np.sort(sights.documents.find())
    assert read_document_fields(sights, ids, Unattended()).category("title") is None
    nothing = read_document_fields(sights, np.zeros(0, np.int64), Unattended())
    assert (nothing.categories, nothing.numbers) == ((), ())
    with pytest.raises(Cancelled):
        read_document_fields(sights, ids, Listener(cancel_at=1))
