"""How much every document is about a feature or a family, from all that is known of it.

The fused score is the mean of up to four parts, each scaled so that any document has 0 on average
(by activation: where the feature is not active) and a typical document of the feature has 1:

    activation   its activation
    direction    the product with Σ⁻¹ (mean of its documents − mean of all), the whitened
                 difference of means
    label        the product with the vector of its label
    words        BM25 of the words of its label

What is missing (no text, no encoder, no label) or tells the feature's documents from no others is
left out, and said. A document's score is a plain sum, so it can be explained exactly. No part is
more than `STRONGEST`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.exact_scores import VALUES_AT_ONCE, single_precision
from saedesk.search.steering_plan import Target, put_to_rest
from saedesk.search.target_values import shares_of, summed_activations
from saedesk.search.whitening import Whitening, evenly
from saedesk.task_control import TaskControl, Unattended

ACTIVATION, DIRECTION, LABEL, WORDS = PARTS = ("activation", "direction", "label", "words")
TYPICAL = 5_000
"""Documents of a feature from which it is learnt what is typical of it."""
KEPT, KEPT_AT_MOST = 8, 64
"""Targets whose scores are kept: in any case, and where there is room."""
ROOM = 2**28
"""Bytes for scores of more than `KEPT` targets: those of some 60 that a hundredth of a million
documents have. What is turned and not kept is computed anew at every move of a slider."""
STRONGEST = 1.5
"""No part of a score is more than this many times that of a typical document: a document in which
one part is beyond all measure would be given a place although little else speaks for it. Measured
at .9 of the relevance: .94/.94 of the features are told, without the bound .91/.90."""
LEAST_DISTANCE = 1.0
"""In standard deviations of all documents: a part in which a typical document of the feature does
not stand out by this much would be blown up until its noise drowned the others."""
_TELLS_NOTHING = {
    DIRECTION: "Where its documents lie is not used, because it hardly tells them from others.",
    LABEL: "The meaning of its label is not used, because it hardly tells its documents from "
    "others.",
    WORDS: "The words of its label are not used, because its documents have hardly more of them "
    "than others.",
}
Sparse = tuple[np.ndarray, np.ndarray]
"""Rows (m,) int64 ascending, and a value for each, float64; all other rows have 0."""


class Labels(Protocol):
    """Where the labels of targets, their vectors and their words come from."""

    def texts_of(self, target: Target) -> tuple[str, ...]:
        """The labels that say what a target is; () where there are none. Asked for often."""

    def parts_of(self, texts: tuple[str, ...]) -> LabelParts:
        """What labels add to a fused score."""


@dataclass(frozen=True)
class LabelParts:
    """What the label of a target adds; None where there is nothing of the kind."""

    vector: np.ndarray | None = None
    """(d,) at any length."""
    words: Sparse | None = None
    """BM25 of the label's words, the larger the better."""
    left_out: tuple[str, ...] = ()
    """Sentences: what there is not."""


@dataclass(frozen=True, eq=False)
class FusedScore:
    """The fused score of one target."""

    values: np.ndarray
    """(n,) float32, read-only, for all rows."""
    names: tuple[str, ...]
    """The parts there are, in the order of `PARTS`."""
    left_out: tuple[str, ...]
    """Sentences: which parts are left out, and why."""
    _sparse: dict[str, Sparse] = field(repr=False)
    _directions: dict[str, np.ndarray] = field(repr=False)
    _scaling: dict[str, tuple[float, float]] = field(repr=False)
    """(what any document has, what a typical one has more) of each part."""

    @property
    def bytes(self) -> int:
        """What it takes to keep it."""
        sparse = sum(rows.nbytes + values.nbytes for rows, values in self._sparse.values())
        return self.values.nbytes + sparse

    @property
    def active_rows(self) -> np.ndarray:
        """The rows of documents that have the target at all, (m,) int64 ascending."""
        return self._sparse[ACTIVATION][0]

    def activations(self, rows: np.ndarray) -> np.ndarray:
        """How active the target is in some rows (m,), 0 where it is not, float64."""
        return _lookup(self._sparse[ACTIVATION], rows)

    def parts_of(self, rows: np.ndarray, unit_vectors: np.ndarray) -> np.ndarray:
        """The parts of some rows (m,), in the order of `names`: (m, parts) float64.

        They sum to `values[rows]` within single precision. `unit_vectors` is (m, d).
        """
        columns = []
        for name in self.names:
            any_document, more = self._scaling[name]
            if name in self._directions:
                own = unit_vectors.astype(np.float64) @ self._directions[name]
            else:
                own = _lookup(self._sparse[name], rows)
            columns.append(_scaled(own, any_document, more) / len(self.names))
        return np.stack(columns, axis=1)


