"""Sparse products on an NVIDIA GPU with Triton: the same functions as `sparse_kernels`, faster.

`kernels_for` says where they may be used: float32 tensors on a GPU of compute capability 8.0 or
newer, where the package `triton` is installed (torch brings it on Linux) and its kernels were
compiled, run and found right once in this process. Everywhere else torch's own operations do the
same. The kernels themselves are in `kernels`, which is imported on first use.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import subprocess
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.codes import Codes, LatentOrder

_log = logging.getLogger("saedesk.sae")
_OLDEST = (8, 0)
"""Compute capability from which Triton supports NVIDIA's GPUs."""
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class TritonKernels:
    """`sparse_kernels` by Triton; every tensor float32 and on one device."""

    kernels: ModuleType

    def decode(self, codes: Codes, decoder: Tensor) -> Tensor:
        """Σ_j values_j · decoder[latents_j] for each row: codes, (n, d) -> (batch, d)."""
        import torch

        out = decoder.new_empty((codes.batch, decoder.shape[1]))
        with torch.cuda.device_of(out):
            self.kernels.segment_sums(
                codes.offsets.contiguous(),
                codes.latents.contiguous(),
                codes.values.contiguous(),
                decoder.contiguous(),
                out,
            )
        return out

    def sampled_products(
        self, codes: Codes, rows: Tensor, matrix: Tensor, *, only_active: bool
    ) -> Tensor:
        """As `sparse_kernels.sampled_products`: codes, (batch, d), (n, d) -> (n_entries,)."""
        import torch

        out = rows.new_empty(codes.latents.shape)
        with torch.cuda.device_of(out):
            self.kernels.segment_products(
                codes.offsets.contiguous(),
                codes.latents.contiguous(),
                rows.contiguous(),
                matrix.contiguous(),
                out,
                only_where=codes.values.contiguous() if only_active else None,
            )
        return out

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
        """As `sparse_kernels.add_row_sums`; `out` (n, d) contiguous. Sums in a fixed order."""
        import torch

        with torch.cuda.device_of(out):
            self.kernels.segment_sums(
                order.offsets,
                order.row.contiguous(),
                weights.contiguous(),
                rows.contiguous(),
                out,
                entry=order.entry.contiguous(),
                overwrite=overwrite,
                orthogonal_to=None if orthogonal_to is None else orthogonal_to.contiguous(),
                along=None if along is None else along.contiguous(),
            )

    def add_weight_sums(self, order: LatentOrder, weights: Tensor, out: Tensor) -> None:
        """Add Σ weights over each latent's entries to `out` (n,), in a fixed order."""
        import torch

        with torch.cuda.device_of(out):
            self.kernels.segment_weight_sums(
                order.offsets, order.entry.contiguous(), weights.contiguous(), out
            )


def kernels_for(*tensors: Tensor) -> TritonKernels | None:
    """The kernels, where all of `tensors` are float32 on one GPU that they were checked on."""
    import torch

    first = tensors[0].device
    if first.type != "cuda":
        return None
    if any(t.dtype != torch.float32 or t.device != first for t in tensors):
        return None
    return _checked(torch.cuda.current_device() if first.index is None else first.index)


@functools.cache
def _checked(device: int) -> TritonKernels | None:
    """Compiled and compared with torch, once for each GPU; a failure is logged, not raised."""
    import torch

    if not torch.cuda.is_available() or importlib.util.find_spec("triton") is None:
        return None
    if torch.version.hip or torch.cuda.get_device_capability(device) < _OLDEST:
        return None  # Not tried on AMD's GPUs.
    try:
        found = load()
    except (ImportError, OSError, RuntimeError) as error:
        _say_without(error)
        return None
    try:
        if is_right(found, torch.device("cuda", device)):
            return found
    # No C compiler on this computer, a Triton that does not fit the driver, …
    except (found.kernels.TritonError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        _say_without(error)
        return None
    _log.warning("The Triton kernels give other sums than torch on this GPU; torch is used.")
    return None


def _say_without(error: Exception) -> None:
    _log.warning("The Triton kernels cannot be used (%s); torch is.", type(error).__name__)


def load() -> TritonKernels:
    """The kernels, unchecked. Raises ImportError without `triton`."""
    from saedesk.sae.triton_kernels import kernels

    return TritonKernels(kernels)


def is_right(found: TritonKernels, device: object) -> bool:
    """Whether each kernel agrees with dense products, on a few rows. Waits for the device."""
    import torch

    from saedesk.sae.codes import Codes
    from saedesk.sae.sparse_kernels import order_by_latent

    batch, width, n, d = 80, 3, 12, 33
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn((n, d), generator=generator).to(str(device))
    rows = torch.randn((batch, d), generator=generator).to(str(device))
    # Latent 0 in every row: a long segment. The last latents in none: empty ones.
    others = torch.rand((batch, n - 3), generator=generator).topk(width - 1).indices + 1
    latents = torch.cat([torch.zeros((batch, 1), dtype=torch.int64), others], 1)
    values = torch.rand((batch, width), generator=generator)
    codes = Codes.rectangular(values.to(str(device)), latents.to(str(device)))
    order = order_by_latent(codes, n)
    wide = codes.dense(n).double()
    sums, weight_sums = torch.empty_like(matrix), matrix.new_zeros(n)
    found.add_row_sums(
        order, codes.values, rows, sums, overwrite=True, orthogonal_to=None, along=None
    )
    found.add_weight_sums(order, codes.values, weight_sums)
    products = (rows.double() @ matrix.double().t())[codes.rows, codes.latents]
    return all(
        torch.allclose(got.double(), expected, rtol=_TOLERANCE, atol=_TOLERANCE)
        for got, expected in (
            (found.decode(codes, matrix), wide @ matrix.double()),
            (found.sampled_products(codes, rows, matrix, only_active=False), products),
            (sums, wide.t() @ rows.double()),
            (weight_sums, wide.sum(0)),
        )
    )
