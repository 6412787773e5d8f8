"""Phrases that are more frequent in a feature's documents than in the corpus.

A class-based TF-IDF (Grootendorst 2022, section 3.2, with presence in documents in place of
counts): with p1 the share of a feature's documents that contain the phrase, weighted by
activation, and p0 its share in the background, the score is p1 log(p1 / p0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saedesk.features.labels.token_stream import (
    Vocabulary,
    join_streams,
    phrases_of,
)
from saedesk.features.labels.usual_spelling import SpelledPhrase
from saedesk.features.labels.word_forms import word_stems
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

STREAMS_AT_ONCE = 128
"""Documents whose phrases are found at once."""


@dataclass(frozen=True)
class Candidate:
    """A phrase that may label a feature."""

    text: str
    """Its most frequent spelling."""
    words: tuple[int, ...]
    """Numbers of its words; equal for all inflections."""
    stems: frozenset[str]
    """For finding repetitions."""
    share: float
    """Share of the feature's documents that contain it, weighted by activation (p1)."""
    background_share: float
    """Share of the background's documents that contain it (p0)."""
    score: float
    """p1 log(p1 / p0)."""


class BackgroundCounts:
    """In how many documents of a sample each phrase occurs."""

    def __init__(self) -> None:
        self.n_documents = 0
        self._keys = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)
        self._waiting: list[np.ndarray] = []
        self._n_waiting = 0

    def add(
        self, streams: Sequence[np.ndarray], vocabulary: Vocabulary, control: TaskControl
    ) -> None:
        """Count the phrases of these documents, each once in a document."""
        for _, keys in document_keys(streams, vocabulary, control):
            self._waiting.append(keys)
            self._n_waiting += len(keys)
        self.n_documents += len(streams)
        if self._n_waiting > 1 << 21:
            self._merge()

    def shares(self, keys: np.ndarray) -> np.ndarray:
        """(len(keys),) float64 share of documents; what never occurred counts as half a time."""
        if self._waiting:
            self._merge()
        counts = np.full(len(keys), 0.5)
        if len(self._keys):
            place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            known = self._keys[place] == keys
            counts[known] = self._counts[place[known]]
        return counts / max(self.n_documents, 1)

    def _merge(self) -> None:
        keys = np.concatenate(self._waiting)
        new, counts = np.unique(keys, return_counts=True)
        both = np.concatenate([self._keys, new])
        weights = np.concatenate([self._counts, counts])
        self._keys, inverse = np.unique(both, return_inverse=True)
        self._counts = np.bincount(inverse, weights=weights).astype(np.int64)
        self._waiting, self._n_waiting = [], 0


def document_keys(
    streams: Sequence[np.ndarray], vocabulary: Vocabulary, control: TaskControl
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Chunks of (document index, phrase key), each pair once, ordered by document."""
    chunks = []
    for start in range(0, len(streams), STREAMS_AT_ONCE):
        control.checkpoint()
        joined, offsets = join_streams(streams[start : start + STREAMS_AT_ONCE])
        found = phrases_of(joined, vocabulary)
        document = np.searchsorted(offsets, found.positions, side="right") - 1
        unique, number = np.unique(found.keys, return_inverse=True)
        pairs = np.unique(document * max(len(unique), 1) + number)
        chunks.append((pairs // max(len(unique), 1) + start, unique[pairs % max(len(unique), 1)]))
    return chunks


def incidence(
    streams: Sequence[np.ndarray],
    vocabulary: Vocabulary,
    min_documents: int,
    control: TaskControl,
) -> tuple[csr_matrix, np.ndarray]:
    """(documents, phrases) float32 matrix of ones, and the key of each of its columns.

    Phrases that occur in fewer than `min_documents` of these documents are left out.
    """
    from scipy.sparse import csr_matrix

    chunks = document_keys(streams, vocabulary, control)
    documents = np.concatenate([np.empty(0, np.int64), *(chunk[0] for chunk in chunks)])
    keys = np.concatenate([np.empty(0, np.int64), *(chunk[1] for chunk in chunks)])
    control.checkpoint()
    unique, number, counts = np.unique(keys, return_inverse=True, return_counts=True)
    control.checkpoint()
    frequent = counts >= min_documents
    column = np.cumsum(frequent) - 1
    kept = frequent[number]
    entries = (np.ones(int(kept.sum()), np.float32), (documents[kept], column[number[kept]]))
    matrix = csr_matrix(entries, shape=(len(streams), int(frequent.sum())))
    return matrix, unique[frequent]


def scored_keys(
    share: csr_matrix, support: csr_matrix, background: np.ndarray, least: tuple[float, int, int]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each feature (row): columns, shares and scores of its best phrases, best first.

    least: smallest share, smallest number of documents, how many to keep.
    """
    min_share, min_support, count = least
    found = []
    for row in range(share.shape[0]):
        part = slice(share.indptr[row], share.indptr[row + 1])
        columns, p1 = share.indices[part], share.data[part].astype(np.float64)
        p0 = background[columns]
        enough = min(min_support, int(support.data[part].max(initial=1)))
        good = (p1 >= min_share) & (support.data[part] >= enough) & (p1 > p0)
        columns, p1, p0 = columns[good], p1[good], p0[good]
        score = p1 * np.log(p1 / p0)
        order = np.lexsort((columns, -score))[:count]
        found.append((columns[order], p1[order], score[order]))
    return found


def candidates_of(
    keys: np.ndarray,
    shares: np.ndarray,
    background: np.ndarray,
    scores: np.ndarray,
    spelled: dict[int, SpelledPhrase],
) -> list[Candidate]:
    """Phrases of one feature as `Candidate`s; those that repeat a word within are left out.

    Of pieces of one phrase the best is kept, as the whole of it.
    """
    found: dict[tuple[int, ...], Candidate] = {}
    for key, share, rare, score in zip(
        keys.tolist(), shares.tolist(), background.tolist(), scores.tolist(), strict=True
    ):
        text, words = spelled[key].text, spelled[key].words
        parts = [word_stems(word) for word in text.split(" ")]
        stems = frozenset().union(*parts)
        if len(stems) < sum(len(part) for part in parts) or words in found:
            continue
        found[words] = Candidate(text, words, stems, share, rare, score)
    return list(found.values())
