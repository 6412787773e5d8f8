"""The matching pursuit SAE against autograd through its steps."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.matching_pursuit import MatchingPursuit, MatchingPursuitConfig
from saedesk.sae.sae_trainer import SaeTrainer
from tests.sae.architectures.oracle import (
    N,
    Tensors,
    assert_gradients_equal,
    assert_training_follows,
    normalised_error,
    note_fired,
)
from tests.sae.architectures.sparse_sources import sparse_sources, trained_on_sources


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


def test_more_steps_never_rebuild_worse_and_topk_is_beaten() -> None:
    found = trained_on_sources("matching_pursuit", k=3)
    x = sparse_sources(2000)
    parameters = found.trainer.parameters
    centred = x - parameters["pre_bias"]
    errors = []
    for k in range(1, 8):
        made = MatchingPursuit(MatchingPursuitConfig(n_latents=64, k=k), x.shape[1])
        rebuilt_rows = made.encode(parameters, x).dense(64) @ parameters["W_dec"]
        errors.append((centred - rebuilt_rows).norm(dim=1))
    for fewer, more in itertools.pairwise(errors):
        assert bool((more <= fewer * (1 + 1e-5)).all())
    assert found.fvu < trained_on_sources("topk", k=3).fvu


def test_the_encoder_stays_the_dictionary() -> None:
    parameters = trained_on_sources("matching_pursuit", k=3, steps=5).trainer.parameters
    assert torch.equal(parameters["W_enc"], parameters["W_dec"])
    assert not parameters["b_enc"].any()
    torch.testing.assert_close(parameters["W_dec"].norm(dim=1), torch.ones(64))


def test_a_bound_ends_plain_documents_early() -> None:
    full = trained_on_sources("matching_pursuit", k=8, steps=60)
    bounded = trained_on_sources("matching_pursuit", k=8, steps=60, residual_bound=0.5)
    assert bounded.l0 < 0.8 * full.l0


def test_dead_latents_go_on_from_the_residual() -> None:
    """A latent that points nowhere near the data comes to be used, and only with AuxK."""
    silent = {}
    x = sparse_sources(1000)
    x[:, -4:] = 0.0
    for revival in ("auxk", "none"):
        config = MatchingPursuitConfig(
            n_latents=24, k=2, learning_rate=3e-3, dead_after_steps=5, revival=revival
        )
        trainer = SaeTrainer("matching_pursuit", config, x, total_steps=100)
        nowhere = torch.zeros((8, x.shape[1]))
        nowhere[:, -4:] = 1.0
        nowhere[:, 0] = 1e-3 * torch.linspace(-1, 1, 8)
        trainer.parameters["W_dec"][:8] = nowhere
        trainer.architecture.constrain_parameters(trainer.parameters)
        for step in range(100):
            trainer.step(x[(torch.arange(128) + 128 * step) % 1000])
        codes = trainer.architecture.encode(trainer.parameters, x)
        silent[revival] = int((codes.fired(24)[:8] == 0).sum())
    assert silent["none"] == 8
    assert silent["auxk"] <= 4
