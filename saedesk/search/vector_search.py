"""Documents in the order of their cosine with a query, before and after steering.

Exact by default: every document is scored. With an index, its candidates are scored exactly. A
filter that leaves few documents is answered from their vectors alone, exactly; a list too long for
the index, or one that falls short, leads back to exact scores. `Hits` says which it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from saedesk.errors import BadInput, BadSetting, DamagedArtifact
from saedesk.search.exact_scores import ExactScores, best_rows, rank_among
from saedesk.search.hnsw_index import FEW_LEFT_OUT
from saedesk.search.kept_ranks import Candidates, Ranks, best_of
from saedesk.search.query_features import QueryFeatures, SteeredQuery
from saedesk.search.query_parts import Parts, parts_of
from saedesk.search.rows_by_parts import RowsByParts
from saedesk.task_control import TaskControl

GATHERED_VALUES = 2**22
"""A filter that leaves no more than so many numbers (10,900 vectors of width 384) is answered from
these vectors alone: in about 4 ms, as long as an index takes (tests/benchmarks/search_speed.py)."""

KEPT_LISTS = 4
"""Lists of candidates that are kept: of the query as typed and as steered, with a filter or not."""


class CandidateIndex(Protocol):
    """Proposes rows to be scored exactly: `SearchIndex`, or `GuardedHnswIndex` alone."""

    MOST_CANDIDATES: int
    """Longer lists are not asked for."""

    @property
    def rows(self) -> int:
        """How many vectors it was built over."""
        ...

    @property
    def dim(self) -> int:
        """Their width."""
        ...

    def candidates(
        self,
        q: np.ndarray,
        count: int,
        *,
        cosine: float = 1.0,
        allowed_rows: np.ndarray | None = None,
        parts: Parts | None = None,
    ) -> np.ndarray | None:
        """Rows that hold the best `count` with high probability, ascending; None if unable to."""
        ...


@dataclass(frozen=True, eq=False)
class Hits:
    """The best documents for a query, best first; equal scores in the order of rows."""

    rows: np.ndarray
    """Their rows in the vectors, (m,) int64."""
    scores: np.ndarray
    """Cosine with the query, −1 to 1, (m,) float32."""
    exact: bool
    """True when every document was scored, False when only candidates of the index were."""
    allowed_rows: np.ndarray | None = None
    """The filter the search ran under, (n,) bool; None when there was none."""


class VectorSearch:
    """Search over vectors (n, d), an array or a mapped file; not from two threads at once.

    Rows in `excluded_rows`, and rows that are zero or not finite, never appear. Raises
    DamagedArtifact when `index` was built over other vectors.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        excluded_rows: Iterable[int] = (),
        index: CandidateIndex | None = None,
    ) -> None:
        self._exact = ExactScores(vectors, excluded_rows)
        if index is not None and (index.rows, index.dim) != vectors.shape:
            raise DamagedArtifact(
                f"The search index belongs to {index.rows:,} vectors of width {index.dim}, the "
                f"project has {len(vectors):,} of width {vectors.shape[1]}. Build it again."
            )
        self._index = index
        self._by_parts = RowsByParts(vectors, self._exact.inverse_norms)
        self._ranks: Ranks | None = None
        self._lists: deque[Candidates] = deque(maxlen=KEPT_LISTS)

    @property
    def index(self) -> CandidateIndex | None:
        """The index that proposes candidates, or None."""
        return self._index

    @property
    def recall(self) -> float | None:
        """Share of the true ten best that the index finds, measured when it was built, 0 to 1.

        The lower of queries as typed and steered; None without an index that was measured.
        """
        recall: float | None = getattr(self._index, "recall", None)
        return recall

    @property
    def dim(self) -> int:
        """The width of the vectors."""
        return int(self._exact.vectors.shape[1])

    def __len__(self) -> int:
        return len(self._exact.vectors)

    def plain_scores(self, q: QueryFeatures | np.ndarray) -> np.ndarray:
        """Cosine of every row with q (d,) at length 1, (n,) float32, read-only.

        −inf for rows that never appear; kept for the last query.
        """
        return self._exact.plain(self._vector_of(q))

    def all_scores(self, steered: SteeredQuery, decoder: np.ndarray) -> np.ndarray:
        """Cosine of every row with the steered query, (n,) float32; −inf for rows never found."""
        return self._exact.steered(steered, decoder)

    def along(self, latent: int, decoder: np.ndarray) -> np.ndarray:
        """How much of a feature's direction every row has, d·x̂, (n,) float32; not to be written."""
        return self._exact.along(latent, decoder[latent])

    def along_direction(self, direction: np.ndarray, control: TaskControl) -> np.ndarray:
        """How much of any direction (d,) every row has, (n,) float32; may be cancelled."""
        return self._exact.once_along(direction, control)

    @property
    def inverse_norms(self) -> np.ndarray:
        """1 / |x| of every row, (n,) float32; 0 for rows that never appear. Not to be written."""
        return self._exact.inverse_norms

    def search(
        self,
        steered: SteeredQuery,
        decoder: np.ndarray,
        count: int,
        allowed_rows: np.ndarray | None = None,
    ) -> Hits:
        """The `count` best documents, fewer when there are no more.

        `allowed_rows` (n,) bool is a filter. Raises BadInput when the widths do not fit.
        """
        if count < 0:
            raise BadSetting(f"{count} results cannot be shown; ask for 1 or more.")
        if allowed_rows is not None:
            allowed_rows = self._checked_filter(allowed_rows)
        looked_at, scores, exact = self._scores(steered, decoder, count, allowed_rows)
        best = best_rows(scores, count)
        rows = best if looked_at is None else looked_at[best]
        return Hits(rows, scores[best], exact=exact, allowed_rows=allowed_rows)

    def steered_ranks(
        self,
        steered: SteeredQuery,
        decoder: np.ndarray,
        rows: np.ndarray,
        allowed_rows: np.ndarray | None = None,
    ) -> list[int | None]:
        """The rank of each row after steering, from 1, among the allowed rows.

        None for a row that never appears, or lies beyond what the index looked at.
        """
        if allowed_rows is not None:
            allowed_rows = self._checked_filter(allowed_rows)
        count = 10 if self._index is None else self._index.MOST_CANDIDATES
        looked_at, scores, exact = self._scores(steered, decoder, count, allowed_rows)
        if looked_at is not None and not exact:
            looked_at, scores = best_of(looked_at, scores, count)
        ranks: list[int | None] = []
        for row in rows:
            place = int(row) if looked_at is None else int(np.searchsorted(looked_at, row))
            is_there = looked_at is None or (place < len(looked_at) and looked_at[place] == row)
            ranks.append(rank_among(scores, place) if is_there else None)
        return ranks

    def _scores(
        self,
        steered: SteeredQuery,
        decoder: np.ndarray,
        count: int,
        allowed_rows: np.ndarray | None,
    ) -> tuple[np.ndarray | None, np.ndarray, bool]:
        """Rows looked at, ascending (None for all), their scores, whether none was left out."""
        q = self._vector_of(steered.vector)
        found = self._candidates(q, count, allowed_rows, steered.cosine, parts_of(steered, decoder))
        if found is not None:
            return found.rows, found.scores, False
        subset = None if allowed_rows is None else np.flatnonzero(allowed_rows)
        if subset is not None and self._gathers(len(subset)):
            return subset, self._exact.of_rows(subset, q), True
        everything = self._exact.steered(steered, decoder)
        return subset, everything if subset is None else everything[subset], True

    def _candidates(
        self,
        q: np.ndarray,
        count: int,
        allowed_rows: np.ndarray | None,
        cosine: float = 1.0,
        parts: Parts | None = None,
    ) -> Candidates | None:
        """What the index proposes, scored; None where it cannot answer or need not."""
        if self._index is None or count > self._index.MOST_CANDIDATES:
            return None
        for kept in self._lists:
            if kept.answer(q, count, allowed_rows, cosine):
                return kept
        if allowed_rows is not None:
            passing = int(np.count_nonzero(allowed_rows))
            if self._gathers(passing) and len(self) - passing > FEW_LEFT_OUT:
                return None
        rows = self._index.candidates(
            q, count, cosine=cosine, allowed_rows=allowed_rows, parts=parts
        )
        if rows is None:
            return None
        kept_filter = None if allowed_rows is None else allowed_rows.copy()
        if parts is None:
            scores = self._exact.of_rows(rows, q)
        else:
            scores = self._by_parts.of(rows, parts)
        found = Candidates(np.array(q), count, kept_filter, cosine < 1.0, rows, scores)
        self._lists.append(found)
        return found

    def plain_ranks(
        self,
        query: QueryFeatures | np.ndarray,
        rows: Sequence[int] | np.ndarray,
        allowed_rows: np.ndarray | None = None,
    ) -> list[int | None]:
        """The rank of each row before steering, from 1, among the allowed rows.

        None for a row that never appears, or lies beyond what the index looked at.
        """
        q = self._vector_of(query)
        if allowed_rows is not None:
            allowed_rows = self._checked_filter(allowed_rows)
        if self._ranks is None or not self._ranks.answer(q, allowed_rows):
            self._ranks = self._rank(q, allowed_rows)
        return [self._ranks.of(int(row)) for row in rows]

    def scores_of(self, query: QueryFeatures | np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Cosine of some rows with the query before steering, (m,) float32."""
        q = self._vector_of(query)
        rows = np.asarray(rows, dtype=np.int64)
        return self._exact.of_rows(rows, q) if self._index else self._exact.plain(q)[rows]

    def unit_vectors(self, rows: np.ndarray) -> np.ndarray:
        """The vectors of some rows at length 1, (m, d) float32."""
        return self._exact.unit_vectors(np.asarray(rows, dtype=np.int64))

    def _rank(self, q: np.ndarray, allowed_rows: np.ndarray | None) -> Ranks:
        most = 0 if self._index is None else self._index.MOST_CANDIDATES
        found = self._candidates(q, most, allowed_rows, parts=Parts(q))
        if found is not None:
            ranked, scores = best_of(found.rows, found.scores, most)
            return Ranks(q, allowed_rows, ranked, scores)
        if allowed_rows is None:
            return Ranks(q, None, None, self._exact.plain(q))
        allowed = np.flatnonzero(allowed_rows)
        gathers = self._gathers(len(allowed))
        scores = self._exact.of_rows(allowed, q) if gathers else self._exact.plain(q)[allowed]
        return Ranks(q, allowed_rows, allowed, scores)

    def _gathers(self, rows: int) -> bool:
        """Whether reading just so many rows beats looking at all.

        Without an index the products with all are at hand from slider to slider.
        """
        return self._index is not None and rows * self.dim <= GATHERED_VALUES

    def _vector_of(self, query: QueryFeatures | np.ndarray) -> np.ndarray:
        q = query.vector if isinstance(query, QueryFeatures) else np.asarray(query, np.float32)
        if q.shape != (self.dim,):
            raise BadInput(
                f"The query has the shape {q.shape} but the documents have vectors of width "
                f"{self.dim}. Encode the query with the model that encoded the documents."
            )
        return q

    def _checked_filter(self, allowed_rows: np.ndarray) -> np.ndarray:
        if allowed_rows.shape != (len(self),) or allowed_rows.dtype != np.bool_:
            raise ValueError(f"a filter needs one bool for each of {len(self)} rows")
        return allowed_rows
