"""How well codes rebuild a whole corpus, added up chunk by chunk."""

from __future__ import annotations

import numpy as np


class CorpusFit:
    """FVU = Σ‖x − x̂‖² / Σ‖x − mean‖² over all finite rows, in float64."""

    def __init__(self, *, of_directions: bool = False) -> None:
        """`of_directions`: the SAE rebuilds vectors of length 1 (input normalisation "unit")."""
        self.squared_error = 0.0
        self._of_directions = of_directions
        self._rows = 0
        self._sum: np.ndarray | float = 0.0
        self._squares = 0.0

    def add(self, vectors: np.ndarray, squared_error: float) -> None:
        """Some rows (n, d) and the squared error of their reconstructions."""
        wide = np.asarray(vectors, np.float64)
        wide = wide[np.isfinite(wide).all(axis=1)]
        if self._of_directions:
            wide = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
        self._rows += len(wide)
        self._sum = self._sum + wide.sum(axis=0)
        self._squares += float(np.square(wide).sum())
        self.squared_error += squared_error

    @property
    def fvu(self) -> float | None:
        """None where all rows are equal."""
        if not self._rows:
            return None
        spread = self._squares - float(np.square(self._sum).sum()) / self._rows
        # Less than that is what rounding leaves of equal rows.
        return self.squared_error / spread if spread > 1e-9 * self._squares else None
