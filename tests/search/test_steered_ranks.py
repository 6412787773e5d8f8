"""The place of plain results after steering, against a sorted list of all scores."""

from __future__ import annotations

import numpy as np

from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import VectorSearch


def unit_rows(rows: int, width: int, seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_ranks_after_steering_are_places_in_the_steered_list() -> None:
    vectors, decoder = unit_rows(500, 16, 0), unit_rows(8, 16, 1)
    search = VectorSearch(vectors)
    query = take_apart(vectors[3], np.array([2], np.int32), np.array([0.4]), decoder)
    steered = steer(query, SteeringPlan(((5, 0.9),)), decoder)
    everything = search.search(steered, decoder, 500)
    rows = np.array([3, 77, 499])
    places = {int(row): place + 1 for place, row in enumerate(everything.rows)}
    assert search.steered_ranks(steered, decoder, rows) == [places[int(r)] for r in rows]


def test_equal_scores_keep_the_order_of_rows_and_filtered_rows_have_no_rank() -> None:
    vectors = np.repeat(unit_rows(1, 4, 0), 6, axis=0)
    decoder = unit_rows(2, 4, 1)
    search = VectorSearch(vectors)
    query = take_apart(vectors[0], np.zeros(0, np.int32), np.zeros(0), decoder)
    steered = steer(query, SteeringPlan(((0, 0.5),)), decoder)
    assert search.steered_ranks(steered, decoder, np.arange(6)) == [1, 2, 3, 4, 5, 6]
    allowed = np.array([False, True, True, False, True, True])
    ranks = search.steered_ranks(steered, decoder, np.array([0, 2, 5]), allowed)
    assert ranks == [None, 2, 4]
