"""Roles guessed on tables like those people have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from saedesk.corpus.column_roles import guess_uses
from saedesk.corpus.corpus_input import preview_input
from saedesk.corpus.document import ColumnRole, ColumnUse

ABSTRACT = "We present a unified treatment of the two dual formulations of a theory. " * 4


def roles(uses: tuple[ColumnUse, ...]) -> dict[str, str]:
    """Column -> "key", "title", "text" or the type of the field."""
    return {
        use.column: use.role.value if use.field_type is None else use.field_type.value
        for use in uses
    }


def guess(table: dict[str, list[str]], key_column: str | None = None) -> dict[str, str]:
    rows = list(zip(*table.values(), strict=True))
    return roles(guess_uses(tuple(table), rows, key_column))


def test_a_table_of_papers():
    n = range(40)
    found = guess({
        "id": [f"1909.{i:05d}" for i in n],
        "title": [f"On dualities, part {i}" for i in n],
        "abstract": [f"{ABSTRACT} {i}" for i in n],
        "year": [str(1993 + i % 20) for i in n],
        "date": [f"{1993 + i % 20}-03-0{1 + i % 9}" for i in n],
        "primary_category": [("cs.CL", "hep-th", "stat.ME")[i % 3] for i in n],
        "categories": [f"cs.CL cs.A{i % 30}" for i in n],
        "authors": [f"A. Author{i}, B. Writer{i}" for i in n],
        "num_pages": [str(i) if i % 3 else "" for i in n],
        "doi": [f"10.1103/PhysRev.{i}" if i % 2 else "" for i in n],
        "comments": [f"{i} pages, to appear" for i in n],
    })  # fmt: skip
    assert found == {
        "id": "key", "title": "title", "abstract": "text", "year": "number", "date": "date",
        "primary_category": "category", "categories": "category", "authors": "text",
        "num_pages": "number", "doi": "text", "comments": "text",
    }  # fmt: skip
    assert [u.role for u in guess_uses(("id", "text"), [("1", "a b")])] == [
        ColumnRole.KEY,
        ColumnRole.TEXT,
    ]


def test_news_with_a_numbered_label():
    n = range(40)
    found = guess({
        "id": [f"ag-{i}" for i in n],
        "title": [f"News {i}" for i in n],
        "text": [f"AP - something {i} happened." for i in n],
        "label": [str(1 + i % 4) for i in n],
        "label_name": [("World", "Sports", "Business", "Sci/Tech")[i % 4] for i in n],
    })  # fmt: skip
    assert list(found.values()) == ["key", "title", "text", "category", "category"]


def test_places():
    n = range(60)
    found = guess({
        "id": [str(3040051 + i) for i in n],
        "name": [f"Village {i}" for i in n],
        "asciiname": [f"Village {i}" for i in n],
        "latitude": [f"{42.5 - i}" for i in n],
        "longitude": [f"{-150.2 + i}" for i in n],
        "country_code": [("AD", "AE")[i % 2] for i in n],
        "admin1_code": [f"{i % 9:02d}" for i in n],
        "population": [str(15_000 + 37 * i) for i in n],
        "timezone": [("Europe/Andorra", "Asia/Dubai")[i % 2] for i in n],
        "url": [f"https://example.org/{i}" for i in n],
    })  # fmt: skip
    assert list(found.values()) == [
        "key", "text", "text", "latitude", "longitude", "category", "category", "number",
        "category", "url",
    ]  # fmt: skip


def test_a_name_beside_a_text_is_the_title():
    n = range(20)
    found = guess({
        "id": [f"p{i}" for i in n],
        "name": [f"Park {i}" for i in n],
        "text": [f"A park with {i} lakes and a forest." for i in n],
        "weather": [f"In winter there are {i} days of snow on the passes." for i in n],
        "latitude": ["" if i == 3 else str(i) for i in n],
    })  # fmt: skip
    assert list(found.values()) == ["key", "title", "text", "text", "latitude"]


def test_an_id_that_repeats_is_no_key():
    found = guess({"id": ["1", "1", "2"], "text": ["a b", "c d", "e f"]})
    assert found["id"] == "number"


def test_the_longest_prose_is_the_text_when_no_name_tells():
    n = range(30)
    found = guess({
        "code": [f"x{i % 3}" for i in n],
        "short": [f"few words {i}" for i in n],
        "what_people_said": [f"{ABSTRACT} {i}" for i in n],
    })  # fmt: skip
    assert found == {"code": "category", "short": "text", "what_people_said": "text"}
    uses = guess_uses(("a", "b"), [(f"w {i}", f"{ABSTRACT} {i}") for i in n])
    assert [use.role for use in uses] == [ColumnRole.FIELD, ColumnRole.TEXT]


def test_a_table_of_numbers_has_no_text():
    found = guess({"query-id": ["1", "1"], "corpus-id": ["184", "184"], "score": ["1", "1"]})
    assert "text" not in found.values()
    assert "key" not in found.values()


def test_an_empty_column_and_no_rows_at_all_are_no_obstacle():
    assert guess({"text": ["a"], "empty": [""]}) == {"text": "text", "empty": "text"}
    assert guess({"text": [], "other": []}) == {"text": "text", "other": "text"}


REAL_TABLES = {
    "arxiv/arxiv_sample_500.csv": "key title text number date category category text number "
    "number number text text",
    "agnews/ag_news_20k.csv.gz": "key title text category category",
    "banking77/banking77.csv.gz": "key text category category",
    "cranfield/corpus.jsonl.gz": "key title text text text",
    "scifact/corpus.jsonl.gz": "key title text",
    "geo/nps_parks.csv": "key title text latitude longitude category category text url",
    "geo/geonames_cities15000.csv.gz": "key text text latitude longitude category category "
    "category number number category",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL_TABLES)
def test_real_tables(name):
    folder = os.environ.get("SAEDESK_DATA")
    if folder is None:
        pytest.skip("SAEDESK_DATA is not set")
    preview = preview_input(Path(folder) / name)
    assert " ".join(roles(preview.uses).values()) == REAL_TABLES[name]
