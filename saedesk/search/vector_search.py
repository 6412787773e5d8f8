"""Documents in the order of their cosine with a query, before and after steering.

Exact by default: every document is scored. With an index, candidates come from the index and are
scored exactly; a filter, or an index that falls short, leads back to exact scores, and `Hits`
says which it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import BadInput, BadSetting, DamagedArtifact
from saedesk.search.exact_scores import ExactScores, best_rows
from saedesk.search.query_features import QueryFeatures, SteeredQuery

if TYPE_CHECKING:
    from saedesk.search.hnsw_index import GuardedHnswIndex

GATHERED_ROWS = 20_000
"""A filter that leaves no more rows than this is answered from their vectors alone, where there
is an index because there are many more."""

FEW_LEFT_OUT = 50
"""A filter that leaves out no more rows than this is answered by the index: so many more
candidates make up for them."""


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
        index: GuardedHnswIndex | None = None,
    ) -> None:
        self._exact = ExactScores(vectors, excluded_rows)
        if index is not None and (index.rows, index.dim) != vectors.shape:
            raise DamagedArtifact(
                f"The search index belongs to {index.rows:,} vectors of width {index.dim}, the "
                f"project has {len(vectors):,} of width {vectors.shape[1]}. Build it again."
            )
        self._index = index
        self._ranks: _Ranks | None = None

    @property
    def index(self) -> GuardedHnswIndex | None:
        """The index that proposes candidates, or None."""
        return self._index

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
        looked_at, scores, _ = self._scores(steered, decoder, count, allowed_rows)
        ranks: list[int | None] = []
        for row in rows:
            place = int(row) if looked_at is None else int(np.searchsorted(looked_at, row))
            is_there = looked_at is None or (place < len(looked_at) and looked_at[place] == row)
            if not is_there or scores[place] == -np.inf:
                ranks.append(None)
                continue
            above = int(np.count_nonzero(scores > scores[place]))
            # Equal scores are in the order of rows.
            ranks.append(1 + above + int(np.count_nonzero(scores[:place] == scores[place])))
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
        candidates = self._candidates(q, count, allowed_rows, steered.cosine)
        if candidates is not None:
            return candidates, self._exact.of_rows(candidates, q), False
        subset = None if allowed_rows is None else np.flatnonzero(allowed_rows)
        if subset is not None and self._gathers(subset):
            return subset, self._exact.of_rows(subset, q), True
        everything = self._exact.steered(steered, decoder)
        return subset, everything if subset is None else everything[subset], True

    def _candidates(
        self, q: np.ndarray, count: int, allowed_rows: np.ndarray | None, cosine: float = 1.0
    ) -> np.ndarray | None:
        """Allowed rows from the index, ascending; None where it cannot answer."""
        left_out = 0 if allowed_rows is None else len(allowed_rows) - int(allowed_rows.sum())
        if self._index is None or left_out > FEW_LEFT_OUT:
            return None
        most = self._index.MOST_CANDIDATES
        wanted = count if count > most else min(most, count + left_out)
        candidates = self._index.candidates(q, wanted, cosine=cosine)
        if candidates is None or allowed_rows is None:
            return candidates
        return candidates[allowed_rows[candidates]]

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

    def _rank(self, q: np.ndarray, allowed_rows: np.ndarray | None) -> _Ranks:
        most = 0 if self._index is None else self._index.MOST_CANDIDATES
        ranked = candidates = self._candidates(q, most, allowed_rows)
        if ranked is None and allowed_rows is not None:
            ranked = np.flatnonzero(allowed_rows)
        if ranked is None:
            scores = self._exact.plain(q)
        elif candidates is not None or self._gathers(ranked):
            scores = self._exact.of_rows(ranked, q)
        else:
            scores = self._exact.plain(q)[ranked]
        return _Ranks(q, allowed_rows, ranked, scores)

    def _gathers(self, subset: np.ndarray) -> bool:
        """Whether reading just these rows beats products with all rows.

        Without an index those products are at hand from slider to slider.
        """
        return self._index is not None and len(subset) <= GATHERED_ROWS

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


class _Ranks:
    """The ranks of one query under one filter, kept while its sliders move.

    Places are looked up in the sorted scores: sorting values alone is several times faster than
    sorting rows by them.
    """

    def __init__(
        self,
        q: np.ndarray,
        allowed_rows: np.ndarray | None,
        ranked: np.ndarray | None,
        scores: np.ndarray,
    ) -> None:
        self._q = np.array(q)
        self._allowed_rows = None if allowed_rows is None else allowed_rows.copy()
        self._ranked = ranked
        """Rows that have a rank, ascending; None for all."""
        self._scores = scores
        self._sorted = np.sort(scores)

    def answer(self, q: np.ndarray, allowed_rows: np.ndarray | None) -> bool:
        if allowed_rows is None or self._allowed_rows is None:
            same_filter = allowed_rows is self._allowed_rows
        else:
            same_filter = np.array_equal(allowed_rows, self._allowed_rows)
        return same_filter and np.array_equal(q, self._q)

    def of(self, row: int) -> int | None:
        place = row if self._ranked is None else int(np.searchsorted(self._ranked, row))
        if self._ranked is not None and (place == len(self._ranked) or self._ranked[place] != row):
            return None
        score = self._scores[place]
        if score == -np.inf:
            return None
        above = len(self._sorted) - int(np.searchsorted(self._sorted, score, side="right"))
        equal = len(self._sorted) - above - int(np.searchsorted(self._sorted, score))
        # Equal scores come in the order of rows; only then is it worth looking for them.
        earlier = int(np.count_nonzero(self._scores[:place] == score)) if equal > 1 else 0
        return above + earlier + 1
