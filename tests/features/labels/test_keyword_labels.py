from __future__ import annotations

import csv
import gzip
import re
from dataclasses import replace

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.features.labels.keyword_labels import KeywordSettings, keyword_labels
from saedesk.features.labels.word_forms import is_stop_word, say_the_same, word_stems
from saedesk.task_control import Cancelled, Progress
from tests.features.made_up_activations import write_dense
from tests.features.made_up_topics import topic_corpus

TOPICS = [
    ["gravitational lensing"],
    ["dark matter halo|dark matter halos"],
    ["GAN", "image synthesis"],
    ["Bayesian inference"],
    ["X-ray", "supernova remnants"],
    ["mixture of experts"],
    ["support vector machine|support vector machines"],
]


def labels_of(folder, topics, settings=None, **more):
    documents, dense = topic_corpus(topics, **more)
    activations = write_dense(folder, dense)
    return keyword_labels(activations, lambda rows: [documents[row] for row in rows], settings)


def test_planted_phrases_become_the_labels(tmp_path):
    labels = labels_of(tmp_path, TOPICS)
    texts = [label.text for label in labels]
    assert [label.latent for label in labels] == list(range(7))
    assert texts[0] == "Gravitational lensing"
    assert texts[1] in ("Dark matter halos", "Dark matter halo")
    assert "GAN" in texts[2]
    assert "image synthesis" in texts[2].lower()
    assert texts[3] == "Bayesian inference"
    assert "X-ray" in texts[4]
    assert texts[5] == "Mixture of experts"
    assert texts[6].startswith("Support vector machine")
    # A third of the 40 documents of a topic is set aside for scoring.
    assert all(label.n_documents == 27 for label in labels)
    assert all(len(label.terms) == len(label.scores) for label in labels)


def test_one_to_four_words_no_stem_twice_no_stop_word_at_an_end(tmp_path):
    topics = [
        ["lens|lenses|lensing", "gravitational lens"],
        ["earthquake|earthquakes", "seismic"],
        ["tree|trees", "random forest"],
        ["we propose the galaxy|galaxies of the"],
        ["reinforcement learning", "policy gradients", "rewards", "agent|agents"],
    ]
    for label in labels_of(tmp_path, topics):
        words = label.text.replace(",", "").split(" ")
        assert 1 <= len(words) <= 4
        for phrase in label.text.split(", "):
            ends = phrase.split(" ")
            assert not is_stop_word(ends[0])
            assert not is_stop_word(ends[-1])
        for i, word in enumerate(words):
            for other in words[:i]:
                assert not say_the_same(word_stems(word), word_stems(other)), label.text
        assert label.text[0].isupper()


def test_siblings_get_different_labels(tmp_path):
    topics = [
        ["dark matter", "halo shapes"],
        ["dark matter", "direct detection"],
        ["dark matter", "annihilation signals"],
        ["dark matter"],
        ["dark matter"],
    ]
    texts = [label.text for label in labels_of(tmp_path, topics)]
    assert len({text.lower() for text in texts}) == 5
    assert "halo shapes" in texts[0].lower()
    assert "direct detection" in texts[1].lower()
    assert "annihilation" in texts[2].lower()


def test_features_with_the_same_documents_are_numbered(tmp_path):
    documents = [("", "dark matter")] * 5 + [("", "garden")] * 20
    dense = np.zeros((25, 3), np.float32)
    dense[:5] = 1
    labels = keyword_labels(write_dense(tmp_path, dense), lambda rows: [documents[r] for r in rows])
    assert [label.text for label in labels] == ["Dark matter", "Dark matter (2)", "Dark matter (3)"]


def test_formulae_numbers_and_addresses_are_no_keywords(tmp_path):
    noise = [r"$\alpha_{topmass}$ 2019", r"\textbf 1234.5", "https://example.org/galaxyzoo &amp;"]
    for label in labels_of(tmp_path, [[part, "ring nebula"] for part in noise]):
        everything = " ".join((label.text, *label.terms))
        assert not re.search(r"alpha|topmass|textbf|2019|1234|https|example|zoo|amp", everything)


