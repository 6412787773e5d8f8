"""Each kernel against dense float64, on latents with repetition and gaps."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes

N, D = 60, 7


def rectangular() -> Codes:
    """9 rows of 4 entries; some latents are never used."""
    generator = torch.Generator().manual_seed(0)
    latents = torch.stack([torch.randperm(25, generator=generator)[:4] for _ in range(9)])
    return Codes.rectangular(torch.rand((9, 4), generator=generator), latents)


def ragged() -> Codes:
    """9 rows of 0 to 8 entries, one of them empty."""
    generator = torch.Generator().manual_seed(1)
    z = torch.rand((9, N), generator=generator)
    z = z * (torch.rand((9, N), generator=generator) < 0.06)
    z[3] = 0
    return Codes.of_dense(z)


def full() -> Codes:
    """9 rows of some 30 entries, so that the dense products are taken."""
    generator = torch.Generator().manual_seed(2)
    return Codes.of_dense(torch.randn((9, N), generator=generator).relu())


@pytest.fixture(params=[rectangular, ragged, full], ids=lambda make: make.__name__)
def codes(request: pytest.FixtureRequest) -> Codes:
    return request.param()


@pytest.fixture
def matrix() -> torch.Tensor:
    return torch.randn((N, D), generator=torch.Generator().manual_seed(3))


@pytest.fixture
def rows() -> torch.Tensor:
    return torch.randn((9, D), generator=torch.Generator().manual_seed(4))


def close(got: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(got.double(), expected, rtol=1e-5, atol=1e-6)


def test_decode(codes: Codes, matrix: torch.Tensor) -> None:
    close(sparse_kernels.decode(codes, matrix), codes.dense(N).double() @ matrix.double())


def test_sampled_products(codes: Codes, matrix: torch.Tensor, rows: torch.Tensor) -> None:
    expected = (rows.double() @ matrix.double().T)[codes.rows, codes.latents]
    close(sparse_kernels.sampled_products(codes, rows, matrix), expected)


@pytest.mark.parametrize("chunk", [3 * D * 4, 1 << 20], ids=["pieces", "one piece"])
def test_sums_over_entries_sorted_by_latent(
    codes: Codes, rows: torch.Tensor, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparse_kernels, "_CHUNK_BYTES", chunk)
    order = sparse_kernels.order_by_latent(codes, N)
    wide = codes.dense(N).double()
    out = torch.ones((N, D))
    sparse_kernels.add_row_sums(order, codes.values, rows, out)
    close(out, 1 + wide.T @ rows.double())
    sums = torch.ones(N)
    sparse_kernels.add_weight_sums(codes, codes.values, sums)
    close(sums, 1 + wide.sum(0))


def test_sums_lose_their_part_along_unit_rows(
    codes: Codes, rows: torch.Tensor, matrix: torch.Tensor
) -> None:
    unit = matrix / matrix.norm(dim=1, keepdim=True)
    expected = codes.dense(N).double().T @ rows.double()
    along = (expected * unit.double()).sum(1)
    out = torch.zeros((N, D))
    order = sparse_kernels.order_by_latent(codes, N)
    sparse_kernels.add_row_sums(
        order, codes.values, rows, out, orthogonal_to=unit, along=along.float()
    )
    close(out, expected - along[:, None] * unit.double())


def test_counts_of_active_rows_leave_out_entries_of_value_zero() -> None:
    codes = Codes.rectangular(
        torch.tensor([[1.0, 0.0], [2.0, 3.0]]), torch.tensor([[4, 1], [4, 0]])
    )
    assert codes.fired(6).tolist() == [1, 0, 0, 0, 2, 0]
    slim = codes.only_active()
    assert slim.offsets.tolist() == [0, 1, 3]
    assert slim.latents.tolist() == [4, 4, 0]


@pytest.mark.parametrize("n", [1, 15, 16, 100, 3_072])
def test_a_weighted_sum_of_all_rows(n: int) -> None:
    generator = torch.Generator().manual_seed(n)
    weights, rows = torch.randn(n, generator=generator), torch.randn((n, D), generator=generator)
    got = sparse_kernels.weighted_sum(weights, rows)
    torch.testing.assert_close(got.double(), weights.double() @ rows.double(), rtol=1e-5, atol=1e-4)


def test_nothing_to_decode() -> None:
    empty = Codes.rectangular(torch.zeros((3, 0)), torch.zeros((3, 0), dtype=torch.int64))
    matrix = torch.ones((4, 5))
    assert sparse_kernels.decode(empty, matrix).shape == (3, 5)
    assert sparse_kernels.sampled_products(empty, torch.ones((3, 5)), matrix).shape == (0,)
    out = torch.zeros((4, 3))
    order = sparse_kernels.order_by_latent(empty, 4)
    sparse_kernels.add_row_sums(order, empty.values, torch.ones((3, 3)), out)
    assert not out.any()


def test_products_latent_by_latent_are_those_row_by_row(
    codes: Codes, matrix: torch.Tensor, rows: torch.Tensor
) -> None:
    by_latent = sparse_kernels._products_by_latent(codes, rows, matrix)
    expected = (rows.double() @ matrix.double().T)[codes.rows, codes.latents]
    close(by_latent, expected)


@pytest.mark.parametrize("n", [60, (1 << 15) - 1, 1 << 15, 100_000])
def test_both_orders_are_the_same(n: int) -> None:
    """Also at the numbers of latents where the sorted numbers become wider."""
    generator = torch.Generator().manual_seed(6)
    latents = torch.randint(n, (500,), generator=generator)
    latents[:3] = torch.tensor([n - 1, 0, n - 1])
    entry, offsets = sparse_kernels._order_by_sorting(latents, n)
    assert torch.equal(entry, latents.sort(stable=True).indices)
    counts = torch.bincount(latents, minlength=n)
    assert torch.equal(offsets, torch.cat([torch.zeros(1, dtype=torch.int64), counts.cumsum(0)]))
    if n < 1 << 16:
        counted = sparse_kernels._order_by_counting(latents, n)
        assert torch.equal(counted[0], entry)
        assert torch.equal(counted[1], offsets)
