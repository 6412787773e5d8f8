"""Leaving sentences out: what is embedded, what counts, and that a planted sentence is found."""

from __future__ import annotations

import random

import numpy as np
import pytest

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.model_catalogue import resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.features.evidence.leave_one_out import (
    MOST_SENTENCES,
    are_read,
    document_sentences,
    grades,
    sentence_evidence,
    variants,
    window_end,
)

EVERYTHING = 10**9


def words_reader(most: int):
    """An encoder's window of so many words."""
    return lambda texts: np.array([len(text.split()) <= most for text in texts])


def test_each_variant_lacks_one_sentence_and_nothing_else() -> None:
    title, text = "A title. Of one piece?", "One is here.\nTwo is here.  Three is here."
    spans = document_sentences(title, text, EVERYTHING)
    assert variants(title, text, spans, EVERYTHING) == [
        text_to_embed(title, text),
        "One is here. Two is here.  Three is here.",
        text_to_embed(title, "Two is here.  Three is here."),
        text_to_embed(title, "One is here.\nThree is here."),
        text_to_embed(title, "One is here.\nTwo is here."),
    ]


def test_nothing_behind_the_window_is_read_or_moves_in() -> None:
    title, text = "Three words here", "One two three. Four five six. Seven eight nine. Ten."
    end = window_end(title, text, words_reader(8))
    spans = document_sentences(title, text, end)
    assert are_read(spans, title, end).tolist() == [True, True, True, False]
    assert variants(title, text, spans, end) == [
        "Three words here  One two three. Four five",
        "One two three. Four five",
        "Three words here  Four five",
        "Three words here  One two three.",
    ]
    assert text[spans[-1].start : spans[-1].end] == "Seven eight nine. Ten."


@pytest.mark.parametrize("most", [0, 1, 3, 64, 65, 128, 500, 999])
def test_the_window_is_found_word_by_word(most: int) -> None:
    text = " ".join(f"word{i}" for i in range(1000))
    end = window_end("", text, words_reader(most))
    assert len(f"  {text}"[:end].split()) == most
    whole = window_end("", text, words_reader(1000))
    assert whole >= len(text)


def test_long_documents_have_a_bounded_number_of_pieces() -> None:
    text = " ".join(f"This is sentence number {i} of a long text." for i in range(500))
    spans = document_sentences("Title", text, EVERYTHING)
    assert 10 < len(spans) <= MOST_SENTENCES
    left = "".join(text[span.start : span.end] for span in spans[1:])
    assert left.replace(" ", "") == text.replace(" ", "")


def test_effects_stay_graded_when_the_feature_goes_silent() -> None:
    """Against the formulas, written out; a code of two largest makes features go silent."""
    rng = np.random.default_rng(0)
    weights, vectors = rng.normal(size=(6, 5)), rng.normal(size=(4, 5)).astype(np.float32)
    vectors[3] = 0

    def code(vector):
        values = weights @ vector
        best = np.sort(np.argsort(-values)[:2])
        best = best[values[best] > 0]
        return best, values[best]

    spans = document_sentences("T", "A is here. B is here. C is not read.", 24)
    is_read = are_read(spans, "T", 24)
    assert is_read.tolist() == [True, True, True, False]
    found = sentence_evidence(
        spans, is_read, vectors, lambda latents, x: x @ weights[latents].T, code, [4]
    )
    assert 4 in found.latents
    assert set(code(vectors[0])[0]) <= set(found.latents.tolist())
    for at, latent in enumerate(found.latents):
        whole = dict(zip(*code(vectors[0]), strict=True)).get(latent, 0.0)
        assert found.activations[at] == pytest.approx(whole, abs=1e-6)
        for s in (0, 1):
            without = dict(zip(*code(vectors[1 + s]), strict=True)).get(latent, 0.0)
            drop = weights[latent] @ (vectors[0] - vectors[1 + s])
            assert found.effects[at, s] == pytest.approx(drop, abs=1e-5)
            assert found.without[at, s] == pytest.approx(without, abs=1e-6)
        # Nothing would be left without this one; the last one is not read.
        assert found.effects[at, 2] == pytest.approx(whole, abs=1e-6)
        assert found.effects[at, 3] == 0
        assert found.without[at, 3] == pytest.approx(whole, abs=1e-6)


def test_grades_name_the_driving_sentence_or_none() -> None:
    found = grades(np.array([0.15, 0.2, 0.13, -0.3], np.float32), 0.4)
    assert found.tolist() == [0.75, 1.0, 0.0, 0.0]
    assert not grades(np.array([0.01, 0.005, -0.1], np.float32), 0.4).any()
    assert not grades(np.zeros(0, np.float32), 0.4).any()


