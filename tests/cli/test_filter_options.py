"""Conditions on fields as typed in a terminal: what passes, and a sentence for the rest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.cli.command_line import main
from saedesk.cli.filter_options import parse_where
from saedesk.errors import BadSetting
from saedesk.project.project_folder import Project


def passing(folder: Path, *entries: str) -> np.ndarray:
    with Project.open(folder, read_only=True) as project:
        return project.documents.find(parse_where(project, list(entries)))


def test_a_year_is_all_of_its_days(project_copy: Path) -> None:
    year = passing(project_copy, "date=2007")
    assert len(year)
    assert np.array_equal(year, passing(project_copy, "date=2007..2007"))
    assert np.array_equal(year, passing(project_copy, "date=2007-01-01..2007-12-31"))
    with Project.open(project_copy, read_only=True) as project:
        day = str(project.documents.rows(year[:1])[0].fields["date"])
    assert year[0] in passing(project_copy, f"date={day}")
    assert year[0] in passing(project_copy, f"date={day}", "date=1900-01-01")


def test_python_takes_years_and_words_as_a_terminal_does(project_copy: Path) -> None:
    with saedesk.open_project(project_copy) as project:
        for where, entry in (
            ({"date": "2007"}, "date=2007"),
            ({"date": "2007-03"}, "date=2007-03"),
            ({"url": {"contains": "0007"}}, "url~0007"),
        ):
            found = project.search("halos", count=60, where=where)
            ids = sorted(result.document.id for result in found)
            assert ids == passing(project_copy, entry).tolist() != []
        for wrong in ({"contains": " "}, {"has": "x"}, {"contains": "x", "y": 1}):
            with pytest.raises(BadSetting, match="What url contains is said as"):
                project.search("halos", where={"url": wrong})


def test_words_of_texts_links_and_categories(project_copy: Path) -> None:
    assert passing(project_copy, "url~EXAMPLE.org/000").tolist() == list(range(1, 11))
    assert passing(project_copy, "url~example", "url~0007").tolist() == [8]
    learning = passing(project_copy, "category~learn")
    assert np.array_equal(learning, passing(project_copy, "category=Machine learning"))
    assert not len(passing(project_copy, "category~“learning machine”"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["citations="], "“citations=” lets everything through; say citations=2010..2015"),
        (["citations=.."], "lets everything through"),
        (["date="], "lets everything through; say date=2010-05..2015"),
        (["citations=many"], "“citations=many” cannot be read: “many” is not a number"),
        (["citations=nan"], "“nan” is not a number"),
        (["citations=1..inf"], "“inf” is not a number"),
        (["date=foo..bar"], "“foo” is not a date"),
        (["date=2007-13"], "“2007-13” is not a date"),
        (["date=2007-02-30"], "“2007-02-30” is not a date"),
        (["date=2009..2007"], "lets nothing through. “From” (2009) lies above “to” (2007)"),
        (["citations=9..1"], "lets nothing through"),
        (["citations=1", "citations=2"], "citations has two ranges; give it one"),
        (["date=2007", "date=2007-01-01"], "date has days and a range"),
        (["citations~many"], "looks for words, but citations is a number"),
        (["url~ "], "names no words; say url~WORDS"),
        (["url"], "is not FIELD=VALUE"),
    ],
)
def test_what_is_no_condition_is_a_sentence(project_copy: Path, entries, said: str) -> None:
    with pytest.raises(BadSetting) as problem:
        passing(project_copy, *entries)
    assert said in problem.value.sentence


def test_words_without_a_word_are_refused_and_marks_of_all_kinds_are_marks(
    capfd, project_copy: Path
) -> None:
    command = ["search", str(project_copy), "halos", "--json", "--containing"]
    assert main([*command, '" -']) == 1
    assert "has no word for --containing to look for" in capfd.readouterr().err
    passed = []
    for words in ('"dark matter halos"', "“dark matter halos”", "„dark matter halos“"):
        assert main([*command, words]) == 0
        passed.append(json.loads(capfd.readouterr().out)["passed"])
    assert passed[0] == passed[1] == passed[2]
    assert 0 < passed[0] < 60


@pytest.mark.parametrize(
    "words",
    [
        ("halos", "--containing", "a\udcff"),
        ("dark\udcff", "--match", "words"),
        ("halos", "--where", "category=\udcff"),
        ("halos", "--only", "\udcff"),
        ("halos", "--save", "\udcff"),
    ],
)
def test_bytes_that_are_no_text_are_a_sentence(capfd, project_copy: Path, words) -> None:
    assert main(["search", str(project_copy), *words]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "is not written in UTF-8" in err
    assert err.count("\n") == 1


def test_a_new_project_has_a_name_in_utf_8(capfd, tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "p\udcff.saedesk")]) == 1
    assert "is not written in UTF-8" in capfd.readouterr().err


def with_words(folder: Path, words: str) -> set[int]:
    with Project.open(folder, read_only=True) as project:
        return set(project.documents.find(parse_where(project, [], words)).tolist())


def help_of_search(capfd) -> str:
    with pytest.raises(SystemExit):
        main(["search", "--help"])
    return " ".join(capfd.readouterr().out.split())


def test_which_filter_looks_at_the_endings_of_words_is_said_where_it_is_typed(
    capfd, project_copy: Path
) -> None:
    told = help_of_search(capfd)
    one, many = with_words(project_copy, '"network"'), with_words(project_copy, '"networks"')
    assert one == many != set()
    assert one == with_words(project_copy, '"neural network"')
    assert "all of these words in title or text, whatever their endings" in told
    beginning = with_words(project_copy, "netw")
    assert beginning >= one
    assert not with_words(project_copy, '"netw"')
    assert "the last may be the beginning of a word unless it is in quotation marks" in told
    assert len(passing(project_copy, "category~econom"))
    assert not len(passing(project_copy, "category~economy"))
    assert "“wave” is in “waves”, “waves” is not in “wave”" in told
