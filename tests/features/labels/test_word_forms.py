from __future__ import annotations

import pytest

from saedesk.features.labels.word_forms import (
    is_short_for,
    is_stop_word,
    reads_as_adjective,
    say_the_same,
    stands_alone,
    without_remains,
    word_key,
    word_stems,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("galaxy", "Galaxies"),
        ("lens", "lenses"),
        ("supernova", "supernovae"),
        ("class", "classes"),
        ("database", "databases"),
        ("analysis", "analyses"),
        ("movie", "movies"),
        ("Earth", "Earth's"),
        ("box", "boxes"),
    ],
)
def test_inflections_are_one_word(one, other):
    assert word_key(one) == word_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("news", "new"), ("physics", "physical"), ("cluster", "clustering"), ("corpus", "corp")],
)
def test_other_words_stay_apart(one, other):
    assert word_key(one) != word_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lens", "lensing"),
        ("bid", "bidding"),
        ("cluster", "clustering"),
        ("multi-agent", "agents"),
        ("inflation", "inflationary"),
        ("earthquake", "earthquakes"),
        ("recommender", "recommendation"),
    ],
)
def test_repetitions_are_found(one, other):
    assert say_the_same(word_stems(one), word_stems(other))


@pytest.mark.parametrize(("one", "other"), [("star", "galaxy"), ("image", "imitation")])
def test_what_repeats_nothing(one, other):
    assert not say_the_same(word_stems(one), word_stems(other))


def test_abbreviations():
    assert is_short_for("GAN", "generative adversarial networks")
    assert is_short_for("PDEs", "partial differential equations")
    assert not is_short_for("CNN", "generative adversarial networks")
    assert not is_short_for("gas", "galaxy and star")


def test_lists_of_words():
    assert is_stop_word("The")
    assert is_stop_word("propose")
    assert not is_stop_word("learning")
    assert not stands_alone("learning")
    assert stands_alone("galaxy")
    assert stands_alone("AI")
    assert not stands_alone("ai")
    assert reads_as_adjective("gravitational")
    assert not reads_as_adjective("Gaussian")


def test_remains_of_markup():
    text = without_remains(r"mass $M_\odot$ of \textit{a} star, see https://a.org/b &lt;b&gt; AT&T")
    for part in ("odot", "textit", "a.org", "lt", "gt"):
        assert part not in text
    assert "star" in text
    assert "AT&T" in text


def test_paragraphs_and_quoted_code_break_phrases():
    text = without_remains(
        "axis : int, optional\n    Output array\nof floats.\n\n>>> import numpy\n"
    )
    assert "numpy" not in text
    assert text.index("optional") < text.index("|") < text.index("Output")
    assert "array\nof" in text
