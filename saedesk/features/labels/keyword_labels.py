"""Labels from the words of a feature's documents; needs no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadSetting
from saedesk.features.labels.documents_read import documents_read
from saedesk.features.labels.label_choice import choose_labels
from saedesk.features.labels.nearest_features import nearest_features
from saedesk.features.labels.phrase_candidates import (
    BackgroundCounts,
    Candidate,
    candidates_of,
    incidence,
    scored_keys,
)
from saedesk.features.labels.token_stream import Vocabulary
from saedesk.features.labels.usual_spelling import SpellingVotes
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Progress, TaskControl, Unattended

Texts = Callable[[np.ndarray], Sequence[tuple[str, str]]]
"""Title and text of the documents at these rows, in the same order."""

TEXTS_AT_ONCE = 128
"""Documents asked for and read between two checkpoints."""


@dataclass(frozen=True)
class KeywordLabel:
    """A feature's label and where it comes from."""

    latent: int
    """Which feature."""
    text: str
    """One to four words: "Gravitational lensing", "Galaxy clusters, X-ray"."""
    terms: tuple[str, ...]
    """The phrases of the text, then others that set the documents apart, best first."""
    scores: tuple[float, ...]
    """p1 log(p1 / p0) of each of `terms`."""
    n_documents: int
    """Documents that were read for it."""


@dataclass(frozen=True)
class KeywordSettings:
    """How labels are found."""

    documents_per_latent: int = 100
    """Documents read for a feature at most, see `documents_read`."""
    background: int = 20_000
    """Documents drawn for the background shares; all of a smaller corpus."""
    min_share: float = 0.06
    """Smallest share of a feature's documents, weighted by activation, that contain a phrase."""
    min_documents: int = 3
    """Fewest of a feature's documents that contain a phrase, where it has that many."""
    n_candidates: int = 60
    """Phrases kept for each feature while labels are chosen."""
    n_terms: int = 8
    """Phrases given with a label."""
    words_per_document: int = 500
    """Words read of a document's title and of its text."""
    latents_at_once: int = 512
    """Features whose documents are in memory together."""
    seed: int = 0
    """For drawing the background."""

    def __post_init__(self) -> None:
        for name in ("documents_per_latent", "background", "n_candidates", "latents_at_once"):
            if getattr(self, name) < 1:
                raise BadSetting(f"{name} must be at least 1, not {getattr(self, name)}.")


def keyword_labels(
    activations: SparseActivations,
    texts: Texts,
    settings: KeywordSettings | None = None,
    control: TaskControl | None = None,
    latents: Sequence[int] | None = None,
    *,
    directions: np.ndarray | None = None,
) -> list[KeywordLabel]:
    """Labels of `latents` (None: of all) in ascending order, no two alike.

    directions: (m, d) float32, the decoder's rows at length 1; a label says what tells its feature
    from those near to it. Features that never fire, or whose documents have no words, get none.
    Documents are read as they are needed; those of `latents_at_once` features are in memory at a
    time, as numbers.
    """
    reader = _Reader(activations, texts, settings or KeywordSettings(), control or Unattended())
    near: dict[int, tuple[int, ...]] = {}
    wanted = np.unique(np.arange(activations.n_latents) if latents is None else latents)
    active = [int(latent) for latent in wanted if len(activations.latent(int(latent))[0])]
    candidates: dict[int, list[Candidate]] = {}
    n_read: dict[int, int] = {}
    reader.read_background()
    for start in range(0, len(active), reader.settings.latents_at_once):
        block = active[start : start + reader.settings.latents_at_once]
        documents = [
            documents_read(activations, latent, reader.settings.documents_per_latent)
            for latent in block
        ]
        n_read.update((i, len(rows)) for i, (rows, _) in zip(block, documents, strict=True))
        candidates.update(_candidates_of_block(reader, block, documents))
        rows_of = [rows for rows, _ in documents]
        found = nearest_features(activations, directions, block, rows_of)
        near.update(zip(block, found, strict=True))
        reader.control.report(Progress(start + len(block), len(active), "features", "labels"))
    chosen = choose_labels(candidates, reader.settings.n_terms, near)
    return [
        KeywordLabel(
            latent,
            label.text,
            tuple(term.text for term in label.terms),
            tuple(term.score for term in label.terms),
            n_read[latent],
        )
        for latent, label in chosen.items()
    ]


