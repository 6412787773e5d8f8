from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.document import Document, FieldDefinition, FieldType
from saedesk.errors import BadInput, BadSetting
from saedesk.project.document_filter import DocumentFilter, DocumentOrder, match_expression
from saedesk.project.document_store import year_with_fraction
from saedesk.project.document_writer import (
    ImportRecord,
    find_import,
    import_records,
    writing_documents,
)
from saedesk.project.project_folder import Project

FIELDS = (
    FieldDefinition("Kind", FieldType.CATEGORY),
    FieldDefinition("Citations", FieldType.NUMBER),
    FieldDefinition("Date", FieldType.DATE),
)
DOCUMENTS = [
    Document("007", "Dark matter", "Halos of galaxies in C++ code", {"Kind": "Physics"}),
    Document("a b", "dark energy", "It's about AND, OR and NOT", {"Kind": "Physics"}),
    Document("k3", "Networks", 'The word "layer" and naïve networks', {"Citations": 3.0}),
    Document("k4", "", "   ", {"Kind": "", "Citations": -2.0, "Date": "2019-07-01"}),
    Document("k5", "Title only", "", {"Kind": "Other", "Citations": 10.5, "Date": "2003"}),
]


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        add(made, DOCUMENTS)
        yield made


def add(project: Project, documents: list[Document], fields=FIELDS, source: str = "s1") -> None:
    with writing_documents(project.database, fields) as writer:
        kept = sum(writer.add(document) for document in documents)
        record = ImportRecord(source, len(documents), kept, 0, len(documents) - kept, 0)
        writer.finish(source, record, [])


def keys(project: Project, **conditions) -> list[str]:
    ids = project.documents.find(DocumentFilter(**conditions))
    return [row.key for row in project.documents.rows(ids)]


def test_documents_come_back_as_they_were(project: Project) -> None:
    first, *_, last = project.documents.iterate()
    assert (first.id, first.key, first.title, first.text) == (
        1,
        "007",
        "Dark matter",
        "Halos of galaxies in C++ code",
    )
    assert last.fields == {"Kind": "Other", "Citations": 10.5, "Date": "2003"}
    assert project.documents.fields() == FIELDS
    assert [row.id for row in project.documents.rows([5, 99, 1])] == [5, 1]
    assert project.documents.count_without_text() == 2
    assert [row.heading for row in project.documents.rows([4, 5])] == ["k4", "Title only"]


def test_only_documents_with_words_are_embedded(project: Project) -> None:
    ids, hashes = project.documents.embedding_rows()
    assert ids.tolist() == [1, 2, 3, 5]
    assert hashes.shape == (4, 16)
    assert np.array_equal(project.documents.hashes_of(np.array([5, 1])), hashes[[3, 0]])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dark", ["007", "a b"]),
        ("dar", ["007", "a b"]),
        ("dar ", []),
        ("matter dark", ["007"]),
        ('"dark matter"', ["007"]),
        ('"matter dark"', []),
        ("c++", ["007"]),
        ("AND", ["a b", "k3"]),
        ("galaxies NOT halos", []),
        ("it's", ["a b"]),
        ("it's -x", []),
        ('"', []),
        ("''", []),
        ('"layer', ["k3"]),
        ("naive", ["k3"]),
        ("network", ["k3"]),
        ("title:dark", []),
        ("dark*", ["007", "a b"]),
        ("NEAR(dark matter)", []),
        ("%", []),
        ("   ", ["007", "a b", "k3", "k4", "k5"]),
    ],
)
def test_words_are_only_text_whatever_a_person_types(project: Project, words, found) -> None:
    assert sorted(keys(project, words=words)) == found


def test_operators_are_quoted() -> None:
    assert match_expression('a "b c" d') == '"a" "b c" "d"*'
    assert match_expression("OR -x ( )") == '"OR" "-x"'
    assert match_expression('" ') == ""


def test_filters_hold_together(project: Project) -> None:
    assert keys(project, categories={"Kind": ("Physics",)}) == ["007", "a b"]
    assert keys(project, categories={"Kind": ("", "Other")}) == ["k3", "k4", "k5"]
    assert keys(project, ranges={"Citations": (-2, 3)}) == ["k3", "k4"]
    assert keys(project, ranges={"Citations": (None, 3)}, categories={"Kind": ("",)}) == [
        "k3",
        "k4",
    ]
    assert keys(project, ranges={"Date": ("2004", None)}) == ["k4"]
    assert keys(project, document_ids=np.array([2, 3]), words="networks ") == ["k3"]
    with pytest.raises(BadSetting, match=r"no field called “Nope”. There are: Kind, Citations"):
        keys(project, categories={"Nope": ("x",)})
    with pytest.raises(BadSetting, match="no field"):
        keys(project, categories={'Kind"; DROP TABLE documents; --': ("x",)})
    assert project.documents.count() == 5


