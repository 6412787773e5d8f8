"""The vector of one query from a BERT-type model with numpy alone, before torch is there.

Loading torch takes longer than a second, one query through a small model some milliseconds of
plain products. The vectors are those of `fast_bert` in float32. Architecture: Devlin et al. 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.embedding.bert_folder import (
    EMBEDDINGS,
    WEIGHTS_NAME,
    BertSettings,
    BertTokeniser,
    all_parts,
    weights_are_damaged,
    weights_are_missing,
)
from saedesk.embedding.model_catalogue import ModelFiles


class QueryBert:
    """A BERT-type model that reads one text at a time, in float32."""

    def __init__(self, model: ModelFiles, settings: BertSettings) -> None:
        """Raises ModelProblem for weights that are damaged or missing."""
        self.settings = settings
        self._tokeniser = BertTokeniser(model.folder, settings)
        self._weights = _load_weights(model, settings)

    def reads_whole(self, texts: Sequence[str]) -> np.ndarray:
        """(n,) bool: whether the model reads all of each text rather than its beginning."""
        return ~self._tokeniser.tokenise(texts).truncated

    def embed_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, as the model makes it."""
        settings, weights = self.settings, self._weights
        tokens = self._tokeniser.tokenise([text]).items[0]
        hidden = (
            weights["words"][tokens] + weights["kinds"][0] + weights["positions"][: len(tokens)]
        )
        hidden = self._normalised("embeddings", hidden)
        for layer in range(settings.layers):
            attended = self._attend(self._product(f"{layer}.attention", hidden))
            hidden = hidden + self._product(f"{layer}.joined", attended)
            hidden = self._normalised(f"{layer}.after_attention", hidden)
            wide = gelu(self._product(f"{layer}.wide", hidden))
            hidden = hidden + self._product(f"{layer}.narrow", wide)
            hidden = self._normalised(f"{layer}.after_wide", hidden)
        vector = hidden[0] if settings.pooling == "cls" else hidden.mean(axis=0)
        if settings.normalise:
            vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return np.asarray(vector, dtype=np.float32)

    def _attend(self, projected: np.ndarray) -> np.ndarray:
        """(tokens, 3 hidden) queries, keys and values -> (tokens, hidden)."""
        heads, width = self.settings.heads, self.settings.hidden // self.settings.heads
        parts = projected.reshape(len(projected), 3, heads, width).transpose(1, 2, 0, 3)
        scores = parts[0] @ parts[1].transpose(0, 2, 1) * np.float32(width**-0.5)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.asarray((shares @ parts[2]).transpose(1, 0, 2).reshape(len(projected), -1))

    def _product(self, name: str, hidden: np.ndarray) -> np.ndarray:
        product = hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return np.asarray(product)

    def _normalised(self, name: str, hidden: np.ndarray) -> np.ndarray:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + np.float32(self.settings.epsilon))
        weight, bias = self._weights[f"{name}_norm.weight"], self._weights[f"{name}_norm.bias"]
        return np.asarray(scaled * weight + bias)


def gelu(x: np.ndarray) -> np.ndarray:
    """x Φ(x) of float32, within 3e-7 of x: erf by Abramowitz and Stegun 1964, equation 7.1.26."""
    size = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    tail = series * np.exp(-size * size)
    return np.asarray(x * np.where(x < 0, tail, 2 - tail) / 2)


def _load_weights(model: ModelFiles, settings: BertSettings) -> dict[str, np.ndarray]:
    """The weights under short names, float32."""
    from safetensors import SafetensorError, safe_open

    path = model.folder / WEIGHTS_NAME
    try:
        with safe_open(path, framework="numpy") as file:
            there = set(file.keys())

            def take(name: str) -> np.ndarray:
                for candidate in (name, f"bert.{name}"):
                    if candidate in there:
                        return np.asarray(file.get_tensor(candidate), dtype=np.float32)
                raise weights_are_missing(model.name, name)

            weights = {short: take(long) for short, long in EMBEDDINGS.items()}
            for short, parts in all_parts(settings):
                for kind in ("weight", "bias"):
                    taken = [take(f"{part}.{kind}") for part in parts]
                    whole = np.concatenate(taken) if len(taken) > 1 else taken[0]
                    weights[f"{short}.{kind}"] = whole
    except (SafetensorError, OSError, ValueError) as problem:
        raise weights_are_damaged(path) from problem
    return weights


def numpy_can_read(model: ModelFiles) -> bool:
    """Whether the weights are stored in formats that numpy knows; bfloat16 is none."""
    from safetensors import SafetensorError, safe_open

    path = model.folder / WEIGHTS_NAME
    try:
        with safe_open(path, framework="numpy") as file:
            kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as problem:
        raise weights_are_damaged(path) from problem
    return kinds <= {"F64", "F32", "F16", "I64", "I32"}
