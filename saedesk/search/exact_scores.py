"""Cosine of a query with every document, cheap enough to follow a slider.

The score of a document under q' = (q + Σ u_i d_i) / N is (q·x̂ + Σ u_i d_i·x̂) / N. The products
of all documents with q and with each turned feature are kept, so that moving a slider adds two
columns of numbers and reads no vectors. Of many features not each has its own (`moved_scores`).
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from saedesk.errors import BadInput
from saedesk.search.moved_scores import MovedScores
from saedesk.search.query_features import SteeredQuery, added
from saedesk.task_control import TaskControl

VALUES_AT_ONCE = 2**19
"""Vectors are read in pieces of so many values: 2 MB in single precision, which the processor's
cache holds and the allocator gives again and again. Pieces of 64 MB took eight times as long where
vectors in half precision are converted."""

MOST_FEATURES = 16
"""Plans that turn more features are scored by products with their sum: the slider of a family turns
many features along one direction, wherever it stands."""

KEPT_PROJECTIONS = MOST_FEATURES + 1
"""One more for what is added besides features."""

OTHER = -1
"""Among the kept products that with what is added besides features."""

ROWS_AT_ONCE = 2**15
"""Rows whose columns are added up in one go: the processor's cache holds their scores."""

GROUP = 32
"""Rows in a group of which the best score is looked at first."""

CANCELLATION = 0.05
"""Where N falls below this share of what was added up, sums of single-precision products would
lose the fifth digit; the product with q' does not."""


