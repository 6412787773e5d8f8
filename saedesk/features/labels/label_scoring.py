"""Scores of labels that need no chat model: does a label tell active documents from others?

Two scorers, both areas under the ROC curve over documents that nobody labelled from:

- embedding (Paulo et al. 2024, "Automatically interpreting millions of features", section 3.2):
  the cosine of the label's vector with each document's, by the encoder that made the vectors;
- lexical: the share of the label's words whose stem occurs in the document's title or text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.roc_area import area_interval, roc_area
from saedesk.features.labels.scoring_documents import (
    RowsRead,
    ScoringDocuments,
    ScoringSettings,
    scoring_documents,
    unit_rows,
)
from saedesk.features.labels.word_forms import (
    WORD_OR_BREAK,
    is_stop_word,
    without_remains,
    word_stems,
)
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Progress, TaskControl, Unattended

EMBEDDING = "embedding"
LEXICAL = "lexical"
SCORERS = (EMBEDDING, LEXICAL)

Texts = Callable[[np.ndarray], Sequence[tuple[str, str]]]
"""Title and text of the documents at these rows, in the same order."""

Embed = Callable[[Sequence[str]], np.ndarray]
"""The vectors (n, d) of labels, by the encoder that made the documents' vectors."""

TEXTS_AT_ONCE = 128
"""Documents asked for between two checkpoints."""

LONGEST_TEXT = 20_000
"""Characters of a document's title and of its text that are looked at."""


class LabelScorer:
    """Scores labels of one SAE's features, a block of features at a time."""

    def __init__(
        self,
        activations: SparseActivations,
        vectors: np.ndarray,
        rows_read: RowsRead,
        *,
        embed: Embed | None = None,
        texts: Texts | None = None,
        unusable: np.ndarray | None = None,
        settings: ScoringSettings | None = None,
    ) -> None:
        """vectors: (n, d) of the activations' rows, may be mapped; unusable: rows to leave out.

        With `embed` there are embedding scores, with `texts` lexical ones.
        """
        self.activations, self.vectors = activations, vectors
        self.settings = settings or ScoringSettings()
        self._rows_read, self._unusable = rows_read, unusable
        self._embed, self._texts = embed, texts

    def scores(
        self, labels: Mapping[int, str], control: TaskControl | None = None
    ) -> Iterator[dict[int, dict[str, LabelScore]]]:
        """Scores {latent: {scorer: score}} of labels {latent: text}, block by block.

        Features with too few documents to spare are left out, and labels without a word have no
        lexical score.
        """
        control = control or Unattended()
        wanted = sorted(latent for latent, text in labels.items() if text.strip())
        for start in range(0, len(wanted), self.settings.features_at_once):
            control.checkpoint()
            block = wanted[start : start + self.settings.features_at_once]
            documents = scoring_documents(
                *(self.activations, self.vectors, block, self._rows_read, self.settings),
                self._unusable,
            )
            found: dict[int, dict[str, LabelScore]] = {one.latent: {} for one in documents}
            if self._embed is not None:
                self._add_embedding(documents, labels, found, control)
            if self._texts is not None:
                self._add_lexical(documents, labels, found, control)
            yield found
            done = start + len(block)
            control.report(Progress(done, len(wanted), "labels", "Scoring the labels"))

    def _add_embedding(
        self,
        documents: Sequence[ScoringDocuments],
        labels: Mapping[int, str],
        found: dict[int, dict[str, LabelScore]],
        control: TaskControl,
    ) -> None:
        assert self._embed is not None
        if not documents:
            return
        own = unit_rows(self._embed([labels[one.latent] for one in documents]))
        for one, label in zip(documents, own, strict=True):
            control.checkpoint()
            closeness = unit_rows(self.vectors[one.rows]) @ label
            found[one.latent][EMBEDDING] = label_score(EMBEDDING, closeness, one.is_active)

    def _add_lexical(
        self,
        documents: Sequence[ScoringDocuments],
        labels: Mapping[int, str],
        found: dict[int, dict[str, LabelScore]],
        control: TaskControl,
    ) -> None:
        rows = np.unique(np.concatenate([np.empty(0, np.int64), *(one.rows for one in documents)]))
        stems = {one.latent: label_stems(labels[one.latent]) for one in documents}
        sought = frozenset().union(*(stem for each in stems.values() for stem in each))
        here = self._stems_of(rows, sought, control)
        for one in documents:
            if stems[one.latent]:
                seen = [here[row] for row in one.rows.tolist()]
                shares = np.array([lexical_share(stems[one.latent], words) for words in seen])
                found[one.latent][LEXICAL] = label_score(LEXICAL, shares, one.is_active)

    def _stems_of(
        self, rows: np.ndarray, sought: frozenset[str], control: TaskControl
    ) -> dict[int, frozenset[str]]:
        """Which of the stems sought occur in each document."""
        assert self._texts is not None
        of_word: dict[str, frozenset[str]] = {}
        found: dict[int, frozenset[str]] = {}
        for start in range(0, len(rows), TEXTS_AT_ONCE):
            control.checkpoint()
            part = rows[start : start + TEXTS_AT_ONCE]
            for row, (title, text) in zip(part.tolist(), self._texts(part), strict=True):
                words = set(_words(f"{title[:LONGEST_TEXT]} . {text[:LONGEST_TEXT]}"))
                for word in words:
                    if word not in of_word:
                        of_word[word] = word_stems(word) & sought
                found[row] = frozenset().union(*map(of_word.__getitem__, words))
        return found


def label_score(scorer: str, scores: np.ndarray, is_active: np.ndarray) -> LabelScore:
    """The area under the ROC curve of `scores` with its interval, as a `LabelScore`."""
    area = roc_area(scores, is_active)
    n_active = int(is_active.sum())
    low, high = area_interval(area, n_active, len(is_active) - n_active)
    return LabelScore(scorer, area, low, high, len(is_active))


def label_stems(label: str) -> tuple[frozenset[str], ...]:
    """The stems of each word of a label that means something; stop words are left out."""
    words = [word for word in _words(label) if not is_stop_word(word)]
    return tuple(word_stems(word) for word in dict.fromkeys(words))


def lexical_share(words: Sequence[frozenset[str]], stems: frozenset[str]) -> float:
    """The share of a label's words of which every stem is among `stems`; 0 to 1."""
    return sum(word <= stems for word in words) / len(words)


def _words(text: str) -> list[str]:
    return [token for token in WORD_OR_BREAK.findall(without_remains(text)) if token[0].isalnum()]
