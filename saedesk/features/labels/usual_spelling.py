"""How a phrase is usually written in the texts: its inflection, its capitals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from saedesk.features.labels.token_stream import (
    SENTENCE_END,
    TITLE_END,
    Vocabulary,
    join_streams,
    key_lengths,
    phrases_of,
)
from saedesk.task_control import TaskControl

TOKENS_AT_ONCE = 1 << 17
"""Words of the texts looked at between two checkpoints."""


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

    def texts(self, keys: np.ndarray, control: TaskControl) -> dict[int, str]:
        """The usual spelling of each phrase; `keys` ascending and unique."""
        found: dict[int, dict[tuple[int, ...], int]] = {}
        if len(keys) == 0:
            return {}
        for start, joined in self._parts():
            control.checkpoint()
            phrases = phrases_of(joined, self._vocabulary)
            place = np.minimum(np.searchsorted(keys, phrases.keys), len(keys) - 1)
            chosen = np.flatnonzero(keys[place] == phrases.keys)
            lengths = key_lengths(phrases.keys[chosen])
            at = phrases.positions[chosen] + start
            for length in (1, 2, 3):
                here = at[lengths == length]
                rows = np.column_stack(
                    [phrases.keys[chosen][lengths == length]]
                    + [self._lower_of[self._stream[here + offset]] for offset in range(length)]
                )
                unique, counts = np.unique(rows, axis=0, return_counts=True)
                for row, count in zip(unique.tolist(), counts.tolist(), strict=True):
                    votes = found.setdefault(row[0], {})
                    votes[tuple(row[1:])] = votes.get(tuple(row[1:]), 0) + count
        return {
            key: " ".join(self._case[word] for word in max(votes, key=lambda w: (votes[w], w)))
            for key, votes in found.items()
        }

    def _parts(self) -> list[tuple[int, np.ndarray]]:
        cuts = [0]
        ends = np.flatnonzero(self._stream < 0) + 1
        while cuts[-1] < len(self._stream):
            place = np.searchsorted(ends, cuts[-1] + TOKENS_AT_ONCE)
            cuts.append(int(ends[place]) if place < len(ends) else len(self._stream))
        return [(start, self._stream[start:stop]) for start, stop in pairwise(cuts)]
