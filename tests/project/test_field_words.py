"""Words in fields of texts and links, and what no database takes in words that are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.errors import BadSetting
from saedesk.project.document_filter import DocumentFilter, match_expression
from saedesk.project.field_words import ids_with_value
from saedesk.project.project_folder import Project


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as project:
        yield project


def found(project: Project, words: str, **more) -> list[int]:
    wanted = DocumentFilter(field_words={"url": words}, **more)
    return project.documents.find(wanted).tolist()


def test_all_words_have_to_occur_wherever_they_stand(project: Project) -> None:
    assert found(project, "0003") == [4]
    assert found(project, "  HTTPS   0003 ") == [4]
    assert found(project, "http 0003 0004") == []
    assert found(project, '"example.org/0003"') == [4]
    assert found(project, '"org 0003"') == []
    assert found(project, '""') == []
    every = found(project, "example")
    assert found(project, "example", categories={"category": ("Language",)}) == every[3::6]
    counts = project.documents.category_counts("category", DocumentFilter(field_words={"url": "3"}))
    assert sum(one.count for one in counts) == len(found(project, "3"))


def test_a_field_that_says_nothing_has_no_words(project: Project) -> None:
    with project.database.writing() as connection:
        position = [one.name for one in project.documents.fields()].index("url")
        connection.execute(f"UPDATE document_fields SET f{position} = NULL WHERE document_id = 4")
        connection.execute(f"UPDATE document_fields SET f{position} = ' ' WHERE document_id = 5")
    assert found(project, "example")[:4] == [1, 2, 3, 6]
    assert ids_with_value(project.database, "url").tolist()[:4] == [1, 2, 3, 6]
    with pytest.raises(BadSetting, match="no field called “Nope”"):
        ids_with_value(project.database, "Nope")
    with pytest.raises(BadSetting, match="no field called “Nope”"):
        project.documents.find(DocumentFilter(field_words={"Nope": "x"}))


@pytest.mark.parametrize(
    ("words", "text"),
    [("halos\0", "halos"), ("dark\0halos", "dark halos"), ("\x000003\0", "0003"), ("\0x", "x")],
)
def test_a_zero_byte_is_a_space_between_words(project: Project, words: str, text: str) -> None:
    everywhere = [
        project.documents.find(DocumentFilter(words=one)).tolist() for one in (words, text)
    ]
    in_field = [found(project, words), found(project, text)]
    assert everywhere[0] == everywhere[1]
    assert in_field[0] == in_field[1]
    assert everywhere[0] or in_field[0]


@pytest.mark.parametrize("words", ["\0", "hal\ud800os", "\ud800x", "00\ud80003", '"halos\0dark"'])
def test_what_no_text_can_have_is_found_nowhere(project: Project, words: str) -> None:
    assert project.documents.find(DocumentFilter(words=words)).tolist() == []
    assert found(project, words) == []


def test_curly_marks_are_marks() -> None:
    for words in ("“dark matter”", "„dark matter“", "«dark matter»", "”dark matter”"):
        assert match_expression(f"{words} x") == '"dark matter" "x"*'
    assert match_expression("a\0b ") == '"a" "b"'
