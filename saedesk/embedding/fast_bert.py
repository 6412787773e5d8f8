"""BERT-type sentence encoders run from tokenizers, safetensors and torch alone.

Importing sentence-transformers takes six seconds; this gives the first vector in about one, and
the same vectors (checked against sentence-transformers in the tests). A batch is one row of
tokens without padding: the linear layers see every token once, attention runs over the texts of
equal length together. Architecture: Devlin et al. 2019; pooling: Reimers and Gurevych 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.model_folder_checks import read_json, read_modules
from saedesk.embedding.text_model import (
    CHARACTERS_PER_TOKEN,
    Device,
    Precision,
    TokenisedTexts,
    readable_by_tokenisers,
    tokens_per_batch,
)
from saedesk.errors import ModelProblem

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

TOKENIZED_AT_ONCE = 64
"""Texts between two chances of other threads to run."""


@dataclass(frozen=True)
class BertSettings:
    """What a folder says about a BERT-type model that this module can run."""

    layers: int
    heads: int
    hidden: int
    epsilon: float
    """Of the layer normalisations."""
    max_tokens: int
    pooling: str
    """"mean" over the tokens or "cls", the first token."""
    normalise: bool
    """Whether the folder's last part makes rows of unit norm."""
    lower_case: bool


def read_bert_settings(folder: Path) -> BertSettings | None:
    """The settings of a folder that this module runs, None for every other model."""
    modules = read_modules(folder)
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return None
    transformer, pooling = (folder / str(module.get("path", "")) for module in modules[:2])
    config = _read_optional(transformer / "config.json")
    pooling_mode = _pooling_mode(_read_optional(pooling / "config.json"))
    window = _read_optional(transformer / "sentence_bert_config.json")
    tokeniser = _read_optional(transformer / "tokenizer_config.json")
    prompts = _read_optional(folder / "config_sentence_transformers.json").get("prompts") or {}
    plain = (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
        and pooling_mode in {"mean", "cls"}
        and not any(prompts.values())
        and set(window) <= {"max_seq_length", "do_lower_case"}
        and transformer == folder
        and (folder / "model.safetensors").is_file()
        and _tokeniser_agrees(folder / "tokenizer.json", tokeniser)
    )
    if not plain:
        return None
    positions = int(config.get("max_position_embeddings", 512))
    longest = window.get("max_seq_length") or tokeniser.get("model_max_length") or positions
    try:
        return BertSettings(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            max_tokens=int(min(longest, positions)),
            pooling=pooling_mode,
            normalise=len(kinds) == 3,
            lower_case=bool(window.get("do_lower_case", False)),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ModelProblem(
            f"“{transformer / 'config.json'}” does not describe a BERT model (missing or odd: "
            f"{problem}): get the embedding model again."
        ) from problem


def _read_optional(path: Path) -> dict[str, Any]:
    settings = read_json(path) if path.is_file() else {}
    return settings if isinstance(settings, dict) else {}


def _pooling_mode(settings: dict[str, Any]) -> str:
    """Both spellings of the pooling settings; "" for anything but one of the usual modes."""
    if isinstance(settings.get("pooling_mode"), str):
        return str(settings["pooling_mode"])
    chosen = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value]
    names = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    return names.get(chosen[0], "") if len(chosen) == 1 else ""


def _tokeniser_agrees(path: Path, settings: dict[str, Any]) -> bool:
    """Whether tokenizer.json alone says what transformers would do with both files."""
    if not path.is_file():
        return False
    normaliser = _read_optional(path).get("normalizer") or {}
    return normaliser.get("type") == "BertNormalizer" and (
        normaliser.get("lowercase") == settings.get("do_lower_case", True)
        and normaliser.get("strip_accents") == settings.get("strip_accents")
    )


