"""More like these documents, less like those: by their vectors, or by their features.

By vectors: Rocchio's relevance feedback (Rocchio 1971), centred,

    q = normalise(a·typed + b·(mean of like) − c·(mean of unlike − μ))

with every vector at length 1 and μ the mean of the corpus. Without μ the subtraction would take
away what all documents share, and documents unlike everything would rise.

By features: the generalised Jaccard similarity of sparse codes, as MONA (arXiv:2503.15573) takes
it, J(z, p) = Σ min(z_i, p_i) / Σ max(z_i, p_i) with p the mean code of the documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.exact_scores import at_length_1
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.scored_ranking import ScoredRanking
from saedesk.search.whitening import evenly

SHORTEST_MEAN = 1e-3
"""Length of a combination of unit vectors under which it points nowhere in particular."""
ROWS_OF_MEAN = 20_000
"""So many rows, evenly spread, tell the mean of a corpus: each number of it to within 0.0004 at
384 numbers to a vector."""


@dataclass(frozen=True)
class MoreLikeWeights:
    """What typed text, documents wanted and documents not wanted count for."""

    typed: float = 1.0
    like: float = 1.0
    """The documents a person chooses count as much as what was typed: they were looked at."""
    unlike: float = 0.5
    """Half as much. On arXiv abstracts, 3 wanted and 2 not wanted of another category, with 0, .25,
    .5, .75: results of the unwanted category 24, 20, 18, 15 %, of the wanted one 35, 37, 37, 30 %,
    and closeness to the documents wanted 1, .99, .95, .82 of what it was."""


WEIGHTS = MoreLikeWeights()


def mean_of_corpus(vectors: np.ndarray, searchable: np.ndarray) -> np.ndarray:
    """The mean (d,) float64 of vectors (n, d) at length 1, of rows where `searchable` (n,) bool.

    Of many rows a fixed sample, evenly spread.
    """
    rows = evenly(np.flatnonzero(searchable), ROWS_OF_MEAN)
    if not len(rows):
        return np.zeros(vectors.shape[1])
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), 2000):
        total += at_length_1(vectors[rows[start : start + 2000]]).sum(axis=0)
    mean: np.ndarray = total / len(rows)
    return mean


def rocchio(
    like: np.ndarray,
    unlike: np.ndarray,
    centre: np.ndarray,
    typed: np.ndarray | None = None,
    weights: MoreLikeWeights = WEIGHTS,
) -> np.ndarray:
    """The query (d,) float64 of length 1 for documents like (a, d) and unlike (b, d).

    `typed` (d,) is the vector of a text; `centre` (d,) that of `mean_of_corpus`. Raises
    NothingToSearch where nothing is left of it.
    """
    query = np.zeros(len(centre))
    if typed is not None:
        query += weights.typed * at_length_1(typed[None])[0]
    if len(like):
        query += weights.like * at_length_1(like).mean(axis=0)
    if len(unlike):
        query -= weights.unlike * (at_length_1(unlike).mean(axis=0) - centre)
    length = float(np.linalg.norm(query))
    if not length > SHORTEST_MEAN:
        raise NothingToSearch(
            "These documents cancel one another out, so nothing is like all of them. "
            "Take one of them away."
        )
    found: np.ndarray = query / length
    return found


def mean_code(activations: SparseActivations, rows: Sequence[int]) -> dict[int, float]:
    """The mean activations {latent: value} of some documents; nothing for no document."""
    code: dict[int, float] = {}
    for row in rows:
        latents, values = activations.document(row)
        for latent, value in zip(latents.tolist(), values.tolist(), strict=True):
            code[latent] = code.get(latent, 0.0) + value / len(rows)
    return code


def turned_code(code: Mapping[int, float], strengths: Mapping[int, float]) -> dict[int, float]:
    """A code with features turned up or down; what falls to zero or below is gone."""
    turned = {i: code.get(i, 0.0) + strengths.get(i, 0.0) for i in {*code, *strengths}}
    return {i: value for i, value in sorted(turned.items()) if value > 0.0}


class FeatureLikeness:
    """Ranks documents by the features they share with a code; one for many questions.

    Memory: 8 bytes for each document.
    """

    def __init__(self, activations: SparseActivations) -> None:
        self._activations = activations
        self._sizes = _sums_of_documents(activations)

    def scores(self, code: Mapping[int, float]) -> np.ndarray:
        """J(z, code) of every document, (n,) float64, 0 to 1."""
        shared = np.zeros(self._activations.n_documents)
        for latent, value in code.items():
            rows, values = self._activations.latent(latent)
            shared[rows] += np.minimum(values, np.float32(value))
        total = float(np.sum([np.float32(value) for value in code.values()], dtype=np.float64))
        together = self._sizes + total
        together -= shared
        np.divide(shared, together, out=shared, where=together > 0.0)
        return shared

    def ranking(
        self,
        like: Mapping[int, float],
        unlike: Mapping[int, float],
        allowed: np.ndarray | None,
        strengths: Mapping[int, float] | None = None,
        weights: MoreLikeWeights = WEIGHTS,
    ) -> LikenessRanking:
        """Documents by J(z, like) − c·J(z, unlike); those that share nothing with `like` are out.

        `strengths` turn features of `like`. Raises NothingToSearch where no feature is left.
        """
        strengths = strengths or {}
        turned = turned_code(like, strengths) if strengths else dict(like)
        if not turned:
            raise NothingToSearch(
                "There is no feature to compare documents by: none is active in what is searched "
                "with. Search by vectors, or turn a feature up."
            )
        scores = self.scores(turned)
        shares_nothing = scores == 0.0
        if unlike:
            scores -= weights.unlike * self.scores(unlike)
        scores[shares_nothing] = -np.inf
        if allowed is not None:
            scores[~allowed] = -np.inf
        codes = (dict(like), turned, dict(unlike))
        return LikenessRanking(scores, self._activations, codes, dict(strengths), weights.unlike)


class LikenessRanking(ScoredRanking):
    """Documents by the features they share; see `FeatureLikeness`."""

    def __init__(
        self,
        scores: np.ndarray,
        activations: SparseActivations,
        codes: tuple[Mapping[int, float], Mapping[int, float], Mapping[int, float]],
        strengths: Mapping[int, float],
        unlike_weight: float,
    ) -> None:
        """`codes` are what to be like, as chosen and as turned, and what to be unlike."""
        super().__init__(scores)
        self._activations = activations
        self._chosen, self._like, self._unlike = codes
        self._strengths = strengths
        self._weight = unlike_weight

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each shared feature adds to the score, largest first; they sum to it.

        `moved` is what turning a feature added to its min(z_i, p_i), by Σ max(z, p). That this
        whole became another is in the parts of all features alike, as the length of a steered
        query is in those of a cosine.
        """
        latents, values = self._activations.document(row)
        found = dict(zip(latents.tolist(), values.tolist(), strict=True))
        shared, together = _shared(found, self._like)
        before, _ = _shared(found, self._chosen) if self._strengths else ({}, 0.0)
        moved = {i: (shared.get(i, 0.0) - before.get(i, 0.0)) / together for i in self._strengths}
        parts = {i: value / together for i, value in shared.items()}
        # A feature that was turned down to nothing has a part of 0, of which that is the reason.
        parts |= {i: 0.0 for i, value in moved.items() if value and i not in parts}
        unlike, in_all = _shared(found, self._unlike)
        for latent, value in unlike.items():
            parts[latent] = parts.get(latent, 0.0) - self._weight * value / in_all
        bars = [
            Contribution(i, value, self._kind(i), moved=moved.get(i, 0.0))
            for i, value in parts.items()
        ]
        return tuple(sorted(bars, key=lambda bar: (-abs(bar.value), bar.latent)))

    def _kind(self, latent: int) -> Kind:
        moved = self._strengths.get(latent, 0.0)
        return "up" if moved > 0.0 else "down" if moved < 0.0 else "typed"


def _shared(
    found: Mapping[int, float], code: Mapping[int, float]
) -> tuple[dict[int, float], float]:
    """min(z_i, p_i) for every feature of both, and Σ max(z, p)."""
    shared = {i: min(found[i], value) for i, value in code.items() if i in found}
    return shared, sum(found.values()) + sum(code.values()) - sum(shared.values())


def _sums_of_documents(activations: SparseActivations) -> np.ndarray:
    """Σ z of every document, (n,) float64."""
    offsets = activations.document_offsets
    sums = np.zeros(activations.n_documents)
    some = np.flatnonzero(np.diff(offsets) > 0)
    if len(some):
        sums[some] = np.add.reduceat(activations.document_values, offsets[some], dtype=np.float64)
    return sums
