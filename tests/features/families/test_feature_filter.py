from __future__ import annotations

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.features.families.feature_filter import (
    FeatureFilter,
    features_let_in,
    without_field,
)

COUNTS = np.array([50, 40, 30, 20, 10, 5])


def let_in(wanted: FeatureFilter, labels: dict[int, str], scores: dict[int, float]) -> list[int]:
    allowed = features_let_in(wanted, COUNTS, labels, scores)
    assert allowed is not None
    return np.flatnonzero(allowed).tolist()


def test_without_a_filter_all_are_let_in() -> None:
    assert features_let_in(FeatureFilter(), COUNTS, {}, {}) is None


def test_labels_about_the_wording_are_not_clean() -> None:
    labels = {
        0: "Dark matter",
        1: "Presence of dust",
        2: "The letter “x”",
        3: "",
        4: "Topics in optics",
    }
    assert let_in(FeatureFilter(labels="clean"), labels, {}) == [0]
    # A word within a word is another word, and an apostrophe is no quotation mark.
    labels = {0: "Conceptual models", 1: "Hubble's constant", 2: "Kepler's law's", 3: "'a' and 'b'"}
    assert let_in(FeatureFilter(labels="clean"), labels, {}) == [0, 1, 2]
    only_dust = FeatureFilter(labels="clean", vague_words="dust")
    assert let_in(only_dust, {0: "Dust lanes", 1: "A concept"}, {}) == [1]
    assert let_in(FeatureFilter(labels="clean", vague_words=" , "), {0: "A concept"}, {}) == [0]


def test_the_least_score_leaves_out_what_has_none() -> None:
    scores = {0: 0.9, 1: 0.7, 2: 0.8}
    assert let_in(FeatureFilter(least_score=0.8), {}, scores) == [0, 2]


def test_of_equal_labels_the_better_stays() -> None:
    labels = {
        0: "Dark matter",
        1: "dark  matter in astrophysics",
        2: "Dark matter in Physics.",
        3: "Dust",
        4: "dust",
        5: "",
    }
    best = FeatureFilter(equal_labels="best")
    assert let_in(best, labels, {0: 0.7, 1: 0.9, 2: 0.8}) == [1, 3, 5]
    # Where none scores better the one that fires more often stays; whoever is not let in for
    # another reason takes nobody's place.
    assert let_in(best, labels, {}) == [0, 3, 5]
    both = FeatureFilter(equal_labels="best", least_score=0.8)
    assert let_in(both, labels, {0: 0.7, 2: 0.8, 4: 0.9}) == [2, 4]


def test_the_field_at_the_end_of_a_label_goes() -> None:
    fields = "physics, astrophysics, computer science"
    assert without_field("Graphs in Computer  Science", fields) == "graphs"
    assert without_field("Noise in astrophysics", fields) == "noise"
    assert without_field("Computer science", fields) == "computer science"


def test_a_wrong_choice_is_named() -> None:
    with pytest.raises(BadSetting, match="Equal labels must be one of all, best"):
        features_let_in(FeatureFilter(equal_labels="none"), COUNTS, {}, {})  # type: ignore[arg-type]
    with pytest.raises(BadSetting, match="Least score must lie between 0 and 1"):
        FeatureFilter(least_score=1.5).check()
