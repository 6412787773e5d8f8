"""Which sentences of a document speak for its place: those closest to the query, or with its words.

The effect of a sentence is cos(q, whole text) − cos(q, text without it), from the vectors that
also tell which sentences drive a feature; so it is zero for what the encoder never read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from saedesk.features.evidence.leave_one_out import SentenceSpan, are_read, grades
from saedesk.features.evidence.sentences import sentence_spans
from saedesk.features.labels.word_forms import is_stop_word, word_stems
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.search.hybrid_search import typed_words
from saedesk.search.quoted_phrases import QuotedPhrases
from saedesk.task_control import TaskControl

MOST_CHARACTERS = 20_000
"""Of a text in which words are looked for."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class MatchingSentence:
    """A sentence that speaks for a document."""

    span: SentenceSpan
    grade: float
    """1 for the strongest, from 2/3 for the others."""
    effect: float | None
    """How much the cosine with the query falls without it; None where words were looked for."""
    has_phrase: bool = False
    """Whether it is marked for a quoted phrase that every result has."""


@dataclass(frozen=True, eq=False)
class MatchingSentences:
    """The sentences of one document that speak for it, in the order of the text."""

    document_id: int
    sentences: tuple[MatchingSentence, ...]


def sentences_near(
    engine: EvidenceEngine,
    document_id: int,
    title: str,
    text: str,
    query: np.ndarray,
    control: TaskControl,
) -> MatchingSentences:
    """The sentences that bring a document close to `query` (d,).

    Raises ModelProblem where the encoder of the vectors is unknown or not here.
    """
    known = engine.sentence_vectors(title, text, control)
    if known is None:
        return MatchingSentences(document_id, ())
    spans = [SentenceSpan(bool(t), s, e) for t, s, e in known.places.tolist()]
    read = are_read(spans, title, known.window_end)
    vectors = known.vectors.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = vectors @ np.asarray(query, np.float64)
    cosines /= np.where(lengths > 0.0, lengths, 1.0) * max(float(np.linalg.norm(query)), 1e-12)
    effects = np.zeros(len(spans))
    effects[read] = cosines[0] - cosines[1:]
    marked = grades(effects, abs(float(cosines[0])))
    return MatchingSentences(
        document_id,
        tuple(
            MatchingSentence(span, float(grade), float(effect))
            for span, grade, effect in zip(spans, marked, effects, strict=True)
            if grade > 0.0
        ),
    )


def sentences_with_words(document_id: int, title: str, text: str, typed: str) -> MatchingSentences:
    """The sentences with the most of the typed words, in any of their forms, and of the phrases."""
    words = typed_words(typed)
    spoken = [word for part in words.words for word in _WORD.findall(part)]
    telling = [word for word in spoken if not is_stop_word(word.lower())] or spoken
    wanted = {word_stems(word.lower()) for word in telling}
    phrases = QuotedPhrases(words.phrases)
    text = text[:MOST_CHARACTERS]
    spans = _spans(title, text)
    counts = []
    for span in spans:
        own = (title if span.in_title else text)[span.start : span.end]
        stems = _stems(own)
        found = sum(not stems.isdisjoint(one) for one in wanted)
        counts.append(found + phrases.count_in(own))
    marked = grades(np.array(counts, np.float64), 1.0)
    return MatchingSentences(
        document_id,
        tuple(
            MatchingSentence(span, float(grade), None)
            for span, grade in zip(spans, marked, strict=True)
            if grade > 0.0
        ),
    )


def with_phrases(found: MatchingSentences, title: str, text: str, typed: str) -> MatchingSentences:
    """The same sentences, and those that have a quoted phrase of `typed`, word for word.

    A phrase is what every result has to have, so its sentences are marked as the strongest.
    """
    quoted = typed_words(typed).phrases
    if not quoted:
        return found
    phrases = QuotedPhrases(quoted)
    text = text[:MOST_CHARACTERS]
    known = {one.span: one for one in found.sentences}
    for span in _spans(title, text):
        if phrases.any_in((title if span.in_title else text)[span.start : span.end]):
            before = known.get(span)
            known[span] = MatchingSentence(span, 1.0, before.effect if before else None, True)
    in_order = sorted(known.values(), key=lambda one: (not one.span.in_title, one.span.start))
    return MatchingSentences(found.document_id, tuple(in_order))


def _spans(title: str, text: str) -> list[SentenceSpan]:
    """The title, where there is one, and the sentences of the text."""
    spans = [SentenceSpan(False, *span) for span in sentence_spans(text)]
    if title.strip():
        spans.insert(0, SentenceSpan(True, 0, len(title)))
    return spans


def _stems(text: str) -> frozenset[str]:
    """What the words of a text may come from, as the index of words takes its forms for one."""
    words = _WORD.findall(text.lower())
    return frozenset[str]().union(*(word_stems(word) for word in words))
