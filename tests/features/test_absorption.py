"""A planted absorption is found with its numbers; features that only look alike are not."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.absorption import AbsorbedPair, suspected_absorption
from tests.features.made_up_activations import write_dense

GENERAL, SPECIAL, OTHER = 0, 1, 2
DOCUMENTS = 400


@pytest.fixture
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, decoder and codes: 40 of 140 documents of “animal” are about cats, and there
    the feature for animals is silent because that for cats has a part of its direction."""
    rng = np.random.default_rng(0)
    animal, cat, far = np.eye(8, dtype=np.float32)[:3]
    vectors = 0.05 * rng.normal(size=(DOCUMENTS, 8)).astype(np.float32)
    vectors[:140] += animal
    vectors[100:140] += cat
    vectors[140:240] += far
    decoder = np.stack([animal, (cat + animal) / np.sqrt(2), far])
    codes = np.zeros((DOCUMENTS, 3), np.float32)
    codes[:100, GENERAL] = 1.0
    codes[100:140, SPECIAL] = 1.4
    codes[140:240, OTHER] = 1.0
    return vectors, decoder, codes


def test_a_planted_pair_is_found_with_its_numbers(planted, tmp_path) -> None:
    vectors, decoder, codes = planted
    (pair,) = suspected_absorption(vectors, decoder, write_dense(tmp_path, codes))
    along = vectors @ decoder[GENERAL]
    near = along[100:140] >= np.quantile(along[:100], 0.25)
    assert (pair.general, pair.special) == (GENERAL, SPECIAL)
    assert pair.documents == pair.silent == near.sum()
    assert pair.cosine == pytest.approx(np.sqrt(0.5))


def test_a_general_feature_that_fires_there_too_is_not_suspected(planted, tmp_path) -> None:
    vectors, decoder, codes = planted
    codes[100:140, GENERAL] = 0.5
    assert suspected_absorption(vectors, decoder, write_dense(tmp_path, codes)) == []


def test_documents_far_from_the_general_direction_are_none_of_its_own(planted, tmp_path) -> None:
    vectors, decoder, codes = planted
    vectors[100:140, 0] -= 0.6
    assert suspected_absorption(vectors, decoder, write_dense(tmp_path, codes)) == []


def test_many_features_make_the_sample_smaller_and_few_documents_say_nothing(
    planted, tmp_path, monkeypatch
) -> None:
    vectors, decoder, codes = planted
    activations = write_dense(tmp_path, codes)
    monkeypatch.setattr("saedesk.features.absorption._MOST_PROJECTIONS", 3 * 200)
    (half,) = suspected_absorption(vectors, decoder, activations)
    assert isinstance(half, AbsorbedPair)
    assert 10 <= half.documents < 30
    monkeypatch.setattr("saedesk.features.absorption._MOST_PROJECTIONS", 3 * 20)
    assert suspected_absorption(vectors, decoder, activations) == []
