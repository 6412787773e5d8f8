from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.document import Document
from saedesk.project import word_search
from saedesk.project.document_writer import ImportRecord, writing_documents
from saedesk.project.project_folder import Project
from saedesk.project.word_search import WordSearch
from saedesk.search.hybrid_search import typed_words
from saedesk.task_control import Cancelled, Unattended

TEXTS = (
    ("A galaxy", "dark matter is everywhere in the universe"),
    ("Matter", "dark energy, and some galaxies"),
    ("Nothing", "matter that is dark and cold, the dark kind"),
    ("Lenses", "the glass of a lens"),
    ("On c++", "AND OR NOT, it's a language"),
)


def project_of(folder: Path, texts: list[tuple[str, str]]) -> Project:
    project = Project.create(folder)
    with writing_documents(project.database, ()) as writer:
        for at, (title, text) in enumerate(texts):
            writer.add(Document(str(at), title, text, {}))
        writer.finish("made up", ImportRecord("made up", len(texts), len(texts), 0, 0, 0), ())
    return project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with project_of(tmp_path / "p.saedesk", list(TEXTS)) as made:
        yield made


def found(project: Project, text: str, count: int = 10) -> list[int]:
    return WordSearch(project.database).ranked(typed_words(text), count)[0].tolist()


def test_any_word_counts_and_titles_count_more(project: Project) -> None:
    assert set(found(project, "dark matter")) == {1, 2, 3}
    # “galaxies” is the same word; it stands in the title of the first document.
    assert found(project, "galaxy") == [1, 2]
    assert found(project, "matter galaxy", 1) == [1]
    ids, scores = WordSearch(project.database).ranked(typed_words("dark matter glass"), 10)
    assert set(ids) == {1, 2, 3, 4}
    assert (np.diff(scores) <= 0).all()
    assert (scores > 0).all()


def test_quoted_phrases_must_occur(project: Project) -> None:
    search = WordSearch(project.database)
    assert found(project, '"dark matter"') == [1]
    assert found(project, '"dark matter" glass') == [1]
    assert found(project, '"matter that is dark" energy') == [3]
    assert found(project, '"dark matter" "glass of a lens"') == []
    assert search.with_phrases(typed_words('"dark energy"')).tolist() == [2]
    alone = search.ranked(typed_words('"dark matter"'), 9)[1]
    with_more = search.ranked(typed_words('"dark matter" universe'), 9)[1]
    assert with_more[0] > alone[0]


def test_quoted_phrases_stand_there_word_for_word(tmp_path: Path, monkeypatch) -> None:
    texts = [
        ("One", "We hear gravitational waves."),
        ("Gravitational-Waves", "Nothing."),
        ("Two", "A gravitational wave, gravitation waves, gravitational\nWAVES of gas"),
        ("Three", "A gravitational wave and a gravitation wave."),
        ("Four gravitational", "waves, in the text alone"),
        ("Five", "The Erdős–Rényi graph"),
    ]
    with project_of(tmp_path / "q.saedesk", texts) as project:
        search = WordSearch(project.database)
        typed = typed_words('"gravitational waves"')
        assert search.with_phrases(typed).tolist() == [1, 2, 3]
        assert search.is_word_for_word(typed)
        assert sorted(found(project, '"gravitational waves"')) == [1, 2, 3]
        assert sorted(found(project, '"gravitational waves" gas')) == [1, 2, 3]
        assert found(project, '"gravitational waves" gas', 1) == [3]
        assert sorted(found(project, '"gravitational wave"')) == [3, 4]
        assert found(project, '"gravitation wave"') == [4]
        assert found(project, '"erdos-renyi"') == found(project, '"Erdős Rényi graph"') == [6]
        assert found(project, '"gravitational waves" "of gas"') == [3]
        # Where there are too many to look at, it does not say that it did.
        monkeypatch.setattr(word_search, "MOST_LOOKED_AT", 3)
        search = WordSearch(project.database)
        assert search.with_phrases(typed).tolist() == [1, 2, 3, 4]
        assert not search.is_word_for_word(typed)


PHRASE = "matter that is dark"


def full_texts(folder: Path, many: int, text: str) -> Project:
    return project_of(folder, [(f"Paper {at}", text) for at in range(many)])


@pytest.mark.parametrize("sign", ["-", "–"])
def test_long_texts_are_looked_at_as_far_as_that_does_not_take_long(
    tmp_path: Path, monkeypatch, sign: str
) -> None:
    text = f"matters that are dark {sign} " * 50
    with full_texts(tmp_path / "l.saedesk", 6, text) as project:
        typed = typed_words('"matter that are dark"')
        counted = 6 * len(text) * (1 if sign == "-" else word_search.BEYOND_ASCII)
        monkeypatch.setattr(word_search, "MOST_CHARACTERS", counted)
        search = WordSearch(project.database)
        assert search.is_word_for_word(typed)
        assert search.with_phrases(typed).tolist() == []
        # Where they are too long, it does not say that it looked at them.
        monkeypatch.setattr(word_search, "MOST_CHARACTERS", counted - 1)
        search = WordSearch(project.database)
        assert not search.is_word_for_word(typed)
        assert search.with_phrases(typed).tolist() == [1, 2, 3, 4, 5, 6]


