"""Words and meaning together: what was typed as words and phrases, and two rankings as one.

Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a document has 1 / (60 + rank) from
each ranking it stands in. Ranks need no common scale, which a BM25 score and a cosine do not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from saedesk.search.explanation import Contribution
from saedesk.search.quotation_marks import pieces_by_quotes

RANK_CONSTANT = 60
"""How much the first ranks count more than the later ones; the value of the paper, which found
anything from 20 to 100 as good."""
DEPTH = 1000
"""So many documents of either ranking take part. One further down would get less than 0.001."""


@dataclass(frozen=True)
class TypedWords:
    """A text as a person typed it, for a search by words."""

    words: tuple[str, ...]
    """Each once, in order; any of them may occur."""
    phrases: tuple[str, ...]
    """What stood in quotation marks; each of them must occur, word after word."""

    @property
    def any_of(self) -> str:
        """The FTS5 expression for documents with any of the words or phrases; "" for none."""
        return " OR ".join(f'"{part}"' for part in (*self.phrases, *self.words))

    @property
    def all_phrases(self) -> str:
        """The FTS5 expression for documents with every phrase; "" where there is none."""
        return " AND ".join(f'"{part}"' for part in self.phrases)


def typed_words(text: str) -> TypedWords:
    """Take a text apart into words and “phrases in quotation marks”.

    A mark that is not closed yet begins no phrase. Signs that are no part of a word are left
    out, so nothing in a text is an operator.
    """
    pieces = pieces_by_quotes(text)
    phrases = [" ".join(piece.split()) for piece in pieces[1:-1:2]]
    loose = [piece for at, piece in enumerate(pieces) if at % 2 == 0 or at == len(pieces) - 1]
    words = " ".join(loose).split()
    return TypedWords(_each_once(words), _each_once(phrases))


def _each_once(parts: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for part in parts:
        if any(sign.isalnum() for sign in part):
            found.setdefault(part.casefold(), part)
    return tuple(found.values())


@dataclass(frozen=True, eq=False)
class ListedRanking:
    """Rows in an order that holds for these rows alone; the others have no rank."""

    rows: np.ndarray
    """(m,) int64, best first."""
    listed_scores: np.ndarray
    """(m,) float64, falling."""

    def best(self, count: int) -> np.ndarray:
        """The first `count` rows, fewer where there are no more, (m,) int64."""
        return self.rows[: max(0, count)]

    def ranks(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        """The rank of each row, from 1; None for a row that is not listed."""
        return [None if place is None else place + 1 for place in self._places(rows)]

    def scores(self, rows: Sequence[int] | np.ndarray) -> list[float | None]:
        """The score of each row; None for a row that is not listed."""
        return [
            None if place is None else float(self.listed_scores[place])
            for place in self._places(rows)
        ]

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What the score of a listed row is made of."""
        (score,) = self.scores([row])
        return () if score is None else (Contribution(None, score, "words"),)

    def _places(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        return [self._place_of.get(int(row)) for row in rows]

    @cached_property
    def _place_of(self) -> dict[int, int]:
        return {row: place for place, row in enumerate(self.rows.tolist())}


@dataclass(frozen=True, eq=False)
class FusedRanking(ListedRanking):
    """Two rankings as one; each document with the ranks that made its place."""

    by_meaning: np.ndarray
    """(m,) int32: the rank by meaning, 0 where it has none."""
    by_words: np.ndarray
    """(m,) int32: the rank by words, 0 where it has none."""

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each ranking gave a row; the larger first, nothing for a rank it has not."""
        by_meaning, by_words = self.ranks_in(row)
        parts = []
        if by_meaning is not None:
            parts.append(Contribution(None, 1.0 / (RANK_CONSTANT + by_meaning), "meaning"))
        if by_words is not None:
            parts.append(Contribution(None, 1.0 / (RANK_CONSTANT + by_words), "words"))
        return tuple(sorted(parts, key=lambda part: -part.value))

    def ranks_in(self, row: int) -> tuple[int | None, int | None]:
        """The ranks of a row by meaning and by words; None where it has none."""
        (place,) = self._places([row])
        if place is None:
            return None, None
        return int(self.by_meaning[place]) or None, int(self.by_words[place]) or None


def fuse(meaning: np.ndarray, words: np.ndarray) -> FusedRanking:
    """One ranking of rows ranked by meaning (m,) and by words (w,), best first, each row once.

    Of equal scores the one with the better rank by meaning comes first, and one that has such a
    rank before one that has none; of these the one with the smaller row number.
    """
    rows = np.union1d(meaning, words).astype(np.int64)
    by_meaning, by_words = _ranks_of(rows, meaning), _ranks_of(rows, words)
    scores = _share(by_meaning) + _share(by_words)
    tie = np.where(by_meaning > 0, by_meaning, np.iinfo(np.int32).max)
    order = np.lexsort((rows, tie, -scores))
    return FusedRanking(rows[order], scores[order], by_meaning[order], by_words[order])


def _ranks_of(rows: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    ranks = np.zeros(len(rows), np.int32)
    ranks[np.searchsorted(rows, ranked)] = np.arange(1, len(ranked) + 1)
    return ranks


def _share(ranks: np.ndarray) -> np.ndarray:
    share: np.ndarray = np.where(ranks > 0, 1.0 / (RANK_CONSTANT + ranks.astype(np.float64)), 0.0)
    return share
