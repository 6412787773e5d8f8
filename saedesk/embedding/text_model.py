"""What every embedding model can do here: tokenise texts and turn a batch of them into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from saedesk.embedding.linear_products import ProductShape

Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["float32", "float16", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("float32", "float16", "bfloat16")
"""The place of each is stored in projects: new ones come last."""


@dataclass(frozen=True)
class TokenisedTexts:
    """Texts ready for a model."""

    items: list[Any]
    """One for each text, in order: what the model's `embed` takes."""
    lengths: np.ndarray
    """(n,) int64, tokens of each text, at most `max_tokens`."""
    truncated: np.ndarray
    """(n,) bool, whether the model sees only the beginning of the text."""


def precision_named(name: object) -> Precision:
    """The precision written down as `name`; float32 where none or an unknown one is."""
    return next((precision for precision in PRECISIONS if precision == name), "float32")


class TextModel(Protocol):
    """A loaded embedding model."""

    dimensions: int
    max_tokens: int
    device: Device
    precision: Precision
    """Number format of the products, float32 at first; vectors are always float32."""
    product_shape: ProductShape
    """Its largest product: what to measure when a number format is chosen."""
    can_tokenise_ahead: bool
    """Whether `tokenise` may run on another thread while `embed` runs."""
    tokens_per_batch: int
    """Tokens that a batch should have at most; under a second of work on a CPU."""

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        """Tokens of each text, cut at `max_tokens`."""

    def use_precision(self, precision: Precision) -> None:
        """Work in another number format from now on."""

    def embed(self, items: Sequence[Any]) -> np.ndarray:
        """(n, dimensions) float32, one row for each tokenised text."""

    def embed_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, of a text that is a question to the documents."""


CHARACTERS_PER_TOKEN = 400
"""Longer than any token a tokeniser makes of a word; bounds the work on texts of many megabytes."""


def readable_by_tokenisers(text: str, max_tokens: int) -> str:
    """`text` cut far beyond what `max_tokens` can hold, half surrogate pairs replaced by U+FFFD."""
    text = text[: max_tokens * CHARACTERS_PER_TOKEN]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def tokens_per_batch(device: Device, parameters: int, max_tokens: int) -> int:
    """Tokens in a batch for a model of so many parameters, embedding tables left out.

    Depends on the model alone and on no measured time, so that the same texts always meet the
    same batches and give the same bits.
    """
    tokens_for_ten_million = 2048 if device == "cpu" else 65536
    scaled = int(tokens_for_ten_million * 10_000_000 / max(parameters, 1_000_000))
    return max(max_tokens, min(scaled, 4 * tokens_for_ten_million))