@pytest.mark.parametrize(
    ("column", "descending", "expected"),
    [
        ("", True, [5, 4, 3, 2, 1]),
        ("title", False, [4, 2, 1, 3, 5]),
        ("key", False, [1, 2, 3, 4, 5]),
        ("Citations", False, [4, 3, 5, 1, 2]),
        ("Citations", True, [5, 3, 4, 1, 2]),
        ("Date", True, [4, 5, 1, 2, 3]),
    ],
)
def test_orders_put_missing_values_last(project: Project, column, descending, expected) -> None:
    order = DocumentOrder(column, descending)
    assert project.documents.find(order=order).tolist() == expected
    assert project.documents.find(order=order, limit=2).tolist() == expected[:2]


def test_a_limit_holds_among_chosen_documents(project: Project) -> None:
    wanted = DocumentFilter(document_ids=np.array([3, 4, 5]))
    assert project.documents.find(wanted, limit=2).tolist() == [3, 4]


def test_facets_count_what_passes(project: Project) -> None:
    documents = project.documents
    counts = [(c.value, c.count) for c in documents.category_counts("Kind")]
    assert counts == [("", 2), ("Physics", 2), ("Other", 1)]
    dark = DocumentFilter(words="dark")
    assert [(c.value, c.count) for c in documents.category_counts("Kind", dark)] == [("Physics", 2)]
    assert np.isfinite(documents.numeric_values("Citations")).sum() == 3


@pytest.mark.parametrize(
    ("date", "year"),
    [("2019-07-01", 2019.5), ("2003", 2003.0), ("2003-13", 2004.0), ("x", None), (None, None)],
)
def test_dates_become_years(date, year) -> None:
    assert year_with_fraction(date) == pytest.approx(year if year else float("nan"), nan_ok=True)


def test_a_failed_import_leaves_nothing(project: Project) -> None:
    before = project.documents.corpus_hash()
    with pytest.raises(RuntimeError):
        add_and_fail(project)
    assert project.documents.count() == 5
    assert project.documents.corpus_hash() == before
    assert [field.name for field in project.documents.fields()] == ["Kind", "Citations", "Date"]
    assert keys(project, words="unfinished ") == []


def add_and_fail(project: Project) -> None:
    new = (*FIELDS, FieldDefinition("New", FieldType.TEXT))
    with writing_documents(project.database, new) as writer:
        writer.add(Document("k9", "Unfinished", "x", {"New": "y"}))
        raise RuntimeError


def test_more_documents_bring_more_fields(project: Project) -> None:
    new = FieldDefinition("Url", FieldType.URL)
    add(project, [Document("k6", "t", "x", {"Url": "https://a"})], (new,), "s2")
    assert project.documents.rows([6])[0].fields == {
        "Kind": None,
        "Citations": None,
        "Date": None,
        "Url": "https://a",
    }
    with pytest.raises(BadInput, match="“Kind” is of type category in this project and number"):
        add(project, [], (FieldDefinition("Kind", FieldType.NUMBER),), "s3")
    assert [record.source for record in import_records(project.database)] == ["s1", "s2"]
    assert find_import(project.database, "s2") is not None
    assert find_import(project.database, "s3") is None


def test_the_corpus_hash_names_keys_texts_and_order(tmp_path: Path) -> None:
    def hash_of(documents: list[Document], number: int) -> str:
        with Project.create(tmp_path / f"{number}.saedesk") as made:
            add(made, documents)
            return made.documents.corpus_hash()

    same = hash_of(DOCUMENTS, 1)
    assert hash_of(DOCUMENTS, 2) == same
    assert hash_of(DOCUMENTS[::-1], 3) != same
    assert hash_of(DOCUMENTS[:-1], 4) != same
    changed = [*DOCUMENTS[:-1], Document("k5", "Title onlY", "")]
    assert hash_of(changed, 5) != same


def test_a_hundred_thousand_documents_are_listed_within_time(tmp_path: Path) -> None:
    with Project.create(tmp_path / "large.saedesk") as project:
        kinds = ("Physics", "Biology", "Economics")
        large = [
            Document(
                f"{i}",
                f"Title {i % 977}",
                f"word{i % 50} more text",
                {
                    "Kind": kinds[i % 3],
                    "Citations": float(i % 100),
                },
            )
            for i in range(100_000)
        ]
        add(project, large)
        started = time.monotonic()
        assert len(project.documents.find(order=DocumentOrder("title"))) == 100_000
        assert len(project.documents.find(DocumentFilter(words="word7 "))) == 2000
        assert project.documents.category_counts("Kind")[0].count == 33_334
        assert len(project.documents.numeric_values("Citations")) == 100_000
        assert len(project.documents.rows(range(50_000, 50_200))) == 200
        # About a second; the limit only tells a missing index or a quadratic loop.
        assert time.monotonic() - started < 15
