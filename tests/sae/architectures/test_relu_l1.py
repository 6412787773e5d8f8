"""ReLU + L1 against dense autograd, and what its penalty does."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.relu_l1 import ReluL1, ReluL1Config
from tests.sae.architectures import steered_weight
from tests.sae.architectures.oracle import (
    N,
    Tensors,
    assert_gradients_equal,
    assert_training_follows,
    normalised_error,
    note_fired,
    pre_activations,
    rebuilt,
)
from tests.sae.architectures.sparse_sources import sparse_sources, trained_on_sources


class PlainReluL1:
    """The loss of `relu_l1`, dense."""

    def __init__(self, config: ReluL1Config) -> None:
        self.config = config

    def __call__(
        self, parameters: Tensors, state: Tensors, x: Tensor, moment: Moment
    ) -> tuple[Tensor, Tensor]:
        z = pre_activations(parameters, x).clamp(min=0)
        estimate = rebuilt(parameters, z)
        note_fired(state, z)
        reconstruction = normalised_error(estimate, x)
        weight = steered_weight.weight_at(self.config, state, moment)
        price = weight * z.abs().sum(1).mean() / steered_weight.spread(x)
        aux = steered_weight.aux_without_bias(self.config, parameters, state, x, x - estimate)
        steered_weight.steer(self.config, state, z, moment)
        return reconstruction + price + aux, reconstruction


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("moment", [Moment(0, 100), Moment(3, 100), Moment(60, 100)])
def test_gradients_equal_dense_autograd(idle: str | None, moment: Moment) -> None:
    config = ReluL1Config(n_latents=N, target_l0=4, aux_k=5, aux_coefficient=0.3)
    assert_gradients_equal(ReluL1, config, PlainReluL1(config), idle=idle, moment=moment)


@pytest.mark.parametrize("start", ["fitted", "published"])
def test_a_training_follows_the_dense_one_step_for_step(start: str) -> None:
    config = ReluL1Config(
        n_latents=N, target_l0=4, learning_rate=1e-2, dead_after_steps=3, initialisation=start
    )
    assert_training_follows(ReluL1, config, PlainReluL1(config))


def test_a_heavier_weight_leaves_fewer_active() -> None:
    light = trained_on_sources("relu_l1", target_l0=0, sparsity_weight=0.02)
    heavy = trained_on_sources("relu_l1", target_l0=0, sparsity_weight=0.2)
    assert heavy.l0 < 0.6 * light.l0


@pytest.mark.parametrize("weight", [1e-3, 1.0])
def test_the_weight_is_steered_to_the_target_from_either_side(weight: float) -> None:
    found = trained_on_sources("relu_l1", steps=250, target_l0=5.0, sparsity_weight=weight)
    assert 5 / 1.25 < found.l0 < 5 * 1.25


def test_a_fitted_start_is_sparse_before_the_first_step() -> None:
    x = sparse_sources(2000)
    starts = {}
    for start in ("fitted", "published"):
        config = ReluL1Config(n_latents=64, target_l0=5, initialisation=start)
        architecture = ReluL1(config, x.shape[1])
        parameters = architecture.initialise(x, torch.Generator().manual_seed(0))
        starts[start] = float(architecture.encode(parameters, x).active.sum()) / len(x)
    assert starts["fitted"] == pytest.approx(15, rel=0.2)
    assert starts["published"] > 25
