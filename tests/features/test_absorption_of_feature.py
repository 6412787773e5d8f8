"""The suspicion of one feature agrees with the search over all pairs."""

from __future__ import annotations

import pytest

from saedesk.features import absorption_of_feature as module
from saedesk.features.absorption import suspected_absorption
from saedesk.features.absorption_of_feature import SuspectedAbsorption, absorption_of_feature
from tests.features.made_up_activations import write_dense
from tests.features.test_absorption import planted as planted

GENERAL, SPECIAL, OTHER = 0, 1, 2


def test_a_planted_pair_is_told_from_both_sides(planted, tmp_path):
    vectors, decoder, codes = planted
    activations = write_dense(tmp_path, codes)
    (pair,) = suspected_absorption(vectors, decoder, activations)
    general = absorption_of_feature(vectors, decoder, activations, GENERAL)
    special = absorption_of_feature(vectors, decoder, activations, SPECIAL)
    assert general.absorbed_by == special.absorbs == (pair,)
    assert general.absorbs == special.absorbed_by == ()
    nothing = SuspectedAbsorption((), ())
    assert absorption_of_feature(vectors, decoder, activations, OTHER) == nothing


def test_a_general_feature_that_fires_there_too_is_not_suspected(planted, tmp_path):
    vectors, decoder, codes = planted
    codes[100:140, GENERAL] = 0.5
    activations = write_dense(tmp_path, codes)
    assert absorption_of_feature(vectors, decoder, activations, GENERAL).absorbed_by == ()


@pytest.mark.parametrize("kept", [0, 1, 9])
def test_few_documents_say_nothing(planted, tmp_path, kept):
    vectors, decoder, codes = planted
    codes[100 + kept : 140, SPECIAL] = 0
    activations = write_dense(tmp_path, codes)
    assert absorption_of_feature(vectors, decoder, activations, SPECIAL).absorbs == ()
    assert absorption_of_feature(vectors, decoder, activations, GENERAL).absorbed_by == ()


def test_some_documents_are_enough_and_follow_the_seed(planted, tmp_path, monkeypatch):
    vectors, decoder, codes = planted
    activations = write_dense(tmp_path, codes)
    monkeypatch.setattr(module, "DOCUMENTS_READ", 20)
    found, again = (
        absorption_of_feature(vectors, decoder, activations, GENERAL, seed=1) for _ in range(2)
    )
    (pair,) = found.absorbed_by
    assert (pair.general, pair.special) == (GENERAL, SPECIAL)
    assert 10 <= pair.documents <= 20
    assert found == again
