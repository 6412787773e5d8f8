"""The matching pursuit SAE against autograd through its steps."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.matching_pursuit import MatchingPursuit, MatchingPursuitConfig
from tests.sae.architectures.oracle import (
    N,
    Tensors,
    assert_gradients_equal,
    assert_training_follows,
    normalised_error,
    note_fired,
)


class PlainPursuit:
    """The loss of `matching_pursuit`: the residual of every step in autograd's graph."""

    def __init__(self, config: MatchingPursuitConfig) -> None:
        self.config = config

    def __call__(
        self, parameters: Tensors, state: Tensors, x: Tensor, moment: Moment
    ) -> tuple[Tensor, Tensor]:
        config, decoder = self.config, parameters["W_dec"]
        # The encoder is the dictionary, after the optimiser's next step as well.
        parameters["W_enc"].data = decoder.data
        start = x - parameters["pre_bias"]
        z = walk(decoder, start, config.k_at(moment), config.residual_bound)
        estimate = z @ decoder + parameters["pre_bias"]
        note_fired(state, z)
        reconstruction = normalised_error(estimate, x)
        total = reconstruction
        dead = (state["idle_steps"] > config.dead_after_steps).nonzero()[:, 0]
        if len(dead):
            error = (x - estimate).detach()
            onwards = walk(decoder[dead], error, config.k_aux, 0.0) @ decoder[dead]
            total = total + config.aux_coefficient * normalised_error(onwards, error)
        return total, reconstruction


def walk(decoder: Tensor, residual: Tensor, k: int, bound: float) -> Tensor:
    """Dense codes (batch, n) of k steps of matching pursuit."""
    enough = bound * residual.norm(dim=1)
    z = residual.new_zeros((residual.shape[0], decoder.shape[0]))
    for _ in range(k):
        correlations = residual @ decoder.T
        goes_on = residual.norm(dim=1) > enough
        step = torch.nn.functional.one_hot(correlations.argmax(1), decoder.shape[0])
        taken = step * correlations.relu() * goes_on[:, None]
        z = z + taken
        residual = residual - taken @ decoder
    return z


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("bound", [0.0, 0.5])
def test_gradients_equal_autograd_through_the_steps(idle: str | None, bound: float) -> None:
    config = MatchingPursuitConfig(
        n_latents=N, k=9, residual_bound=bound, aux_coefficient=0.3, aux_k_factor=0.5
    )
    plain = PlainPursuit(config)
    assert_gradients_equal(MatchingPursuit, config, plain, idle=idle)


def test_a_training_follows_the_dense_one_step_for_step() -> None:
    config = MatchingPursuitConfig(n_latents=N, k=4, learning_rate=1e-2, dead_after_steps=3)
    assert_training_follows(MatchingPursuit, config, PlainPursuit(config))
