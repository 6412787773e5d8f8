from __future__ import annotations

import numpy as np
import pytest

from saedesk.search.hybrid_search import DEPTH, RANK_CONSTANT, ListedRanking, fuse, typed_words


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize(
    ("text", "words", "phrases"),
    [
        ("dark matter", ("dark", "matter"), ()),
        ('"dark matter" halos', ("halos",), ("dark matter",)),
        ("“dark  matter” halos", ("halos",), ("dark matter",)),
        ('halos "dark matter', ("halos", "dark", "matter"), ()),
        ('"one" two "three four"', ("two",), ("one", "three four")),
        ('"', (), ()),
        ('""', (), ()),
        ('"..." !', (), ()),
        ("c++ AND NOT -x", ("c++", "AND", "NOT", "-x"), ()),
        ("The the THE", ("The",), ()),
        ("a\0b", ("a", "b"), ()),
        ("", (), ()),
    ],
)
def test_words_and_phrases_are_told_apart(text: str, words, phrases) -> None:
    typed = typed_words(text)
    assert (typed.words, typed.phrases) == (words, phrases)


def test_expressions_quote_every_word() -> None:
    typed = typed_words('x OR y "a b" "c"')
    assert typed.any_of == '"a b" OR "c" OR "x" OR "OR" OR "y"'
    assert typed.all_phrases == '"a b" AND "c"'
    assert typed_words("!").any_of == typed_words("!").all_phrases == ""


def test_a_document_gets_a_share_for_each_rank() -> None:
    fused = fuse(rows(5, 3, 8), rows(8, 5, 1))
    share = {rank: 1 / (RANK_CONSTANT + rank) for rank in (1, 2, 3)}
    expected = {5: share[1] + share[2], 8: share[3] + share[1], 3: share[2], 1: share[3]}
    assert fused.rows.tolist() == sorted(expected, key=lambda row: -expected[row])
    assert fused.scores(rows(1, 3, 5, 8, 9)) == [
        pytest.approx(expected[row]) if row in expected else None for row in (1, 3, 5, 8, 9)
    ]
    assert fused.ranks(rows(5, 9, 1)) == [1, None, 4]
    assert [fused.ranks_in(row) for row in (8, 3, 1, 9)] == [
        (3, 1),
        (2, None),
        (None, 3),
        (None, None),
    ]
    for row in fused.rows.tolist():
        assert sum(part.value for part in fused.parts(row)) == pytest.approx(expected[row])
    assert [part.kind for part in fused.parts(8)] == ["words", "meaning"]
    assert [part.kind for part in fused.parts(1)] == ["words"]


def test_equal_scores_go_by_meaning_and_then_by_row() -> None:
    # 4 and 2 change places in the two rankings; 7 and 9 stand in one each, at the same rank.
    fused = fuse(rows(4, 2, 9), rows(2, 4, 7))
    assert fused.rows.tolist() == [4, 2, 9, 7]
    assert fuse(rows(), rows(3, 1)).rows.tolist() == [3, 1]
    assert len(fuse(rows(), rows()).best(5)) == 0


def test_it_agrees_with_a_slow_fusion() -> None:
    generator = np.random.default_rng(0)
    meaning, words = (generator.permutation(3 * DEPTH)[:DEPTH] for _ in range(2))
    ranks = [{int(row): at + 1 for at, row in enumerate(one)} for one in (meaning, words)]

    def key(row: int) -> tuple[float, float, int]:
        score = sum(1 / (60 + one[row]) for one in ranks if row in one)
        return -score, ranks[0].get(row, np.inf), row

    assert fuse(meaning, words).rows.tolist() == sorted({*ranks[0], *ranks[1]}, key=key)


def test_rows_that_are_not_listed_have_no_rank() -> None:
    listed = ListedRanking(rows(7, 3), np.array([2.5, 1.0]))
    assert listed.best(1).tolist() == [7]
    assert listed.ranks([3, 4]) == [2, None]
    assert listed.scores([3, 4]) == [1.0, None]
    assert [part.value for part in listed.parts(7)] == [2.5]
    assert listed.parts(4) == ()
