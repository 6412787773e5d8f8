"""The parts of a steered query: they add up to it, and a search by them is the same search."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from saedesk.search.compact_codes import STORAGES, CompactCodes, Storage, encode
from saedesk.search.exact_scores import ExactScores
from saedesk.search.query_features import QueryFeatures, SteeredQuery, steer, take_apart
from saedesk.search.query_parts import KEPT_PRODUCTS, MOST_ADDED, parts_of
from saedesk.search.rows_by_parts import ROWS_AT_ONCE, RowsByParts
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended
from tests.benchmarks.invented_vectors import InventedVectors

ROWS, WIDTH = 6_000, 96
PLANS = (
    (),
    ((3, 0.4),),
    ((3, 1.0), (9, -0.6), (25, 0.7)),
    tuple((latent, 0.3) for latent in range(12)),
    tuple((latent, 0.2) for latent in range(20)),
    tuple((latent, 1.5 * (-1) ** latent) for latent in range(15)),
)


@pytest.fixture(autouse=True)
def _short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saedesk.search.compact_codes.READ_ON", 1_000)


@pytest.fixture(scope="module")
def world() -> InventedVectors:
    return InventedVectors(ROWS, WIDTH)


@pytest.fixture(scope="module")
def exact(world: InventedVectors) -> ExactScores:
    return ExactScores(world.documents(ROWS).astype(np.float16))


@pytest.fixture(scope="module")
def decoder(world: InventedVectors, exact: ExactScores) -> np.ndarray:
    return world.features(exact.unit_vectors(np.arange(100, 140)))


@pytest.fixture(scope="module")
def query(world: InventedVectors, exact: ExactScores, decoder: np.ndarray) -> QueryFeatures:
    return take_apart(world.queries(exact.unit_vectors(np.array([7])))[0], [], [], decoder)


def narrow(exact: ExactScores, storage: Storage = "int8") -> CompactCodes:
    return encode(exact, Unattended(), storage=storage, width=32)


def scans_of(codes: CompactCodes, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Filled with one entry for each product from now on: whether it was with all heads."""
    scanned: list[bool] = []
    products = codes.products

    def counted(part: np.ndarray, turned: np.ndarray) -> np.ndarray:
        scanned.append(part is codes.head)
        return products(part, turned)

    monkeypatch.setattr(codes, "products", counted)
    return scanned


def proposed(codes: CompactCodes, steered: SteeredQuery, decoder: np.ndarray) -> np.ndarray:
    return codes.propose(steered.vector, 300, None, parts_of(steered, decoder))


@pytest.mark.parametrize("other", [None, 0.2])
@pytest.mark.parametrize("strengths", PLANS)
def test_parts_add_up_to_the_query(
    query: QueryFeatures, decoder: np.ndarray, strengths: tuple, other: float | None
) -> None:
    more = None if other is None else other * decoder[33].astype(np.float64)
    steered = steer(query, SteeringPlan(strengths), decoder, more, 0.5)
    parts = parts_of(steered, decoder)
    assert parts is not None
    assert len(parts.added) < KEPT_PRODUCTS
    total = parts.query + sum(share * part.astype(np.float64) for share, part in parts.added)
    np.testing.assert_allclose(total / parts.norm, steered.vector, atol=1e-6)


def test_parts_that_cancel_out_are_none(query: QueryFeatures) -> None:
    own = np.stack([query.vector, np.roll(query.vector, 1)])
    steered = steer(query, SteeringPlan(((0, -0.95), (1, 0.02))), own)
    assert parts_of(steered, own) is None


def test_shares_too_large_for_whole_numbers_are_none(
    query: QueryFeatures, decoder: np.ndarray
) -> None:
    short = 1e-5 * decoder
    assert parts_of(steer(query, SteeringPlan(((3, 1e5),)), short), short) is not None
    assert parts_of(steer(query, SteeringPlan(((3, 1e6),)), short), short) is None
    long = SteeringPlan(((3, 1.1 * MOST_ADDED),))
    assert parts_of(steer(query, long, decoder), decoder) is None


@pytest.mark.parametrize("strengths", PLANS[1:])
def test_sums_by_parts_are_within_their_error_and_near_it(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray, strengths: tuple
) -> None:
    codes = narrow(exact)
    assert codes._parts is not None
    steered = steer(query, SteeringPlan(strengths), decoder)
    parts = parts_of(steered, decoder)
    assert parts is not None
    sums = codes._parts.times(parts) / codes._parts.unit
    turned = steered.vector.astype(np.float64) @ codes.turning.basis.astype(np.float64)
    products = parts.norm * (codes.head.astype(np.float64) @ turned[: codes.head.shape[1]])
    largest, told = float(np.abs(sums - products).max()), codes._parts.error_of(parts)
    assert 0.05 * told < largest < told


