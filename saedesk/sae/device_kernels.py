"""Which kernels a device has of its own, beside the ones that torch has everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.codes import Codes, LatentOrder


class DeviceKernels(Protocol):
    """The sparse products as one device makes them best."""

    def decode(self, codes: Codes, decoder: Tensor) -> Tensor:
        """Σ_j values_j · decoder[latents_j] for each row: codes, (n, d) -> (batch, d)."""

    def sampled_products(
        self, codes: Codes, rows: Tensor, matrix: Tensor, *, only_active: bool
    ) -> Tensor:
        """As `sparse_kernels.sampled_products`: codes, (batch, d), (n, d) -> (n_entries,)."""

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
        """As `sparse_kernels.add_row_sums`, for a contiguous `out`."""

    def add_weight_sums(self, order: LatentOrder, weights: Tensor, out: Tensor) -> None:
        """Add Σ weights over each latent's entries to `out` (n,), in place."""


def counting_waits(tensor: Tensor) -> bool:
    """Whether asking how many entries of `tensor` fulfil a condition is to be avoided.

    A GPU stops the program until all work before is done; with CUDA's kernels entries that do not
    count cost nothing, so a fixed number of them is better. Apple's gather them all, and wait.
    """
    return tensor.device.type not in ("cpu", "mps")


def kernels_for(*tensors: Tensor) -> DeviceKernels | None:
    """Kernels of the device of `tensors`; None where torch's own operations are taken."""
    device = tensors[0].device.type
    if device == "cuda":
        from saedesk.sae import triton_kernels

        return triton_kernels.kernels_for(*tensors)
    if device == "mps":
        from saedesk.sae.gathered_kernels import GatheredKernels

        return GatheredKernels()
    return None
