"""The encoder product in 8-bit integers, which finds the largest pre-activations of each row.

    a  ≈ unit_b · Σ_j rows_bj · weights_nj        int8 · int8 -> int32

Each row has its own scale, so products are comparable within a row only, and all weights share
one. The bias goes in as further columns of the weights, which meet the number of times that its
scale goes into the row's. What rounding does to a pre-activation is known as a standard deviation,
so a search can tell whether it can be relied on.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_LARGEST = 127
_BIAS_COLUMNS = 7
_COLUMNS = _BIAS_COLUMNS + 1
"""One more for what rounding the bias left; together a multiple of 8, which suits the product."""
_TINY = 1e-30
_PIECE = 1 << 19
"""Weights scaled at once, so that they stay in the cache until they are rounded."""


_ROWS_AT_ONCE = 512
"""Products of so many rows are searched while they are in the cache: at (384, 3,072) product and
search take a tenth less time than with all 1,024, at (1,536, 9,216) as much."""


@dataclass
class RowSearch:
    """Products of a batch; those of a row have the order of its pre-activations, almost."""

    most: int
    """No product is farther from 0."""
    unit: Tensor
    """(batch,) float32: products times it are pre-activations."""
    error: Tensor
    """(batch,) float32: standard deviation of what rounding did to a pre-activation, at most."""
    _rows: Tensor
    """(batch, d_in + _COLUMNS) int8."""
    _weights: Tensor
    """(n_latents, d_in + _COLUMNS) int8."""
    _products: Tensor
    """(batch, n_latents) int32, once they are made."""
    _are_made: bool = False

    @property
    def products(self) -> Tensor:
        """(batch, n_latents) int32."""
        for _ in self.pieces():
            pass
        return self._products

    def pieces(self) -> Iterator[Tensor]:
        """The products of some rows after the other, (rows, n_latents) int32."""
        import torch

        for start in range(0, len(self._rows), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            if not self._are_made:
                torch._int_mm(self._rows[some], self._weights.t(), out=self._products[some])
            yield self._products[some]
        self._are_made = True

    def of_rows(self, rows: Tensor) -> RowSearch:
        """The same of some rows (m,), whose products must have been made."""
        return replace(
            self,
            unit=self.unit[rows],
            error=self.error[rows],
            _rows=self._rows[rows],
            _products=self._products[rows],
        )


@dataclass
class _Weights:
    matrix: Tensor
    """(n_latents, d_in + _COLUMNS) int8."""
    scale: Tensor
    """() float32: weights are `matrix` times it."""
    longest: Tensor
    """() float32: norm of the longest row of `matrix`, without bias."""
    largest_bias: Tensor
    """() float32, in units of `scale`."""
    made_of: tuple[tuple[Tensor, int], ...]
    """Encoder and bias, each with its version; empty where torch does not count versions."""

    def are_of(self, *tensors: Tensor) -> bool:
        """Whether these are the tensors, and unchanged as far as torch knows."""
        return bool(self.made_of) and all(
            tensor is made and tensor._version == version
            for tensor, (made, version) in zip(tensors, self.made_of, strict=True)
        )


@dataclass
class RoundedWeights:
    """The rounded weights of an encoder, which several products may use at the same time."""

    _made: _Weights | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)
    _buffers: dict[str, Tensor] = field(default_factory=dict)

    def of(self, W_enc: Tensor, b_enc: Tensor, *, keep: bool) -> _Weights:
        """For (n, d) and (n,) float32 on a CPU.

        With `keep` they are not rounded again as long as torch knows of no change to them.
        """
        with self._making:
            made = self._made
            if made is None or not keep or not made.are_of(W_enc, b_enc):
                made = self._made = self._rounded(W_enc, b_enc)
        return made

    def _rounded(self, W_enc: Tensor, b_enc: Tensor) -> _Weights:
        import torch

        n, d = W_enc.shape
        matrix = _buffer(self._buffers, "weights", (n, d + _COLUMNS), torch.int8)
        scale = _largest_absolute(W_enc).div_(_LARGEST).clamp_min_(_TINY)
        step, lengths = max(1, _PIECE // d), torch.empty(n)
        scaled = _buffer(self._buffers, "scaled", (min(step, n), d), torch.float32)
        for start in range(0, n, step):
            part = W_enc[start : start + step]
            rounded = torch.mul(part, 1 / scale, out=scaled[: len(part)]).round_()
            matrix[start : start + step, :d].copy_(rounded)
            torch.linalg.vector_norm(rounded, dim=1, out=lengths[start : start + step])
        largest = _largest_absolute(b_enc)
        bias = b_enc * (_LARGEST / largest.clamp_min(_TINY))
        main = bias.round()
        matrix[:, d:-1].copy_(main[:, None])
        matrix[:, -1].copy_(((bias - main) * _LARGEST).round_())
        made_of = _versions(W_enc, b_enc)
        return _Weights(matrix, scale, lengths.amax(), largest / scale, made_of)


@dataclass
class QuantisedProduct:
    """Keeps its buffers, and the rounded weights for as long as they do not change."""

    rounded: RoundedWeights = field(default_factory=RoundedWeights)
    _buffers: dict[str, Tensor] = field(default_factory=dict)

    def of(self, W_enc: Tensor, b_enc: Tensor, centred: Tensor, *, keep: bool = False) -> RowSearch:
        """For (n, d), (n,) and (batch, d) float32 on a CPU; valid until the next call.

        A row's products depend on no other row. `keep` as in `RoundedWeights.of`.
        """
        import torch

        weights = self.rounded.of(W_enc, b_enc, keep=keep)
        batch, d = centred.shape
        # As large as the row needs it, or as the bias needs it to fit into its columns.
        smallest = weights.largest_bias / (_LARGEST * _LARGEST * _BIAS_COLUMNS)
        scaled = _buffer(self._buffers, "scaled rows", (batch, d), torch.float32)
        scale = torch.abs(centred, out=scaled).amax(1).div_(_LARGEST)
        scale = scale.maximum(smallest).clamp_min_(_TINY)
        rows = _buffer(self._buffers, "rows", (batch, d + _COLUMNS), torch.int8)
        rows[:, :d].copy_(torch.mul(centred, 1 / scale[:, None], out=scaled).round_())
        times = (weights.largest_bias / (_LARGEST * scale)).round_()
        columns = torch.arange(_BIAS_COLUMNS)
        rows[:, d:-1].copy_(((times[:, None] + columns) / _BIAS_COLUMNS).floor_())
        rows[:, -1].copy_((times / _LARGEST).round_())
        products = _buffer(self._buffers, "products", (batch, W_enc.shape[0]), torch.int32)
        # Rounding moves a number by 1 / √12 on average, which its partner in the product magnifies.
        lengths = torch.linalg.vector_norm(scaled, dim=1)
        unit = scale * weights.scale
        error = torch.hypot(lengths, weights.longest) * unit / math.sqrt(12)
        most = _LARGEST * _LARGEST * (d + _COLUMNS)
        return RowSearch(most, unit, error, rows, weights.matrix, products)


def _buffer(
    buffers: dict[str, Tensor], name: str, shape: tuple[int, int], dtype: torch.dtype
) -> Tensor:
    """The first rows of the buffer called `name`, which is made or made larger first."""
    import torch

    rows, width = shape
    found = buffers.get(name)
    if found is None or found.shape[1] != width or found.shape[0] < rows:
        found = None  # Not the old and the new one at once.
        buffers.pop(name, None)
        with torch.inference_mode(False):  # Else nobody could write to it outside of it.
            found = buffers[name] = torch.empty(shape, dtype=dtype)
    return found[:rows]


def _largest_absolute(tensor: Tensor) -> Tensor:
    """(), nan where there is one."""
    import torch

    smallest, largest = torch.aminmax(tensor)
    return torch.maximum(largest, -smallest)


def _versions(*tensors: Tensor) -> tuple[tuple[Tensor, int], ...]:
    if any(tensor.is_inference() for tensor in tensors):
        return ()
    return tuple((tensor, tensor._version) for tensor in tensors)
