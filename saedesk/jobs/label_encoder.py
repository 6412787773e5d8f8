"""The encoder that made a project's vectors, for labels to be scored with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from saedesk.embedding.model_catalogue import find_model
from saedesk.errors import ModelProblem
from saedesk.features.labels.label_scoring import Embed
from saedesk.project.artifact_readers import Vectors

if TYPE_CHECKING:
    from saedesk.embedding.query_encoder import QueryEncoder
    from saedesk.embedding.sentence_encoder import SentenceEncoder

NO_ENCODER = (
    "The labels are scored by their words alone, because nobody has said which encoder made the "
    "vectors."
)
ANOTHER_WIDTH = (
    "The labels are scored by their words alone, because “{}” makes vectors of another width than "
    "those of the documents."
)
ENCODER_NOT_HERE = (
    "The labels are scored by their words alone, because the encoder “{}” that made the vectors "
    "is not on this computer."
)


def label_encoder(
    vectors: Vectors, notes: list[str], encoders: dict[str, QueryEncoder] | None = None
) -> Embed | None:
    """What turns labels into vectors like the documents'; None with a note where it is not here.

    A label without a direction is at chance: its vector is zero. `encoders` keeps loaded models by
    fingerprint; without it one is loaded that reads many labels at once.
    """
    fingerprint = str(vectors.record.inputs.get("model_fingerprint") or "")
    if not fingerprint:
        name = vectors.model_name
        notes.append(ENCODER_NOT_HERE.format(name) if name else NO_ENCODER)
        return None
    try:
        if encoders is None:
            encoder: SentenceEncoder | QueryEncoder = _load_encoder(vectors, fingerprint)
        else:
            encoder = _kept_encoder(vectors, fingerprint, encoders)
    except ModelProblem:
        notes.append(ENCODER_NOT_HERE.format(vectors.model_name))
        return None
    width = vectors.values.shape[1]
    if len(encoder.encode_query("label")) != width:
        notes.append(ANOTHER_WIDTH.format(vectors.model_name))
        return None
    return partial(_encode, encoder, width)


def _encode(
    encoder: SentenceEncoder | QueryEncoder, width: int, labels: Sequence[str]
) -> np.ndarray:
    """(n, width) float32, as documents are encoded."""
    encode = getattr(encoder, "encode", None)
    if encode is not None:
        vectors: np.ndarray = np.nan_to_num(encode(labels).vectors)
        return vectors
    # The quick encoder of queries reads no model that encodes documents in another way.
    return np.array([_one(encoder, width, label) for label in labels], np.float32)


def _one(encoder: SentenceEncoder | QueryEncoder, width: int, label: str) -> np.ndarray:
    try:
        return encoder.encode_query(label)
    except ModelProblem:
        return np.zeros(width, np.float32)


def _load_encoder(vectors: Vectors, fingerprint: str) -> SentenceEncoder:
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    return SentenceEncoder.load(find_model(vectors.model_name, fingerprint), "cpu")


def _kept_encoder(
    vectors: Vectors, fingerprint: str, encoders: dict[str, QueryEncoder]
) -> QueryEncoder:
    from saedesk.embedding.query_encoder import load_query_encoder

    if fingerprint not in encoders:
        encoders[fingerprint] = load_query_encoder(find_model(vectors.model_name, fingerprint))
    return encoders[fingerprint]
