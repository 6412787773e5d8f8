"""Pre-activations of a batch that are cheap to search and exact to read.

a = W_enc (x − pre_bias) + b_enc. Where bfloat16 is faster, the whole product is made in bfloat16,
somewhat more than k candidates are taken from it, and those are computed again in float32, so
the k that stay and their values are those of the float32 product (in all but rows whose k-th and
(k + margin)-th value lie closer than bfloat16 resolves; tests hold them under 0.1 %).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes
from saedesk.sae.largest_entries import largest_entries
from saedesk.sae.product_choice import Precision

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_BIAS_COLUMNS = 8
"""Two are used; a multiple of 8 suits matrix units. The product takes no longer than without them,
while a bias added to it takes a tenth."""
MARGIN = 8
"""Candidates beyond k. The k-th and (k + 8)-th pre-activation of a document lie several times
further apart than bfloat16 rounds, both at (384, 3,072, 32) and at (1,536, 9,216, 64)."""


@dataclass
class EncoderProduct:
    """Makes pre-activations; keeps its buffers between batches of the same shape."""

    precision: Precision = "float32"
    _buffers: dict[str, Tensor] = field(default_factory=dict)

    def of(
        self, W_enc: Tensor, b_enc: Tensor, centred: Tensor, *, steady: bool = False
    ) -> PreActivations:
        """For (n, d), (n,) and (batch, d). The result is valid until the next call.

        `steady` results do not depend on the rows beside a row, not in a bit; it costs a little
        where the product is made in float32.
        """
        import torch

        shape = (centred.shape[0], W_enc.shape[0])
        if self.precision == "float32" or centred.dtype != torch.float32:
            searched = self._buffer("exact product", shape, centred, centred.dtype)
            torch.addmm(b_enc, centred, W_enc.t(), out=searched)
            return PreActivations(W_enc, b_enc, centred, searched, steady)
        # Bias and pre-activation in one product: the bias as further columns, which meet ones.
        d = centred.shape[1]
        weights = self._buffer("weights", (W_enc.shape[0], d + _BIAS_COLUMNS), centred)
        weights[:, :d].copy_(W_enc)
        weights[:, d].copy_(b_enc)
        weights[:, d + 1].copy_(b_enc - weights[:, d])  # What the first one rounded away.
        rows = self._buffer("rows", (centred.shape[0], d + _BIAS_COLUMNS), centred)
        rows[:, :d].copy_(centred)
        rows[:, d : d + 2] = 1
        searched = self._buffer("product", shape, centred)
        torch.mm(rows, weights.t(), out=searched)
        return PreActivations(W_enc, b_enc, centred, searched, steady)

    def _buffer(
        self, name: str, shape: tuple[int, ...], like: Tensor, dtype: torch.dtype | None = None
    ) -> Tensor:
        import torch

        dtype = dtype or torch.bfloat16
        found = self._buffers.get(name)
        is_same = found is not None and (found.dtype, found.device) == (dtype, like.device)
        if found is None or not is_same or tuple(found.shape) != shape:
            found = torch.zeros(shape, dtype=dtype, device=like.device)
            self._buffers[name] = found
        return found


@dataclass
class PreActivations:
    """The pre-activations of one batch."""

    W_enc: Tensor
    b_enc: Tensor
    centred: Tensor
    """(batch, d_in): x − pre_bias."""
    searched: Tensor
    """(batch, n_latents), exact in the parameters' precision or rounded to bfloat16."""
    steady: bool = False
    """Whether exact values are made one by one, so that they do not depend on the batch."""

    @property
    def is_exact(self) -> bool:
        """Whether `searched` can be read as it is."""
        return self.searched.dtype == self.centred.dtype

    def exact(self) -> Tensor:
        """All of them, (batch, n_latents), in the parameters' precision."""
        import torch

        if self.is_exact:
            return self.searched
        return torch.addmm(self.b_enc, self.centred, self.W_enc.t())

    def largest(self, k: int) -> Codes:
        """Codes with ReLU of the k largest of each row, at most n_latents."""
        n = self.searched.shape[1]
        if k + MARGIN >= n:
            return _largest_of(self.exact(), k)
        if self.searched.device.type != "cpu" or self.searched.dtype.itemsize > 4:
            if self.is_exact:
                return _largest_of(self.searched, k)
            candidates = self.searched.topk(k + MARGIN, dim=1, sorted=False).indices
            return self.best_of(candidates, k)
        return self.best_of(largest_entries(self.searched, k + MARGIN), k)

    def largest_among(self, latents: Tensor, k: int) -> Codes:
        """As `largest`, of the given latents (m,) only."""
        among = self.searched[:, latents]
        width = min(k if self.is_exact else k + MARGIN, latents.numel())
        return self.best_of(latents[among.topk(width, dim=1, sorted=False).indices], k)

    def best_of(self, candidates: Tensor, k: int) -> Codes:
        """ReLU of the k largest of each row's `candidates` (batch, m), exact."""
        values = self.at(candidates)
        if candidates.shape[1] > k:
            values, chosen = values.topk(k, dim=1, sorted=False)
            candidates = candidates.gather(1, chosen)
        return Codes.rectangular(values.relu(), candidates)

    def at(self, latents: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Exact pre-activations of `latents` (batch, m): (batch, m).

        Those where `wanted` (batch, m) is 0 need not be right.
        """
        if self.is_exact and not self.steady:
            return self.searched.gather(1, latents)
        codes = Codes.rectangular(latents if wanted is None else wanted, latents)
        products = sparse_kernels.sampled_products(
            codes, self.centred, self.W_enc, only_active=wanted is not None
        )
        return (products + self.b_enc.index_select(0, codes.latents)).view(latents.shape)


def _largest_of(pre: Tensor, k: int) -> Codes:
    values, latents = pre.topk(min(k, pre.shape[1]), dim=1, sorted=False)
    return Codes.rectangular(values.relu(), latents)
