"""Each kernel against dense float64, on latents with repetition and gaps."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae import sparse_kernels


@pytest.fixture
def codes() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Values and latents (9, 4), and a matrix (30, 7) of which some rows are never used."""
    generator = torch.Generator().manual_seed(0)
    latents = torch.stack([torch.randperm(25, generator=generator)[:4] for _ in range(9)])
    return torch.rand((9, 4), generator=generator), latents, torch.randn((30, 7))


def dense(values: torch.Tensor, latents: torch.Tensor, n: int) -> torch.Tensor:
    return torch.zeros((len(values), n), dtype=torch.float64).scatter(1, latents, values.double())


def test_decode(codes) -> None:
    values, latents, matrix = codes
    expected = dense(values, latents, 30) @ matrix.double()
    torch.testing.assert_close(
        sparse_kernels.decode(values, latents, matrix).double(), expected, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("gathered", [False, True], ids=["sampled", "gathered"])
def test_sampled_products(codes, gathered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _, latents, matrix = codes
    rows = torch.randn((9, 7))
    monkeypatch.setattr(sparse_kernels, "_LARGEST_GATHER", 60)
    product = sparse_kernels._gathered_products if gathered else sparse_kernels.sampled_products
    expected = (rows.double() @ matrix.double().T).gather(1, latents)
    torch.testing.assert_close(
        product(rows, latents, matrix).double(), expected, rtol=1e-5, atol=1e-6
    )


def test_sums_over_entries_sorted_by_latent(codes) -> None:
    values, latents, _ = codes
    rows = torch.randn((9, 7))
    order = sparse_kernels.order_by_latent(latents)
    assert order.latents.tolist() == sorted(set(latents.flatten().tolist()))
    wide = dense(values, latents, 30)
    torch.testing.assert_close(
        sparse_kernels.weighted_row_sums(order, values, rows).double(),
        (wide.T @ rows.double())[order.latents],
        rtol=1e-5,
        atol=1e-6,
    )
    torch.testing.assert_close(
        sparse_kernels.weight_sums(order, values).double(), wide.sum(0)[order.latents]
    )


def test_nothing_to_decode() -> None:
    empty = torch.zeros((3, 0))
    latents = torch.zeros((3, 0), dtype=torch.int64)
    matrix = torch.ones((4, 5))
    assert sparse_kernels.decode(empty, latents, matrix).shape == (3, 5)
    assert sparse_kernels.sampled_products(torch.ones((3, 5)), latents, matrix).shape == (3, 0)
