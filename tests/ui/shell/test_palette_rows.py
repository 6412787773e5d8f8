from __future__ import annotations

import time

import numpy as np

from saedesk.ui.shell.palette_rows import FeatureIndex, matching_commands, underlined

LABELS = ("Weak lensing", "Lensing of galaxies", "Microlensing events", "Dark matter", "lens 3")
DENSITIES = np.array([0.02, 0.01, 0.05, 0.2, 0.1])


def index() -> FeatureIndex:
    return FeatureIndex.of(LABELS, DENSITIES)


def test_beginnings_come_before_words_and_these_before_parts() -> None:
    assert index().find("lensing") == [1, 0, 2]


def test_all_words_must_occur_and_order_does_not_matter() -> None:
    assert index().find("galaxies lens") == [1]
    assert index().find("galaxies matter") == []
    assert index().find("  ") == []


def test_a_number_finds_the_feature_of_that_number_first() -> None:
    assert index().find("3") == [3, 4]


def test_a_hundred_thousand_labels_are_searched_between_two_keys() -> None:
    many = FeatureIndex.of((f"feature of topic {i}" for i in range(100_000)), np.zeros(100_000))
    start = time.perf_counter()
    assert len(many.find("topic 99")) == 8
    assert time.perf_counter() - start < 0.5


def test_what_was_typed_is_underlined() -> None:
    assert underlined("Weak lensing and shear", "LENSING") == [(5, 7)]
    assert underlined("Weak lensing and shear", "shear weak") == [(0, 4), (17, 5)]
    assert underlined("Weak lensing", "absent") == []
    assert underlined("İstanbul lensing", "lensing") == []


def test_commands_match_by_words() -> None:
    commands = [("a", "Open a project…"), ("b", "Close the project"), ("c", "Quit")]
    assert matching_commands(commands, "project") == ["a", "b"]
    assert matching_commands(commands, "proj open") == ["a"]