TOPICS = {
    "sea": "The {} swam through the cold {} water.|whale dolphin shark seal squid|deep salty blue",
    "court": "The {} read the {} verdict aloud.|judge lawyer clerk jury bailiff|final harsh late",
    "kitchen": "The {} baked a {} loaf of bread.|baker cook mother chef boy|crusty sweet dark",
    "rocket": "The {} launched toward the {} planet.|rocket probe capsule shuttle craft|red far",
}
FILLERS = (
    "The {} met on {} afternoon.|committee family council class team|Monday Tuesday Friday Sunday",
    "Some {} lay on the {} table.|papers books letters maps keys|wooden round small long",
    "A {} walked down the {} street.|woman man child painter student|narrow quiet wet old",
    "The {} was painted {} again.|door fence wall gate chair|green yellow white grey brown",
    "Nobody in the {} knew the {}.|office village room shop school|answer song name rule joke",
)


def made_up(pattern: str, rng: random.Random) -> str:
    sentence, *choices = pattern.split("|")
    return sentence.format(*(rng.choice(words.split()) for words in choices))


def share_found(documents: int) -> float:
    """How often the planted sentence has the largest effect on its topic's feature."""
    encoder = SentenceEncoder.load(resolve_model("all-MiniLM-L6-v2"), "cpu", "auto")
    rng = random.Random(7)
    names = list(TOPICS)
    about = encoder.encode([made_up(TOPICS[n], rng) for n in names for _ in range(6)]).vectors
    usual = encoder.encode([made_up(f, rng) for f in FILLERS for _ in range(4)]).vectors.mean(0)
    directions = about.reshape(len(names), 6, -1).mean(1) - usual
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)

    def code(vector):
        values = directions @ vector
        return np.flatnonzero(values > 0), values[values > 0]

    parts, texts = [], []
    for number in range(documents):
        topic, at = number % len(names), rng.randrange(5)
        sentences = [made_up(pattern, rng) for pattern in rng.sample(FILLERS, 4)]
        sentences.insert(at, made_up(TOPICS[names[topic]], rng))
        text = " ".join(sentences)
        spans = document_sentences("", text, EVERYTHING)
        assert [text[span.start : span.end] for span in spans] == sentences
        parts.append((topic, at, spans))
        texts += variants("", text, spans, EVERYTHING)
    vectors = encoder.encode(texts).vectors.reshape(documents, 6, -1)
    hits = 0
    for (topic, at, spans), own in zip(parts, vectors, strict=True):
        found = sentence_evidence(
            spans,
            np.ones(5, bool),
            own,
            lambda latents, x: x @ directions[latents].T,
            code,
            [topic],
        )
        place = found.place_of(topic)
        assert place is not None
        hits += int(found.effects[place].argmax()) == at
    return hits / documents


def test_the_planted_sentence_is_found() -> None:
    assert share_found(40) >= 0.95


@pytest.mark.slow
def test_the_planted_sentence_is_found_in_200_documents() -> None:
    assert share_found(200) >= 0.95


def evidence_of(vectors: np.ndarray, active: tuple[list[int], list[float]]):
    """Two features, the coordinates of the vectors; the whole text has the code `active`."""
    n = len(vectors) - 1
    spans = document_sentences("", " ".join(["One is here."] * n), EVERYTHING)
    assert len(spans) == n

    def code(vector):
        found = active if vector is vectors[0] or (vector == vectors[0]).all() else ([], [])
        return np.array(found[0], np.int64), np.array(found[1], np.float32)

    return sentence_evidence(
        spans, np.ones(n, bool), vectors, lambda ls, vs: vs[:, ls], code, wanted=(0, 1)
    )


def test_a_silent_feature_has_no_driving_sentence_but_one_closest_to_firing() -> None:
    vectors = np.array([[0.5, 0.4], [0.1, 0.3], [0.45, 0.5]], np.float32)
    found = evidence_of(vectors, ([0], [0.5]))
    assert found.grades(0)[0] == 1
    assert not found.is_silent(0)
    assert found.closest_to_firing(0) is None, "it fires"
    assert found.is_silent(1)
    assert found.effects[1, 0] > 0
    assert not found.grades(1).any()
    assert found.closest_to_firing(1) == 0
    held_back = evidence_of(np.array([[0.5, 0.1], [0.5, 0.3], [0.5, 0.2]], np.float32), ([], []))
    assert held_back.closest_to_firing(1) is None, "every sentence keeps it from firing"


def test_one_sentence_is_not_marked_whole() -> None:
    found = evidence_of(np.array([[0.5, 0.4], [0.0, 0.0]], np.float32), ([0], [0.5]))
    assert found.is_single
    assert not found.grades(0).any()
    assert found.closest_to_firing(1) is None
