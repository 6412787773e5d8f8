"""Which sentences of a project's documents drive their features.

The vectors of a text without each of its sentences are made once for a text and an embedding
model, kept in memory and beside the project, and serve all features of all SAEs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.embedding.model_catalogue import ModelFiles, find_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.errors import ModelProblem
from saedesk.features.evidence.leave_one_out import (
    SentenceEvidence,
    SentenceSpan,
    are_read,
    document_sentences,
    hash_of,
    sentence_evidence,
    variants,
    window_end,
)
from saedesk.jobs.feature_readings import FeatureReadings
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.project_folder import Project
from saedesk.project.sentence_vector_cache import SentenceVectorCache, SentenceVectors
from saedesk.task_control import Progress, TaskControl, Unattended

ALGORITHM_VERSION = 1
TEXTS_AT_ONCE = 64
"""Variants that are embedded together at most, unless one document has more."""
MOST_BYTES_KEPT = 48 << 20
"""Of vectors in memory."""
SAME_VECTOR = 0.98
"""Cosine from which a vector counts as that of the text; rounding leaves more than 0.999."""
UNKNOWN_ENCODER = (
    "Which sentences drive a feature cannot be measured, because nobody has said which encoder "
    "made these vectors. Bring the vectors again and name the encoder."
)
ENCODER_NOT_HERE = (
    "Which sentences drive a feature cannot be measured, because the encoder “{}” that made these "
    "vectors is not on this computer. Bring the vectors again with its folder."
)
NO_TEXT = "This document has no text, so no sentence drives its features."
NO_TEXTS = "These documents have vectors but no texts, so no sentence can drive a feature."
OTHER_TEXT = (
    "The vector of this document is not what “{}” makes of its text, so its sentences cannot be "
    "measured. Embed the documents again."
)


@dataclass(frozen=True, eq=False)
class DocumentEvidence:
    """The evidence of one document, or why there is none."""

    document_id: int
    evidence: SentenceEvidence | None
    problem: str = ""
    """A sentence; "" where there is evidence."""


class EvidenceEngine:
    """Measures sentences; used from one thread at a time, loads the encoder when first needed."""

    def __init__(self, project: Project, sae: LoadedSae) -> None:
        self._project, self._sae = project, sae
        self._fingerprint = str(sae.vectors.record.inputs.get("model_fingerprint") or "")
        self._cache = SentenceVectorCache(project.folder, read_only=project.read_only)
        self._kept: OrderedDict[bytes, SentenceVectors] = OrderedDict()
        self._kept_bytes = 0
        self._encoder: SentenceEncoder | None = None
        self._readings = FeatureReadings(sae)
        self._are_mute: tuple[str, bool] | None = None

    @property
    def sae(self) -> LoadedSae:
        """The SAE whose features are explained."""
        return self._sae

    @property
    def problem(self) -> str:
        """Why no document can be measured, as far as it is told without an encoder; "" if some can.

        Without any text nothing else matters, so that is said first.
        """
        return NO_TEXTS if self._has_no_texts() else self.text_problem

    @property
    def text_problem(self) -> str:
        """Why no text can be measured, as far as the record of the vectors tells; "" if it can."""
        if self._fingerprint:
            return ""
        name = self._sae.vectors.model_name
        return UNKNOWN_ENCODER if not name else ENCODER_NOT_HERE.format(name)

    def _has_no_texts(self) -> bool:
        documents = self._project.documents
        # Looked up again only when documents came: it reads all of them where none has a text.
        corpus = documents.corpus_hash()
        if self._are_mute is None or self._are_mute[0] != corpus:
            self._are_mute = (corpus, documents.are_mute())
        return self._are_mute[1]

    def evidence(
        self,
        document_ids: Sequence[int],
        latents: Sequence[int] = (),
        control: TaskControl | None = None,
    ) -> list[DocumentEvidence]:
        """The evidence of some documents for all their active features and the `latents`.

        Documents are embedded together, each is published as soon as it is known; a document
        without text says so. Raises ModelProblem where the encoder is unknown or not here.
        """
        control = control or Unattended()
        if self.problem:
            raise ModelProblem(self.problem)
        rows = {row.id: row for row in self._project.documents.rows(document_ids)}
        texts = {i: (rows[i].title, rows[i].text) for i in map(int, document_ids) if i in rows}
        found: list[DocumentEvidence] = []
        for group in self._in_groups(texts, control):
            vectors = self._vectors_of([texts[i] for i in group], control)
            for i, known in zip(group, vectors, strict=True):
                control.checkpoint()
                answer = self._answer(i, *texts[i], known, latents)
                control.publish(answer)
                found.append(answer)
        return found

    def text_evidence(
        self,
        title: str,
        text: str,
        latents: Sequence[int] = (),
        control: TaskControl | None = None,
    ) -> SentenceEvidence | None:
        """The evidence of a text that need not be in the project; None for an empty one.

        Nothing of it is written to the disk.
        """
        if self.text_problem:
            raise ModelProblem(self.text_problem)
        known = self._vectors_of([(title, text)], control or Unattended(), stores=False)[0]
        return self._measure(title, text, known, latents, None) if known is not None else None

    def sentence_vectors(
        self, title: str, text: str, control: TaskControl | None = None
    ) -> SentenceVectors | None:
        """The vectors of a text without each of its sentences; None for an empty one.

        Raises ModelProblem where the encoder is unknown or not here.
        """
        if self.text_problem:
            raise ModelProblem(self.text_problem)
        return self._vectors_of([(title, text)], control or Unattended())[0]

    # -- vectors -----------------------------------------------------------------------------

    def _in_groups(
        self, texts: dict[int, tuple[str, str]], control: TaskControl
    ) -> list[list[int]]:
        """Documents whose variants are embedded together."""
        groups: list[list[int]] = []
        left = 0
        for i, (title, text) in texts.items():
            control.checkpoint()
            size = 0
            if self._known(hash_of(title, text)) is None:
                size = 1 + len(document_sentences(title, text, len(title) + len(text)))
            if not groups or size > left:
                groups.append([])
                left = TEXTS_AT_ONCE
            groups[-1].append(i)
            left -= size
        return groups

    def _vectors_of(
        self, documents: Sequence[tuple[str, str]], control: TaskControl, stores: bool = True
    ) -> list[SentenceVectors | None]:
        """Of each document; None for one without text. `stores` keeps them beside the project."""
        found: dict[bytes, SentenceVectors] = {}
        sentences: dict[bytes, tuple[int, np.ndarray]] = {}
        waiting: dict[bytes, list[str]] = {}
        hashes = [hash_of(*document) for document in documents]
        for name, (title, text) in zip(hashes, documents, strict=True):
            known = self._known(name)
            if known is not None:
                found[name] = known
            elif (title.strip() or text.strip()) and name not in waiting:
                end = window_end(title, text, self._load_encoder().reads_whole)
                spans = document_sentences(title, text, end)
                places = [(span.in_title, span.start, span.end) for span in spans]
                sentences[name] = (end, np.array(places, np.int32))
                waiting[name] = variants(title, text, spans, end)
        found |= self._embedded(waiting, sentences, control, stores)
        return [found.get(name) for name in hashes]

    def _embedded(
        self,
        waiting: dict[bytes, list[str]],
        sentences: dict[bytes, tuple[int, np.ndarray]],
        control: TaskControl,
        stores: bool,
    ) -> dict[bytes, SentenceVectors]:
        texts = [text for some in waiting.values() for text in some]
        if not texts:
            return {}
        vectors = self._load_encoder().encode(texts, _OnlyCheckpoints(control)).vectors
        # Rounded at once, so that numbers are the same when they come from the disk.
        short = vectors.astype(np.float16)
        short[[not text for text in texts]] = 0
        found, start = {}, 0
        for name, some in waiting.items():
            # Copied, so that one document does not keep its whole batch in memory.
            own = short[start : start + len(some)].copy()
            start += len(some)
            found[name] = SentenceVectors(*sentences[name], own)
            self._keep(name, found[name])
            if stores:
                self._cache.put(name, self._fingerprint, ALGORITHM_VERSION, found[name])
        return found

    def _known(self, name: bytes) -> SentenceVectors | None:
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        stored = self._cache.get(name, self._fingerprint, ALGORITHM_VERSION)
        if stored is None or stored.vectors.shape[1:] != self._sae.vectors.values.shape[1:]:
            return None
        self._keep(name, stored)
        return stored

    def _keep(self, name: bytes, vectors: SentenceVectors) -> None:
        self._kept[name] = vectors
        self._kept_bytes += vectors.vectors.nbytes
        while self._kept_bytes > MOST_BYTES_KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.vectors.nbytes

    def _load_encoder(self) -> SentenceEncoder:
        if self._encoder is None:
            # The number format that is fastest here: it moves effects by a thousandth of the
            # activation, sentences by tenths of it.
            self._encoder = SentenceEncoder.load(self._find_model(), "cpu", "auto")
        return self._encoder

    def _find_model(self) -> ModelFiles:
        name = self._sae.vectors.model_name
        try:
            return find_model(name, self._fingerprint)
        except ModelProblem as problem:
            if not self._sae.vectors.record.inputs.get("imported"):
                raise
            raise ModelProblem(ENCODER_NOT_HERE.format(name)) from problem

    # -- features ----------------------------------------------------------------------------

    def _answer(
        self,
        document_id: int,
        title: str,
        text: str,
        known: SentenceVectors | None,
        latents: Sequence[int],
    ) -> DocumentEvidence:
        if known is None:
            return DocumentEvidence(document_id, None, NO_TEXT)
        vectors = self._sae.vectors
        row = vectors.row_of(document_id)
        stored, wanted = None, [*latents]
        if row is not None and row not in vectors.bad_rows:
            stored = np.asarray(vectors.values[row], np.float32)
            own = known.vectors[0].astype(np.float32)
            if float(stored @ own) < SAME_VECTOR * _length(stored) * _length(own):
                problem = OTHER_TEXT.format(vectors.model_name)
                return DocumentEvidence(document_id, None, problem)
            wanted += self._sae.activations.document(row)[0].tolist()
        return DocumentEvidence(document_id, self._measure(title, text, known, wanted, stored))

    def _measure(
        self,
        title: str,
        text: str,
        known: SentenceVectors,
        wanted: Sequence[int],
        stored: np.ndarray | None,
    ) -> SentenceEvidence:
        spans = tuple(SentenceSpan(bool(t), s, e) for t, s, e in known.places.tolist())
        vectors = known.vectors.astype(np.float32)
        if stored is not None:
            # Vectors that were brought may have another length, all are rounded in some way: moved
            # together, so that the whole text has the activations that the project shows.
            is_there = vectors.any(axis=1)
            vectors *= _length(stored) / _length(vectors[0])
            vectors[is_there] += stored - vectors[0]
        return sentence_evidence(
            spans,
            are_read(spans, title, known.window_end),
            vectors,
            self._readings.pre_activations,
            self._readings.code,
            wanted,
            hash_of(title, text),
        )


def _length(vector: np.ndarray) -> float:
    return max(float(np.linalg.norm(vector)), 1e-12)


class _OnlyCheckpoints(Unattended):
    """Passes on pause and cancel; the batches of one document are no progress to tell of."""

    def __init__(self, control: TaskControl) -> None:
        self._control = control

    def checkpoint(self) -> None:
        self._control.checkpoint()

    def report(self, progress: Progress) -> None:
        """Nobody waits for a batch."""