class _Reader:
    """Reads documents as streams of numbers and keeps those of the background."""

    def __init__(
        self,
        activations: SparseActivations,
        texts: Texts,
        settings: KeywordSettings,
        control: TaskControl,
    ) -> None:
        self.activations, self.texts = activations, texts
        self.settings, self.control = settings, control
        self.vocabulary = Vocabulary()
        self.background = BackgroundCounts()
        self._kept: dict[int, np.ndarray] = {}

    def read_background(self) -> None:
        """Count phrases in a sample of the corpus."""
        n, count = self.activations.n_documents, self.settings.background
        generator = np.random.default_rng(self.settings.seed)
        rows = np.sort(generator.choice(n, min(count, n), replace=False))
        for start in range(0, len(rows), 512):
            part = rows[start : start + 512]
            streams = self.streams(part)
            self._kept.update(zip(part.tolist(), streams, strict=True))
            self.background.add(streams, self.vocabulary, self.control)
            self.control.report(Progress(start, len(rows), "documents", "background"))

    def streams(self, rows: np.ndarray) -> list[np.ndarray]:
        """The streams of these documents; those of the background are not read again."""
        new = [row for row in rows.tolist() if row not in self._kept]
        read: dict[int, np.ndarray] = {}
        for start in range(0, len(new), TEXTS_AT_ONCE):
            self.control.checkpoint()
            part = new[start : start + TEXTS_AT_ONCE]
            for row, (title, text) in zip(part, self.texts(np.array(part)), strict=True):
                read[row] = self.vocabulary.tokens(title, text, self.settings.words_per_document)
        return [read[row] if row in read else self._kept[row] for row in rows.tolist()]


def _candidates_of_block(
    reader: _Reader, block: Sequence[int], documents: Sequence[tuple[np.ndarray, np.ndarray]]
) -> dict[int, list[Candidate]]:
    """The candidate phrases of some features, from the rows and values of their documents."""
    from scipy.sparse import csr_matrix

    settings = reader.settings
    union = np.unique(np.concatenate([rows for rows, _ in documents]))
    streams = reader.streams(union)
    reader.control.checkpoint()
    fewest = min(settings.min_documents, min(len(rows) for rows, _ in documents))
    present, keys = incidence(streams, reader.vocabulary, fewest, reader.control)
    background = reader.background.shares(keys)
    columns = [np.searchsorted(union, rows) for rows, _ in documents]
    offsets = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in documents])])
    weights = np.concatenate([values / values.sum() for _, values in documents])
    shape = (len(block), len(union))
    weighted = csr_matrix((weights, np.concatenate(columns), offsets), shape=shape)
    ones = csr_matrix((np.ones_like(weights), np.concatenate(columns), offsets), shape=shape)
    least = (settings.min_share, settings.min_documents, settings.n_candidates)
    best: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for start in range(0, len(block), 64):
        reader.control.checkpoint()
        part = slice(start, start + 64)
        share, support = weighted[part] @ present, ones[part] @ present
        best.extend(scored_keys(share, support, background, least))
    used = np.unique(np.concatenate([columns for columns, _, _ in best]))
    spelled = SpellingVotes(streams, reader.vocabulary).phrases(keys[used], reader.control)
    return {
        latent: candidates_of(keys[columns_], shares, background[columns_], scores, spelled)
        for latent, (columns_, shares, scores) in zip(block, best, strict=True)
    }
