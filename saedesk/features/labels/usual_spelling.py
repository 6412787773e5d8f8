"""How a phrase is usually written in the texts: its inflection, its capitals, its whole length.

"chain Monte Carlo" is nearly always the end of "Markov chain Monte Carlo": a phrase that the same
word stands before or behind nearly always is a broken one, and is shown with that word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from saedesk.features.labels.token_stream import (
    SENTENCE_END,
    TITLE_END,
    Vocabulary,
    join_streams,
    key_lengths,
    phrases_of,
    words_of_key,
)
from saedesk.task_control import TaskControl

TOKENS_AT_ONCE = 1 << 17
"""Words of the texts looked at between two checkpoints."""


ALWAYS = 0.75
"""Share of a phrase's occurrences from which on a word beside it belongs to it."""

FEWEST = 5
"""Occurrences of a phrase below which nothing is said about the words beside it."""

MOST_WORDS = 4
"""Words of a phrase together with those that belong to it."""


@dataclass(frozen=True)
class SpelledPhrase:
    """A phrase as it is usually written."""

    text: str
    words: tuple[int, ...]
    """Numbers of its words, also of those that were broken off."""


class SpellingVotes:
    """Which spelling of a word or phrase is the usual one."""

    def __init__(self, streams: Sequence[np.ndarray], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._stream, offsets = join_streams(streams)
        lower: dict[str, int] = {}
        self._lower_of = np.array(
            [lower.setdefault(word.lower(), len(lower)) for word in vocabulary.spellings], np.int64
        )
        self._case = self._usual_case(offsets, len(lower))

    def _usual_case(self, offsets: np.ndarray, n_lower: int) -> list[str]:
        """By lower-case spelling: the usual case where neither a title nor a sentence begins."""
        stream, spellings = self._stream, self._vocabulary.spellings
        title_ends = stream == TITLE_END
        document = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        in_title = np.cumsum(title_ends) == document
        before = np.concatenate([[SENTENCE_END], stream[:-1]])
        clean = (stream >= 0) & ~in_title & (before != SENTENCE_END) & (before != TITLE_END)
        in_text = np.bincount(stream[clean], minlength=len(spellings))
        anywhere = np.bincount(stream[stream >= 0], minlength=len(spellings))
        case = [""] * n_lower
        best: list[tuple[int, int, str]] = [(-1, 0, "")] * n_lower
        for number, lower in enumerate(self._lower_of.tolist()):
            vote = (int(in_text[number]), int(anywhere[number]), spellings[number])
            if vote > best[lower]:
                best[lower], case[lower] = vote, spellings[number]
        return case

    def phrases(self, keys: np.ndarray, control: TaskControl) -> dict[int, SpelledPhrase]:
        """The usual spelling of each phrase, made whole; `keys` ascending and unique."""
        votes: dict[int, dict[tuple[int, ...], int]] = {}
        if len(keys) == 0:
            return {}
        beside = _WordsBeside(keys, self._joins(), len(self._case))
        for start, joined in self._parts():
            control.checkpoint()
            found = phrases_of(joined, self._vocabulary)
            place = np.minimum(np.searchsorted(keys, found.keys), len(keys) - 1)
            chosen = np.flatnonzero(keys[place] == found.keys)
            lengths = key_lengths(found.keys[chosen])
            at = found.positions[chosen] + start
            beside.add(place[chosen], self._lower_at(at - 1), self._lower_at(at + lengths))
            for length in (1, 2, 3):
                here = at[lengths == length]
                rows = np.column_stack(
                    [found.keys[chosen][lengths == length]]
                    + [self._lower_of[self._stream[here + offset]] for offset in range(length)]
                )
                unique, counts = np.unique(rows, axis=0, return_counts=True)
                for row, count in zip(unique.tolist(), counts.tolist(), strict=True):
                    of_key = votes.setdefault(row[0], {})
                    of_key[tuple(row[1:])] = of_key.get(tuple(row[1:]), 0) + count
        usual = {key: max(found_, key=lambda w: (found_[w], w)) for key, found_ in votes.items()}
        return self._made_whole(usual, beside.belonging())

    def _made_whole(
        self, usual: dict[int, tuple[int, ...]], belonging: dict[int, tuple[int, int]]
    ) -> dict[int, SpelledPhrase]:
        """The text of each phrase with the words that belong to it."""
        word_of_lower = dict(zip(self._lower_of.tolist(), self._vocabulary.words(), strict=True))
        key_of = {words_of_key(key): key for key in usual}
        found = {}
        for key, spelling in usual.items():
            numbers, words = spelling, words_of_key(key)
            whole: int | None = key
            while whole in belonging and len(words) < MOST_WORDS:
                before, after = belonging[whole]
                lower = before if before >= 0 else after
                beside, word = (lower,), (int(word_of_lower[lower]),)
                if word[0] in words:
                    break
                numbers = beside + numbers if before >= 0 else numbers + beside
                words = word + words if before >= 0 else words + word
                whole = key_of.get(words)
                numbers = numbers if whole is None else usual[whole]
            found[key] = SpelledPhrase(" ".join(self._case[n] for n in numbers), words)
        return found

    def _lower_at(self, positions: np.ndarray) -> np.ndarray:
        """By position: the number of the lower-case spelling there; -1 for a break or no place."""
        inside = (positions >= 0) & (positions < len(self._stream))
        token = np.where(inside, self._stream[np.where(inside, positions, 0)], -1)
        return np.where(token >= 0, self._lower_of[np.maximum(token, 0)], -1)

    def _joins(self) -> np.ndarray:
        """By lower-case spelling (bool): whether a phrase may begin and end with it."""
        can_be_edge, _, _ = self._vocabulary.roles()
        joins = np.zeros(len(self._case), bool)
        joins[self._lower_of[can_be_edge]] = True
        return joins

    def _parts(self) -> list[tuple[int, np.ndarray]]:
        cuts = [0]
        ends = np.flatnonzero(self._stream < 0) + 1
        while cuts[-1] < len(self._stream):
            place = np.searchsorted(ends, cuts[-1] + TOKENS_AT_ONCE)
            cuts.append(int(ends[place]) if place < len(ends) else len(self._stream))
        return [(start, self._stream[start:stop]) for start, stop in pairwise(cuts)]


class _WordsBeside:
    """Counts the words before and behind phrases."""

    def __init__(self, keys: np.ndarray, joins: np.ndarray, n_lower: int) -> None:
        self._keys, self._joins, self._base = keys, joins, n_lower
        self._times = np.zeros(len(keys), np.int64)
        self._pairs: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])

    def add(self, place: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
        """Occurrences of the phrases at `place`, and the words beside them (-1: none)."""
        self._times += np.bincount(place, minlength=len(self._keys))
        for side, words in zip(self._pairs, (before, after), strict=True):
            is_word = words >= 0
            is_word[is_word] = self._joins[words[is_word]]
            side.append(np.sort(place[is_word] * self._base + words[is_word]))

    def belonging(self) -> dict[int, tuple[int, int]]:
        """By phrase: the word that belongs before it, and that behind it; -1 for none."""
        found: dict[int, tuple[int, int]] = {}
        for number, side in enumerate(self._pairs):
            pairs, counts = np.unique(np.concatenate(side), return_counts=True)
            place, word = pairs // self._base, pairs % self._base
            times = self._times[place]
            always = (counts >= ALWAYS * times) & (times >= FEWEST)
            for at, lower in zip(place[always].tolist(), word[always].tolist(), strict=True):
                key = int(self._keys[at])
                other = found.get(key, (-1, -1))
                found[key] = (lower, other[1]) if number == 0 else (other[0], lower)
        return found
