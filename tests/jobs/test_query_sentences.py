"""Sentences that speak for a document: with the words that were typed, or close to the query."""

from __future__ import annotations

import numpy as np

from saedesk.features.evidence.leave_one_out import SentenceSpan
from saedesk.jobs.query_sentences import (
    MatchingSentence,
    MatchingSentences,
    sentences_near,
    sentences_with_words,
    with_phrases,
)
from saedesk.project.sentence_vector_cache import SentenceVectors
from saedesk.task_control import TaskControl, Unattended

TITLE = "Noise in the light of stars"
TEXT = (
    "Cats sleep a lot. We look for planets in light curves of many stars. "
    "A planet dims its star. Nothing else matters here."
)


def marked(typed: str) -> list[str]:
    found = sentences_with_words(7, TITLE, TEXT, typed)
    assert found.document_id == 7
    return [
        (TITLE if one.span.in_title else TEXT)[one.span.start : one.span.end]
        for one in found.sentences
    ]


def test_the_sentence_with_most_words_is_marked_in_any_form_of_them() -> None:
    assert marked("the planet dimmed") == ["A planet dims its star."]
    assert marked("cat") == ["Cats sleep a lot."]
    assert marked("no such thing as zzyzx") == []
    assert marked("noise, stars") == [TITLE]


def test_a_phrase_counts_as_it_is_written() -> None:
    assert marked('"light curves" cats') == [
        "Cats sleep a lot.",
        "We look for planets in light curves of many stars.",
    ]
    assert marked('"curves light"') == []


class Engine:
    """Gives the vectors that a test made up."""

    def __init__(self, vectors: list[list[float]]) -> None:
        spans = [(False, 0, 17), (False, 18, 68), (False, 69, 92)]
        self._known = SentenceVectors(
            len(TEXT) + 2, np.array(spans, np.int32), np.array(vectors, np.float16)
        )

    def sentence_vectors(self, title: str, text: str, control: TaskControl) -> SentenceVectors:
        return self._known


def test_the_effect_of_a_sentence_is_what_the_cosine_falls_without_it() -> None:
    whole, query = [0.6, 0.8], np.array([2.0, 0.0], np.float32)
    engine = Engine([whole, [0.8, 0.6], [0.1, 0.995], [0.3, 0.954]])
    found = sentences_near(engine, 3, "", TEXT, query, Unattended())  # type: ignore[arg-type]
    (second,) = found.sentences
    assert (second.span.start, second.grade) == (18, 1.0)
    assert second.effect is not None
    assert abs(second.effect - 0.5) < 2e-3


def test_sentences_with_a_quoted_phrase_are_marked_beside_those_near_the_query() -> None:
    title, text = (
        "On gravitational waves",
        "A gravitational wave. Dark nights. We saw gravitational waves. Waves of gravity.",
    )
    first = MatchingSentence(SentenceSpan(False, 22, 34), 1.0, 0.2)
    found = MatchingSentences(7, (first,))
    marked = with_phrases(found, title, text, 'saw "Gravitational Waves"').sentences
    told = [(title if one.span.in_title else text)[one.span.start : one.span.end] for one in marked]
    assert told == [title, "Dark nights.", "We saw gravitational waves."]
    assert [one.has_phrase for one in marked] == [True, False, True]
    assert marked[1] is first
    assert with_phrases(found, title, text, "gravitational waves") is found