def test_rows_that_would_be_read_out_of_order_longer_than_a_scan_takes_are_scanned(
    exact: ExactScores,
    query: QueryFeatures,
    decoder: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = narrow(exact)
    scanned = scans_of(codes, monkeypatch)
    for place, dear in ((0.1, 1), (0.2, 1), (0.3, 1), (0.4, ROWS)):
        monkeypatch.setattr("saedesk.search.compact_codes.HERE_AND_THERE", dear)
        scanned.clear()
        steered = steer(query, SteeringPlan(((3, place),)), decoder)
        codes.propose(steered.vector, 300, None, parts_of(steered, decoder))
        if place > 0.25:
            assert any(scanned) == (dear == ROWS)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("strengths", PLANS)
def test_the_same_rows_are_proposed_by_parts(
    exact: ExactScores,
    query: QueryFeatures,
    decoder: np.ndarray,
    storage: Storage,
    strengths: tuple,
) -> None:
    codes = narrow(exact, storage)
    steered = steer(query, SteeringPlan(strengths), decoder)
    before = tuple((latent, u + 0.05) for latent, u in strengths)
    filters = (None, np.arange(ROWS) % 5 > 0, np.arange(ROWS) % 5 == 0)
    for allowed in filters:
        proposed(codes, steer(query, SteeringPlan(before), decoder), decoder)
        found = codes.propose(steered.vector, 300, allowed, parts_of(steered, decoder))
        np.testing.assert_array_equal(found, codes.propose(steered.vector, 300, allowed))


def test_what_is_proposed_depends_on_the_plan_alone(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray
) -> None:
    used = narrow(exact)
    for latent in range(2 * KEPT_PRODUCTS):
        proposed(used, steer(query, SteeringPlan(((latent, 0.5),)), decoder), decoder)
    for strengths in PLANS:
        steered = steer(query, SteeringPlan(strengths), decoder)
        expected = proposed(narrow(exact), steered, decoder)
        np.testing.assert_array_equal(proposed(used, steered, decoder), expected)


@pytest.mark.parametrize("share", [None, 5, 2])
def test_a_slider_that_moves_on_scans_no_codes(
    exact: ExactScores,
    query: QueryFeatures,
    decoder: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    share: int | None,
) -> None:
    codes = narrow(exact)
    allowed = None if share is None else np.arange(ROWS) % share == 0
    scanned = scans_of(codes, monkeypatch)
    for place in range(1, 6):
        steered = steer(query, SteeringPlan(((3, place / 10), (9, -0.5))), decoder)
        codes.propose(steered.vector, 300, allowed, parts_of(steered, decoder))
    # For the first answer; then, as a slider moves, the query and two features, once each.
    assert sum(scanned) == 4


def test_queries_that_have_nothing_in_common_are_scanned_for_once(
    exact: ExactScores,
    query: QueryFeatures,
    decoder: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = narrow(exact)
    scanned = scans_of(codes, monkeypatch)
    for latent in range(0, 30, 3):
        proposed(
            codes,
            steer(query, SteeringPlan(((latent, 0.4), (latent + 1, -0.5))), decoder),
            decoder,
        )
    assert sum(scanned) == 10


def test_their_memory_is_given_back_with_the_last_name(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray
) -> None:
    assert gc.isenabled()
    gc.disable()
    try:
        own = ExactScores(np.array(exact.vectors))
        codes = narrow(own)
        for place in (0.1, 0.3):
            steered = steer(query, SteeringPlan(((3, place),)), decoder)
            proposed(codes, steered, decoder)
            own.steered(steered, decoder)
        kept = weakref.ref(own), weakref.ref(codes)
        del own, codes
        assert [one() for one in kept] == [None, None]
    finally:
        gc.enable()


def test_rows_left_out_are_never_proposed_by_parts(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray
) -> None:
    vectors = np.array(exact.vectors)
    vectors[::3] = 0.0
    codes = narrow(ExactScores(vectors))
    # Away from all documents, where rows of zeros would come first.
    away = take_apart(-exact.unit_vectors(np.arange(100)).mean(axis=0), [], [], decoder)
    for strength in (0.2, 0.9, -0.4):
        steered = steer(away, SteeringPlan(((3, strength),)), decoder)
        assert (proposed(codes, steered, decoder) % 3 != 0).all()


@pytest.mark.parametrize("strengths", PLANS)
def test_cosines_by_parts_are_those_of_the_vectors(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray, strengths: tuple
) -> None:
    steered = steer(query, SteeringPlan(strengths), decoder)
    parts = parts_of(steered, decoder)
    assert parts is not None
    rows = np.arange(5, ROWS, 7)
    assert len(rows) > 2 * ROWS_AT_ONCE
    own = RowsByParts(exact.vectors, exact.inverse_norms).of(rows, parts)
    np.testing.assert_allclose(own, exact.of_rows(rows, steered.vector), atol=1e-6)


def test_cosines_by_parts_have_the_same_bits_whatever_was_asked_before(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray
) -> None:
    parts = parts_of(steer(query, SteeringPlan(((3, 0.7), (9, 0.2))), decoder), decoder)
    assert parts is not None
    rows = np.arange(1, ROWS, 3)
    expected = RowsByParts(exact.vectors, exact.inverse_norms).of(rows, parts)
    used = RowsByParts(exact.vectors, exact.inverse_norms)
    for step in (11, 5, 2):
        used.of(np.arange(0, ROWS, step), parts)
    np.testing.assert_array_equal(used.of(rows, parts), expected)


def test_vectors_of_known_candidates_are_not_read_again(
    exact: ExactScores, query: QueryFeatures, decoder: np.ndarray
) -> None:
    vectors = np.array(exact.vectors)
    scores = RowsByParts(vectors, exact.inverse_norms)
    rows = np.arange(0, ROWS, 4)
    found = []
    for number, strength in enumerate((0.3, 0.4, 0.3, 0.8)):
        parts = parts_of(steer(query, SteeringPlan(((3, strength),)), decoder), decoder)
        assert parts is not None
        found.append(scores.of(rows, parts))
        if number == 1:  # Only once something has moved are products kept.
            vectors[rows] = 0.0
    np.testing.assert_array_equal(found[0], found[2])
    # Another strength needs no other products.
    assert found[3].any()
    assert not np.array_equal(found[0], found[3])
