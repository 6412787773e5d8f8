"""Lift and conditional shares counted document by document."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features import co_activity
from saedesk.features.co_activity import firing_together
from saedesk.features.share_intervals import wilson_interval
from tests.features.made_up_activations import random_dense, write_dense

N, M = 200, 14


@pytest.fixture
def active() -> np.ndarray:
    return random_dense(N, M, seed=7) > 0


@pytest.fixture
def activations(tmp_path, active):
    return write_dense(tmp_path, active.astype(np.float32))


@pytest.mark.parametrize("fewest", [1, 5, 30])
@pytest.mark.parametrize("latent", range(M))
def test_every_number_is_the_count_over_documents(activations, active, latent, fewest):
    together = firing_together(activations, latent)
    here = active[:, latent]
    counts = {j: int((here & active[:, j]).sum()) for j in range(M) if j != latent}
    for found in (together.by_lift(99, fewest), together.by_share(99, fewest)):
        known = {j for j, count in counts.items() if count >= fewest}
        assert set(found.latents.tolist()) == known
        for at, j in enumerate(found.latents.tolist()):
            others = int(active[:, j].sum())
            assert (found.together[at], found.documents[at]) == (counts[j], others)
            assert found.share_of_this[at] == pytest.approx(counts[j] / here.sum())
            assert found.share_of_other[at] == pytest.approx(counts[j] / others)
            lift = counts[j] * N / (here.sum() * others)
            assert found.lift[at] == pytest.approx(lift)
            ends = [float(end) * N / others for end in wilson_interval(counts[j], here.sum())]
            assert [found.lift_low[at], found.lift_high[at]] == pytest.approx(ends)
        assert found.documents_read == found.documents_of_this == here.sum()
    by_lift = together.by_lift(99, fewest)
    assert (np.diff(by_lift.lift) <= 1e-12).all()
    by_share = together.by_share(99, fewest)
    assert (np.diff(by_share.share_of_this) <= 0).all()
    assert together.by_lift(3, fewest).latents.tolist() == by_lift.latents[:3].tolist()


def test_lift_finds_the_partner_and_not_the_dense_feature(tmp_path):
    rng = np.random.default_rng(0)
    active = np.zeros((1000, 4), np.float32)
    active[:40, 0] = 1
    active[:30, 1] = 1
    active[:, 2] = rng.random(1000) < 0.95
    active[0, 3] = 1
    together = firing_together(write_dense(tmp_path, active), 0)
    assert together.by_lift(9).latents.tolist() == [1, 2], "one document together says nothing"
    assert together.by_share(9).latents.tolist() == [2, 1]
    lift = together.by_lift(9)
    assert lift.lift[0] == pytest.approx(25)
    assert lift.lift_low[1] < 1 < lift.lift_high[1]


def test_a_dense_feature_is_counted_in_a_sample_that_follows_the_seed(
    activations, active, monkeypatch
):
    latent = 2
    exact = firing_together(activations, latent)
    monkeypatch.setattr(co_activity, "MOST_ACTIVATIONS", 80 * active.sum() / N + 1)
    sample, again = (firing_together(activations, latent, seed=1) for _ in range(2))
    assert sample.documents_read == 80 < exact.documents_read
    assert sample.counts.tolist() == again.counts.tolist()
    assert sample.counts.tolist() != firing_together(activations, latent, seed=2).counts.tolist()
    found = sample.by_share(99, 1)
    assert found.documents_of_this == exact.documents_read
    for j, share, other in zip(
        found.latents.tolist(), found.share_of_this, found.share_of_other, strict=True
    ):
        truth = (active[:, latent] & active[:, j]).sum()
        assert share == pytest.approx(truth / exact.documents_read, abs=0.2)
        assert 0 <= other <= 1


def test_a_feature_that_never_fires_has_nobody(activations):
    together = firing_together(activations, 1)
    assert together.documents_read == 0
    for found in (together.by_lift(5), together.by_share(5)):
        assert len(found.latents) == len(found.lift) == len(found.share_of_other) == 0
