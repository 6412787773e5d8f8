"""Products that touch only the entries of sparse codes: no (batch, n_latents) array anywhere.

`embedding_bag` is a gather-and-add that does not materialise (batch, k, d_in); over entries
sorted by latent it is also the weight gradient. Codes so full that a dense product is cheaper go
through one. Every kernel is checked against dense float64 in the tests.
"""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING

from saedesk.sae.codes import LatentOrder
from saedesk.sae.device_kernels import kernels_for

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.codes import Codes

_DENSE_SHARE = 1 / 10
"""With more than this share of all latents active, dense products are faster (measured on two
cores: an entry costs 17 ns at d 384 and 290 ns at d 1,536, a dense one 6 and 20)."""
_CACHE_BYTES = 16 << 20
"""Beyond this a matrix is not read row by row at random: at 9,216 × 1,536 sampled products in the
order of the latents take a third of the time, at 3,072 × 384 the same."""
_MOST_COUNTED = 1 << 16
_BAGS = 16
"""Parts of a sum over all latents that cores can share; always as many, so that the sum does not
depend on the cores."""
_CHUNK_BYTES = 3 << 20
"""Weight gradients are made in pieces that stay in the cache: 3 times faster at 9,216 × 1,536
than in one piece, whose fresh memory must be fetched page by page."""


def decode(codes: Codes, decoder: Tensor) -> Tensor:
    """Σ_j values_j · decoder[latents_j] for each row: codes, (n, d) -> (batch, d)."""
    from torch.nn.functional import embedding_bag

    if codes.latents.numel() == 0:
        return decoder.new_zeros((codes.batch, decoder.shape[1]))
    if _is_full(codes, decoder.shape[0]):
        return codes.dense(decoder.shape[0]) @ decoder
    if fast := kernels_for(codes.values, decoder):
        return fast.decode(codes, decoder)
    if codes.width:
        shape = (codes.batch, codes.width)
        return embedding_bag(
            codes.latents.view(shape),
            decoder,
            per_sample_weights=codes.values.view(shape),
            mode="sum",
        )
    return embedding_bag(
        codes.latents,
        decoder,
        codes.offsets,
        per_sample_weights=codes.values,
        mode="sum",
        include_last_offset=True,
    )


def sampled_products(
    codes: Codes,
    rows: Tensor,
    matrix: Tensor,
    *,
    only_active: bool = False,
    one_by_one: bool = False,
) -> Tensor:
    """rows[b] · matrix[latent] for each entry: codes, (batch, d), (n, d) -> (n_entries,).

    `only_active`: those of entries of value 0 are not needed, and may be 0 where that saves time.
    `one_by_one`: no bit of a product depends on the other rows, as in a dense product it does.
    """
    if codes.latents.numel() == 0:
        return rows.new_zeros(0)
    if not one_by_one and _is_full(codes, matrix.shape[0]):
        return (rows @ matrix.t())[codes.rows, codes.latents]
    if fast := kernels_for(rows, matrix):
        return fast.sampled_products(codes, rows, matrix, only_active=only_active)
    if rows.device.type == "cpu" and matrix.numel() * matrix.element_size() > _CACHE_BYTES:
        return _products_by_latent(codes, rows, matrix)
    return _sampled(codes.offsets, codes.latents, rows, matrix)