class FeatureScores:
    """Fused scores of features and families; kept for the last few. Not from two threads at once.

    The first score takes a sample's covariance once, and each further one a read of all vectors.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        activations: SparseActivations,
        labels: Labels,
        inverse_norms: Callable[[], np.ndarray],
    ) -> None:
        """`vectors` (n, d) row by row the documents of `activations`.

        `inverse_norms` gives 1 / |x| of every row (n,), 0 for rows that never appear.
        """
        self._vectors = vectors
        self._activations = activations
        self._labels = labels
        self._inverse_norms = inverse_norms
        self._whitening: Whitening | None = None
        self._kept: OrderedDict[tuple[Target, tuple[str, ...]], FusedScore] = OrderedDict()

    def prepare(self, control: TaskControl) -> None:
        """Take what every score needs; after a cancel the next call goes on where it stopped."""
        if self._whitening is None:
            self._whitening = Whitening(self._vectors, self._inverse_norms())
        self._whitening.prepare(control)

    def of(self, target: Target, control: TaskControl | None = None) -> FusedScore:
        """The fused score of a target; raises NothingToSearch where nothing tells its documents.

        A score that is not kept yet may be cancelled between pieces of the vectors.
        """
        target = put_to_rest(target)
        # A label may have been written anew.
        key = (target, self._labels.texts_of(target))
        if key not in self._kept:
            self._kept[key] = self._compute(*key, control or Unattended())
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT and not self._have_room():
            self._kept.popitem(last=False)
        return self._kept[key]

    def _have_room(self) -> bool:
        taken = sum(score.bytes for score in self._kept.values())
        return len(self._kept) <= KEPT_AT_MOST and taken <= ROOM

    def activation_of(self, target: Target) -> Sparse:
        """Where a target is active, and its activations there."""
        if isinstance(target, int):
            rows, values = self._activations.latent(target)
            order = np.argsort(rows, kind="stable")
            return rows[order].astype(np.int64), values[order].astype(np.float64)
        total, _ = summed_activations(shares_of(target), self._activations)
        active = np.flatnonzero(total > 0.0)
        return active, total[active]

    def _compute(self, target: Target, texts: tuple[str, ...], control: TaskControl) -> FusedScore:
        inverse = self._inverse_norms()
        rows, values = self.activation_of(target)
        usable = inverse[rows] > 0.0
        rows, values = rows[usable], values[usable]
        if not len(rows):
            raise NothingToSearch(
                "This feature is active in no document, so there is none to put forward or back. "
                "Choose another one."
            )
        order = evenly(np.argsort(-values, kind="stable"), TYPICAL)
        typical, weights = rows[order], values[order] / values[order].sum()
        label = self._labels.parts_of(texts)
        unit = single_precision(self._vectors[typical]) * inverse[typical, None]
        mean_of_its_own = weights @ unit.astype(np.float64)
        self.prepare(control)
        assert self._whitening is not None
        difference = mean_of_its_own - self._whitening.mean
        directions = {DIRECTION: self._whitening.direction(difference)}
        if label.vector is not None:
            directions[LABEL] = label.vector / np.linalg.norm(label.vector)
        sparse: dict[str, Sparse] = {ACTIVATION: (rows, values)}
        if label.words is not None:
            sparse[WORDS] = label.words
        fused = _Fusion(len(self._vectors), inverse, typical, weights)
        fused.add_activation(sparse[ACTIVATION])
        fused.add_products(self._vectors, directions, control)
        fused.add_words(sparse.get(WORDS))
        return fused.done(sparse, directions, label.left_out)


class _Fusion:
    """Adds up the parts of one target, each scaled, and remembers how."""

    def __init__(
        self, n: int, inverse: np.ndarray, typical: np.ndarray, weights: np.ndarray
    ) -> None:
        self._columns: dict[str, np.ndarray | Sparse] = {}
        self._scaling: dict[str, tuple[float, float]] = {}
        self._n, self._inverse = n, inverse
        self._typical, self._weights = typical, weights
        self._searchable = max(1, int((inverse > 0.0).sum()))
        self._left_out: list[str] = []

    def add_activation(self, own: Sparse) -> None:
        # Over the 95th percentile a typical document has .6 of it, and the other parts outweigh
        # it: one place of ten was then the feature's own in .87 of the trials, so in .93.
        self._columns[ACTIVATION] = own
        self._scaling[ACTIVATION] = (0.0, float(self._weights @ _lookup(own, self._typical)))

    def add_products(
        self, vectors: np.ndarray, directions: dict[str, np.ndarray], control: TaskControl
    ) -> None:
        single = [direction.astype(np.float32) for direction in directions.values()]
        products = np.empty((len(single), self._n), np.float32)
        step = max(1, VALUES_AT_ONCE // vectors.shape[1])
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, self._n, step):
                control.checkpoint()
                piece = single_precision(vectors[start : start + step])
                for column, direction in zip(products, single, strict=True):
                    np.matmul(piece, direction, out=column[start : start + step])
            products *= self._inverse
        products[:, self._inverse == 0.0] = 0.0
        for name, column in zip(directions, products, strict=True):
            typical = column[self._typical].astype(np.float64)
            if self._stands_out(name, column, typical):
                self._columns[name] = column

    def add_words(self, words: Sparse | None) -> None:
        if words is None:
            return
        if self._stands_out(WORDS, words[1], _lookup(words, self._typical)):
            self._columns[WORDS] = words

    def _stands_out(self, name: str, values: np.ndarray, typical: np.ndarray) -> bool:
        """Whether a part tells the feature's documents from others; its scaling is kept then.

        `values` are those that are not 0, of all documents; `typical` those of the feature's.
        """
        any_document = float(values.sum(dtype=np.float64)) / self._searchable
        squares = float(np.square(values, dtype=np.float64).sum()) / self._searchable
        spread = float(np.sqrt(max(0.0, squares - any_document**2)))
        more = float(self._weights @ typical) - any_document
        if more > LEAST_DISTANCE * spread:
            self._scaling[name] = (any_document, more)
            return True
        self._left_out.append(_TELLS_NOTHING[name])
        return False

    def done(
        self,
        sparse: dict[str, Sparse],
        directions: dict[str, np.ndarray],
        left_out: tuple[str, ...],
    ) -> FusedScore:
        names = tuple(name for name in PARTS if name in self._columns)
        total = np.zeros(self._n, np.float32)
        for name in names:
            any_document, more = self._scaling[name]
            column = self._columns[name]
            if isinstance(column, tuple):
                without = -any_document / more
                total += np.float32(without)
                more_than_without = _scaled(column[1], any_document, more) - without
                total[column[0]] += more_than_without.astype(np.float32)
            else:
                total += _scaled(column, any_document, more)
        total /= np.float32(max(1, len(names)))
        total.flags.writeable = False
        return FusedScore(
            total, names, (*left_out, *self._left_out), sparse, directions, self._scaling
        )


def _scaled(values: np.ndarray, any_document: float, more: float) -> np.ndarray:
    """0 for any document, 1 for a typical one of the feature, at most `STRONGEST`."""
    scaled: np.ndarray = values - any_document
    scaled /= more
    return np.minimum(scaled, STRONGEST, out=scaled)


def _lookup(sparse: Sparse, rows: np.ndarray) -> np.ndarray:
    """The values of some rows, 0 where they have none, float64."""
    known, values = sparse
    if not len(known):
        return np.zeros(len(rows))
    places = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    return np.where(known[places] == rows, values[places], 0.0)