class ExactScores:
    """Cosines with all rows of `vectors` (n, d); not for use from two threads at once.

    Rows that are named in `excluded_rows`, zero or not finite have the score −inf.
    """

    def __init__(self, vectors: np.ndarray, excluded_rows: Iterable[int] = ()) -> None:
        if vectors.ndim != 2:
            raise BadInput(f"Vectors need two dimensions; these have the shape {vectors.shape}.")
        self.vectors = vectors
        self.inverse_norms = inverse_norms(vectors)
        self.inverse_norms[np.fromiter(excluded_rows, dtype=np.int64)] = 0.0
        self.searchable = self.inverse_norms > 0.0
        self._left_out = np.flatnonzero(~self.searchable)
        self._plain: tuple[np.ndarray, np.ndarray] | None = None
        self._by_vector: tuple[np.ndarray, np.ndarray] | None = None
        self._last: tuple[SteeredQuery, np.ndarray, np.ndarray] | None = None
        # Held by nothing of its own, so that its memory is given back with its last name.
        own = weakref.proxy(self)
        self._moved = MovedScores(
            lambda v: own._products(v, None, np.float64),
            lambda rows, v: own._each_by_itself(rows, v),
            vectors.shape[1],
            self._left_out,
        )
        self._projections: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def plain(self, q: np.ndarray) -> np.ndarray:
        """q·x̂ for every row, (n,) float32, read-only; kept for the last query."""
        if self._plain is None or not np.array_equal(self._plain[0], q):
            scores = self._products(q)
            scores[self._left_out] = -np.inf
            scores.flags.writeable = False
            self._plain = (np.array(q), scores)
        return self._plain[1]

    def steered(self, steered: SteeredQuery, decoder: np.ndarray) -> np.ndarray:
        """q'·x̂ for every row, (n,) float32, read-only; at rest the very array of `plain`.

        The way of computing depends on the plan alone, never on what happens to be kept, so the
        same plan gives the same bits whenever it is searched.
        """
        # Results and ranks of one query are asked for one after the other.
        if self._last is None or self._last[0] is not steered or self._last[1] is not decoder:
            scores = self._steered(steered, decoder)
            scores.flags.writeable = False
            self._last = (steered, decoder, scores)
        return self._last[2]

    def _steered(self, steered: SteeredQuery, decoder: np.ndarray) -> np.ndarray:
        strengths, other = steered.plan.strengths, steered.other
        if not strengths and other is None:
            return self.plain(steered.vector)
        # Decoder rows have another length than 1 where an SAE sees dimensions scaled.
        added_up = 1.0 + sum(abs(u) * float(np.linalg.norm(decoder[i])) for i, u in strengths)
        if other is not None:
            added_up += steered.other_share * float(np.linalg.norm(other))
        if steered.norm < CANCELLATION * added_up:
            return self._of_vector(steered.vector)
        if len(strengths) > MOST_FEATURES:
            move = added(strengths, decoder)
            if other is not None:
                move += steered.other_share * other
            return self._moved.of(steered.query.vector, steered.query.vector + move)
        parts = [(u, self.along(latent, decoder[latent])) for latent, u in strengths]
        if other is not None:
            parts.append((steered.other_share, self.along(OTHER, other)))
        scores = with_parts(self.plain(steered.query.vector), parts)
        scores *= np.float32(1.0 / steered.norm)
        return scores

    def _of_vector(self, vector: np.ndarray) -> np.ndarray:
        """q'·x̂ for every row, read-only; kept for the last vector."""
        if self._by_vector is None or not np.array_equal(self._by_vector[0], vector):
            scores = self._products(vector)
            scores[self._left_out] = -np.inf
            scores.flags.writeable = False
            self._by_vector = (np.array(vector), scores)
        return self._by_vector[1]

    def of_rows(self, rows: np.ndarray, q: np.ndarray) -> np.ndarray:
        """q·x̂ for some rows, (m,) float32."""
        q = np.ascontiguousarray(q, dtype=np.float32)
        scores = np.empty(len(rows), dtype=np.float32)
        with np.errstate(invalid="ignore", over="ignore"):
            for part in _pieces(rows, VALUES_AT_ONCE // max(1, len(q))):
                np.matmul(single_precision(self.vectors[rows[part]]), q, out=scores[part])
            scores *= self.inverse_norms[rows]
        scores[~self.searchable[rows]] = -np.inf
        return scores

    def unit_vectors(self, rows: np.ndarray) -> np.ndarray:
        """Some rows at length 1, (m, d) float32."""
        return single_precision(self.vectors[rows]) * self.inverse_norms[rows, None]

    def along(self, latent: int, direction: np.ndarray) -> np.ndarray:
        """d·x̂ for every row, (n,) float32, 0 where there is no x̂; kept for those used last."""
        kept = self._projections.get(latent)
        direction = np.asarray(direction, dtype=np.float32)
        if kept is None or not np.array_equal(kept[0], direction):
            # Another SAE may have taken the place of the one the kept products belong to.
            kept = self._projections[latent] = (np.array(direction), self.once_along(direction))
        self._projections.move_to_end(latent)
        while len(self._projections) > KEPT_PROJECTIONS:
            self._projections.popitem(last=False)
        return kept[1]

    def once_along(self, direction: np.ndarray, control: TaskControl | None = None) -> np.ndarray:
        """`along` for a direction (d,) that is not kept; may be cancelled between its pieces."""
        products = self._products(direction, control)
        products[self._left_out] = 0.0
        return products

    def _each_by_itself(self, rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """v·x̂ for some rows, (m,) float64: the same bits whatever the other rows are."""
        products = np.empty(len(rows))
        for part in _pieces(rows, VALUES_AT_ONCE // max(1, len(vector))):
            own = single_precision(self.vectors[rows[part]]) * vector
            own.sum(axis=1, out=products[part])
        products *= self.inverse_norms[rows]
        return products

    def _products(
        self,
        direction: np.ndarray,
        control: TaskControl | None = None,
        precision: type[np.floating] = np.float32,
    ) -> np.ndarray:
        """d·x̂ for every row in this precision; rows that are left out may have anything."""
        direction = np.ascontiguousarray(direction, dtype=precision)
        products = np.empty(len(self.vectors), dtype=precision)
        values = VALUES_AT_ONCE * 4 // direction.itemsize
        wide = np.empty(values if direction.itemsize > 4 else 0, precision)
        with np.errstate(invalid="ignore", over="ignore"):
            for rows in _pieces(self.vectors, values):
                if control is not None:
                    control.checkpoint()
                piece = single_precision(self.vectors[rows])
                if len(wide):
                    # Into the same room again: twice as fast as where the system gives it anew.
                    np.copyto(own := wide[: piece.size].reshape(piece.shape), piece)
                    piece = own
                np.matmul(piece, direction, out=products[rows])
            products *= self.inverse_norms
        return products


def inverse_norms(vectors: np.ndarray) -> np.ndarray:
    """1 / |x| for every row of (n, d), float32; 0 for rows that are zero or not finite."""
    inverse = np.zeros(len(vectors), dtype=np.float32)
    for rows in _pieces(vectors, VALUES_AT_ONCE):
        chunk = single_precision(vectors[rows])
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", chunk, chunk).astype(np.float64)
        # Single precision is four times as fast and exact enough, but for very long and very
        # short vectors, whose squares it cannot hold.
        unsure = np.flatnonzero(~((squares > 1e-20) & (squares < 1e20)))
        if len(unsure):
            extreme = chunk[unsure].astype(np.float64)
            squares[unsure] = np.einsum("ij,ij->i", extreme, extreme)
        lengths = np.sqrt(squares)
        # A length outside this range cannot be turned round in single precision.
        usable = (lengths > 1e-30) & (lengths < 1e30)
        inverse[rows] = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=usable)
    return inverse


def at_length_1(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, d) at length 1, float64; a zero vector stays what it is."""
    own = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    unit: np.ndarray = own / np.where(lengths > 0.0, lengths, 1.0)
    return unit


def with_parts(scores: np.ndarray, parts: Sequence[tuple[float, np.ndarray]]) -> np.ndarray:
    """Scores (n,) float32 and weight · values (n,) of every part, added one after the other.

    Piece by piece, so that each further part costs no more than reading its values once.
    """
    total, product = scores.copy(), np.empty(min(len(scores), ROWS_AT_ONCE), np.float32)
    for start in range(0, len(total), ROWS_AT_ONCE):
        piece = total[start : start + ROWS_AT_ONCE]
        own = product[: len(piece)]
        for weight, values in parts:
            piece += np.multiply(values[start : start + len(piece)], np.float32(weight), out=own)
    return total


def best_rows(scores: np.ndarray, count: int) -> np.ndarray:
    """The `count` rows with the highest scores, best first, equal scores in row order, int64.

    Rows at −inf are never among them.
    """
    if count <= 0 or not len(scores):
        return np.empty(0, dtype=np.int64)
    rows = _leading_rows(scores, count)
    own = scores[rows]
    if count < len(rows):
        own_last = np.partition(own, len(own) - count)[len(own) - count]
        rows, own = rows[own >= own_last], own[own >= own_last]
    there = own > -np.inf
    rows, own = rows[there], own[there].astype(np.float64)
    return rows[np.argsort(-own, kind="stable")][:count]


def rank_among(scores: np.ndarray, place: int) -> int | None:
    """The rank of one of the scores (n,), from 1, equal ones in their order; None for −inf."""
    own = scores[place]
    if own == -np.inf:
        return None
    return 1 + int(np.count_nonzero(scores > own)) + int(np.count_nonzero(scores[:place] == own))


def _leading_rows(scores: np.ndarray, count: int) -> np.ndarray:
    """Ascending rows that hold the best `count` and all that equal the last of them.

    The best of every group of rows are looked at first: no row under the `count`-th best of these
    can be among the best `count`. That reads all scores once and copies none.
    """
    groups = len(scores) // GROUP
    if count > groups // 4:
        return np.arange(len(scores))
    # Row i is in group i mod groups, so that neighbours are in different groups.
    grouped = scores[: groups * GROUP].reshape(GROUP, groups)
    best = grouped.max(axis=0)
    least = np.partition(best, groups - count)[groups - count]
    if least == -np.inf:
        return np.flatnonzero(scores > -np.inf)
    columns = np.flatnonzero(best >= least)
    members, places = np.nonzero(grouped[:, columns] >= least)
    rest = np.arange(groups * GROUP, len(scores))
    return np.concatenate([members * groups + columns[places], rest[scores[rest] >= least]])


def _pieces(vectors: np.ndarray, values: int) -> Iterator[slice]:
    """Slices of the first axis with about so many values each, the same for the same shape."""
    step = max(1, values // max(1, vectors[:1].size))
    return (slice(start, start + step) for start in range(0, len(vectors), step))


def single_precision(chunk: np.ndarray) -> np.ndarray:
    """Numbers in single precision; half precision is converted fast."""
    if chunk.dtype != np.float16:
        return np.asarray(chunk, dtype=np.float32)
    import torch

    # torch converts half precision with the processor's own instruction, numpy 20 times slower.
    half = np.array(chunk, copy=not chunk.flags.writeable)
    single: np.ndarray = torch.from_numpy(half).float().numpy()
    return single