def _sampled(offsets: Tensor, columns: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """left[row] · right[column] for the entries of a CSR pattern: (n_entries,)."""
    import torch

    _hear_the_beta_warning()
    pattern = torch.sparse_csr_tensor(
        offsets,
        columns,
        left.new_zeros(columns.numel()),
        (left.shape[0], right.shape[0]),
        check_invariants=False,
    )
    product: Tensor = torch.sparse.sampled_addmm(pattern, left, right.t(), beta=0.0).values()
    return product


def _products_by_latent(codes: Codes, rows: Tensor, matrix: Tensor) -> Tensor:
    """The same products latent by latent, so that the large matrix is read once, in order."""
    import torch

    order = order_by_latent(codes, matrix.shape[0])
    products = _sampled(order.offsets, order.row, matrix, rows)
    return torch.empty_like(products).index_copy_(0, order.entry, products)


@functools.cache
def _hear_the_beta_warning() -> None:
    """torch warns once in a process that CSR tensors are in beta; nobody can act on it."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        torch.sparse_csr_tensor(torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1))


def order_by_latent(codes: Codes, n_latents: int) -> LatentOrder:
    """The entries sorted by latent, once for each `codes`; equal latents keep the row order.

    Does not wait for a device.
    """
    import torch

    if codes.order is not None:
        return codes.order
    if codes.latents.device.type == "mps":  # Its kernels need no order: `gathered_kernels`.
        codes.order = LatentOrder.as_they_are(codes)
        return codes.order
    if codes.latents.device.type == "cpu" and n_latents <= _MOST_COUNTED:
        entry, offsets = _order_by_counting(codes.latents, n_latents)
    else:
        entry, offsets = _order_by_sorting(codes.latents, n_latents)
    if codes.width:
        row = torch.div(entry, codes.width, rounding_mode="floor")
    else:
        row = codes.rows[entry]
    codes.order = LatentOrder(offsets, entry, row)
    return codes.order


def _order_by_counting(latents: Tensor, n_latents: int) -> tuple[Tensor, Tensor]:
    """numpy sorts 16-bit integers by their digits, four times faster than torch 64-bit ones."""
    import numpy as np
    import torch

    entry = np.argsort(latents.numpy().astype(np.uint16), kind="stable")
    counts = torch.bincount(latents, minlength=n_latents)
    return torch.from_numpy(entry), torch.cat([counts.new_zeros(1), counts.cumsum(0)])


def _order_by_sorting(latents: Tensor, n_latents: int) -> tuple[Tensor, Tensor]:
    import torch

    # Narrow numbers take a radix sort fewer passes, a quarter or half of those of int64.
    dtype = torch.int16 if n_latents < 1 << 15 else torch.int32
    ordered, entry = torch.sort(latents.to(dtype), stable=True)
    bounds = torch.arange(n_latents + 1, dtype=dtype, device=ordered.device)
    return entry, torch.searchsorted(ordered, bounds)


def add_row_sums(
    order: LatentOrder,
    weights: Tensor,
    rows: Tensor,
    out: Tensor,
    *,
    overwrite: bool = False,
    orthogonal_to: Tensor | None = None,
    along: Tensor | None = None,
) -> None:
    """Add Σ weights · rows[b] over each latent's entries to `out` (n, d), in place.

    `weights` (n_entries,) in the order of the codes. With `overwrite` the sums replace what `out`
    held. With `orthogonal_to` (n, d) of unit rows and `along` (n,), the sum's known length along
    each of them, that part is taken away while the sum is still in the cache.
    """
    from torch.nn.functional import embedding_bag

    if out.is_contiguous() and (fast := kernels_for(weights, rows, out)):
        fast.add_row_sums(
            order,
            weights,
            rows,
            out,
            overwrite=overwrite,
            orthogonal_to=orthogonal_to,
            along=along,
        )
        return
    weights = weights.index_select(0, order.entry)
    for first, last, begin, end in _pieces(order, out):
        if begin == end:
            if overwrite:
                out[first:last] = 0
            continue
        sums = embedding_bag(
            order.row[begin:end],
            rows,
            order.offsets[first : last + 1] - begin,
            per_sample_weights=weights[begin:end],
            mode="sum",
            include_last_offset=True,
        )
        if orthogonal_to is not None and along is not None:
            sums.addcmul_(along[first:last, None], orthogonal_to[first:last], value=-1.0)
        if overwrite and last - first == out.shape[0] and _owns_its_memory(out):
            out.data = sums  # Spares a copy.
        elif overwrite:
            out[first:last] = sums
        else:
            out[first:last] += sums


def _owns_its_memory(out: Tensor) -> bool:
    return out.device.type == "cpu" and not out._is_view()


def _pieces(order: LatentOrder, out: Tensor) -> list[tuple[int, int, int, int]]:
    """Ranges of latents with their ranges of entries: one on a GPU, cache-sized ones on a CPU."""
    n = out.shape[0]
    if out.device.type != "cpu":
        return [(0, n, 0, order.entry.numel())]
    row_bytes = out.shape[1] * out.element_size()
    step = n if n * row_bytes <= 2 * _CHUNK_BYTES else max(1, _CHUNK_BYTES // row_bytes)
    bounds = [*range(0, n, step), n]
    at = order.offsets[bounds].tolist()
    return list(zip(bounds, bounds[1:], at, at[1:], strict=False))


def add_weight_sums(codes: Codes, weights: Tensor, out: Tensor) -> None:
    """Add Σ weights over each latent's entries to `out` (n,), in place."""
    if out.is_contiguous() and (fast := kernels_for(weights, out)):
        fast.add_weight_sums(order_by_latent(codes, out.shape[0]), weights, out)
        return
    out.index_add_(0, codes.latents, weights)


def weighted_sum(weights: Tensor, rows: Tensor) -> Tensor:
    """Σ weights · rows over (n,) and (n, d): (d,)."""
    import torch
    from torch.nn.functional import embedding_bag

    n = rows.shape[0]
    if kernels_for(weights, rows) or rows.device.type != "cpu" or n < _BAGS:
        return torch.mv(rows.t(), weights)
    # A product with a transposed matrix takes three times as long at 3,072 × 384.
    starts = torch.arange(_BAGS) * n // _BAGS
    sums = embedding_bag(torch.arange(n), rows, starts, per_sample_weights=weights, mode="sum")
    return sums.sum(0)


def _is_full(codes: Codes, n_latents: int) -> bool:
    return codes.latents.numel() > _DENSE_SHARE * codes.batch * n_latents
