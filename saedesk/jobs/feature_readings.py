"""What an SAE of a project reads in single vectors: activations, and what lies behind them."""

from __future__ import annotations

from typing import Any

import numpy as np

from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.project_folder import Project
from saedesk.sae.encoders import OWN
from saedesk.sae.formats.saedesk_format import WEIGHTS_NAME, read_settings
from saedesk.sae.input_normalisation import SCALE, SHIFT, vector_as_seen
from saedesk.sae.query_codes import QueryCodes, open_query_codes

_HAVE_PRE_ACTIVATIONS = frozenset({OWN, "threshold"})
"""Encoders that look at the SAE's own pre-activations."""


class FeatureReadings:
    """Reads vectors with the encoder of an SAE's analysis; opens it when first needed."""

    def __init__(self, project: Project, sae: LoadedSae) -> None:
        self._project, self._sae = project, sae
        self._codes: QueryCodes | None = None

    def code(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The active latents of a vector (d,), ascending, and their activations > 0."""
        if self._codes is None:
            encoder = self._sae.encoder
            folder = self._project.path_of(self._sae.record)
            self._codes = open_query_codes(folder, encoder.name, encoder.settings)
        return self._codes.of(vector)

    def pre_activations(self, latents: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """(n_vectors, n_features) up to a constant of each feature, which differences cancel.

        An encoder that searches for a code has none: the product with the decoder's direction.
        """
        if self._sae.encoder.name not in _HAVE_PRE_ACTIVATIONS:
            return np.asarray(vectors @ self._sae.directions[latents].T)
        from safetensors import safe_open

        folder = self._project.path_of(self._sae.record)
        kind = read_settings(folder)[1].input_normalisation
        # Only the rows that are needed: a large dictionary is not read twice.
        with safe_open(folder / WEIGHTS_NAME, framework="numpy") as file:
            names = set(file.keys())
            tensors: dict[str, Any] = {
                name: file.get_tensor(name) for name in (SHIFT, SCALE) if name in names
            }
            all_rows = file.get_slice("W_enc")
            rows = [all_rows[int(i) : int(i) + 1] for i in latents]
        seen = np.stack([vector_as_seen(kind, vector, tensors) for vector in vectors])
        return np.asarray(seen @ np.concatenate(rows).T) if rows else np.zeros((len(vectors), 0))
