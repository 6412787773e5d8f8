from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.document import Document, FieldDefinition, FieldType
from saedesk.jobs.search_facets import CategoryCounts, RangeCounts, SearchFacets
from saedesk.project.document_writer import ImportRecord, writing_documents
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

FIELDS = (
    FieldDefinition("kind", FieldType.CATEGORY),
    FieldDefinition("same", FieldType.CATEGORY),
    FieldDefinition("date", FieldType.DATE),
    FieldDefinition("latitude", FieldType.LATITUDE),
    FieldDefinition("number", FieldType.NUMBER),
    FieldDefinition("url", FieldType.URL),
)
N = 120


def fields_of(at: int) -> dict[str, object]:
    return {
        "kind": None if at % 5 == 0 else "abc"[at % 3],
        "same": "one",
        "date": None if at % 7 == 0 else f"{2000 + at % 12}-0{1 + at % 9}-01",
        "latitude": float(at % 90) - 45,
        "number": None if at % 11 == 0 else float(at % 40),
        "url": f"http://x/{at}",
    }


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.saedesk") as made:
        with writing_documents(made.database, FIELDS) as writer:
            for at in range(N):
                writer.add(Document(str(at), "", "word " * (1 + at % 30), fields_of(at)))
            writer.finish("made up", ImportRecord("made up", N, N, 0, 0, 0), ())
        yield made


def test_every_field_is_counted_among_the_documents(project: Project) -> None:
    ids = project.documents.find()
    kept = ids[ids % 4 != 1]
    facets = SearchFacets.read(project, kept, Unattended())
    among = np.zeros(len(kept), bool)
    among[::3] = True
    chosen = [int(i) - 1 for i in kept[among]]
    found = facets.counts(among)
    assert list(found) == ["kind", "date", "latitude", "number", ""]
    kind = found["kind"]
    assert isinstance(kind, CategoryCounts)
    said = [fields_of(at)["kind"] for at in chosen]
    expected = {value: said.count(value) for value in "abc"}
    assert dict(kind.values) == expected
    assert [n for _, n in kind.values] == sorted(expected.values(), reverse=True)
    assert kind.unknown == said.count(None)
    for name in ("date", "latitude", "number", ""):
        facet = found[name]
        assert isinstance(facet, RangeCounts)
        assert facet.counts.sum() + facet.unknown == len(chosen)
    assert found["date"].unknown == sum(at % 7 == 0 for at in chosen)
    years = found["date"]
    for text, count in zip(years.binning.low_texts, years.counts.tolist(), strict=True):
        assert count == sum(
            at % 7 != 0 and (fields_of(at)["date"] or "").startswith(text) for at in chosen
        )
    by_number = facets.counts(np.flatnonzero(among))
    assert by_number["kind"] == kind
    np.testing.assert_array_equal(by_number["number"].counts, found["number"].counts)


def test_all_documents_are_counted_without_a_choice(project: Project) -> None:
    facets = SearchFacets.read(project, project.documents.find(), Unattended())
    everything, nothing = facets.counts(), facets.counts(np.zeros(N, bool))
    assert sum(n for _, n in everything["kind"].values) + everything["kind"].unknown == N
    assert facets.counts(np.ones(N, bool))["kind"] == everything["kind"]
    assert nothing["kind"] == CategoryCounts("kind", (), 0)
    assert nothing["date"].counts.sum() == nothing["date"].unknown == 0


def test_a_million_documents_take_a_moment() -> None:
    import time

    from saedesk.jobs.corpus_columns import (
        CategoryColumn,
        CorpusColumns,
        NumberColumn,
        bins_of_numbers,
    )

    n = 1_000_000
    generator = np.random.default_rng(0)
    numbers = [generator.random(n) * 100 for _ in range(3)]
    values = tuple(f"value {i:03d}" for i in range(300))
    columns = CorpusColumns(
        np.arange(1, n + 1),
        np.ones(n, bool),
        np.ones(n, bool),
        NumberColumn("", FieldType.NUMBER, numbers[0], bins_of_numbers(numbers[0])),
        {
            "a": CategoryColumn("a", generator.integers(0, 300, n).astype(np.int32), values),
            "b": NumberColumn("b", FieldType.NUMBER, numbers[1], bins_of_numbers(numbers[1])),
            "c": NumberColumn("c", FieldType.DATE, numbers[2], bins_of_numbers(numbers[2])),
        },
        (),
    )
    facets = SearchFacets(columns, columns.ids)
    among = generator.random(n) < 0.5
    times = []
    for _ in range(7):
        started = time.perf_counter()
        facets.counts(among)
        times.append(time.perf_counter() - started)
    # 10 ms alone; other tests may run beside this one.
    assert min(times) < 0.1
