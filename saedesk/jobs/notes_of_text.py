"""What a person should know about a typed text: how much of it is read, and that nothing is close.

“Close” is measured in the corpus itself: two documents drawn at random reach a cosine of `c` or
more in one of ten draws. Where not even the best document is that close to the query, it is
no closer than chance brings unrelated documents together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saedesk.embedding.query_encoder import QueryEncoder
from saedesk.jobs.search_answer import SearchAnswer
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.artifact_readers import Vectors
from saedesk.search.whitening import evenly

SAMPLED = 600
"""Documents whose pairs are measured: 179,700 of them, in some ten milliseconds."""
FEWEST = 300
"""Documents with vectors below which pairs tell too little."""
CHANCE = 0.90
"""Share of the pairs that are further apart. A short question is never as close to its answers as
documents of one subject are to each other: with .99 questions that had good answers were told to
have none; with .90 none of 14 was, and 13 of 16 without any answer were
(the same questions, in two corpora, by which it was chosen)."""
SHORTEST_CUT = 200
"""Characters up to which no model cuts a text, so that nothing has to be counted."""


class NotesOfText:
    """Makes the sentences for one set of vectors; used from one thread at a time."""

    def __init__(self, vectors: Vectors, encoder: Callable[[], QueryEncoder | None]) -> None:
        """`encoder` gives the one that is loaded already, if there is one."""
        self._vectors, self._encoder = vectors, encoder
        self._chance: float | None = None
        self._read: tuple[str, str] = ("", "")

    def of(self, request: SearchRequest, answer: SearchAnswer) -> tuple[str, ...]:
        """The sentences about the text of a request; none where no text is read for its meaning."""
        if not request.text or request.match == "words" or not answer.query.vector.any():
            return ()
        notes = [self._about_length(request.text)]
        if request.match == "meaning" and not request.unlike:
            notes.append(self._about_closeness(answer))
        return tuple(note for note in notes if note)

    def _about_closeness(self, answer: SearchAnswer) -> str:
        if len(self._vectors.values) - len(self._vectors.bad_rows) < FEWEST or not answer.plain:
            return ""
        if self._chance is None:
            self._chance = chance_cosine(self._vectors)
        best = _cosine(answer.query.vector, self._vectors.values[answer.plain[0].row])
        if best >= self._chance:
            return ""
        return (
            f"Nothing is close to this text: the best cosine is {_number(best)}, and one in "
            f"ten pairs of documents drawn at random has {_number(self._chance)} or more."
        )

    def _about_length(self, text: str) -> str:
        encoder = self._encoder()
        if encoder is None or len(text) <= SHORTEST_CUT:
            return ""
        if self._read[0] != text:
            self._read = (text, told_length(encoder, text))
        return self._read[1]


def told_length(encoder: QueryEncoder, text: str) -> str:
    """How much of a text a model reads, in a sentence; "" where it reads all of it."""
    if bool(encoder.reads_whole([text])[0]):
        return ""
    words = text.split()
    low, high = 0, len(words)
    while high - low > 1:
        middle = (low + high) // 2
        if bool(encoder.reads_whole([" ".join(words[:middle])])[0]):
            low = middle
        else:
            high = middle
    if low == 0:
        return (
            f"Only the beginning of this text is read: {encoder.max_tokens:,} pieces of words are "
            "the most that the embedding model takes."
        )
    return (
        f"Only the first {low:,} of {len(words):,} words are read for their meaning; that is all "
        "the embedding model takes."
    )


def chance_cosine(vectors: Vectors) -> float:
    """The cosine that one in ten pairs of documents reaches, measured on a fixed sample."""
    usable = np.setdiff1d(np.arange(len(vectors.values)), vectors.bad_rows)
    rows = evenly(usable, SAMPLED)
    sample = np.array(vectors.values[rows], np.float32)
    sample /= np.maximum(np.linalg.norm(sample, axis=1, keepdims=True), 1e-12)
    cosines = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    return float(np.quantile(cosines, CHANCE))


def _cosine(query: np.ndarray, document: np.ndarray) -> float:
    one, other = np.asarray(query, np.float64), np.asarray(document, np.float64)
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / max(lengths, 1e-12)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")
