"""The encoder of queries: quick to load, and in float32 whatever the documents were made in.

A query is one short text: a short number format would save it a millisecond at most and would
cost the measuring and the second layout of the weights. And its rounding would be added to that
of the documents, where float32 adds none: the scores then differ from those among float32
vectors by the documents' rounding alone (a cosine above 0.9999 each).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from saedesk.embedding.bert_folder import read_bert_settings
from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.query_bert import QueryBert, numpy_can_read
from saedesk.errors import ModelProblem


class QueryEncoder(Protocol):
    """A loaded embedding model that encodes queries."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads; what follows is cut off."""

    def reads_whole(self, texts: Sequence[str]) -> np.ndarray:
        """(n,) bool: whether the model reads all of each text rather than its beginning."""

    def encode_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32, of the length the model gives it.

        Raises ModelProblem for a query without a direction.
        """


def load_query_encoder(model: ModelFiles) -> QueryEncoder:
    """The encoder of a model's queries; raises ModelProblem when it cannot be loaded."""
    settings = read_bert_settings(model.folder)
    if settings is not None and numpy_can_read(model):
        return _NumpyQueryEncoder(model, QueryBert(model, settings))
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    return SentenceEncoder.load(model, "cpu")


class _NumpyQueryEncoder:
    def __init__(self, model: ModelFiles, bert: QueryBert) -> None:
        self._model = model
        self._bert = bert

    @property
    def max_tokens(self) -> int:
        return self._bert.settings.max_tokens

    def reads_whole(self, texts: Sequence[str]) -> np.ndarray:
        return self._bert.reads_whole(texts)

    def encode_query(self, text: str) -> np.ndarray:
        try:
            vector = self._bert.embed_query(text)
        except (ValueError, IndexError) as problem:
            raise ModelProblem(
                f"The weights of the embedding model “{self._model.name}” do not fit its "
                "settings: get the model again."
            ) from problem
        return with_direction(vector, self._model)


def with_direction(vector: np.ndarray, model: ModelFiles) -> np.ndarray:
    """The vector of a query, float32; raises ModelProblem for one without a direction.

    Of the length of the documents' vectors, because an SAE that was trained on those would take
    a vector of another length apart differently.
    """
    norm = float(np.linalg.norm(vector))
    if not np.isfinite(norm) or norm == 0.0:
        raise ModelProblem(
            f"The embedding model “{model.name}” gives no usable vector for this query: "
            "write it in other words."
        )
    return np.asarray(vector, dtype=np.float32)
