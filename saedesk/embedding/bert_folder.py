"""What a folder with a BERT-type sentence encoder says, its tokeniser, the names of its weights.

Shared by the two ways to run such a model: `fast_bert` with torch, for many texts, and
`query_bert` with numpy, for the first query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.embedding.model_folder_checks import read_json, read_modules
from saedesk.embedding.text_model import (
    CHARACTERS_PER_TOKEN,
    TokenisedTexts,
    readable_by_tokenisers,
)
from saedesk.errors import ModelProblem

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZED_AT_ONCE = 64
"""Texts between two chances of other threads to run."""

WEIGHTS_NAME = "model.safetensors"

EMBEDDINGS = {
    "words": "embeddings.word_embeddings.weight",
    "positions": "embeddings.position_embeddings.weight",
    "kinds": "embeddings.token_type_embeddings.weight",
}
"""Short names of the embedding tables and those in the file."""


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
        and (folder / WEIGHTS_NAME).is_file()
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


class BertTokeniser:
    """The tokeniser of a folder."""

    def __init__(self, folder: Path, settings: BertSettings) -> None:
        self._tokeniser = _load_tokeniser(folder / "tokenizer.json", settings.max_tokens)
        self._settings = settings

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        """Token numbers of each text with its first and last mark, cut at `max_tokens`."""
        longest = self._settings.max_tokens
        items: list[list[int]] = []
        truncated: list[bool] = []
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            some = texts[start : start + TOKENIZED_AT_ONCE]
            readable = [readable_by_tokenisers(text, longest) for text in some]
            if self._settings.lower_case:
                readable = [text.lower() for text in readable]
            for text, encoding in zip(some, self._tokeniser.encode_batch(readable), strict=True):
                items.append(encoding.ids)
                too_long = len(text) > longest * CHARACTERS_PER_TOKEN
                truncated.append(too_long or bool(encoding.overflowing))
        lengths = np.array([len(item) for item in items], dtype=np.int64)
        return TokenisedTexts(items, lengths, np.array(truncated, dtype=bool))


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


def layer_parts(layer: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Short names of a layer's parts, and those in the file; queries, keys and values are joined.

    Each part has a weight and a bias.
    """
    there = f"encoder.layer.{layer}"
    kinds = ("query", "key", "value")
    yield f"{layer}.attention", tuple(f"{there}.attention.self.{kind}" for kind in kinds)
    yield f"{layer}.joined", (f"{there}.attention.output.dense",)
    yield f"{layer}.after_attention_norm", (f"{there}.attention.output.LayerNorm",)
    yield f"{layer}.wide", (f"{there}.intermediate.dense",)
    yield f"{layer}.narrow", (f"{there}.output.dense",)
    yield f"{layer}.after_wide_norm", (f"{there}.output.LayerNorm",)


def all_parts(settings: BertSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`layer_parts` of every layer, and the normalisation of the embeddings."""
    yield "embeddings_norm", ("embeddings.LayerNorm",)
    for layer in range(settings.layers):
        yield from layer_parts(layer)


def weights_are_damaged(path: Path) -> ModelProblem:
    """For a file of weights that cannot be read."""
    return ModelProblem(
        f"The weights “{path}” are damaged or incomplete: get the embedding model again."
    )


def weights_are_missing(model_name: str, weights_name: str) -> ModelProblem:
    """For a model of which some weights would be random."""
    return ModelProblem(
        f"The embedding model “{model_name}” lacks the weights “{weights_name}”, so its vectors "
        "would be random: get the model again."
    )
