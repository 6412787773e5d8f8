"""Matryoshka against dense autograd: one reconstruction for each nested part of the dictionary."""

from __future__ import annotations

import pytest
import torch

from saedesk.errors import BadSetting
from saedesk.sae.architectures import matryoshka
from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.matryoshka import Matryoshka, MatryoshkaConfig
from tests.sae.architectures import oracle
from tests.sae.architectures.test_batch_topk import dense_codes, move_threshold

CONFIG = MatryoshkaConfig(
    n_latents=oracle.N,
    k=4,
    levels=4,
    smallest_share=0.1,
    aux_coefficient=0.3,
    dead_after_steps=3,
    learning_rate=1e-2,
)
PREFIXES = (4, 9, 19, 40)


def dense_loss(config: MatryoshkaConfig, prefixes: tuple[int, ...]) -> oracle.Loss:
    def loss(
        parameters: oracle.Tensors, state: oracle.Tensors, x: torch.Tensor, moment: Moment
    ) -> tuple[torch.Tensor, torch.Tensor]:
        pre = oracle.pre_activations(parameters, x)
        z = dense_codes(pre, config.k * len(x))
        move_threshold(parameters, z, 1 / min(moment.step + 1, 10))
        oracle.note_fired(state, z)
        errors = []
        for m in prefixes:
            estimate = z[:, :m] @ parameters["W_dec"][:m] + parameters["pre_bias"]
            errors.append(oracle.normalised_error(estimate, x))
        aux = oracle.auxk_loss(parameters, state, pre, x - estimate, config, 2 * config.k)
        return torch.stack(errors).mean() + aux, errors[-1]

    return loss


@pytest.mark.parametrize("idle", [None, "some", "all"])
def test_gradients_equal_dense_autograd(idle: str | None) -> None:
    oracle.assert_gradients_equal(Matryoshka, CONFIG, dense_loss(CONFIG, PREFIXES), idle=idle)


def test_gradients_are_exact_where_a_part_has_no_active_latent() -> None:
    def silence(parameters: oracle.Tensors) -> None:
        parameters["b_enc"][4:9] -= 100.0

    oracle.assert_gradients_equal(Matryoshka, CONFIG, dense_loss(CONFIG, PREFIXES), change=silence)


def test_gradients_are_exact_on_devices_where_counting_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matryoshka, "counting_waits", lambda _: True)
    oracle.assert_gradients_equal(Matryoshka, CONFIG, dense_loss(CONFIG, PREFIXES), idle="some")


def test_a_training_follows_the_dense_one_step_for_step() -> None:
    oracle.assert_training_follows(Matryoshka, CONFIG, dense_loss(CONFIG, PREFIXES))


def test_one_level_is_batch_topk() -> None:
    config = MatryoshkaConfig(n_latents=oracle.N, k=4, levels=1)
    oracle.assert_gradients_equal(Matryoshka, config, dense_loss(config, (oracle.N,)))


def test_the_parts_double_by_default() -> None:
    assert MatryoshkaConfig(n_latents=3072).prefixes == (192, 384, 768, 1536, 3072)
    assert CONFIG.prefixes == PREFIXES


def test_parts_that_would_be_equal_are_refused_with_a_way_out() -> None:
    with pytest.raises(BadSetting, match="fewer levels"):
        MatryoshkaConfig(n_latents=8, k=2, levels=5).check()
    with pytest.raises(BadSetting, match="smaller share"):
        MatryoshkaConfig(n_latents=100, k=2, levels=2, smallest_share=1.0).check()
