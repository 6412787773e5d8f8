"""JumpReLU against dense autograd with its straight-through rule, and its thresholds."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.jump_relu import JumpRelu, JumpReluConfig
from saedesk.sae.architectures.learned_thresholds import Thresholds, exponents
from saedesk.sae.sae_trainer import SaeTrainer
from tests.sae.architectures import steered_weight
from tests.sae.architectures.oracle import (
    N,
    Tensors,
    assert_gradients_equal,
    assert_training_follows,
    auxk_loss,
    normalised_error,
    note_fired,
    pre_activations,
    rebuilt,
)
from tests.sae.architectures.sparse_sources import sparse_sources, trained_on_sources


class Jump(torch.autograd.Function):
    """a, θ -> a · 1[a > θ] or 1[a > θ], with the rectangle as the slope along θ."""

    @staticmethod
    def forward(context: Any, a: Tensor, theta: Tensor, width: float, is_step: bool) -> Tensor:
        context.save_for_backward(a, theta)
        context.width, context.is_step = width, is_step
        return (a > theta) * (torch.ones_like(a) if is_step else a)

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        a, theta = context.saved_tensors
        width = context.width
        near = ((a - theta).abs() < width / 2) & (a > 0)
        if context.is_step:
            return None, (-slope * near / width).sum(0), None, None
        return slope * (a > theta), (-slope * near * theta / width).sum(0), None, None


class PlainJumpRelu:
    """The loss of `jump_relu`, dense."""

    def __init__(self, config: JumpReluConfig) -> None:
        self.config = config

    def __call__(
        self, parameters: Tensors, state: Tensors, x: Tensor, moment: Moment
    ) -> tuple[Tensor, Tensor]:
        config = self.config
        pre = pre_activations(parameters, x)
        theta = (20.0 * parameters["threshold_exponent"]).exp()
        width = config.bandwidth * float(steered_weight.spread(x))
        z = Jump.apply(pre, theta, width, False)
        l0 = Jump.apply(pre, theta, width, True).sum(1).mean()
        estimate = rebuilt(parameters, z)
        note_fired(state, z)
        reconstruction = normalised_error(estimate, x)
        total = reconstruction + steered_weight.weight_at(config, state, moment) * l0
        total = total + auxk_loss(parameters, state, pre, x - estimate, config, config.aux_k)
        if config.revival == "auxk":
            dead = state["idle_steps"] > config.dead_after_steps
            products = (pre - parameters["b_enc"]).detach()
            below = (theta - products - parameters["b_enc"]).relu()[:, dead]
            total = total + 1e-3 * below.sum(1).mean() / steered_weight.spread(x)
        steered_weight.steer(config, state, z, moment)
        return total, reconstruction


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("bandwidth", [0.03, 0.5])
def test_gradients_equal_dense_autograd(idle: str | None, bandwidth: float) -> None:
    config = JumpReluConfig(
        n_latents=N, target_l0=4, aux_k=5, aux_coefficient=0.3, bandwidth=bandwidth
    )
    plain = PlainJumpRelu(config)
    assert_gradients_equal(JumpRelu, config, plain, idle=idle, moment=Moment(60, 100))


@pytest.mark.parametrize("start", ["fitted", "published"])
def test_a_training_follows_the_dense_one_step_for_step(start: str) -> None:
    config = JumpReluConfig(
        n_latents=N, target_l0=4, learning_rate=1e-2, dead_after_steps=3, initialisation=start
    )
    assert_training_follows(JumpRelu, config, PlainJumpRelu(config))


def test_thresholds_move_until_the_target_is_met() -> None:
    found = trained_on_sources("jump_relu", target_l0=4.0)
    x = sparse_sources(2000)
    architecture = found.trainer.architecture
    before = architecture.initialise(x, torch.Generator().manual_seed(0))
    after = Thresholds.of(found.trainer.parameters["threshold_exponent"]).values
    ratio = after / Thresholds.of(before["threshold_exponent"]).values
    assert 4 / 1.25 < found.l0 < 4 * 1.25
    assert ((ratio > 1.5) | (ratio < 1 / 1.5)).float().mean() > 0.5
    assert float(found.codes.values.min()) > float(after.min())


def test_latents_behind_far_too_high_thresholds_wake() -> None:
    """AuxK and the waking term together bring back what no document reaches."""
    silent = {}
    for revival in ("auxk", "none"):
        config = JumpReluConfig(
            n_latents=64, target_l0=4, learning_rate=3e-3, dead_after_steps=10, revival=revival
        )
        x = sparse_sources(1000)
        trainer = SaeTrainer("jump_relu", config, x, total_steps=200)
        trainer.parameters["threshold_exponent"][:32] = exponents(torch.tensor(4.0))
        for step in range(200):
            trainer.step(x[(torch.arange(128) + 128 * step) % 1000])
        codes = trainer.architecture.encode(trainer.parameters, x)
        silent[revival] = int((codes.fired(64)[:32] == 0).sum())
    assert silent["none"] == 32
    assert silent["auxk"] <= 8
