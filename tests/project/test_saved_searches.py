from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.project.project_folder import Project
from saedesk.project.saved_searches import LAST_SEARCHES


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def test_searches_and_presets_are_kept_apart_by_name(project: Project) -> None:
    store = project.saved_searches
    one = store.save("search", "Halos", {"text": "dark “halos”", "like": [1, 2]}, "abc")
    store.save("preset", "Halos", {"plan": {"strengths": [[3, 0.1]]}}, "abc")
    assert [saved.content for saved in store.all("search")] == [
        {"text": "dark “halos”", "like": [1, 2]}
    ]
    assert store.named("preset", " Halos ").content == {"plan": {"strengths": [[3, 0.1]]}}
    assert store.of(one).sae == "abc"
    store.rename(one, "Dark halos")
    store.change(one, {"text": "other"}, "def")
    assert (store.of(one).name, store.of(one).content, store.of(one).sae) == (
        "Dark halos",
        {"text": "other"},
        "def",
    )
    saved = store.of(one)
    store.delete(one)
    assert store.all("search") == []
    store.restore(saved)
    assert store.all("search") == [saved]


def test_names_are_checked(project: Project) -> None:
    store = project.saved_searches
    one = store.save("search", "Halos", {})
    two = store.save("search", "Lenses", {})
    with pytest.raises(BadInput, match="There is a search called “Halos” already"):
        store.save("search", "Halos", {})
    with pytest.raises(BadInput, match="already"):
        store.rename(two, "Halos")
    store.rename(one, "Halos")
    for name in ("", "  "):
        with pytest.raises(BadInput, match="Give the preset a name"):
            store.save("preset", name, {})
    with pytest.raises(BadInput, match="at most 120 characters"):
        store.save("preset", "x" * 121, {})
    with pytest.raises(BadInput, match=r"no search called “X”\. There are: “Halos”, “Lenses”"):
        store.named("search", "X")
    with pytest.raises(BadInput, match="There are: none yet"):
        store.named("preset", "X")
    gone = store.of(one)
    store.delete(one)
    with pytest.raises(BadInput, match="was deleted"):
        store.of(one)
    store.save("search", "Halos", {})
    with pytest.raises(BadInput, match="already"):
        store.restore(gone)


def test_the_last_searches_are_kept_once_each_newest_first(project: Project) -> None:
    history = project.search_history
    for number in range(LAST_SEARCHES + 30):
        history.add({"text": f"query {number}"})
    history.add({"text": "query 100"})
    texts = [one.content["text"] for one in history.all()]
    assert len(texts) == LAST_SEARCHES
    assert texts[:3] == ["query 100", "query 229", "query 228"]
    assert texts.count("query 100") == 1
    assert texts[-1] == "query 30"
    history.add({"text": "query 100"}, "another SAE")
    assert [one.content["text"] for one in history.all()][:2] == ["query 100", "query 100"]


def test_what_is_forgotten_can_be_put_back_in_its_place(project: Project) -> None:
    history = project.search_history
    for text in "abc":
        history.add({"text": text})
    before = history.all()
    history.forget([before[1].id])
    assert [one.content["text"] for one in history.all()] == ["c", "a"]
    history.restore([before[1]])
    assert history.all() == before
    history.clear()
    assert history.all() == []
    history.restore(before)
    assert history.all() == before
    history.forget([before[0].id])
    history.add({"text": "c"})
    history.restore([before[0]])
    assert [one.content["text"] for one in history.all()] == ["c", "b", "a"]


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000])
def test_a_search_that_is_none_is_damage(project: Project, content: str) -> None:
    project.search_history.add({"text": "a"})
    project.saved_searches.save("search", "a", {})
    with closing(sqlite3.connect(project.database.path)) as connection:
        connection.execute("UPDATE search_history SET content = ?", (content,))
        connection.execute("UPDATE saved_searches SET content = ?", (content,))
        connection.commit()
    for read in (project.search_history.all, lambda: project.saved_searches.all("search")):
        with pytest.raises(DamagedArtifact, match="cannot be read"):
            read()
