from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.labels.language_model.detection_score import detection_score

TRUTH = [True] * 10 + [False] * 10


def test_an_oracle_is_perfect_and_not_certain() -> None:
    found = detection_score(TRUTH, [0.9] * 10 + [-0.9] * 10)
    assert found is not None
    assert (found.f1.score, found.f1.high, found.f1.documents) == (1.0, 1.0, 20)
    assert 0.7 < found.f1.low < 0.98
    assert found.pearson.score == pytest.approx(1.0)
    assert 0.8 < found.pearson.low < 1.0


def test_saying_yes_to_everything_tells_nothing() -> None:
    found = detection_score(TRUTH, [1.0] * 20)
    assert found is not None
    assert found.f1.score == pytest.approx(2 / 3)
    assert found.pearson.score == 0.0
    assert found.pearson.low < 0 < found.pearson.high


def test_saying_no_to_everything_is_defined() -> None:
    found = detection_score(TRUTH, [-1.0] * 20)
    assert found is not None
    assert found.f1.score == 0.0
    assert found.f1.low == 0.0
    assert found.pearson.score == 0.0


def test_measures_by_hand() -> None:
    predictions = [0.5, 0.2, -0.1, 0.9, 0.0] + [-0.5, 0.1, -0.9, -0.2, 0.3]
    found = detection_score([True] * 5 + [False] * 5, predictions)
    assert found is not None
    assert found.f1.score == pytest.approx(2 * 3 / (2 * 3 + 2 + 2))
    expected = np.corrcoef([1] * 5 + [0] * 5, predictions)[0, 1]
    assert found.pearson.score == pytest.approx(expected)
    half = 1.959964 / np.sqrt(7)
    assert found.pearson.low == pytest.approx(np.tanh(np.arctanh(expected) - half))


def test_shuffled_answers_are_at_chance_within_the_interval() -> None:
    generator = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        found = detection_score(TRUTH, list(generator.permutation([0.9] * 10 + [-0.9] * 10)))
        assert found is not None
        held += (found.pearson.low <= 0 <= found.pearson.high) and (found.f1.low <= 0.5)
        assert found.f1.low <= found.f1.score <= found.f1.high
    assert held >= 180


def test_documents_without_a_number_count_nowhere() -> None:
    found = detection_score(TRUTH, [0.9] * 9 + [None] + [-0.9] * 9 + [None])
    assert found is not None
    assert (found.unanswered, found.f1.documents, found.f1.score) == (2, 18, 1.0)
    assert detection_score(TRUTH, [0.9] * 10 + [-0.9] * 3 + [None] * 7) is None
