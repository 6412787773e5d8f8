"""The kernels of Apple's GPUs, on the CPU: against float64, and a training with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from saedesk.sae import gathered_kernels, sparse_kernels
from saedesk.sae.architectures import architectures
from saedesk.sae.codes import Codes, LatentOrder
from saedesk.sae.gathered_kernels import GatheredKernels
from saedesk.sae.sae_trainer import SaeTrainer
from tests.sae.test_sparse_kernels import D, N, close, full, ragged, rectangular


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered_kernels, "LARGEST_GATHER", 5 * D)


@pytest.mark.parametrize("make", [rectangular, ragged, full])
def test_against_dense_products(make: Callable[[], Codes]) -> None:
    codes, kernels = make(), GatheredKernels()
    generator = torch.Generator().manual_seed(3)
    matrix = torch.randn((N, D), generator=generator)
    rows = torch.randn((codes.batch, D), generator=generator)
    wide = codes.dense(N).double()
    close(kernels.decode(codes, matrix), wide @ matrix.double())
    products = (rows.double() @ matrix.double().T)[codes.rows, codes.latents]
    close(kernels.sampled_products(codes, rows, matrix, only_active=False), products)

    order, sums = LatentOrder.as_they_are(codes), wide.T @ rows.double()
    out = torch.ones((N, D))
    plain = {"orthogonal_to": None, "along": None}
    kernels.add_row_sums(order, codes.values, rows, out, overwrite=False, **plain)
    close(out, 1 + sums)
    unit = matrix / matrix.norm(dim=1, keepdim=True)
    along = (sums * unit.double()).sum(1)
    kernels.add_row_sums(
        order,
        codes.values,
        rows,
        out,
        overwrite=True,
        orthogonal_to=unit,
        along=along.float(),
    )
    close(out, sums - along[:, None] * unit.double())
    weights = torch.ones(N)
    kernels.add_weight_sums(order, codes.values, weights)
    close(weights, 1 + wide.sum(0))


def test_a_training_gives_the_same_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    config = architectures().get("topk").Config(n_latents=60, k=3, dead_after_steps=1)
    x = torch.randn((48, 10), generator=torch.Generator().manual_seed(3))

    def trained() -> dict[str, torch.Tensor]:
        trainer = SaeTrainer("topk", config, x, total_steps=5, precision="float32")
        for _ in range(5):
            trainer.step(x)
        return trainer.parameters

    usual = trained()
    monkeypatch.setattr(sparse_kernels, "kernels_for", lambda *_: GatheredKernels())
    monkeypatch.setattr(sparse_kernels, "order_by_latent", lambda c, _: LatentOrder.as_they_are(c))
    for name, parameter in trained().items():
        torch.testing.assert_close(parameter, usual[name], rtol=1e-4, atol=1e-6)
