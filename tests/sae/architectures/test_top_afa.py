"""Top-AFA against dense autograd, and how it chooses the number of latents."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae.architectures import top_afa
from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.top_afa import TopAfa, TopAfaConfig
from tests.sae.architectures import oracle

CONFIG = TopAfaConfig(
    n_latents=oracle.N,
    afa_coefficient=0.2,
    aux_coefficient=0.3,
    aux_latents=9,
    dead_after_steps=3,
    learning_rate=1e-2,
)
CAPPED = TopAfaConfig(**{**CONFIG.__dict__, "most_latents": 3})


def dense_codes(parameters: oracle.Tensors, x: torch.Tensor, most: int) -> torch.Tensor:
    """Row by row: add the strongest until the length of the code is closest to the vector's."""
    f = oracle.pre_activations(parameters, x).relu()
    scaled = (f * parameters["W_dec"].norm(dim=1)).square().detach()
    lengths = (x - parameters["pre_bias"].detach()).norm(dim=1)
    kept = torch.zeros_like(f)
    for row in range(len(x)):
        best, total, distance = 0, 0.0, float("inf")
        order = scaled[row].argsort(descending=True).tolist()[:most]
        for count, latent in enumerate(order, start=1):
            total += float(scaled[row, latent])
            if abs(total**0.5 - float(lengths[row])) < distance:
                best, distance = count, abs(total**0.5 - float(lengths[row]))
        kept[row, order[:best]] = 1
    return f * kept


def dense_loss(config: TopAfaConfig) -> oracle.Loss:
    def loss(
        parameters: oracle.Tensors, state: oracle.Tensors, x: torch.Tensor, moment: Moment
    ) -> tuple[torch.Tensor, torch.Tensor]:
        z = dense_codes(parameters, x, config.most_latents)
        oracle.note_fired(state, z)
        estimate = oracle.rebuilt(parameters, z)
        reconstruction = oracle.normalised_error(estimate, x)
        spread = (x - x.mean(0)).square().mean()
        afa = (z.norm(dim=1) - x.norm(dim=1)).square().mean() / spread
        pre = oracle.pre_activations(parameters, x)
        aux = oracle.auxk_loss(parameters, state, pre, x - estimate, config, config.aux_latents)
        return reconstruction + config.afa_coefficient * afa + aux, reconstruction

    return loss


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("config", [CONFIG, CAPPED], ids=["free", "capped"])
def test_gradients_equal_dense_autograd(config: TopAfaConfig, idle: str | None) -> None:
    oracle.assert_gradients_equal(TopAfa, config, dense_loss(config), idle=idle)


def test_gradients_are_exact_on_devices_where_counting_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(top_afa, "counting_waits", lambda _: True)
    oracle.assert_gradients_equal(TopAfa, CONFIG, dense_loss(CONFIG), idle="some")


@pytest.mark.parametrize("config", [CONFIG, CAPPED], ids=["free", "capped"])
def test_a_training_follows_the_dense_one_step_for_step(config: TopAfaConfig) -> None:
    oracle.assert_training_follows(TopAfa, config, dense_loss(config))


def test_a_row_without_positive_activations_has_no_code_and_a_finite_gradient() -> None:
    def silence(parameters: oracle.Tensors) -> None:
        parameters["b_enc"].fill_(-0.05)

    x = oracle.rows()
    made = TopAfa(CONFIG, oracle.D)
    x[0] = oracle.started(made)["pre_bias"]
    parameters = oracle.started(made)
    silence(parameters)
    assert made.encode(parameters, x).offsets.diff()[0] == 0
    result = made.gradients(parameters, made.state("cpu"), x, oracle.START)
    assert all(bool(g.isfinite().all()) for g in result.gradients.values())


def test_the_cut_is_where_the_lengths_are_closest() -> None:
    """Lengths of the code 0.6, 1.0, 1.28, 1.44: 1.1 is closest to 1.0, 1.2 to 1.28, 0.1 to 0.6."""
    parameters = {
        "W_enc": torch.diag(torch.ones(4)),
        "W_dec": torch.diag(torch.ones(4)),
        "b_enc": torch.zeros(4),
        "pre_bias": torch.zeros(4),
    }
    made = TopAfa(TopAfaConfig(n_latents=4), 4)

    def count(length: float) -> int:
        f = torch.tensor([0.8, 0.65, 0.8, 0.6])
        x = f * (length / f.norm())
        scaled = dict(parameters, W_enc=parameters["W_enc"] * (f.norm() / length))
        return int(made.encode(scaled, x[None]).active.sum())

    # f sorted is .8, .8, .65, .6 with the lengths .8, 1.131, 1.305, 1.436.
    assert [count(length) for length in (0.1, 0.96, 0.97, 1.21, 1.22, 1.36, 1.38, 9.0)] == [
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
    ]


def test_without_its_loss_the_lengths_do_not_matter() -> None:
    """The coefficient changes the gradients, and 0 leaves plain reconstruction."""
    config = TopAfaConfig(**{**CONFIG.__dict__, "afa_coefficient": 0.0})
    oracle.assert_gradients_equal(TopAfa, config, dense_loss(config))


def test_at_most_k_latents_where_a_sparsity_is_asked_for() -> None:
    config = TopAfaConfig(n_latents=oracle.N, **TopAfa.settings_for_sparsity(3))
    made = TopAfa(config, oracle.D)
    counts = made.encode(oracle.started(made), oracle.rows()).offsets.diff()
    assert counts.max() == 3