def test_the_usual_spelling_is_shown(tmp_path):
    topics = [["Bayesian|bayesian|Bayesian"], ["iPhone"], ["neural networks|neural networks"]]
    texts = [label.text for label in labels_of(tmp_path, topics)]
    assert texts == ["Bayesian", "iPhone", "Neural networks"]


def test_never_active_and_wordless_features_get_no_label(tmp_path):
    documents = [("", ""), ("", "123 456"), ("A comet", "comet dust")]
    dense = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]], np.float32)
    activations = write_dense(tmp_path, dense)
    labels = keyword_labels(activations, lambda rows: [documents[row] for row in rows])
    assert [label.latent for label in labels] == [2, 3]
    assert "comet" in labels[0].text.lower()


def test_an_empty_corpus_and_a_feature_active_everywhere(tmp_path):
    empty = write_dense(tmp_path / "empty", np.zeros((0, 4), np.float32))
    assert keyword_labels(empty, lambda rows: []) == []
    documents, dense = topic_corpus(TOPICS)
    everywhere = np.concatenate([dense, np.ones((len(dense), 1), np.float32)], axis=1)
    activations = write_dense(tmp_path / "all", everywhere)
    labels = keyword_labels(activations, lambda rows: [documents[row] for row in rows])
    assert labels[0].text == "Gravitational lensing"
    assert len({label.text for label in labels}) == len(labels)


def test_only_the_latents_asked_for(tmp_path):
    documents, dense = topic_corpus(TOPICS)
    activations = write_dense(tmp_path, dense)
    labels = keyword_labels(activations, lambda r: [documents[i] for i in r], latents=[3, 0])
    assert [label.latent for label in labels] == [0, 3]


def test_the_same_again_whatever_the_memory(tmp_path):
    small = KeywordSettings(latents_at_once=1)
    first = labels_of(tmp_path / "a", TOPICS)
    assert labels_of(tmp_path / "b", TOPICS) == first
    assert labels_of(tmp_path / "c", TOPICS, small) == first


def test_only_documents_that_are_needed_are_read(tmp_path):
    documents, dense = topic_corpus(TOPICS, per_topic=300)
    asked: list[int] = []

    def texts(rows):
        asked.extend(rows.tolist())
        return [documents[row] for row in rows]

    settings = KeywordSettings(documents_per_latent=20, background=100)
    labels = keyword_labels(write_dense(tmp_path, dense), texts, settings)
    assert labels[0].text == "Gravitational lensing"
    assert labels[0].n_documents == 20
    assert len(asked) == len(set(asked))
    assert len(asked) <= 7 * 20 + 100


class CancelLater:
    def __init__(self) -> None:
        self.left = 3
        self.notes: list[str] = []

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled

    def report(self, progress: Progress) -> None:
        self.notes.append(progress.note)

    def publish(self, partial: object) -> None: ...


def test_it_can_be_cancelled(tmp_path):
    documents, dense = topic_corpus(TOPICS)
    activations = write_dense(tmp_path, dense)
    with pytest.raises(Cancelled):
        keyword_labels(activations, lambda r: [documents[i] for i in r], None, CancelLater())


def test_settings_out_of_range():
    with pytest.raises(BadSetting, match="background"):
        replace(KeywordSettings(), background=0)


@pytest.mark.slow
def test_short_questions_of_a_real_corpus(data_folder, tmp_path):
    with gzip.open(data_folder / "banking77" / "banking77.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    intents = sorted({row["label_name"] for row in rows})
    dense = np.zeros((len(rows), len(intents)), np.float32)
    for number, row in enumerate(rows):
        dense[number, intents.index(row["label_name"])] = 1
    activations = write_dense(tmp_path, dense, 1000)
    labels = keyword_labels(activations, lambda part: [("", rows[row]["text"]) for row in part])
    texts = {intents[label.latent]: label.text.lower() for label in labels}
    assert len(set(texts.values())) == len(intents)
    assert "exchange rate" in texts["card_payment_wrong_exchange_rate"]
    assert "direct debit" in texts["direct_debit_payment_not_recognised"]
