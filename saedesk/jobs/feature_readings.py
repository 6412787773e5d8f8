"""What an SAE of a project reads in single vectors: activations, and what lies behind them."""

from __future__ import annotations

import numpy as np

from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.sae.encoders import OWN
from saedesk.sae.formats.saedesk_format import map_weights, read_settings
from saedesk.sae.input_normalisation import vector_as_seen

_HAVE_PRE_ACTIVATIONS = frozenset({OWN, "threshold"})
"""Encoders that look at the SAE's own pre-activations."""


class FeatureReadings:
    """Reads vectors with the encoder of an SAE's analysis."""

    def __init__(self, sae: LoadedSae) -> None:
        self._sae = sae

    def code(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The active latents of a vector (d,), ascending, and their activations > 0."""
        return self._sae.codes.of(vector)

    def pre_activations(self, latents: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """(n_vectors, n_features) up to a constant of each feature, which differences cancel.

        An encoder that searches for a code has none: the product with the decoder's direction.
        """
        if self._sae.encoder.name not in _HAVE_PRE_ACTIVATIONS:
            return np.asarray(vectors @ self._sae.directions[latents].T)
        kind = read_settings(self._sae.folder)[1].input_normalisation
        weights = map_weights(self._sae.folder)
        seen = np.stack([vector_as_seen(kind, vector, weights) for vector in vectors])
        return np.asarray(seen @ weights["W_enc"][np.asarray(latents, np.int64)].T)
