"""The gradient through the steps of a matching pursuit, their choices fixed.

With r the residual before a step, j what it chose, v its value and g = ∂loss/∂(r − v d_j):

    ∂loss/∂d_j  gets  −(v g + (d_j · g) r)
    ∂loss/∂r    =     g − (d_j · g) d_j

From the last step to the first; the residuals are not stored, r = (r − v d_j) + v d_j.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes
from saedesk.sae.pursuit import Pursuit, summed_path

if TYPE_CHECKING:
    from torch import Tensor


def add_rest(
    decoder: Tensor,
    start: Tensor,
    k: int,
    weight: Tensor,
    out: Tensor,
    residual_bound: float = 0.0,
) -> tuple[Codes, Tensor, Tensor]:
    """Add to `out` (n, d) the gradient of `weight` · Σ‖what k steps leave of `start` (batch, d)‖².

    Returns the codes, what is left (batch, d) and ∂loss/∂start (batch, d).
    """
    path = Pursuit(decoder).path(start, k, residual_bound=residual_bound)
    codes = summed_path(*path)
    left = start - sparse_kernels.decode(codes, decoder)
    return codes, left, add_path_gradients(path, decoder, left, left * (2 * weight), out)


def add_path_gradients(
    path: tuple[Tensor, Tensor], decoder: Tensor, left: Tensor, slope: Tensor, out: Tensor
) -> Tensor:
    """Add ∂loss/∂decoder of `Pursuit.path` to `out` (n, d). Returns ∂loss/∂r_0 (batch, d).

    `left` and `slope` (batch, d) are the residual after the last step and ∂loss/∂ it; `decoder`
    (n, d) has unit rows, which are free here: a step that chose nothing (v = 0) has no slope.
    """
    latents, values = path
    for step in reversed(range(latents.shape[1])):
        chosen, value = latents[:, step], values[:, step, None]
        rows = decoder[chosen]
        left = left + value * rows
        along = (rows * slope).sum(1, keepdim=True) * (value > 0)
        out.index_add_(0, chosen, value * slope + along * left, alpha=-1)
        slope = slope - along * rows
    return slope
