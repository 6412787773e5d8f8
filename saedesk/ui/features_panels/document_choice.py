"""Which documents of a feature are shown: the strongest, a band, a bin, some at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.exemplars import (
    documents_in_range,
    quantile_band_documents,
    random_active_documents,
    strongest_documents,
)
from saedesk.features.sparse_activations import SparseActivations

STRONGEST, BY_QUANTILE, AT_RANDOM = "Strongest", "By quantile", "At random"
WAYS = (STRONGEST, BY_QUANTILE, AT_RANDOM)
BANDS = {
    "Top 1 %": (0.99, 1.0),
    "90 – 99 %": (0.9, 0.99),
    "50 – 90 %": (0.5, 0.9),
    "Weaker half": (0.0, 0.5),
}
"""Name of a band -> its quantiles among the active values."""

_EVERYTHING = np.iinfo(np.int64).max
DRAWN = 200
"""Documents drawn at random at most."""


@dataclass(frozen=True)
class DocumentChoice:
    """A way to choose documents of one feature."""

    way: str = STRONGEST
    """One of WAYS."""
    band: str = "Top 1 %"
    """A key of BANDS, for BY_QUANTILE."""
    bin: tuple[float, float] | None = None
    """Ends of a bin of the histogram, for STRONGEST; None for all documents."""
    seed: int = 0
    """For AT_RANDOM."""

    def find(self, activations: SparseActivations, latent: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and activations, strongest first, mapped where nothing had to be gathered."""
        if self.way == BY_QUANTILE:
            low, high = BANDS[self.band]
            return quantile_band_documents(activations, latent, low, high, _EVERYTHING, self.seed)
        if self.way == AT_RANDOM:
            return random_active_documents(activations, latent, DRAWN, self.seed)
        if self.bin is not None:
            return documents_in_range(activations, latent, *self.bin)
        return strongest_documents(activations, latent, _EVERYTHING)
