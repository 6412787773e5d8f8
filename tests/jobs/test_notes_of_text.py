"""A text that is cut, and one to which nothing is close, are told; measured in the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from saedesk.jobs.notes_of_text import FEWEST, NotesOfText, chance_cosine, told_length
from saedesk.jobs.search_request import SearchRequest


class TenWords:
    """Reads the first ten words of a text."""

    max_tokens = 10

    def reads_whole(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([max(len(text.split()), len(text) // 40) <= 10 for text in texts])

    def encode_query(self, text: str) -> np.ndarray:
        raise AssertionError(text)


def vectors_of(values: np.ndarray) -> Any:
    return SimpleNamespace(values=values.astype(np.float32), bad_rows=np.zeros(0, np.int64))


@pytest.fixture
def scattered() -> Any:
    drawn = np.random.default_rng(3).normal(size=(500, 24))
    return vectors_of(drawn * np.random.default_rng(4).uniform(0.5, 2.0, (500, 1)))


def answer_of(vector: np.ndarray, row: int) -> Any:
    query = SimpleNamespace(vector=np.asarray(vector, np.float32))
    return SimpleNamespace(query=query, plain=(SimpleNamespace(row=row),))


def test_one_pair_in_ten_is_closer_than_chance(scattered: Any) -> None:
    chance = chance_cosine(scattered)
    unit = scattered.values / np.linalg.norm(scattered.values, axis=1, keepdims=True)
    pairs = (unit @ unit.T)[np.triu_indices(len(unit), 1)]
    assert np.mean(pairs > chance) == pytest.approx(0.1, abs=0.001)


def test_a_query_that_is_no_closer_than_chance_is_told(scattered: Any) -> None:
    notes = NotesOfText(scattered, lambda: None)
    document = scattered.values[7]
    other = np.random.default_rng(5).normal(size=24)
    other -= document * (other @ document) / (document @ document)
    asked = SearchRequest("zzyzx")
    (told,) = notes.of(asked, answer_of(other * 9, 7))
    assert "Nothing is close to this text: the best cosine is " in told
    assert f"has {chance_cosine(scattered):.2f} or more" in told
    assert notes.of(asked, answer_of(document * 9, 7)) == ()
    assert notes.of(SearchRequest("zzyzx", match="words"), answer_of(other, 7)) == ()
    assert notes.of(SearchRequest(like=(3,)), answer_of(other, 7)) == ()
    few = vectors_of(scattered.values[: FEWEST - 1])
    assert NotesOfText(few, lambda: None).of(asked, answer_of(other, 7)) == ()


def test_how_much_of_a_long_text_is_read_is_told() -> None:
    encoder = TenWords()
    words = " ".join(["astronomy"] * 40)
    assert told_length(encoder, words).startswith("Only the first 10 of 40 words are read")
    assert told_length(encoder, "a few words") == ""
    assert "10 pieces of words" in told_length(encoder, "星" * 900)
    few = vectors_of(np.eye(4))
    notes = NotesOfText(few, TenWords)
    for match in ("meaning", "both"):
        (told,) = notes.of(SearchRequest(words, match=match), answer_of(np.ones(4), 0))
        assert "10 of 40 words" in told
    assert NotesOfText(few, lambda: None).of(SearchRequest(words), answer_of(np.ones(4), 0)) == ()
