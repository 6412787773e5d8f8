"""Codes of single vectors, such as queries: as soon as the program is up, and as the corpus's.

Loading torch takes a second and more. The encoder of a TopK SAE is one product with a vector and a
choice, so numpy does it meanwhile; whatever is not that goes through torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from saedesk.sae.formats.saedesk_format import load_sae, map_weights, read_settings
from saedesk.sae.input_normalisation import DIRECTION_ONLY, vector_as_seen

_OWN = "own"
Code = tuple[np.ndarray, np.ndarray]
"""Latents (m,) int32 ascending, and their activations (m,) float32 > 0."""


class QueryCodes(Protocol):
    """Takes single vectors apart."""

    sees_length_1: bool
    """Whether the SAE sees only a vector's direction."""

    def of(self, vector: np.ndarray) -> Code:
        """The code of a vector (d_in,) float32."""


def open_query_codes(folder: Path, encoder: str, settings: Mapping[str, Any]) -> QueryCodes:
    """For the SAE in `folder` and the encoder of its analysis; raises BadCheckpoint."""
    architecture, config = read_settings(folder)
    if architecture == "topk" and encoder == _OWN:
        return _TopKCodes(folder, int(getattr(config, "k", 0)), config.input_normalisation)
    return _TorchCodes(folder, encoder, settings)


class _TopKCodes:
    def __init__(self, folder: Path, k: int, normalisation: str) -> None:
        self._weights = map_weights(folder)
        self._k = min(k, len(self._weights["W_enc"]))
        self._normalisation = normalisation
        self.sees_length_1 = normalisation in DIRECTION_ONLY

    def of(self, vector: np.ndarray) -> Code:
        weights = self._weights
        x = vector_as_seen(self._normalisation, np.asarray(vector, np.float32), weights)
        pre = weights["W_enc"] @ (x - weights["pre_bias"]) + weights["b_enc"]
        latents = np.sort(np.argpartition(pre, len(pre) - self._k)[len(pre) - self._k :])
        latents = latents[pre[latents] > 0]
        return latents.astype(np.int32), pre[latents].astype(np.float32)


class _TorchCodes:
    def __init__(self, folder: Path, encoder: str, settings: Mapping[str, Any]) -> None:
        self._sae = load_sae(folder)
        self._encoder, self._settings = encoder, dict(settings)
        self.sees_length_1 = self._sae.normalisation.kind in DIRECTION_ONLY

    def of(self, vector: np.ndarray) -> Code:
        codes = self._sae.encode(vector, encoder=self._encoder, settings=self._settings)
        return codes.indices, codes.data
