"""Texts as streams of numbered spellings, and the phrases of one to three words in them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.labels.word_forms import (
    LINKS,
    WORD_OR_BREAK,
    is_stop_word,
    stands_alone,
    without_remains,
    word_key,
)

BREAK = -1
SENTENCE_END = -2
TITLE_END = -3

WORD_BITS = 21
"""A phrase of three words is one int64: 21 bits for each word's number + 1, 0 for no word."""

MOST_WORDS = (1 << WORD_BITS) - 2


class Vocabulary:
    """Numbers for spellings and for the words they are spellings of; grows as texts are read."""

    def __init__(self) -> None:
        self.spellings: list[str] = []
        self._numbers: dict[str, int] = {
            **dict.fromkeys(".!?;:", SENTENCE_END),
            **dict.fromkeys(",()[]{}|\"'/=+*<>-–—", BREAK),
        }
        self._words: dict[str, int] = {}
        # Arrays of plain numbers: copied into numpy many times while texts are read.
        self._word_of = array("q")
        self._can_be_edge = array("b")
        self._can_be_alone = array("b")
        self._can_be_inside = array("b")

    def tokens(self, title: str, text: str, most_words: int) -> np.ndarray:
        """The (words + breaks,) int32 stream of one document, its title first."""
        numbers, new = self._numbers, self._number_of_new
        stream: list[int] = []
        for part, end in ((title, TITLE_END), (text, BREAK)):
            found = WORD_OR_BREAK.findall(without_remains(part[: most_words * 20]))[:most_words]
            known = map(numbers.get, found)
            stream.extend(
                new(token) if number is None else number
                for token, number in zip(found, known, strict=True)
            )
            stream.append(end)
        return np.array(stream, np.int32)

    def _number_of_new(self, token: str) -> int:
        is_word = token[0].isalpha() or (len(token) > 1 and token[-1] == "D" and token[0].isdigit())
        if not is_word or len(self._words) >= MOST_WORDS:
            self._numbers[token] = BREAK
            return BREAK
        number = len(self.spellings)
        spelling = token.replace("’", "'").removesuffix("'s")
        known = self._numbers.get(spelling)
        if spelling != token and known is not None:
            self._numbers[token] = known
            return known
        self._numbers[token] = self._numbers[spelling] = number
        self.spellings.append(spelling)
        self._word_of.append(self._words.setdefault(word_key(spelling), len(self._words)))
        is_stop = is_stop_word(spelling)
        self._can_be_edge.append(not is_stop)
        self._can_be_alone.append(stands_alone(spelling))
        self._can_be_inside.append(not is_stop or spelling.lower() in LINKS)
        return number

    def words(self) -> np.ndarray:
        """By spelling: the number of its word (int64)."""
        return np.array(self._word_of, np.int64)

    def roles(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By spelling (bool): may begin and end a phrase, be one, stand inside one."""
        columns = (self._can_be_edge, self._can_be_alone, self._can_be_inside)
        edge, alone, inside = (np.array(column, bool) for column in columns)
        return edge, alone, inside


@dataclass(frozen=True)
class Phrases:
    """The phrases of a stream: `keys[i]` is the phrase that begins at `positions[i]`."""

    keys: np.ndarray
    """(p,) int64, see WORD_BITS."""
    positions: np.ndarray
    """(p,) int64 positions in the stream."""


def phrases_of(stream: np.ndarray, vocabulary: Vocabulary) -> Phrases:
    """All phrases of one to three words that cross no break and have no stop word at an end."""
    word_of = vocabulary.words()
    can_be_edge, alone, can_be_inside = vocabulary.roles()
    if len(word_of) == 0 or len(stream) == 0:
        return Phrases(np.empty(0, np.int64), np.empty(0, np.int64))
    is_word = stream >= 0
    spelling = np.where(is_word, stream, 0)
    word = word_of[spelling] + 1
    edge = is_word & can_be_edge[spelling]
    inside = is_word & can_be_inside[spelling]
    keys, positions = [], []
    for length in (1, 2, 3):
        n = len(stream) - length + 1
        if n <= 0:
            break
        good = edge[:n] & edge[length - 1 :]
        key = np.zeros(n, np.int64)
        for offset in range(length):
            good &= inside[offset : offset + n]
            key |= word[offset : offset + n] << (WORD_BITS * offset)
        if length == 1:
            good &= alone[spelling]
        else:
            good &= word[:n] != word[length - 1 :]
        at = np.flatnonzero(good)
        keys.append(key[at])
        positions.append(at)
    return Phrases(np.concatenate(keys), np.concatenate(positions))


def words_of_key(key: int) -> tuple[int, ...]:
    """The word numbers of a phrase."""
    mask = (1 << WORD_BITS) - 1
    parts = ((key >> (WORD_BITS * offset)) & mask for offset in range(3))
    return tuple(part - 1 for part in parts if part)


def key_lengths(keys: np.ndarray) -> np.ndarray:
    """How many words each phrase has."""
    return 1 + (keys >> WORD_BITS > 0).astype(int) + (keys >> (2 * WORD_BITS) > 0)


def join_streams(streams: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One stream of all, and the (n + 1,) offsets of each in it."""
    offsets = np.concatenate([[0], np.cumsum([len(stream) for stream in streams])])
    joined = np.concatenate(streams) if len(streams) else np.empty(0, np.int32)
    return joined.astype(np.int32), offsets.astype(np.int64)
