"""Sparse products by gathering rows, in plain steps that Apple's GPUs have had for years.

On MPS, `embedding_bag` came with torch 2.10, products sampled by a sparse pattern do not exist,
and sorting int64 was wrong from macOS 15.4 until torch sorted by itself (pytorch issue 155560). So
nothing here sorts: rows are gathered, scaled and added to their place, in pieces of bounded size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.codes import Codes, LatentOrder

LARGEST_GATHER = 1 << 24
"""Floats gathered at once (64 MB)."""


class GatheredKernels:
    """`sparse_kernels` by gathering; needs no order of the entries."""

    def decode(self, codes: Codes, decoder: Tensor) -> Tensor:
        """Σ_j values_j · decoder[latents_j] for each row: codes, (n, d) -> (batch, d)."""
        out = decoder.new_zeros((codes.batch, decoder.shape[1]))
        _add_rows(codes.rows, codes.values, codes.latents, decoder, out)
        return out

    def sampled_products(
        self, codes: Codes, rows: Tensor, matrix: Tensor, *, only_active: bool
    ) -> Tensor:
        """As `sparse_kernels.sampled_products`: codes, (batch, d), (n, d) -> (n_entries,)."""
        import torch

        parts = [
            (
                rows.index_select(0, codes.rows[part]) * matrix.index_select(0, codes.latents[part])
            ).sum(1)
            for part in _parts(codes.latents.numel(), matrix.shape[1])
        ]
        return torch.cat(parts)

    def add_row_sums(
        self,
        order: LatentOrder,
        weights: Tensor,
        rows: Tensor,
        out: Tensor,
        *,
        overwrite: bool,
        orthogonal_to: Tensor | None,
        along: Tensor | None,
    ) -> None:
        """As `sparse_kernels.add_row_sums`; the entries of `order` are not sorted."""
        assert order.latent is not None
        if overwrite:
            out.zero_()
        if orthogonal_to is not None and along is not None:
            out.addcmul_(along[:, None], orthogonal_to, value=-1.0)
        _add_rows(order.latent, weights, order.row, rows, out)

    def add_weight_sums(self, order: LatentOrder, weights: Tensor, out: Tensor) -> None:
        """Add Σ weights over each latent's entries to `out` (n,), in place."""
        assert order.latent is not None
        out.index_add_(0, order.latent, weights)


def _add_rows(place: Tensor, weights: Tensor, index: Tensor, matrix: Tensor, out: Tensor) -> None:
    """out[place[e]] += weights[e] · matrix[index[e]] for each entry e."""
    for part in _parts(index.numel(), matrix.shape[1]):
        scaled = matrix.index_select(0, index[part]) * weights[part, None]
        out.index_add_(0, place[part], scaled)


def _parts(n_entries: int, d: int) -> Iterator[slice]:
    step = max(1, LARGEST_GATHER // d)
    for first in range(0, n_entries, step):
        yield slice(first, first + step)
