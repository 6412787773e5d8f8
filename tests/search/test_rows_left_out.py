"""A few rows left out of a search, such as the documents that are the query, with an index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import FEW_LEFT_OUT, VectorSearch
from tests.search.test_hnsw_index import built, clustered, opened


def test_the_index_answers_and_ranks_without_them(tmp_path: Path) -> None:
    vectors = clustered(3_000)
    built(tmp_path, vectors)
    decoder = clustered(20, seed=3)
    search, exact = VectorSearch(vectors, index=opened(tmp_path, vectors)), VectorSearch(vectors)
    query = take_apart(vectors[7], np.array([2]), np.array([0.3]), decoder)
    nearest = exact.search(steer(query, SteeringPlan(), decoder), decoder, 3).rows
    assert nearest[0] == 7
    allowed = np.ones(len(vectors), bool)
    allowed[nearest] = False
    for strengths in ((), ((5, 0.5),)):
        steered = steer(query, SteeringPlan(strengths), decoder)
        hits = search.search(steered, decoder, 10, allowed)
        expected = exact.search(steered, decoder, 10, allowed)
        assert not hits.exact
        assert hits.rows.tolist() == expected.rows.tolist()
        assert not set(hits.rows.tolist()) & set(nearest.tolist())
        known = [rank for rank in search.plain_ranks(query, hits.rows, allowed) if rank]
        wanted = exact.plain_ranks(query, hits.rows, allowed)
        assert known == [rank for rank in wanted if rank in known]
        assert search.steered_ranks(steered, decoder, hits.rows, allowed) == list(range(1, 11))
    assert search.plain_ranks(query, nearest, allowed) == [None] * 3


def test_many_rows_left_out_are_scanned_for(tmp_path: Path) -> None:
    vectors = clustered(1_500)
    built(tmp_path, vectors)
    decoder = clustered(20, seed=3)
    search = VectorSearch(vectors, index=opened(tmp_path, vectors))
    steered = steer(take_apart(vectors[0], [], [], decoder), SteeringPlan(), decoder)
    allowed = np.arange(1_500) > FEW_LEFT_OUT
    assert search.search(steered, decoder, 10, allowed).exact
