"""BatchTopK against dense autograd, and its threshold."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.batch_topk import BatchTopK, BatchTopKConfig
from saedesk.sae.batch_selection import _largest_without_waiting, above, largest_of_batch
from saedesk.sae.pre_activations import EncoderProduct
from tests.sae.architectures import oracle

CONFIG = BatchTopKConfig(
    n_latents=oracle.N, k=4, aux_coefficient=0.3, dead_after_steps=3, learning_rate=1e-2
)


def dense_codes(pre: torch.Tensor, count: int) -> torch.Tensor:
    """ReLU(a) where it is among the `count` largest of the whole batch."""
    bound = pre.detach().flatten().sort(descending=True).values[count - 1]
    return torch.where(pre >= bound, pre, torch.zeros_like(pre)).relu()


def move_threshold(parameters: oracle.Tensors, z: torch.Tensor, rate: float) -> None:
    smallest = min(z.detach().flatten().tolist(), key=lambda v: v if v > 0 else float("inf"))
    parameters["threshold"] += rate * (smallest - parameters["threshold"])


def dense_loss(config: BatchTopKConfig) -> oracle.Loss:
    def loss(
        parameters: oracle.Tensors, state: oracle.Tensors, x: torch.Tensor, moment: Moment
    ) -> tuple[torch.Tensor, torch.Tensor]:
        pre = oracle.pre_activations(parameters, x)
        z = dense_codes(pre, config.k * len(x))
        # The plain mean of the first ten steps, then a tenth of each.
        move_threshold(parameters, z, 1 / min(moment.step + 1, 10))
        oracle.note_fired(state, z)
        estimate = oracle.rebuilt(parameters, z)
        reconstruction = oracle.normalised_error(estimate, x)
        aux = oracle.auxk_loss(parameters, state, pre, x - estimate, config, 2 * config.k)
        return reconstruction + aux, reconstruction

    return loss


@pytest.mark.parametrize("idle", [None, "some", "all"])
@pytest.mark.parametrize("step", [0, 40, 1000])
def test_gradients_equal_dense_autograd(idle: str | None, step: int) -> None:
    oracle.assert_gradients_equal(
        BatchTopK, CONFIG, dense_loss(CONFIG), idle=idle, moment=Moment(step, 2000)
    )


def test_a_training_follows_the_dense_one_step_for_step() -> None:
    oracle.assert_training_follows(BatchTopK, CONFIG, dense_loss(CONFIG))


def test_rows_share_the_batch_unequally_and_a_row_may_have_none() -> None:
    x = oracle.rows()
    x[0] *= 100  # Takes much of what the others would have.
    x[1] = 0
    made = BatchTopK(CONFIG, oracle.D)
    parameters = oracle.started(made)
    parameters["pre_bias"].zero_()
    parameters["b_enc"].zero_()
    centred = x - parameters["pre_bias"]
    pre = made.product.of(parameters["W_enc"], parameters["b_enc"], centred)
    codes = largest_of_batch(pre, 4 * len(x))
    counts = codes.offsets.diff()
    assert int(codes.active.sum()) == 4 * len(x)
    assert counts[0] > 8
    assert counts[1] == 0
    assert torch.equal(codes.dense(oracle.N), dense_codes(pre.exact(), 4 * len(x)))

    def centre(parameters: oracle.Tensors) -> None:
        parameters["pre_bias"].zero_()
        parameters["b_enc"].zero_()

    oracle.assert_gradients_equal(BatchTopK, CONFIG, dense_loss(CONFIG), x=x, change=centre)


def test_fewer_positive_activations_than_wanted_are_all_kept() -> None:
    config = BatchTopKConfig(n_latents=oracle.N, k=30, aux_coefficient=0.0)
    oracle.assert_gradients_equal(BatchTopK, config, dense_loss(config))


def test_without_any_positive_activation_the_threshold_stays() -> None:
    made = BatchTopK(CONFIG, oracle.D)
    parameters = oracle.started(made)
    before = parameters["threshold"].clone()
    parameters["b_enc"] -= 100.0
    result = made.gradients(parameters, made.state("cpu"), oracle.rows(), Moment(5, 10))
    assert torch.equal(parameters["threshold"], before)
    assert not result.fired.any()
    assert not result.gradients["W_enc"].any()


def test_the_threshold_is_sensible_before_the_first_step() -> None:
    """Encoding for the held-out FVU may come before any step has measured a threshold."""
    made = BatchTopK(CONFIG, oracle.D)
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn((200, oracle.D), generator=generator)
    parameters = made.initialise(sample, generator)
    assert parameters["threshold"].shape == ()
    assert made.encode(parameters, sample).active.sum() == pytest.approx(4 * 200, abs=1)


def test_k_annealing_widens_the_batch_and_the_first_threshold() -> None:
    config = BatchTopKConfig(
        n_latents=oracle.N, k=2, k_annealing_share=0.5, k_annealing_factor=4, aux_coefficient=0.0
    )
    made = BatchTopK(config, oracle.D)
    parameters = oracle.started(made)
    entries = [
        int(
            made.gradients(
                parameters, made.state("cpu"), oracle.rows(), Moment(step, 100)
            ).fired.sum()
        )
        for step in (0, 25, 50, 99)
    ]
    assert entries == [8 * 32, 5 * 32, 2 * 32, 2 * 32]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_bound_that_a_sample_guesses_loses_no_entry(precision: str) -> None:
    """Large enough for the guess; the same entries as a sort of the whole float32 product."""
    generator = torch.Generator().manual_seed(3)
    weights = torch.randn((1024, 64), generator=generator)
    rows = torch.randn((512, 64), generator=generator) * torch.rand((512, 1), generator=generator)
    bias = 0.1 * torch.randn(1024, generator=generator)
    exact = torch.addmm(bias, rows, weights.t())
    pre = EncoderProduct(precision).of(weights, bias, rows)  # type: ignore[arg-type]
    codes = largest_of_batch(pre, 8 * 512)
    expected = dense_codes(exact, 8 * 512)
    assert codes.latents.numel() == 8 * 512
    torch.testing.assert_close(codes.dense(1024), expected, rtol=1e-4, atol=1e-4)
    on_a_gpu = _largest_without_waiting(pre, 8 * 512)  # Another way to the same.
    assert torch.equal(on_a_gpu.dense(1024), codes.dense(1024))
    threshold = expected[expected > 0].min() - 1e-4
    torch.testing.assert_close(above(pre, threshold).dense(1024), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("threshold", [0.0, 1e-4, 0.02, 0.3])
def test_rounding_loses_nothing_above_a_threshold_however_low(threshold: float) -> None:
    generator = torch.Generator().manual_seed(4)
    weights = torch.nn.functional.normalize(torch.randn((256, 64), generator=generator), dim=1)
    rows = torch.nn.functional.normalize(torch.randn((128, 64), generator=generator), dim=1)
    rows[5] = float("nan")
    bias = 0.05 * torch.randn(256, generator=generator)
    exact = torch.addmm(bias, rows, weights.t())
    pre = EncoderProduct("bfloat16").of(weights, bias, rows)
    assert not pre.is_exact
    codes = above(pre, torch.tensor(threshold))
    assert int(codes.active.sum()) == int((exact > threshold).sum())
    expected = torch.where(exact > threshold, exact, torch.zeros_like(exact))
    torch.testing.assert_close(codes.dense(256), expected, rtol=1e-5, atol=1e-6)


def test_equal_activations_are_cut_to_the_number_wanted() -> None:
    """Many equal values defeat the sample's guess; the number of entries must hold all the same."""
    rows, weights = torch.ones((600, 8)), torch.ones((512, 8))
    pre = EncoderProduct().of(weights, torch.zeros(512), rows)
    codes = largest_of_batch(pre, 3000)
    assert codes.latents.numel() == 3000
    assert torch.equal(codes.values, torch.full((3000,), 8.0))


def test_rows_that_are_not_finite_have_no_code() -> None:
    made = BatchTopK(CONFIG, oracle.D)
    parameters = oracle.started(made)
    x = oracle.rows()
    x[3] = float("nan")
    codes = made.encode(parameters, x)
    assert codes.offsets.diff()[3] == 0
    assert codes.values.isfinite().all()
