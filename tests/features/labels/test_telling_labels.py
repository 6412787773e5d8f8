"""Labels read as a person would write them: whole phrases that tell a feature from its siblings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.labels.keyword_labels import KeywordLabel, KeywordSettings, keyword_labels
from saedesk.features.labels.nearest_features import nearest_features
from saedesk.features.labels.word_forms import (
    reads_as_adjective,
    say_the_same,
    without_remains,
    word_stems,
)
from tests.features.made_up_activations import write_dense
from tests.features.made_up_topics import topic_corpus

OTHERS = [f"{one}{two}" for one in ("alpha", "beta", "gamma") for two in "bcdfghklm"]


def labels_of(
    folder: Path, documents: list[tuple[str, str]], dense: np.ndarray, directions=None
) -> list[KeywordLabel]:
    activations = write_dense(folder, dense.astype(np.float32))
    return keyword_labels(
        activations, lambda rows: [documents[row] for row in rows], directions=directions
    )


def test_a_broken_phrase_is_shown_whole(tmp_path: Path) -> None:
    topics = [
        ["Markov chain Monte Carlo"],
        ["reproducing kernel Hilbert space|reproducing kernel Hilbert spaces"],
        ["ring nebula"],
    ]
    labels = labels_of(tmp_path, *topic_corpus(topics))
    texts = [label.text for label in labels]
    assert texts[0] == "Markov chain Monte Carlo"
    assert texts[1].startswith("Reproducing kernel Hilbert space")
    assert texts[2] == "Ring nebula"
    # The pieces of a phrase are no further terms.
    assert not {"Monte Carlo", "Carlo", "chain Monte Carlo"} & set(labels[0].terms)


def test_a_word_that_stands_beside_others_too_is_left_alone(tmp_path: Path) -> None:
    topics = [["dark matter halos|dark matter annihilation|dark matter searches|dark matter maps"]]
    (label,) = labels_of(tmp_path, *topic_corpus([*topics, ["ring nebula"]]))[:1]
    assert label.text == "Dark matter"


def sibling_corpus() -> tuple[list[tuple[str, str]], np.ndarray]:
    """Three features share “galaxies”, each has a phrase of its own in half of its documents."""
    documents, dense = topic_corpus(
        [
            ["galaxies", "spiral arms"],
            ["galaxies", "quasar spectra"],
            ["galaxies", "globular clusters"],
            *([word] for word in OTHERS),
        ]
    )
    generator = np.random.default_rng(5)
    own = ("spiral arms", "quasar spectra", "globular clusters")
    # Most documents have only the shared word, so that it is the more frequent one.
    documents = [
        (title, text if generator.random() < 0.45 else _without(text, own))
        for title, text in documents
    ]
    return documents, dense


def _without(text: str, phrases: tuple[str, ...], instead: str = "river") -> str:
    for phrase in phrases:
        text = text.replace(phrase, instead)
    return text


def test_siblings_are_told_apart_by_what_the_others_lack(tmp_path: Path) -> None:
    documents, dense = sibling_corpus()
    directions = np.eye(dense.shape[1], dense.shape[1] + 1, dtype=np.float32)
    directions[:3, -1] = 3
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    told = [label.text for label in labels_of(tmp_path, documents, dense, directions)]
    assert [text.split(",")[0].lower() for text in told[:3]] == [
        "spiral arms",
        "quasar spectra",
        "globular clusters",
    ]


def test_middle_quantiles_count_beside_the_strongest(tmp_path: Path) -> None:
    documents, dense = topic_corpus(
        [["ring nebula"], *([word] for word in OTHERS[:5])], per_topic=400
    )
    for row in np.argsort(-dense[:, 0])[:60]:
        # Whoever reads the 40 strongest alone reads of nothing else.
        documents[row] = (documents[row][0], _without(documents[row][1], ("ring nebula",), "comet"))
    activations = write_dense(tmp_path, dense)
    settings = KeywordSettings(documents_per_latent=40)
    label = keyword_labels(activations, lambda rows: [documents[r] for r in rows], settings)[0]
    assert "ring nebula" in [term.lower() for term in label.terms]


def test_neighbours_by_direction_and_by_documents(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    dense = np.zeros((60, 12), np.float32)
    dense[:20, 0] = dense[:18, 5] = 1
    dense[:, 11] = 1
    activations = write_dense(tmp_path, dense)
    directions = generator.normal(size=(12, 8)).astype(np.float32)
    directions[7] = directions[0] + 0.01
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    rows = [activations.latent(latent)[0] for latent in (0, 3)]
    near, silent = nearest_features(activations, directions, [0, 3], rows)
    assert near[0] == 7
    assert 0 not in near
    assert 5 in near
    assert len(set(near)) == len(near)
    assert len(silent) == 6  # only by direction: it is never active
    by_documents, nothing = nearest_features(activations, None, [0, 3], rows)
    assert by_documents[0] == 5  # before the one that is active everywhere
    assert nothing == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"Alfv\'en waves", "Alfvén waves"),
        (r"Alfv{\'e}n waves", "Alfvén waves"),
        (r"B\'{e}nard and Schr\"odinger", "Bénard and Schrödinger"),
        ('He said \\"after all\\" once', None),
    ],
)
def test_accents_of_latex_are_letters(written: str, read: str | None) -> None:
    clean = without_remains(written)
    assert clean == read if read else "äfter" not in clean


def test_forms_of_one_word_say_the_same() -> None:
    for one, other in (("verification", "verifying"), ("classification", "classifier")):
        assert say_the_same(word_stems(one), word_stems(other))
    assert reads_as_adjective("online")
    assert reads_as_adjective("multi-agent")
    assert not reads_as_adjective("Online")
