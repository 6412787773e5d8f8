"""Products that touch only the latents in use: no dense (batch, n_latents) array anywhere.

`embedding_bag` is a gather-and-add that does not materialise (batch, k, d_in); over entries
sorted by latent it is also the weight gradient. Checked against dense float64 in the tests.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_LARGEST_GATHER = 1 << 24
"""Floats gathered at once where the device has no sampled product (64 MB)."""


def decode(values: Tensor, latents: Tensor, decoder: Tensor) -> Tensor:
    """Σ_j values[b, j] · decoder[latents[b, j]]: (batch, k), (batch, k), (n, d) -> (batch, d)."""
    from torch.nn.functional import embedding_bag

    if latents.shape[1] == 0:
        return decoder.new_zeros((latents.shape[0], decoder.shape[1]))
    return embedding_bag(latents, decoder, per_sample_weights=values, mode="sum")


def sampled_products(rows: Tensor, latents: Tensor, matrix: Tensor) -> Tensor:
    """rows[b] · matrix[latents[b, j]]: (batch, d), (batch, k) int64, (n, d) -> (batch, k)."""
    import torch

    batch, k = latents.shape
    if k == 0:
        return rows.new_zeros((batch, 0))
    if rows.device.type == "mps":
        return _gathered_products(rows, latents, matrix)
    _hear_the_beta_warning()
    pointers = torch.arange(0, batch * k + 1, k, device=latents.device)
    pattern = torch.sparse_csr_tensor(
        pointers,
        latents.reshape(-1),
        rows.new_zeros(batch * k),
        (batch, matrix.shape[0]),
        check_invariants=False,
    )
    product = torch.sparse.sampled_addmm(pattern, rows, matrix.t(), beta=0.0)
    return product.values().view(batch, k)


@functools.cache
def _hear_the_beta_warning() -> None:
    """torch warns once in a process that CSR tensors are in beta; nobody can act on it."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        torch.sparse_csr_tensor(torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1))


def _gathered_products(rows: Tensor, latents: Tensor, matrix: Tensor) -> Tensor:
    import torch

    batch, k = latents.shape
    step = max(1, _LARGEST_GATHER // (k * matrix.shape[1]))
    parts = [
        torch.einsum("bd,bkd->bk", rows[i : i + step], matrix[latents[i : i + step]])
        for i in range(0, batch, step)
    ]
    return torch.cat(parts)


@dataclass
class LatentOrder:
    """Entries of a batch of codes, sorted by latent."""

    latents: Tensor
    """(n_used,) int64: latents that occur, ascending."""
    offsets: Tensor
    """(n_used,) int64: where each latent's entries start."""
    entry: Tensor
    """(n_entries,) int64: position of each sorted entry in the flattened codes."""
    row: Tensor
    """(n_entries,) int64: batch row of each sorted entry."""


def order_by_latent(latents: Tensor) -> LatentOrder:
    """Sort the entries of `latents` (batch, k) by latent; equal latents keep the row order."""
    import torch

    flat = latents.reshape(-1)
    ordered, entry = torch.sort(flat, stable=True)
    used, counts = torch.unique_consecutive(ordered, return_counts=True)
    offsets = torch.cumsum(counts, 0) - counts
    row = torch.div(entry, latents.shape[1], rounding_mode="floor")
    return LatentOrder(used, offsets, entry, row)


def weighted_row_sums(order: LatentOrder, weights: Tensor, rows: Tensor) -> Tensor:
    """For each used latent Σ weights[b, j] · rows[b]: (batch, k), (batch, d) -> (n_used, d)."""
    from torch.nn.functional import embedding_bag

    if order.latents.numel() == 0:
        return rows.new_zeros((0, rows.shape[1]))
    return embedding_bag(
        order.row,
        rows,
        order.offsets,
        per_sample_weights=weights.reshape(-1)[order.entry],
        mode="sum",
    )


def weight_sums(order: LatentOrder, weights: Tensor) -> Tensor:
    """For each used latent Σ weights[b, j]: (batch, k) -> (n_used,)."""
    ones = weights.new_ones((weights.shape[0], 1))
    return weighted_row_sums(order, weights, ones)[:, 0]
