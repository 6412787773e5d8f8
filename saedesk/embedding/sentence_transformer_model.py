"""Every embedding model that sentence-transformers runs and `fast_bert` does not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.embedding.linear_products import ProductShape
from saedesk.embedding.model_catalogue import ModelFiles
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
    from sentence_transformers import SentenceTransformer

LONGEST_WINDOW = 8192
"""Tokens at most, also where a model names no limit: attention grows with the square."""

TEXT_TO_COMPARE_LOADS = "Two loads of one model must agree on this sentence."


class SentenceTransformerModel:
    """A `TextModel` run by sentence-transformers.

    Its weights are float32; in a shorter format torch's autocast shortens the products.
    """

    can_tokenise_ahead = False
    """Tokenisers of transformers change their settings at every call: one call at a time."""

    def __init__(self, model: ModelFiles, device: Device) -> None:
        self.device: Device = device
        self.precision: Precision = "float32"
        self._model = _load(model, device)
        own_limit = self._model.max_seq_length or LONGEST_WINDOW
        self.max_tokens = int(min(own_limit, LONGEST_WINDOW))
        self._model.max_seq_length = self.max_tokens
        first = self._vector(TEXT_TO_COMPARE_LOADS)
        self.dimensions = int(first.shape[0])
        self._refuse_random_weights(model, first)
        parameters = sum(
            weight.numel()
            for name, weight in self._model.named_parameters()
            if "embeddings." not in name
        )
        self.tokens_per_batch = tokens_per_batch(device, parameters, self.max_tokens)
        self.product_shape = self._largest_product()

    def use_precision(self, precision: Precision) -> None:
        """Work in another number format from now on."""
        self.precision = precision

    def _largest_product(self) -> ProductShape:
        from torch.nn import Linear

        shapes = [m.weight.shape for m in self._model.modules() if isinstance(m, Linear)]
        outer, inner = max(shapes, key=lambda shape: shape.numel(), default=(384, 384))
        return ProductShape(int(inner), int(outer))

    def _shortened(self) -> AbstractContextManager[Any]:
        """In which the products have the chosen number format."""
        import torch

        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=getattr(torch, self.precision))

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        """The texts themselves with their lengths; sentence-transformers tokenises once more."""
        readable = [readable_by_tokenisers(text, self.max_tokens) for text in texts]
        if not readable:
            return TokenisedTexts([], np.zeros(0, np.int64), np.zeros(0, bool))
        tokens = self._model.tokenizer(readable, truncation=False, verbose=False)["input_ids"]
        lengths = np.array([len(item) for item in tokens], dtype=np.int64)
        cut = [len(text) > self.max_tokens * CHARACTERS_PER_TOKEN for text in texts]
        truncated = (lengths > self.max_tokens) | np.array(cut, dtype=bool)
        return TokenisedTexts(readable, np.minimum(lengths, self.max_tokens), truncated)

    def embed(self, items: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of `n` texts, with the model's own prompt for documents."""
        with self._shortened():
            vectors = self._model.encode_document(
                list(items), batch_size=len(items), show_progress_bar=False, convert_to_tensor=True
            )
        return np.asarray(vectors.float().cpu().numpy(), dtype=np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32 of a question, with the model's own prompt for questions."""
        vectors = self._model.encode_query(
            [readable_by_tokenisers(text, self.max_tokens)],
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return np.asarray(vectors[0].float().cpu().numpy(), dtype=np.float32)

    def _vector(self, text: str) -> np.ndarray:
        return np.asarray(self.embed([text])[0])

    def _refuse_random_weights(self, model: ModelFiles, first: np.ndarray) -> None:
        """Load once more and compare: weights that a folder lacks are drawn at random."""
        kept = self._model
        self._model = _load(model, self.device)
        self._model.max_seq_length = self.max_tokens
        second = self._vector(TEXT_TO_COMPARE_LOADS)
        self._model = kept
        if not np.allclose(first, second, rtol=1e-3, atol=1e-4, equal_nan=True):
            raise ModelProblem(
                f"The embedding model “{model.name}” lacks some of its weights, so its vectors "
                "would be random: get the model again."
            )


def _load(model: ModelFiles, device: Device) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # Progress bars and warnings of made-up weights on stderr; the comparison of loads says it.
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()

    try:
        return SentenceTransformer(
            str(model.folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
    except torch.OutOfMemoryError:
        raise
    except Exception as problem:  # a damaged folder can raise anything there
        raise ModelProblem(
            f"The embedding model in “{model.folder}” cannot be loaded "
            f"({_first_line(problem)}): get the model again or choose another."
        ) from problem


def _first_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return lines[0][:200].rstrip(".")
