"""The thresholds of JumpReLU and how they learn (arXiv:2407.14435, section 3).

A jump has no slope; θ learns through a rectangle of width w around it, from a > 0:

    ∂(a · 1[a > θ])/∂θ ≈ −(θ / w) 1[|a − θ| < w / 2]
    ∂(1[a > θ])/∂θ     ≈ −(1 / w) 1[|a − θ| < w / 2]

θ = exp(c · exponent). Adam moves every parameter by about the learning rate, which would take
thousands of steps to halve a threshold; with c = `SPEED` a hundred do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saedesk.sae.codes import Codes

if TYPE_CHECKING:
    from torch import Tensor

SPEED = 20.0
"""On 6,000 vectors 20 and 60 lead to the same FVU; at 1 the thresholds do not arrive."""


def exponents(thresholds: Tensor) -> Tensor:
    """What is learned, for `thresholds` > 0 of any shape."""
    return thresholds.log() / SPEED


@dataclass
class Thresholds:
    """θ of one step."""

    values: Tensor
    """(n_latents,)."""

    @classmethod
    def of(cls, exponent: Tensor) -> Thresholds:
        """For the learned (n_latents,)."""
        return cls((SPEED * exponent).exp())

    def passed(self, pre: Tensor) -> Codes:
        """The entries of `pre` (batch, n_latents) above their thresholds."""
        return Codes.of_dense(pre * (pre > self.values))

    def passed_and_near(self, pre: Tensor, width: Tensor) -> tuple[Codes, Tensor]:
        """As `passed`, with entries of value 0 for those down to w / 2 below; which are near θ."""
        found = Codes.of_dense(pre * (pre > (self.values - width / 2).clamp_min(0)))
        lowest = self.values[found.latents]
        is_near = (found.values - lowest).abs() < width / 2
        return found.with_values(found.values * (found.values > lowest)), is_near

    def add_jumps(
        self,
        codes: Codes,
        is_near: Tensor,
        width: Tensor,
        *,
        into_code: Tensor,
        price: Tensor,
        out: Tensor,
    ) -> None:
        """Add ∂loss/∂exponent of `passed_and_near` entries to `out` (n_latents,).

        `into_code` (n_entries,) is ∂loss/∂z, `price` () what an active entry costs.
        """
        lowest = self.values[codes.latents]
        slope = (lowest * into_code + price) * is_near / -width
        out.index_add_(0, codes.latents, slope * lowest * SPEED)

    def add_waking(
        self, pre: Tensor, dead: Tensor, weight: Tensor, *, into_bias: Tensor, out: Tensor
    ) -> None:
        """Add the gradient of `weight` · mean over rows of Σ_dead ReLU(θ − a).

        For the latents `dead` (m,) of `pre` (batch, n_latents); a moves with its bias alone.
        """
        lowest = self.values[dead]
        below = (pre[:, dead] < lowest).to(pre.dtype).mean(0) * weight
        into_bias.index_add_(0, dead, below, alpha=-1)
        out.index_add_(0, dead, below * lowest * SPEED)