class StopsAfter(Unattended):
    """Somebody stops the search at one of the next checkpoints."""

    def __init__(self, left: int) -> None:
        self.left = left

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_looking_for_phrases_can_be_stopped_between_texts(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(word_search, "TEXTS_AT_ONCE", 2)
    with full_texts(tmp_path / "s.saedesk", 6, PHRASE) as project:
        search, typed = WordSearch(project.database), typed_words(f'"{PHRASE}"')
        for left in (0, 2):
            with pytest.raises(Cancelled):
                search.with_phrases(typed, StopsAfter(left))
        # What was stopped is not kept.
        assert search.with_phrases(typed, StopsAfter(3)).tolist() == [1, 2, 3, 4, 5, 6]
        assert search.with_phrases(typed, StopsAfter(0)).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "text", ['"', "AND", "c++", "it's", "''", "NEAR(a b)", "a*", "-x", "^", "x:y"]
)
def test_signs_are_no_operators(project: Project, text: str) -> None:
    expected = {"AND": {2, 3, 5}, "c++": {5}, "it's": {5}, "a*": {1, 4, 5}}
    assert set(found(project, text)) == expected.get(text, set())


def test_only_what_may_be_found_is(project: Project) -> None:
    search = WordSearch(project.database)
    ids, _ = search.ranked(typed_words("dark matter"), 1, lambda ids: ids == 3)
    assert ids.tolist() == [3]
    ids, _ = search.ranked(typed_words("dark matter"), 9, lambda ids: ids > 99)
    assert ids.tolist() == []


QUERIES = (
    "rare1",
    "common rare1 usual",
    "rare1 rare2 rare3 usual often",
    "the usual often",
    "the",
    "the rare2 common-often",
    '"usual often" the rare4',
    "nothing",
)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """3,000 documents: “the” in nearly all, “common” in a third, “usual” and “often” in a tenth."""
    generator = np.random.default_rng(0)
    texts = []
    for _ in range(3000):
        words = [f"filler{i}" for i in generator.integers(0, 500, generator.integers(3, 30))]
        for word, share in (("the", 0.97), ("common", 0.3), ("usual", 0.1), ("often", 0.1)):
            words += [word] * int(generator.random() < share) * int(generator.integers(1, 4))
        words += [f"rare{i}" for i in range(1, 5) if generator.random() < 0.008 * i]
        texts.append((" ".join(words[:2]), " ".join(generator.permutation(words))))
    with project_of(tmp_path_factory.mktemp("large") / "p.saedesk", texts) as made:
        yield made


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("count", [5, 40])
@pytest.mark.parametrize("is_filtered", [False, True])
def test_a_large_corpus_gives_what_a_small_one_gives(
    large: Project, text: str, count: int, is_filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = (lambda ids: ids % 3 > 0) if is_filtered else None
    typed = typed_words(text)
    expected = WordSearch(large.database).ranked(typed, count, passes)
    monkeypatch.setattr(word_search, "LARGE", 100)
    search = WordSearch(large.database)
    got = search.ranked(typed, count, passes)
    np.testing.assert_allclose(got[1], expected[1], atol=2e-5)
    # Words in more than half of the documents weigh a millionth: order within that is free.
    scores = dict(
        zip(
            *(part.tolist() for part in WordSearch(large.database).ranked(typed, 3000)), strict=True
        )
    )
    for place, (one, other) in enumerate(zip(got[0].tolist(), expected[0].tolist(), strict=True)):
        assert one == other or got[1][place] == pytest.approx(scores[other], abs=2e-5)


def test_frequent_words_are_counted_once(large: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_search, "LARGE", 100)
    search = WordSearch(large.database)
    rare, frequent = search._split(("the", "common", "rare1", "common-often", "nothing"))
    assert rare == ("rare1", "common-often", "nothing")
    assert frequent == ("common",)
    asked: list[str] = []
    rows = large.database.rows
    monkeypatch.setattr(
        large.database, "rows", lambda sql, *more: asked.append(sql) or rows(sql, *more)
    )
    search._split(("the", "common"))
    assert not asked


def test_a_read_only_project_is_searched_too(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(word_search, "LARGE", 1)
    with Project.open(project.folder, read_only=True) as opened:
        assert found(opened, "dark matter glass") == found(project, "dark matter glass")
