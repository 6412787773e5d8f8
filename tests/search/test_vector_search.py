"""Exact search against float64 brute force, and what a slider does to ranks and explanations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting
from saedesk.search import exact_scores
from saedesk.search.exact_scores import KEPT_PROJECTIONS, ExactScores, with_parts
from saedesk.search.explanation import contributions, explain
from saedesk.search.query_features import QueryFeatures, SteeredQuery, steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import VectorSearch

DOCUMENTS, WIDTH, LATENTS = 700, 32, 96


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


class World:
    """Documents of any length, a decoder, and a query with two features."""

    def __init__(self) -> None:
        random = np.random.default_rng(5)
        self.decoder = unit(random.standard_normal((LATENTS, WIDTH))).astype(np.float32)
        lengths = random.uniform(0.2, 30.0, size=(DOCUMENTS, 1))
        directions = unit(random.standard_normal((DOCUMENTS, WIDTH)) + 0.4)
        self.vectors = (directions * lengths).astype(np.float32)
        vector = unit(random.standard_normal(WIDTH) + 0.4).astype(np.float32)
        self.query = take_apart(vector, np.array([4, 9]), np.array([0.5, 0.3]), self.decoder)
        self.search = VectorSearch(self.vectors)

    def steered(self, *strengths: tuple[int, float]) -> SteeredQuery:
        return steer(self.query, SteeringPlan(strengths), self.decoder)


@pytest.fixture
def world() -> World:
    return World()


def brute_force_scores(
    query: QueryFeatures, strengths: dict[int, float], decoder: np.ndarray, vectors: np.ndarray
) -> list[float]:
    """cos(q + Σ u d, x), one document and one number at a time."""
    moved = [float(value) for value in query.vector]
    for latent, u in strengths.items():
        moved = [m + u * float(d) for m, d in zip(moved, decoder[latent], strict=True)]
    length = sum(m * m for m in moved) ** 0.5
    scores = []
    for document in vectors.tolist():
        dot = sum(m * x for m, x in zip(moved, document, strict=True))
        scores.append(dot / length / sum(x * x for x in document) ** 0.5)
    return scores


STRENGTHS = [
    {},
    {4: -0.5},
    {30: 0.6},
    {4: -0.2, 9: 0.4, 31: 0.7, 50: -0.3},
    dict.fromkeys(range(KEPT_PROJECTIONS + 5), 0.1),
]


@pytest.mark.parametrize("strengths", STRENGTHS, ids=len)
def test_search_is_cosine_ranking(world: World, strengths: dict[int, float]) -> None:
    hits = world.search.search(world.steered(*strengths.items()), world.decoder, count=25)
    expected = brute_force_scores(world.query, strengths, world.decoder, world.vectors)
    best = sorted(range(DOCUMENTS), key=lambda row: -expected[row])[:25]
    assert hits.exact
    assert hits.rows.dtype == np.int64
    assert hits.scores.dtype == np.float32
    assert hits.rows.tolist() == best
    np.testing.assert_allclose(hits.scores, [expected[row] for row in best], atol=2e-6)


def test_at_rest_the_ranking_is_plain_dense_search_bit_for_bit(world: World) -> None:
    plain = world.search.plain_scores(world.query.vector).copy()
    fresh = VectorSearch(world.vectors)
    fresh.search(world.steered((30, 0.6)), world.decoder, count=10)
    hits = fresh.search(world.steered(), world.decoder, count=DOCUMENTS)
    assert hits.scores.tobytes() == plain[hits.rows].tobytes()
    assert hits.rows.tolist() == np.argsort(-plain, kind="stable").tolist()


def test_going_back_returns_the_first_ranking_bit_for_bit(world: World) -> None:
    wanted = world.steered((4, -0.2), (31, 0.7))
    first = world.search.search(wanted, world.decoder, count=50)
    for latent in range(40, 40 + 2 * KEPT_PROJECTIONS):
        world.search.search(world.steered((latent, 0.3)), world.decoder, count=5)
    again = world.search.search(wanted, world.decoder, count=50)
    assert again.rows.tobytes() == first.rows.tobytes()
    assert again.scores.tobytes() == first.scores.tobytes()


def test_columns_are_added_up_in_their_order_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exact_scores, "ROWS_AT_ONCE", 100)
    random = np.random.default_rng(3)
    columns = [random.standard_normal(1_050).astype(np.float32) for _ in range(6)]
    columns[0][[3, 700]] = -np.inf
    weights = random.uniform(-2, 2, 5).tolist()
    expected = columns[0].copy()
    for weight, column in zip(weights, columns[1:], strict=True):
        expected = expected + np.float32(weight) * column
    kept = columns[0].copy()
    found = with_parts(columns[0], list(zip(weights, columns[1:], strict=True)))
    assert found.tobytes() == expected.tobytes()
    assert columns[0].tobytes() == kept.tobytes()


def test_results_and_ranks_of_one_query_take_its_scores_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    added_up: list[int] = []
    monkeypatch.setattr(
        exact_scores, "with_parts", lambda *of: added_up.append(1) or with_parts(*of)
    )
    wanted = world.steered((4, -0.2), (31, 0.7))
    hits = world.search.search(wanted, world.decoder, count=5)
    assert world.search.steered_ranks(wanted, world.decoder, hits.rows) == [1, 2, 3, 4, 5]
    assert added_up == [1]
    assert not world.search.all_scores(wanted, world.decoder).flags.writeable
    world.search.search(world.steered((4, -0.2), (31, 0.7)), world.decoder[::-1].copy(), count=5)
    assert added_up == [1, 1]


def test_many_strengths_along_one_direction_take_one_product_wherever_they_stand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    products = ExactScores._products

    def counted(self: ExactScores, *directions: object) -> np.ndarray:
        taken.append(1)
        return products(self, *directions)

    monkeypatch.setattr(ExactScores, "_products", counted)
    weights = np.random.default_rng(1).uniform(0.01, 0.2, KEPT_PROJECTIONS + 10)
    first: bytes | None = None
    for slid in (0.4, 0.55, 1.3, -0.7, 0.4):
        strengths = {latent: slid * float(w) for latent, w in enumerate(weights)}
        found = world.search.all_scores(world.steered(*strengths.items()), world.decoder)
        expected = brute_force_scores(world.query, strengths, world.decoder, world.vectors)
        np.testing.assert_allclose(found, expected, atol=2e-6)
        first = first or found.tobytes()
    # Back where it began, the bits are those it began with; those of another search, too.
    assert found.tobytes() == first
    # Where it began and the direction.
    assert len(taken) == 2
    strengths = {latent: 0.4 * float(w) for latent, w in enumerate(weights)}
    fresh = VectorSearch(world.vectors).all_scores(world.steered(*strengths.items()), world.decoder)
    assert fresh.tobytes() == first


def test_another_query_and_another_dictionary_are_not_answered_from_what_was_kept(
    world: World,
) -> None:
    world.search.search(world.steered((30, 0.6)), world.decoder, count=10)
    other_decoder = world.decoder[::-1].copy()
    query = take_apart(world.decoder[70], np.array([1]), np.array([0.2]), other_decoder)
    steered = steer(query, SteeringPlan(((30, 0.6),)), other_decoder)
    hits = world.search.search(steered, other_decoder, count=10)
    expected = brute_force_scores(query, {30: 0.6}, other_decoder, world.vectors)
    np.testing.assert_allclose(hits.scores, sorted(expected, reverse=True)[:10], atol=2e-6)


def test_turning_a_feature_moves_results_towards_it(world: World) -> None:
    def mean_along(u: float) -> float:
        hits = world.search.search(world.steered((30, u)), world.decoder, count=20)
        return float((unit(world.vectors[hits.rows]) @ world.decoder[30]).mean())

    along = [mean_along(u) for u in (-1.0, -0.4, 0.0, 0.4, 1.0, 10.0)]
    assert along == sorted(along)
    assert along[0] < along[2] - 0.1 < along[2] + 0.1 < along[-1]


def test_scores_hold_when_the_sliders_nearly_cancel_the_query(world: World) -> None:
    query = take_apart(world.decoder[3], np.array([3]), np.array([1.0]), world.decoder)
    strengths = {3: -0.9995, 8: 1e-4}
    steered = steer(query, SteeringPlan(tuple(strengths.items())), world.decoder)
    hits = world.search.search(steered, world.decoder, count=10)
    expected = brute_force_scores(query, strengths, world.decoder, world.vectors)
    np.testing.assert_allclose(hits.scores, sorted(expected, reverse=True)[:10], atol=1e-5)
    for result in explain(hits, steered, world.decoder, world.search):
        assert sum(bar.value for bar in result.contributions) == pytest.approx(
            result.score, abs=1e-5
        )


def test_equal_scores_come_in_the_order_of_rows(world: World) -> None:
    vectors = np.repeat(world.decoder[30][None], 64, axis=0)
    vectors[10:12] = world.decoder[31]
    hits = VectorSearch(vectors).search(world.steered((30, 2.0)), world.decoder, count=20)
    assert hits.rows.tolist() == [*range(10), *range(12, 22)]
    ranks = VectorSearch(vectors).plain_ranks(world.decoder[30], [0, 9, 12, 63, 10, 11])
    assert ranks == [1, 10, 11, 62, 63, 64]


@pytest.mark.parametrize("kind", ["zero", "nan", "inf", "named"])
def test_rows_without_a_direction_never_appear(world: World, kind: str) -> None:
    vectors = world.vectors.copy()
    left_out = [0, 17, DOCUMENTS - 1]
    values = {"zero": 0.0, "nan": np.nan, "inf": np.inf}
    if kind in values:
        vectors[left_out] = values[kind]
    search = VectorSearch(vectors, left_out if kind == "named" else ())
    for steered in (world.steered(), world.steered((30, 0.6)), world.steered((4, -5.0))):
        hits = search.search(steered, world.decoder, count=DOCUMENTS)
        assert sorted(hits.rows.tolist()) == sorted(set(range(DOCUMENTS)) - set(left_out))
        assert np.isfinite(hits.scores).all()
    assert search.plain_ranks(world.query, left_out) == [None, None, None]


def test_a_filter_is_exact_on_what_it_allows(world: World) -> None:
    allowed = np.random.default_rng(2).random(DOCUMENTS) < 0.05
    steered = world.steered((30, 0.6))
    everything = world.search.search(steered, world.decoder, count=DOCUMENTS)
    hits = world.search.search(steered, world.decoder, count=9, allowed_rows=allowed)
    best = [place for place, row in enumerate(everything.rows) if allowed[row]][:9]
    assert hits.rows.tolist() == everything.rows[best].tolist()
    assert hits.scores.tobytes() == everything.scores[best].tobytes()
    assert hits.exact


def test_ranks_before_steering(world: World) -> None:
    expected = brute_force_scores(world.query, {}, world.decoder, world.vectors)
    order = sorted(range(DOCUMENTS), key=lambda row: -expected[row])
    rows = [order[0], order[99], 3, order[-1]]
    assert world.search.plain_ranks(world.query, rows) == [1, 100, order.index(3) + 1, DOCUMENTS]
    allowed = np.zeros(DOCUMENTS, dtype=bool)
    allowed[order[50:60]] = True
    ranks = world.search.plain_ranks(world.query, [order[50], order[59], order[0]], allowed)
    assert ranks == [1, 10, None]
    assert world.search.plain_ranks(world.query, [order[50]]) == [51]


def test_results_carry_ranks_and_scores_before_steering(world: World) -> None:
    allowed = np.arange(DOCUMENTS) % 3 == 0
    before = world.search.search(world.steered(), world.decoder, DOCUMENTS, allowed)
    steered = world.steered((30, 0.6))
    hits = world.search.search(steered, world.decoder, count=10, allowed_rows=allowed)
    for place, result in enumerate(explain(hits, steered, world.decoder, world.search)):
        assert result.rank == place + 1
        assert result.rank_before == before.rows.tolist().index(result.row) + 1
        assert result.score_before == before.scores[result.rank_before - 1]
        assert result.score == hits.scores[place]


@pytest.mark.parametrize("strengths", STRENGTHS, ids=len)
def test_contributions_sum_to_the_score(world: World, strengths: dict[int, float]) -> None:
    steered = world.steered(*strengths.items())
    hits = world.search.search(steered, world.decoder, count=40)
    for result in explain(hits, steered, world.decoder, world.search):
        bars = result.contributions
        assert sum(bar.value for bar in bars) == pytest.approx(result.score, abs=1e-5)
        assert {bar.latent for bar in bars} == {4, 9, None} | set(strengths)
        sizes = [abs(bar.value) for bar in bars[:-1]]
        assert sizes == sorted(sizes, reverse=True)
        assert (bars[-1].latent, bars[-1].kind) == (None, "rest")


def test_a_bar_is_where_the_slider_stands_times_the_document_along_the_feature(
    world: World,
) -> None:
    steered = world.steered((4, -0.2), (9, -0.3), (31, 0.7))
    document = world.vectors[12]
    bars = {bar.latent: bar for bar in contributions(steered, world.decoder, document)}
    along = unit(document.astype(float)) @ world.decoder.astype(float).T
    assert bars[4].value == pytest.approx(0.3 * along[4] / steered.norm, abs=1e-7)
    assert bars[9].value == pytest.approx(0.0, abs=1e-7)
    assert bars[31].value == pytest.approx(0.7 * along[31] / steered.norm, abs=1e-7)
    rest = unit(document.astype(float)) @ world.query.rest.astype(float) / steered.norm
    assert bars[None].value == pytest.approx(rest, abs=1e-7)
    assert [bars[latent].kind for latent in (4, 9, 31)] == ["down", "down", "up"]
    at_rest = contributions(world.steered(), world.decoder, document)
    assert {bar.kind for bar in at_rest} == {"typed", "rest"}


@pytest.mark.parametrize("documents", [0, 1])
def test_hardly_any_documents(world: World, documents: int) -> None:
    search = VectorSearch(world.vectors[:documents])
    steered = world.steered((30, 0.6))
    hits = search.search(steered, world.decoder, count=10)
    assert hits.rows.tolist() == list(range(documents))
    assert len(explain(hits, steered, world.decoder, search)) == documents


def test_more_asked_for_than_there_is_and_nothing_allowed(world: World) -> None:
    steered = world.steered((30, 0.6))
    everything = world.search.search(steered, world.decoder, count=10 * DOCUMENTS)
    assert len(everything.rows) == DOCUMENTS
    nothing = np.zeros(DOCUMENTS, dtype=bool)
    hits = world.search.search(steered, world.decoder, count=10, allowed_rows=nothing)
    assert len(hits.rows) == 0
    assert explain(hits, steered, world.decoder, world.search) == []
    assert len(world.search.search(steered, world.decoder, count=0).rows) == 0
    with pytest.raises(BadSetting):
        world.search.search(steered, world.decoder, count=-1)


def test_a_query_of_another_width_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="width 32"):
        world.search.plain_scores(np.ones(31, np.float32))
    with pytest.raises(BadInput, match="width 31"):
        VectorSearch(world.vectors[:, :-1]).search(world.steered(), world.decoder, count=3)


def test_mapped_and_half_precision_vectors(world: World, tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", world.vectors)
    np.save(tmp_path / "half.npy", world.vectors.astype(np.float16))
    steered = world.steered((30, 0.6))
    expected = world.search.search(steered, world.decoder, count=30)
    mapped = VectorSearch(np.load(tmp_path / "vectors.npy", mmap_mode="r"))
    hits = mapped.search(steered, world.decoder, count=30)
    assert hits.rows.tolist() == expected.rows.tolist()
    half = VectorSearch(np.load(tmp_path / "half.npy", mmap_mode="r"))
    hits = half.search(steered, world.decoder, count=30)
    np.testing.assert_allclose(hits.scores, expected.scores, atol=2e-3)


def test_vectors_read_in_several_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    steered = world.steered((30, 0.6))
    expected = world.search.search(steered, world.decoder, count=30)
    monkeypatch.setattr("saedesk.search.exact_scores.VALUES_AT_ONCE", 99 * WIDTH)
    hits = VectorSearch(world.vectors).search(steered, world.decoder, count=30)
    assert hits.rows.tolist() == expected.rows.tolist()
    np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6)


def test_very_long_and_very_short_vectors_have_a_cosine_too(world: World) -> None:
    expected = world.search.search(world.steered((30, 0.6)), world.decoder, count=30)
    scale = np.where(np.arange(DOCUMENTS) % 2 == 0, 1e24, 1e-24)[:, None]
    vectors = (world.vectors * scale).astype(np.float32)
    hits = VectorSearch(vectors).search(world.steered((30, 0.6)), world.decoder, count=30)
    assert hits.rows.tolist() == expected.rows.tolist()
    np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6)
