"""The Gated SAE against dense autograd, and its magnitudes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.gated import Gated, GatedConfig
from tests.sae.architectures import steered_weight
from tests.sae.architectures.oracle import (
    N,
    Tensors,
    assert_gradients_equal,
    assert_training_follows,
    normalised_error,
    note_fired,
    rebuilt,
)
from tests.sae.architectures.sparse_sources import sparse_sources, trained_on_sources


class PlainGated:
    """The loss of `gated`, dense."""

    def __init__(self, config: GatedConfig) -> None:
        self.config = config

    def __call__(
        self, parameters: Tensors, state: Tensors, x: Tensor, moment: Moment
    ) -> tuple[Tensor, Tensor]:
        products = (x - parameters["pre_bias"]) @ parameters["W_enc"].T
        gate = products + parameters["b_enc"]
        magnitude = parameters["r_mag"].exp() * products + parameters["b_mag"]
        z = (gate > 0) * magnitude.relu()
        estimate = rebuilt(parameters, z)
        note_fired(state, z)
        frozen = {name: tensor.detach() for name, tensor in parameters.items()}
        reconstruction = normalised_error(estimate, x)
        weight = steered_weight.weight_at(self.config, state, moment)
        price = weight * gate.relu().sum(1).mean() / steered_weight.spread(x)
        by_gate = normalised_error(rebuilt(frozen, gate.relu()), x)
        aux = steered_weight.aux_without_bias(self.config, parameters, state, x, x - estimate)
        steered_weight.steer(self.config, state, z, moment)
        return reconstruction + price + by_gate + aux, reconstruction


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("moment", [Moment(3, 100), Moment(60, 100)])
def test_gradients_equal_dense_autograd(idle: str | None, moment: Moment) -> None:
    config = GatedConfig(n_latents=N, target_l0=4, aux_k=5, aux_coefficient=0.3)
    assert_gradients_equal(Gated, config, PlainGated(config), idle=idle, moment=moment)


@pytest.mark.parametrize("start", ["fitted", "published"])
def test_a_training_follows_the_dense_one_step_for_step(start: str) -> None:
    config = GatedConfig(
        n_latents=N, target_l0=4, learning_rate=1e-2, dead_after_steps=3, initialisation=start
    )
    assert_training_follows(Gated, config, PlainGated(config))


def test_magnitudes_do_not_shrink_as_those_of_relu_l1() -> None:
    """At the same L0 it rebuilds better, and its reconstructions are longer."""
    x = sparse_sources(2000)
    lengths, fvus = {}, {}
    for name in ("relu_l1", "gated"):
        found = trained_on_sources(name, target_l0=4.0)
        assert 3 < found.l0 < 5
        parameters = found.trainer.parameters
        rebuilt_rows = found.codes.dense(64) @ parameters["W_dec"]
        centred = x - parameters["pre_bias"]
        lengths[name] = float((rebuilt_rows * centred).sum() / centred.square().sum())
        fvus[name] = found.fvu
    assert fvus["gated"] < 0.8 * fvus["relu_l1"]
    assert lengths["relu_l1"] < lengths["gated"]


def test_the_gate_decides_and_the_magnitude_speaks() -> None:
    """A latent whose gate is shut is silent however large its magnitude, and the other way."""
    architecture = Gated(GatedConfig(n_latents=4), 2)
    parameters = {
        "W_enc": torch.tensor([[1.0, 0], [1.0, 0], [1.0, 0], [1.0, 0]]),
        "W_dec": torch.tensor([[1.0, 0], [1.0, 0], [1.0, 0], [1.0, 0]]),
        "b_enc": torch.tensor([-0.5, -1.5, 0.0, 0.0]),
        "r_mag": torch.tensor([2.0, 0.0, 0.0, 0.0]).clamp_min(1e-9).log(),
        "b_mag": torch.tensor([0.25, 5.0, -2.0, 0.0]),
        "pre_bias": torch.zeros(2),
    }
    parameters["r_mag"][1:] = 0.0
    codes = architecture.encode(parameters, torch.tensor([[1.0, 0.0]]))
    torch.testing.assert_close(codes.dense(4), torch.tensor([[2.25, 0.0, 0.0, 1.0]]))
