"""The labels of features and families as parts of their fused scores: meaning and words."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from saedesk.embedding.query_encoder import QueryEncoder
from saedesk.errors import ModelProblem
from saedesk.features.labels.word_forms import is_stop_word
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.project_folder import Project
from saedesk.project.word_scores import word_scores
from saedesk.search.feature_scores import LabelParts, Sparse
from saedesk.search.steering_plan import Target

MOST_LABELS = 5
"""Features of a family whose labels speak for it, those that are turned most."""
NO_LABEL = "It has no label, so neither the meaning nor the words of one are used."
NO_ENCODER = (
    "The meaning of its label is not used, because the encoder of the vectors is not on this "
    "computer."
)
NO_WORDS = "The words of its label are not used, because no document has one of them."
_WORD = re.compile(r"\w+")


class TargetLabels:
    """The labels in force of one SAE, and what they say of every document."""

    def __init__(
        self, project: Project, sae: LoadedSae, load_encoder: Callable[[], QueryEncoder]
    ) -> None:
        """`load_encoder` raises ModelProblem where the encoder of the vectors is not here."""
        self._project, self._sae, self._load_encoder = project, sae, load_encoder

    def name_of(self, target: Target) -> str:
        """What a sentence calls a target."""
        texts = self.texts_of(target)
        if texts:
            return f"“{texts[0]}”"
        return f"feature {target if isinstance(target, int) else target.root}"

    def texts_of(self, target: Target) -> tuple[str, ...]:
        """The label of a feature; of a family those of the features that are turned most."""
        if isinstance(target, int):
            latents = [target]
        else:
            moves = sorted(target.moves, key=lambda move: (-move[1], move[0]))[:MOST_LABELS]
            latents = [latent for latent, _ in moves]
        labels = (self._project.labels.current_label(self._sae.hash, i) for i in latents)
        return tuple(label.text for label in labels if label is not None and label.text.strip())

    def parts_of(self, texts: tuple[str, ...]) -> LabelParts:
        """The mean vector of the labels, and the BM25 of their words in every row."""
        if not texts:
            return LabelParts(left_out=(NO_LABEL,))
        vector, words = self._vector_of(texts), self._words_of(texts)
        missing = [(vector, NO_ENCODER), (words, NO_WORDS)]
        return LabelParts(vector, words, tuple(said for part, said in missing if part is None))

    def _vector_of(self, texts: tuple[str, ...]) -> np.ndarray | None:
        try:
            encoder = self._load_encoder()
            vectors = [np.asarray(encoder.encode_query(text), np.float64) for text in texts]
        except ModelProblem:
            return None
        mean = np.mean([vector / np.linalg.norm(vector) for vector in vectors], axis=0)
        fits = mean.shape == (self._sae.decoder.shape[1],) and float(np.linalg.norm(mean)) > 0.0
        return mean if fits else None

    def _words_of(self, texts: tuple[str, ...]) -> Sparse | None:
        words = dict.fromkeys(word.lower() for text in texts for word in _WORD.findall(text))
        told = [word for word in words if not is_stop_word(word)]
        if not told:
            return None
        expression = " OR ".join(f'"{word}"' for word in told)
        ids, scores = word_scores(self._project.database, expression)
        own_ids = self._sae.vectors.document_ids
        rows = np.searchsorted(own_ids, ids)
        there = rows < len(own_ids)
        there[there] = own_ids[rows[there]] == ids[there]
        return (rows[there].astype(np.int64), scores[there]) if there.any() else None
