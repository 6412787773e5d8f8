"""Sparse codes of a batch: which latents each row uses, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class LatentOrder:
    """Entries of a batch of codes, sorted by latent, or as they are with `latent`."""

    offsets: Tensor
    """(n_latents + 1,) int64: where each latent's entries start."""
    entry: Tensor
    """(n_entries,) int64: position of each sorted entry among the codes' entries."""
    row: Tensor
    """(n_entries,) int64: batch row of each sorted entry."""
    latent: Tensor | None = None
    """(n_entries,) int64: the latent of each entry, where they are not sorted; then `offsets` and
    `entry` are empty."""

    @classmethod
    def as_they_are(cls, codes: Codes) -> LatentOrder:
        """Row after row, for kernels that need no order."""
        nothing = codes.latents[:0]
        return cls(nothing, nothing, codes.rows, codes.latents)


@dataclass
class Codes:
    """Entries row after row; row b owns entries offsets[b] to offsets[b + 1]."""

    values: Tensor
    """(n_entries,) activations, >= 0; an entry of value 0 is not active."""
    latents: Tensor
    """(n_entries,) int64, each at most once in a row."""
    offsets: Tensor
    """(batch + 1,) int64."""
    width: int | None = None
    """Entries of each row where all rows have equally many."""
    order: LatentOrder | None = field(default=None, repr=False)
    """The entries by latent, once they were sorted: `sparse_kernels.order_by_latent`."""

    @classmethod
    def rectangular(cls, values: Tensor, latents: Tensor) -> Codes:
        """From values and latents of shape (batch, width)."""
        import torch

        batch, width = latents.shape
        if width == 0:
            offsets = torch.zeros(batch + 1, dtype=torch.int64, device=latents.device)
        else:
            offsets = torch.arange(0, batch * width + 1, width, device=latents.device)
        return cls(values.reshape(-1), latents.reshape(-1), offsets, width)

    @classmethod
    def of_dense(cls, z: Tensor) -> Codes:
        """The entries > 0 of `z` (batch, n_latents). Waits for the device to count them."""
        import torch

        rows, latents = z.nonzero(as_tuple=True)
        counts = torch.bincount(rows, minlength=z.shape[0])
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return cls(z[rows, latents], latents, offsets)

    @property
    def batch(self) -> int:
        """Number of rows."""
        return self.offsets.numel() - 1

    @cached_property
    def rows(self) -> Tensor:
        """(n_entries,) int64: the row of each entry."""
        import torch

        if self.width:
            numbers = torch.arange(self.latents.numel(), device=self.latents.device)
            return torch.div(numbers, self.width, rounding_mode="floor")
        numbers = torch.arange(self.batch, device=self.latents.device)
        return numbers.repeat_interleave(self.offsets.diff(), output_size=self.latents.numel())

    @cached_property
    def active(self) -> Tensor:
        """(n_entries,) bool: values > 0."""
        return self.values > 0

    def with_values(self, values: Tensor) -> Codes:
        """The same entries with other values (n_entries,)."""
        return Codes(values, self.latents, self.offsets, self.width, self.order)

    def dense(self, n_latents: int) -> Tensor:
        """(batch, n_latents), zero where there is no entry."""
        z = self.values.new_zeros((self.batch, n_latents))
        z[self.rows, self.latents] = self.values
        return z

    def fired(self, n_latents: int) -> Tensor:
        """(n_latents,) int64: in how many rows each latent is active."""
        import torch

        if self.latents.device.type == "mps":  # It adds up float32 in any version of torch.
            numbers = torch.zeros(n_latents, device="mps")
            return numbers.index_add_(0, self.latents, self.active.float()).long()
        counts = torch.zeros(n_latents, dtype=torch.int64, device=self.latents.device)
        return counts.scatter_add_(0, self.latents, self.active.long())

    def only_active(self) -> Codes:
        """Without entries of value 0. Waits for the device to count them."""
        import torch

        counts = torch.zeros(self.batch, dtype=torch.int64, device=self.latents.device)
        counts.scatter_add_(0, self.rows, self.active.long())
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return Codes(self.values[self.active], self.latents[self.active], offsets)
