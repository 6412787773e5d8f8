"""Pre-activations of a batch that are cheap to search and exact to read.

a = W_enc (x − pre_bias) + b_enc. Where 8-bit integers or bfloat16 are faster, the whole product is
made in them, somewhat more than k candidates are taken from it, and those are computed again in
float32, so the k that stay and their values are those of the float32 product. Rows where rounding
to 8 bits may have hidden one are searched again, among more candidates and then in float32; with
bfloat16 these are the rows whose k-th and (k + margin)-th value lie closer than it resolves (tests
hold them under 0.1 %).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes
from saedesk.sae.largest_entries import largest_and_rest, largest_entries
from saedesk.sae.product_choice import Precision, dense_precision, has_integer_product
from saedesk.sae.quantised_product import QuantisedProduct, RowSearch

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_BIAS_COLUMNS = 8
"""Two are used; a multiple of 8 suits matrix units. The product takes no longer than without them,
while a bias added to it takes a tenth."""
MARGIN = 8
"""Candidates beyond k. The k-th and (k + 8)-th pre-activation of a document lie several times
further apart than bfloat16 rounds, both at (384, 3,072, 32) and at (1,536, 9,216, 64)."""
_WIDER = 8
"""8-bit integers round more: one candidate more for every 8 of k."""
_UNSURE = 2
"""Times as many candidates where those were too few: a dense product reads all weights."""
_SURE = 4.0
"""Standard deviations between the k-th value and what is left out that make a row sure. Among
16,000 rows of which two components were 30 times the others, some lacked a latent at 3.5, none at
4; on trained SAEs, random and heavy-tailed rows none did at 2."""


@dataclass
class EncoderProduct:
    """Makes pre-activations; keeps its buffers between batches of the same shape."""

    precision: Precision = "float32"
    """In which the largest of each row are searched."""
    _buffers: dict[str, Tensor] = field(default_factory=dict)
    quantised: QuantisedProduct = field(default_factory=QuantisedProduct)

    def of(
        self, W_enc: Tensor, b_enc: Tensor, centred: Tensor, *, steady: bool = False
    ) -> PreActivations:
        """For (n, d), (n,) and (batch, d). The result is valid until the next call.

        `steady` results do not depend on the rows beside a row, not in a bit; it costs a little
        where the product is made in float32.
        """
        return PreActivations(self, W_enc, b_enc, centred, steady)

    def searches_rows(self, pre: PreActivations) -> bool:
        """Whether the largest of each row are searched in 8-bit integers."""
        import torch

        if self.precision != "int8" or pre.centred.dtype != torch.float32:
            return False
        n, d = pre.W_enc.shape
        return pre.centred.device.type == "cpu" and has_integer_product(d, n)

    def dense(self, pre: PreActivations) -> Tensor:
        """(batch, n_latents), in the precision in which all entries can be compared."""
        import torch

        W_enc, b_enc, centred = pre.W_enc, pre.b_enc, pre.centred
        shape = (centred.shape[0], W_enc.shape[0])
        if self.dense_precision(pre) == "float32":
            searched = self._buffer("exact product", shape, centred, centred.dtype)
            return torch.addmm(b_enc, centred, W_enc.t(), out=searched)
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
        return torch.mm(rows, weights.t(), out=searched)

    def dense_precision(self, pre: PreActivations) -> Precision:
        """Of `dense`: "float32" stands for whatever precision the parameters have."""
        import torch

        if pre.centred.dtype != torch.float32:
            return "float32"
        if self.precision == "int8":
            n, d = pre.W_enc.shape
            return dense_precision(str(pre.centred.device), d, n)
        return self.precision

    def by_row(self, pre: PreActivations) -> RowSearch:
        """The products in 8-bit integers."""
        return self.quantised.of(pre.W_enc, pre.b_enc, pre.centred, keep=pre.steady)

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

    product: EncoderProduct
    W_enc: Tensor
    b_enc: Tensor
    centred: Tensor
    """(batch, d_in): x − pre_bias."""
    steady: bool = False
    """Whether exact values are made one by one, so that they do not depend on the batch."""

    @cached_property
    def searched(self) -> Tensor:
        """(batch, n_latents), exact in the parameters' precision or rounded to bfloat16."""
        return self.product.dense(self)

    @cached_property
    def _by_row(self) -> RowSearch | None:
        return self.product.by_row(self) if self.product.searches_rows(self) else None

    @cached_property
    def is_exact(self) -> bool:
        """Whether `searched` can be read as it is."""
        return self.product.dense_precision(self) == "float32"

    def exact(self) -> Tensor:
        """All of them, (batch, n_latents), in the parameters' precision."""
        import torch

        if self.is_exact:
            return self.searched
        return torch.addmm(self.b_enc, self.centred, self.W_enc.t())

    def largest(self, k: int) -> Codes:
        """Codes with ReLU of the k largest of each row, at most n_latents."""
        n = self.W_enc.shape[0]
        if k + MARGIN + k // _WIDER >= n:
            values, latents = self._largest_in_full(min(k, n))
            return Codes.rectangular(values.relu_(), latents)
        if self._by_row is not None:
            return self._largest_by_row(self._by_row, k)
        if self.searched.device.type != "cpu" or self.searched.dtype.itemsize > 4:
            if self.is_exact:
                return _largest_of(self.searched, k)
            candidates = self.searched.topk(k + MARGIN, dim=1, sorted=False).indices
            return self.best_of(candidates, k)
        return self.best_of(largest_entries(self.searched, k + MARGIN), k)

    def _largest_by_row(self, search: RowSearch, k: int) -> Codes:
        import torch

        wanted = k + MARGIN + k // _WIDER
        found = [largest_and_rest(piece, wanted, search.most) for piece in search.pieces()]
        candidates, rest = (torch.cat(parts) for parts in zip(*found, strict=True))
        values, latents, is_sure = self._largest_of(candidates, rest, search, k)
        if not is_sure.all():
            rows = (~is_sure).nonzero()[:, 0]
            own = replace(self, centred=self.centred[rows])
            values[rows], latents[rows] = own._largest_of_unsure(search.of_rows(rows), k)
        return Codes.rectangular(values.relu_(), latents)

    def _largest_of(
        self, candidates: Tensor, rest: Tensor, search: RowSearch, k: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Values and latents, (batch, k) each, and whether these are the k largest, (batch,) bool.

        Of `candidates` (batch, m); no other product is more than `rest` (batch,).
        """
        values, chosen = self.at(candidates).topk(k, dim=1, sorted=False)
        # What ReLU makes 0 need not be the right ones.
        lead = values.amin(1).clamp_min_(0).sub_(rest * search.unit)
        # Not sure where there is a nan, too.
        return values, candidates.gather(1, chosen), lead >= _SURE * search.error

    def _largest_of_unsure(self, search: RowSearch, k: int) -> tuple[Tensor, Tensor]:
        """Values and latents, (batch, k) each, of the k largest: among more, or by all products."""
        wanted = _UNSURE * (k + MARGIN + k // _WIDER)
        if wanted >= self.W_enc.shape[0]:
            return self._largest_in_full(k)
        found = largest_and_rest(search.products, wanted, search.most)
        values, latents, is_sure = self._largest_of(*found, search, k)
        if not is_sure.all():
            rows = (~is_sure).nonzero()[:, 0]
            own = replace(self, centred=self.centred[rows])
            values[rows], latents[rows] = own._largest_in_full(k)
        return values, latents

    def _largest_in_full(self, k: int) -> tuple[Tensor, Tensor]:
        """Values and latents, (batch, k) each, of the k largest, by a dense product."""
        import torch

        products = torch.addmm(self.b_enc, self.centred, self.W_enc.t())
        values, latents = products.topk(k, dim=1, sorted=False)
        return (self.at(latents) if self.steady else values), latents

    def largest_among(self, latents: Tensor, k: int) -> Codes:
        """As `largest`, of the given latents (m,) only."""
        if self._by_row is not None:
            among, margin = self._by_row.products[:, latents], MARGIN + k // _WIDER
        else:
            among, margin = self.searched[:, latents], 0 if self.is_exact else MARGIN
        width = min(k + margin, latents.numel())
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
        if not self.steady and not self.product.searches_rows(self) and self.is_exact:
            return self.searched.gather(1, latents)
        codes = Codes.rectangular(latents if wanted is None else wanted, latents)
        products = sparse_kernels.sampled_products(
            codes,
            self.centred,
            self.W_enc,
            only_active=wanted is not None,
            one_by_one=self.steady,
        )
        return (products + self.b_enc.index_select(0, codes.latents)).view(latents.shape)


def _largest_of(pre: Tensor, k: int) -> Codes:
    values, latents = pre.topk(min(k, pre.shape[1]), dim=1, sorted=False)
    return Codes.rectangular(values.relu(), latents)
