"""Compact codes: what a scan of them proposes, in either number format, for any query."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.search.compact_codes import (
    STORAGES,
    CompactCodes,
    Storage,
    encode,
    head_width,
)
from saedesk.search.exact_scores import ExactScores, best_rows
from saedesk.task_control import Cancelled, Unattended
from tests.benchmarks.invented_vectors import InventedVectors, unit
from tests.search.test_hnsw_index import Watched

ROWS, WIDTH = 6_000, 96


@pytest.fixture(scope="module")
def world() -> InventedVectors:
    return InventedVectors(ROWS, WIDTH)


@pytest.fixture(scope="module")
def exact(world: InventedVectors) -> ExactScores:
    return ExactScores(world.documents(ROWS).astype(np.float16))


@pytest.fixture(scope="module", params=STORAGES)
def codes(exact: ExactScores, request: pytest.FixtureRequest) -> CompactCodes:
    return encode(exact, Unattended(), storage=request.param)


def share_found(codes: CompactCodes, exact: ExactScores, q: np.ndarray, count: int) -> float:
    best = best_rows(exact.plain(q.astype(np.float32)), 10)
    return float(np.isin(best, codes.propose(q, count)).mean())


def test_plain_and_far_steered_queries_find_their_best(
    codes: CompactCodes, exact: ExactScores, world: InventedVectors
) -> None:
    random = np.random.default_rng(3)
    shares = []
    for start in world.queries(exact.unit_vectors(np.arange(30))):
        directions = unit(exact.unit_vectors(random.integers(ROWS, size=5)))
        for q in (start, unit(start + 0.9 * directions.sum(axis=0)), unit(start - directions[0])):
            shares.append(share_found(codes, exact, q, 200))
    assert np.mean(shares) >= 0.99


def test_a_code_has_a_byte_for_a_number_and_uses_its_range(exact: ExactScores) -> None:
    codes = encode(exact, Unattended())
    assert codes.head.shape == (ROWS, WIDTH)
    assert codes.head.nbytes + codes.tail.nbytes == ROWS * WIDTH
    assert np.abs(codes.head).max() == 127


def test_bytes_and_their_conversion_order_rows_alike(exact: ExactScores) -> None:
    codes = encode(exact, Unattended())
    q = exact.unit_vectors(np.array([11]))[0]
    found = []
    for multiplies_bytes in (True, False):
        codes._multiplies_bytes = multiplies_bytes
        turned = np.rint(q[: codes.head.shape[1]] * 127)
        found.append(codes.products(codes.head, turned).astype(np.float64))
    np.testing.assert_array_equal(*found)


def test_a_torch_without_products_of_bytes_still_scans(
    exact: ExactScores, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    q = exact.unit_vectors(np.array([11]))[0]
    expected = encode(exact, Unattended()).propose(q, 50)
    monkeypatch.delattr(torch, "_int_mm")
    np.testing.assert_array_equal(encode(exact, Unattended()).propose(q, 50), expected)


@pytest.mark.parametrize("storage", STORAGES)
def test_a_filter_and_rows_left_out_are_never_proposed(
    exact: ExactScores, storage: Storage
) -> None:
    vectors = np.array(exact.vectors)
    vectors[::3] = 0.0
    codes = encode(ExactScores(vectors), Unattended(), storage=storage)
    # Away from all documents, where rows of zeros would come first.
    q = -exact.unit_vectors(np.arange(100)).mean(axis=0)
    best = codes.propose(q, 500)
    assert (best % 3 != 0).all()
    allowed = np.zeros(ROWS, bool)
    allowed[[4, 8, 900, 5_999]] = True  # 900 is without direction
    assert codes.propose(q, 500, allowed).tolist() == [4, 8, 5_999]


def test_codes_of_more_documents_keep_those_of_the_first(exact: ExactScores) -> None:
    first = encode(ExactScores(exact.vectors[:4_000]), Unattended())
    more = encode(exact, Unattended(), before=first)
    np.testing.assert_array_equal(more.head[:4_000], first.head)
    assert more.turning is first.turning
    shares = [
        share_found(more, exact, q, 200) for q in exact.unit_vectors(np.arange(3_900, 4_100, 7))
    ]
    assert np.mean(shares) >= 0.99


def test_codes_are_narrower_for_more_documents() -> None:
    assert [head_width(rows, 1_536) for rows in (100_000, 420_000, 1_000_000, 50_000_000)] == [
        128, 128, 64, 32,
    ]  # fmt: skip
    assert head_width(420_000, 1_536, "float16") == 64
    assert head_width(10, 20) == 20


def test_tails_put_right_what_heads_mistake(
    exact: ExactScores, world: InventedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.search.compact_codes.WIDEST", 32)
    monkeypatch.setattr("saedesk.search.compact_codes.READ_ON", 600)
    codes = encode(exact, Unattended())
    assert (codes.head.shape[1], codes.tail.shape[1]) == (32, 64 - 32)
    alone = CompactCodes(codes.turning, codes.head, codes.tail[:, :0], codes.left_out)
    queries = world.queries(exact.unit_vectors(np.arange(40)))
    by_both, by_heads = (
        np.mean([share_found(one, exact, q, 14) for q in queries]) for one in (codes, alone)
    )
    assert by_both >= by_heads + 0.05


def test_a_cancel_is_heard_at_every_checkpoint(exact: ExactScores) -> None:
    for checkpoint in (0, 2, 4):
        with pytest.raises(Cancelled):
            encode(exact, Watched(checkpoint))
