"""Vectors as an SAE sees them: as they are, of one length, centred, or with unit spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

SHIFT, SCALE = "input_shift", "input_scale"
"""Names among an SAE's stored tensors."""
STANDARDISED, FIXED_LENGTH = "standardised", "fixed length"
BY_ROW = frozenset({STANDARDISED, FIXED_LENGTH})
"""Kinds that take a mean or a scale from every vector itself, and give it back on the output."""
DIRECTION_ONLY = frozenset({"unit", *BY_ROW})
"""Kinds with which an SAE does not see how long a vector is."""
_SMALLEST_SPREAD = 1e-3
"""Of the mean spread: a dimension that hardly varies is not blown up further than this."""
_EPSILON = 1e-5
"""Added to a standard deviation, as in openai/sparse_autoencoder and SAELens."""


@dataclass(frozen=True)
class InputNormalisation:
    """What is done to a vector x, and undone on its reconstruction.

    - "unit": x / ‖x‖, and reconstructions stay of that length
    - "centred", "per-dimension": (x − shift) / scale
    - "standardised": (x − m) / (s + 10⁻⁵) with the mean m and the standard deviation s (unbiased)
      of the numbers of x; undone as rebuilt · s + m (openai/sparse_autoencoder; "layer_norm" in
      SAELens)
    - "fixed length": x · √d / ‖x‖ ("constant_norm_rescale" in SAELens)

    The last two see no length. Where x is not known, as with steered codes, an output is that of a
    vector of length 1 whose numbers have the mean 0: rebuilt · scale with a scale of 1/√d.
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
        if kind in BY_ROW:
            return cls.by_row(kind, rows.shape[1], rows.device)
        # Apple's GPUs have no float64.
        wide = (rows.cpu() if rows.device.type == "mps" else rows).double()
        shift = wide.mean(0)
        if kind == "centred":
            return cls(kind, shift.to(rows))
        spread = (wide - shift).square().mean(0).sqrt()
        spread = spread.clamp_min(_SMALLEST_SPREAD * float(spread.mean()))
        return cls(kind, shift.to(rows), spread.to(rows))

    @classmethod
    def by_row(cls, kind: str, d_in: int, device: Any = "cpu") -> InputNormalisation:
        """Of a kind in `BY_ROW`, which learns nothing from the data."""
        import torch

        return cls(kind, None, torch.full((d_in,), d_in**-0.5, device=device))

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
        if self.kind == STANDARDISED:
            return (x - x.mean(1, keepdim=True)) / (_row_scale(self.kind, x) + _EPSILON)
        if self.kind == FIXED_LENGTH:
            return x / _row_scale(self.kind, x).clamp_min(1e-12)
        if self.shift is not None:
            x = x - self.shift
        return x if self.scale is None else x / self.scale

    def undo(self, rebuilt: Tensor, x: Tensor | None = None) -> Tensor:
        """Reconstructions (n, d) back in the space of the vectors; of the `x` (n, d) if known."""
        if self.kind in BY_ROW and x is not None:
            rebuilt = rebuilt * _row_scale(self.kind, x)
            return rebuilt + x.mean(1, keepdim=True) if self.kind == STANDARDISED else rebuilt
        if self.scale is not None:
            rebuilt = rebuilt * self.scale
        return rebuilt if self.shift is None else rebuilt + self.shift


def _row_scale(kind: str, x: Tensor) -> Tensor:
    """(n, 1): the standard deviation of each row's numbers, or its length by √d."""
    if kind == STANDARDISED:
        return x.std(1, keepdim=True)
    return x.norm(dim=1, keepdim=True) / x.shape[1] ** 0.5


def vector_as_seen(kind: str, x: np.ndarray, tensors: dict[str, Any]) -> np.ndarray:
    """`InputNormalisation.apply` of one vector (d,) float32, with numpy alone."""
    if kind == STANDARDISED:
        return (x - x.mean()) / (x.std(ddof=1) + np.float32(_EPSILON))
    if kind == FIXED_LENGTH:
        scale = max(float(np.linalg.norm(x)) / len(x) ** 0.5, 1e-12)
        return x / np.float32(scale)
    if kind == "unit":
        x = x / max(float(np.linalg.norm(x)), 1e-12)
    return (x - tensors.get(SHIFT, np.float32(0))) / tensors.get(SCALE, np.float32(1))
