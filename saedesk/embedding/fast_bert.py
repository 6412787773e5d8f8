"""BERT-type sentence encoders run from tokenizers, safetensors and torch alone.

Importing sentence-transformers takes six seconds, this one; and the vectors are the same in
float32 (checked against sentence-transformers in the tests). A batch is one row of tokens
without padding: the linear layers see every token once, attention runs over the texts of equal
length together. Architecture: Devlin et al. 2019; pooling: Reimers and Gurevych 2019.

In a shorter format only the products are short. What is added from layer to layer, its
normalisation and the pooling stay float32: with them in bfloat16 too, the lowest cosine to
float32 falls from 0.99998 to 0.99994 and nothing is gained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

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
from saedesk.embedding.linear_products import LinearProduct, ProductShape
from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.text_model import (
    Device,
    Precision,
    TokenisedTexts,
    tokens_per_batch,
)

if TYPE_CHECKING:
    from torch import Tensor

SCORES_AT_ONCE = 1 << 20
"""Attention scores worked on together: 2 MB in bfloat16, which the caches hold."""


class FastBert:
    """A `TextModel` of BERT type."""

    can_tokenise_ahead = True

    def __init__(self, model: ModelFiles, settings: BertSettings, device: Device) -> None:
        self.settings = settings
        self.dimensions = settings.hidden
        self.max_tokens = settings.max_tokens
        self.device: Device = device
        self._tokeniser = BertTokeniser(model.folder, settings)
        self._weights = _load_weights(model, settings, device)
        self.use_precision("float32")
        in_layers = sum(
            weight.numel() for name, weight in self._weights.items() if name[0].isdigit()
        )
        outer, inner = self._weights["0.wide.weight"].shape
        self.product_shape = ProductShape(inner, outer)
        self.tokens_per_batch = tokens_per_batch(device, in_layers, self.max_tokens)

    def use_precision(self, precision: Precision) -> None:
        """Work in another number format from now on."""
        self.precision: Precision = precision
        self._products = {
            part: LinearProduct(
                self._weights[f"{part}.weight"],
                self._weights[f"{part}.bias"],
                precision,
                gelu=part.endswith("wide"),
            )
            for part, _ in all_parts(self.settings)
            if not part.endswith("_norm")
        }

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        """Token numbers of each text with its first and last mark."""
        return self._tokeniser.tokenise(texts)

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
            vectors = self._pool(hidden, lengths)
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
        """(tokens, hidden) float32 -> the same."""
        products = self._products
        attended = self._attend(products[f"{layer}.attention"](hidden), lengths)
        hidden = self._normalised(
            f"{layer}.after_attention", products[f"{layer}.joined"](attended) + hidden
        )
        wide = products[f"{layer}.wide"](hidden)
        return self._normalised(f"{layer}.after_wide", products[f"{layer}.narrow"](wide) + hidden)

    def _attend(self, projected: Tensor, lengths: list[int]) -> Tensor:
        """(tokens, 3 hidden) queries, keys and values -> (tokens, hidden)."""
        attend = _attend_short if self._attention_is_short() else _attend_whole
        heads, width = self.settings.heads, self.settings.hidden // self.settings.heads
        joined = projected.new_empty(len(projected), heads * width)
        start = 0
        for count, length in _equal_lengths(lengths, SCORES_AT_ONCE // heads):
            rows = slice(start, start + count * length)
            start = rows.stop
            block = projected[rows].view(count, length, 3, heads, width)
            joined[rows].view(count, length, heads, width).copy_(attend(block))
        return joined

    def _attention_is_short(self) -> bool:
        return self.device == "cpu" and self.precision == "bfloat16"

    def _pool(self, hidden: Tensor, lengths: list[int]) -> Tensor:
        import torch

        texts = hidden.split(lengths)
        if self.settings.pooling == "cls":
            return torch.stack([text[0] for text in texts])
        return torch.stack([text.mean(dim=0) for text in texts])

    def _normalised(self, name: str, hidden: Tensor) -> Tensor:
        from torch.nn.functional import layer_norm

        return layer_norm(
            hidden,
            (self.settings.hidden,),
            self._weights[f"{name}_norm.weight"],
            self._weights[f"{name}_norm.bias"],
            self.settings.epsilon,
        )


def _equal_lengths(lengths: list[int], scores_at_once: int) -> Iterator[tuple[int, int]]:
    """Runs of texts of equal length as (texts, tokens of each), as many as fit together."""
    for length, texts in groupby(lengths):
        left = sum(1 for _ in texts)
        most = max(1, scores_at_once // (length * length))
        while left:
            yield min(left, most), length
            left -= min(left, most)


def _attend_whole(block: Tensor) -> Tensor:
    """(texts, tokens, 3, heads, width) -> (texts, tokens, heads, width).

    The queries were divided by √width when the weights were read.
    """
    from torch.nn.functional import scaled_dot_product_attention

    query, key, value = block.permute(2, 0, 3, 1, 4)
    return scaled_dot_product_attention(query, key, value, scale=1.0).transpose(1, 2)


def _attend_short(block: Tensor) -> Tensor:
    """Like `_attend_whole`, where a CPU multiplies bfloat16 fast.

    torch's own attention computes bfloat16 products in float32 there: these two take two thirds
    of its time. The softmax sums in float32.
    """
    import torch

    count, length, _, heads, width = block.shape
    query, key, value = block.permute(2, 0, 3, 1, 4).reshape(3, count * heads, length, width)
    shares = torch.softmax(torch.bmm(query, key.transpose(1, 2)), -1)
    return torch.bmm(shares, value).view(count, heads, length, width).transpose(1, 2)


def _load_weights(model: ModelFiles, settings: BertSettings, device: Device) -> dict[str, Tensor]:
    """The weights under short names, float32; the queries divided by √(width of a head)."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = model.folder / WEIGHTS_NAME
    try:
        stored = load_file(path)
    except (SafetensorError, OSError, ValueError) as problem:
        raise weights_are_damaged(path) from problem

    def take(name: str) -> Tensor:
        for candidate in (name, f"bert.{name}"):
            if candidate in stored:
                return stored[candidate].to(device=device, dtype=torch.float32)
        raise weights_are_missing(model.name, name)

    weights = {short: take(long) for short, long in EMBEDDINGS.items()}
    for short, parts in all_parts(settings):
        for kind in ("weight", "bias"):
            taken = [take(f"{part}.{kind}") for part in parts]
            if len(taken) > 1:
                # Here rather than at every score of every text.
                taken[0] = taken[0] * (settings.hidden // settings.heads) ** -0.5
            weights[f"{short}.{kind}"] = torch.cat(taken) if len(taken) > 1 else taken[0]
    return weights