class FastBert:
    """A `TextModel` of BERT type; half precision on a GPU, float32 on a CPU."""

    def __init__(self, model: ModelFiles, settings: BertSettings, device: Device) -> None:
        import torch

        self.settings = settings
        self.dimensions = settings.hidden
        self.max_tokens = settings.max_tokens
        self.device: Device = device
        self.precision: Precision = "float32" if device == "cpu" else "float16"
        self._tokeniser = _load_tokeniser(model.folder / "tokenizer.json", settings.max_tokens)
        self._weights = _load_weights(
            model, settings, device, torch.float32 if device == "cpu" else torch.float16
        )
        in_layers = sum(
            weight.numel() for name, weight in self._weights.items() if name[0].isdigit()
        )
        self.tokens_per_batch = tokens_per_batch(device, in_layers, self.max_tokens)

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        """Token numbers of each text with its first and last mark."""
        items: list[list[int]] = []
        truncated: list[bool] = []
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            some = texts[start : start + TOKENIZED_AT_ONCE]
            readable = [readable_by_tokenisers(text, self.max_tokens) for text in some]
            if self.settings.lower_case:
                readable = [text.lower() for text in readable]
            for text, encoding in zip(some, self._tokeniser.encode_batch(readable), strict=True):
                items.append(encoding.ids)
                too_long = len(text) > self.max_tokens * CHARACTERS_PER_TOKEN
                truncated.append(too_long or bool(encoding.overflowing))
        lengths = np.array([len(item) for item in items], dtype=np.int64)
        return TokenisedTexts(items, lengths, np.array(truncated, dtype=bool))

    def embed(self, items: Sequence[list[int]]) -> np.ndarray:
        """(n, dimensions) float32 of `n` tokenised texts."""
        import torch

        with torch.inference_mode():
            lengths = [len(item) for item in items]
            tokens = torch.tensor([token for item in items for token in item], device=self.device)
            positions = torch.cat([torch.arange(length) for length in lengths]).to(self.device)
            hidden = self._embed_tokens(tokens, positions)
            for layer in range(self.settings.layers):
                hidden = self._run_layer(layer, hidden, lengths)
            vectors = self._pool(hidden.float(), lengths)
            if self.settings.normalise:
                vectors = torch.nn.functional.normalize(vectors, dim=1)
            return np.asarray(vectors.cpu().numpy(), dtype=np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32; these models treat questions like documents."""
        return np.asarray(self.embed(self.tokenise([text]).items)[0])

    def _embed_tokens(self, tokens: Tensor, positions: Tensor) -> Tensor:
        weights = self._weights
        summed = weights["words"][tokens] + weights["kinds"][0] + weights["positions"][positions]
        return self._normalised("embeddings", summed)

    def _run_layer(self, layer: int, hidden: Tensor, lengths: list[int]) -> Tensor:
        from torch.nn.functional import gelu

        attended = self._attend(self._linear(f"{layer}.attention", hidden), lengths)
        hidden = self._normalised(
            f"{layer}.after_attention", self._linear(f"{layer}.joined", attended) + hidden
        )
        wide = gelu(self._linear(f"{layer}.wide", hidden))
        return self._normalised(
            f"{layer}.after_wide", self._linear(f"{layer}.narrow", wide) + hidden
        )

    def _attend(self, projected: Tensor, lengths: list[int]) -> Tensor:
        """(tokens, 3 hidden) queries, keys and values -> (tokens, hidden)."""
        import torch

        heads, width = self.settings.heads, self.settings.hidden // self.settings.heads
        parts, start = [], 0
        for length, texts in groupby(lengths):
            count = sum(1 for _ in texts)
            block = projected[start : start + count * length]
            start += count * length
            query, key, value = block.view(count, length, 3, heads, width).permute(2, 0, 3, 1, 4)
            attended = torch.nn.functional.scaled_dot_product_attention(query, key, value)
            parts.append(attended.transpose(1, 2).reshape(count * length, heads * width))
        return torch.cat(parts)

    def _pool(self, hidden: Tensor, lengths: list[int]) -> Tensor:
        import torch

        texts = hidden.split(lengths)
        if self.settings.pooling == "cls":
            return torch.stack([text[0] for text in texts])
        return torch.stack([text.mean(dim=0) for text in texts])

    def _linear(self, name: str, hidden: Tensor) -> Tensor:
        from torch.nn.functional import linear

        return linear(hidden, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normalised(self, name: str, hidden: Tensor) -> Tensor:
        from torch.nn.functional import layer_norm

        return layer_norm(
            hidden,
            (self.settings.hidden,),
            self._weights[f"{name}_norm.weight"],
            self._weights[f"{name}_norm.bias"],
            self.settings.epsilon,
        )


def _load_tokeniser(path: Path, max_tokens: int) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokeniser = Tokenizer.from_file(str(path))
    except Exception as problem:  # tokenizers raises nothing narrower
        raise ModelProblem(
            f"The tokeniser “{path}” is damaged: get the embedding model again."
        ) from problem
    tokeniser.no_padding()
    tokeniser.enable_truncation(max_tokens)
    return tokeniser


def _load_weights(
    model: ModelFiles, settings: BertSettings, device: Device, precision: Any
) -> dict[str, Tensor]:
    """The weights under short names, queries, keys and values joined into one product."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = model.folder / "model.safetensors"
    try:
        stored = load_file(path)
    except (SafetensorError, OSError, ValueError) as problem:
        raise ModelProblem(
            f"The weights “{path}” are damaged or incomplete: get the embedding model again."
        ) from problem

    def take(name: str) -> Tensor:
        for candidate in (name, f"bert.{name}"):
            if candidate in stored:
                return stored[candidate].to(device=device, dtype=precision)
        raise ModelProblem(
            f"The embedding model “{model.name}” lacks the weights “{name}”, so its vectors would "
            "be random: get the model again."
        )

    weights = {
        "words": take("embeddings.word_embeddings.weight"),
        "positions": take("embeddings.position_embeddings.weight"),
        "kinds": take("embeddings.token_type_embeddings.weight"),
    }
    places = {"embeddings_norm": "embeddings.LayerNorm"}
    for layer in range(settings.layers):
        there = f"encoder.layer.{layer}"
        for kind in ("weight", "bias"):
            parts = [take(f"{there}.attention.self.{part}.{kind}") for part in _ATTENTION_PARTS]
            weights[f"{layer}.attention.{kind}"] = torch.cat(parts)
        places[f"{layer}.joined"] = f"{there}.attention.output.dense"
        places[f"{layer}.after_attention_norm"] = f"{there}.attention.output.LayerNorm"
        places[f"{layer}.wide"] = f"{there}.intermediate.dense"
        places[f"{layer}.narrow"] = f"{there}.output.dense"
        places[f"{layer}.after_wide_norm"] = f"{there}.output.LayerNorm"
    for short, long in places.items():
        for kind in ("weight", "bias"):
            weights[f"{short}.{kind}"] = take(f"{long}.{kind}")
    return weights


_ATTENTION_PARTS = ("query", "key", "value")
