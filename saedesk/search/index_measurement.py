"""How good and how fast a search index is, measured against exact search when it is built.

Queries are documents moved by a part of the way between two others; steered ones have one to
five directions added at strengths from −1 to 1, each the way from the mean to a document. Their
true ten best come from products with all vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from saedesk.search.compact_codes import CompactCodes
from saedesk.search.exact_scores import ExactScores, at_length_1, best_rows
from saedesk.task_control import Progress, TaskControl

QUERIES = 48
"""Plain ones, and as many steered ones."""
BEST = 10
QUERY_MOVE = 0.35
"""How far a query is moved from its document, as a share of the way between two others."""
MOST_TURNED = 5
WANTED_RECALL = 0.99
"""Share of the true ten best among the candidates that is aimed at."""
CANDIDATES = (2_000, 3_000, 4_000, 6_000, 8_000)
"""Numbers of candidates that are tried, fewest first."""
ROWS_AT_ONCE = 8_192

Propose = Callable[[np.ndarray], np.ndarray | None]
"""Candidates for a query."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Queries of one kind and what is truly nearest to each."""

    queries: np.ndarray
    """(m, d) float32 at length 1."""
    nearest: np.ndarray
    """Rows of the ten nearest documents, (m, 10); fewer columns where there are fewer rows."""


@dataclass(frozen=True)
class Quality:
    """What was measured of one way to propose candidates."""

    recall: float
    """Share of the true ten best that is found, 0 to 1."""
    milliseconds: float
    """Median from a query to its ranked rows."""


def samples(exact: ExactScores, control: TaskControl, seed: int = 0) -> tuple[Sample, Sample]:
    """Plain and steered queries over the vectors of `exact`, and what is nearest to each."""
    random = np.random.default_rng(seed)
    found = np.flatnonzero(exact.searchable)
    mean = exact.unit_vectors(np.sort(random.choice(found, min(len(found), 2_000), False))).mean(0)

    def documents(count: int) -> np.ndarray:
        return exact.unit_vectors(random.choice(found, count))

    plain = documents(QUERIES) + QUERY_MOVE * (documents(QUERIES) - documents(QUERIES))
    steered = documents(QUERIES) + QUERY_MOVE * (documents(QUERIES) - documents(QUERIES))
    plain, steered = _unit(plain), _unit(steered)
    for query in steered:
        turned = int(random.integers(1, MOST_TURNED + 1))
        strengths = random.uniform(0.3, 1.0, turned) * random.choice([1.0, 1.0, -1.0], turned)
        query += strengths.astype(np.float32) @ _unit(documents(turned) - mean)
    both = np.concatenate([plain, _unit(steered)])
    nearest = _nearest(exact, both, control)
    return Sample(plain, nearest[:QUERIES]), Sample(both[QUERIES:], nearest[QUERIES:])


def candidates_needed(
    codes: CompactCodes, of_samples: tuple[Sample, Sample], control: TaskControl
) -> int:
    """The fewest candidates that hold enough of the truly nearest, for every kind of query."""
    shares = []
    total = sum(len(sample.queries) for sample in of_samples)
    for number, sample in enumerate(of_samples):
        ahead: list[int] = []
        for at, (q, rows) in enumerate(zip(sample.queries, sample.nearest, strict=True)):
            control.checkpoint()
            done = at + number * (total // len(of_samples))
            control.report(Progress(done, total, "queries", "measuring the search index"))
            order = codes.in_order(q, CANDIDATES[-1])
            places = np.full(codes.rows, codes.rows)
            places[order] = np.arange(len(order))
            ahead += places[rows].tolist()
        shares.append([np.mean(np.array(ahead) < count) for count in CANDIDATES])
    enough = np.flatnonzero(np.min(shares, axis=0) >= WANTED_RECALL)
    return CANDIDATES[int(enough[0])] if len(enough) else CANDIDATES[-1]


def quality(propose: Propose, exact: ExactScores, sample: Sample, control: TaskControl) -> Quality:
    """Recall at 10 after exact scoring of what is proposed, and the time it takes."""
    shares, taken = [], []
    for q, rows in zip(sample.queries, sample.nearest, strict=True):
        control.checkpoint()
        started = time.perf_counter()
        found = _ranked(propose, exact, q)
        taken.append((time.perf_counter() - started) * 1e3)
        shares.append(np.isin(rows, found).mean())
    return Quality(float(np.mean(shares)), float(np.median(taken)))


def _ranked(propose: Propose, exact: ExactScores, q: np.ndarray) -> np.ndarray:
    candidates = propose(q)
    if candidates is None:
        return np.empty(0, np.int64)
    return candidates[best_rows(exact.of_rows(candidates, q), BEST)]


def _nearest(exact: ExactScores, queries: np.ndarray, control: TaskControl) -> np.ndarray:
    """The ten best rows for each query, (m, 10); fewer columns where there are fewer rows."""
    scores = np.empty((len(queries), 0), np.float32)
    rows = np.empty((len(queries), 0), np.int64)
    total = len(exact.vectors)
    for start in range(0, total, ROWS_AT_ONCE):
        control.checkpoint()
        control.report(Progress(start, total, "documents", "measuring the search index"))
        piece = np.arange(start, min(total, start + ROWS_AT_ONCE))
        piece = piece[exact.searchable[piece]]
        products = queries @ exact.unit_vectors(piece).T
        scores = np.concatenate([scores, products], axis=1)
        rows = np.concatenate([rows, np.broadcast_to(piece, products.shape)], axis=1)
        kept = _best_columns(scores)
        scores = np.take_along_axis(scores, kept, axis=1)
        rows = np.take_along_axis(rows, kept, axis=1)
    return rows


def _best_columns(scores: np.ndarray) -> np.ndarray:
    """Columns of the ten greatest of each row, (m, 10)."""
    if scores.shape[1] <= BEST:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(-scores, BEST - 1, axis=1)[:, :BEST]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return at_length_1(vectors).astype(np.float32)
