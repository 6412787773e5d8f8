"""The search in fewer digits and the selection of the largest entries, against float64."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae.largest_entries import largest_and_rest, largest_entries
from saedesk.sae.pre_activations import EncoderProduct
from saedesk.sae.product_choice import search_precision

D, N, B = 96, 768, 700


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize(("n", "m"), [(768, 16), (3072, 40), (700, 12), (65, 9), (64, 60)])
def test_the_largest_entries_are_those_of_a_full_sort(n: int, m: int, dtype) -> None:
    matrix = torch.randn((50, n), generator=torch.Generator().manual_seed(n)).bfloat16()
    matrix = matrix.to(dtype)
    # Each row keeps more than m positive entries; among the others any may be chosen.
    matrix[:, :m] = matrix[:, :m].abs()
    columns = largest_entries(matrix, m)
    assert all(len(set(row)) == m for row in columns.tolist())
    found = matrix.gather(1, columns).relu().sort(1).values
    assert torch.equal(found, matrix.topk(m, 1, sorted=True).values.relu().sort(1).values)


@pytest.mark.parametrize("most", [1 << 20, (1 << 30) - 1])
@pytest.mark.parametrize(("n", "m"), [(768, 16), (3072, 44), (700, 12), (65, 9), (64, 60)])
def test_no_other_integer_exceeds_the_rest(n: int, m: int, most: int) -> None:
    generator = torch.Generator().manual_seed(n)
    matrix = torch.randint(-most, most + 1, (50, n), generator=generator, dtype=torch.int32)
    columns, rest = largest_and_rest(matrix, m, most)
    assert all(len(set(row)) == m for row in columns.tolist())
    others = matrix.scatter(1, columns, -most).amax(1)
    assert (others <= rest).all()
    # Nothing is lost but the last bits of the largest numbers.
    lost = max(0, most.bit_length() + (max(n, 4 * m) - 1).bit_length() - 31)
    smallest = matrix.topk(m, 1).values[:, -1]
    assert (matrix.gather(1, columns).amin(1) >= smallest - (1 << lost)).all()
    assert (rest < smallest + (1 << lost)).all()


def weights() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Encoder, bias and rows with the spread of trained pre-activations."""
    generator = torch.Generator().manual_seed(0)
    W_enc = torch.randn((N, D), generator=generator)
    W_enc /= W_enc.norm(dim=1, keepdim=True)
    rows = torch.randn((B, D), generator=generator)
    rows /= rows.norm(dim=1, keepdim=True)
    return W_enc, 0.01 * torch.randn(N, generator=generator), rows


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
def test_either_precision_selects_the_latents_of_float64_with_exact_values(precision) -> None:
    W_enc, b_enc, rows = weights()
    codes = EncoderProduct(precision).of(W_enc, b_enc, rows).largest(16)
    exact = rows.double() @ W_enc.double().T + b_enc.double()
    expected = exact.topk(16, dim=1).indices.sort(1).values
    got = codes.latents.view(B, 16).sort(1).values
    same = (got == expected).all(1)
    assert float(same.double().mean()) >= 0.999
    values = exact[codes.rows, codes.latents].relu()
    torch.testing.assert_close(codes.values.double(), values, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
def test_the_largest_of_some_latents(precision) -> None:
    W_enc, b_enc, rows = weights()
    among = torch.arange(5, N, 7)
    pre = EncoderProduct(precision).of(W_enc, b_enc, rows)
    codes = pre.largest_among(among, 6)
    exact = (rows.double() @ W_enc.double().T + b_enc.double())[:, among]
    expected = among[exact.topk(6, dim=1).indices].sort(1).values
    same = (codes.latents.view(B, 6).sort(1).values == expected).all(1)
    assert float(same.double().mean()) >= 0.999
    few = pre.largest_among(among[:3], 6)
    assert few.width == 3


def test_a_product_is_not_changed_by_the_next_batch_of_another_shape() -> None:
    W_enc, b_enc, rows = weights()
    product = EncoderProduct("bfloat16")
    first = product.of(W_enc, b_enc, rows).largest(4)
    product.of(W_enc, b_enc, rows[:10].flip(0)).largest(4)
    again = product.of(W_enc, b_enc, rows).largest(4)
    assert torch.equal(first.latents, again.latents)
    assert torch.equal(first.values, again.values)


def test_the_precision_is_one_of_the_three_and_stays() -> None:
    first = search_precision("cpu", D, N)
    assert first in ("float32", "bfloat16", "int8")
    assert search_precision("cpu", D, N) == first
    assert search_precision("mps", D, N) == "float32"


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
def test_codes_of_a_row_do_not_depend_on_the_rows_beside_it(precision) -> None:
    W_enc, b_enc, rows = weights()
    product = EncoderProduct(precision)
    whole = product.of(W_enc, b_enc, rows, steady=True).largest(8).dense(N)
    parts = [
        product.of(W_enc, b_enc, part, steady=True).largest(8).dense(N) for part in rows.split(37)
    ]
    assert torch.equal(whole, torch.cat(parts))
