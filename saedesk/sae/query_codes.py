"""Codes of single vectors, such as queries: as soon as the program is up, and as the corpus's.

Loading torch takes a second and more. The encoder of a TopK SAE is one product with a vector and a
choice, so numpy does it meanwhile; whatever is not that goes through torch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from saedesk.sae.formats.saedesk_format import load_sae, map_weights, read_settings
from saedesk.sae.input_normalisation import BY_ROW, DIRECTION_ONLY, SCALE, vector_as_seen

_OWN = "own"
_KEPT = 20
"""Parts of queries whose products with the encoder are kept."""
Code = tuple[np.ndarray, np.ndarray]
"""Latents (m,) int32 ascending, and their activations (m,) float32 > 0."""


class QueryCodes(Protocol):
    """Takes single vectors apart."""

    sees_length_1: bool
    """Whether the SAE sees only a vector's direction."""

    def of(self, vector: np.ndarray) -> Code:
        """The code of a vector (d_in,) float32."""

    def of_sum(self, parts: Sequence[tuple[float, np.ndarray]]) -> Code:
        """The code of Σ share · part, of vectors (d_in,) float32.

        Fast where most parts were asked for before, as while a slider moves; what is found does
        not depend on that.
        """


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
        self._kept: OrderedDict[bytes, np.ndarray] = OrderedDict()

    def of(self, vector: np.ndarray) -> Code:
        return self._largest(self._pre_activations(np.asarray(vector, np.float32)))

    def of_sum(self, parts: Sequence[tuple[float, np.ndarray]]) -> Code:
        whole = _sum(parts)
        if self._normalisation in BY_ROW:
            return self.of(whole)
        length = 1.0
        if self._normalisation == "unit":
            length = max(float(np.linalg.norm(whole)), 1e-12)
        pre = self._of_zero.astype(np.float64)
        for share, part in parts:
            pre += share / length * self._along(part)
        return self._largest(pre.astype(np.float32))

    @cached_property
    def _of_zero(self) -> np.ndarray:
        """Pre-activations (n_latents,) float32 of the zero vector."""
        return self._pre_activations(np.zeros_like(self._weights["pre_bias"]))

    def _pre_activations(self, vector: np.ndarray) -> np.ndarray:
        weights = self._weights
        x = vector_as_seen(self._normalisation, vector, weights)
        found: np.ndarray = weights["W_enc"] @ (x - weights["pre_bias"]) + weights["b_enc"]
        return found

    def _along(self, part: np.ndarray) -> np.ndarray:
        """What one unit of a part (d_in,) adds to pre-activations, (n_latents,) float32; kept."""
        key = part.tobytes()
        if key not in self._kept:
            seen = part / self._weights.get(SCALE, np.float32(1))
            self._kept[key] = self._weights["W_enc"] @ seen.astype(np.float32)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _largest(self, pre: np.ndarray) -> Code:
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

    def of_sum(self, parts: Sequence[tuple[float, np.ndarray]]) -> Code:
        return self.of(_sum(parts))


def _sum(parts: Sequence[tuple[float, np.ndarray]]) -> np.ndarray:
    """Σ share · part, (d_in,) float32."""
    total = np.zeros(parts[0][1].shape)
    for share, part in parts:
        total += share * part
    return total.astype(np.float32)
