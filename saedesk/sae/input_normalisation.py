"""Vectors as an SAE sees them: as they are, of unit length, centred, or with unit spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SHIFT, SCALE = "input_shift", "input_scale"
"""Names among an SAE's stored tensors."""
_SMALLEST_SPREAD = 1e-3
"""Of the mean spread: a dimension that hardly varies is not blown up further than this."""


@dataclass(frozen=True)
class InputNormalisation:
    """(x − shift) / scale, after division by ‖x‖ for "unit"; `undo` gives back x's space.

    With "unit" that space is the one of the vectors of length 1.
    """

    kind: str = "none"
    shift: Tensor | None = None
    """(d,) float32."""
    scale: Tensor | None = None
    """(d,) float32 > 0."""

    @classmethod
    def fit(cls, kind: str, rows: Tensor) -> InputNormalisation:
        """For a sample `rows` (n, d) of the training vectors, on their device."""
        if kind in {"none", "unit"}:
            return cls(kind)
        # Apple's GPUs have no float64.
        wide = (rows.cpu() if rows.device.type == "mps" else rows).double()
        shift = wide.mean(0)
        if kind == "centred":
            return cls(kind, shift.to(rows))
        spread = (wide - shift).square().mean(0).sqrt()
        spread = spread.clamp_min(_SMALLEST_SPREAD * float(spread.mean()))
        return cls(kind, shift.to(rows), spread.to(rows))

    @classmethod
    def of_tensors(cls, kind: str, tensors: dict[str, Tensor]) -> InputNormalisation:
        """As stored with an SAE."""
        return cls(kind, tensors.get(SHIFT), tensors.get(SCALE))

    def tensors(self) -> dict[str, Tensor]:
        """What is stored with an SAE."""
        found = {SHIFT: self.shift, SCALE: self.scale}
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    def apply(self, x: Tensor) -> Tensor:
        """(n, d) as the SAE sees them; a zero vector stays zero."""
        if self.kind == "unit":
            x = x / x.norm(dim=1, keepdim=True).clamp_min(1e-12)
        if self.shift is not None:
            x = x - self.shift
        return x if self.scale is None else x / self.scale

    def undo(self, rebuilt: Tensor) -> Tensor:
        """Reconstructions (n, d) back in the space of the vectors."""
        if self.scale is not None:
            rebuilt = rebuilt * self.scale
        return rebuilt if self.shift is None else rebuilt + self.shift
