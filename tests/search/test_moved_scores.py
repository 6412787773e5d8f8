"""Scores of queries that many features moved: the same bits however a person came to them."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.search.exact_scores import KEPT_PROJECTIONS, ExactScores
from saedesk.search.moved_scores import GRID, KEPT_LINES, WIDEST
from saedesk.search.query_features import QueryFeatures, steer, take_apart
from saedesk.search.steering_plan import SteeringPlan

ROWS, WIDTH, LATENTS = 20_000, 24, 60
MANY = KEPT_PROJECTIONS + 8


class World:
    """Vectors of any length, equal ones among them, and some that are never found."""

    def __init__(self, seed: int, precision: type[np.floating] = np.float32) -> None:
        random = np.random.default_rng(seed)
        self.random = random
        vectors = random.standard_normal((ROWS, WIDTH)) * random.uniform(0.1, 20, (ROWS, 1))
        vectors[7] = 0.0
        vectors[500:540] = vectors[20]
        self.vectors = vectors.astype(precision)
        self.vectors[9, 3] = np.nan
        decoder = random.standard_normal((LATENTS, WIDTH))
        self.decoder = (decoder / np.linalg.norm(decoder, axis=1, keepdims=True)).astype(np.float32)
        self.queries = [self.query() for _ in range(2)]
        self.scores = self.fresh()

    def query(self) -> QueryFeatures:
        vector = self.random.standard_normal(WIDTH).astype(np.float32)
        return take_apart(vector, np.array([4, 9]), np.array([0.5, 0.3]), self.decoder)

    def fresh(self) -> ExactScores:
        return ExactScores(self.vectors, [11])

    def of(self, strengths: dict[int, float], query: int = 0, scores: ExactScores | None = None):
        plan = SteeringPlan(tuple(strengths.items()))
        steered = steer(self.queries[query], plan, self.decoder)
        return (scores or self.scores).steered(steered, self.decoder)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for every product with all rows."""
    taken: list[int] = []
    products = ExactScores._products

    def count(self: ExactScores, *directions: object) -> np.ndarray:
        taken.append(1)
        return products(self, *directions)

    monkeypatch.setattr(ExactScores, "_products", count)
    return taken


@pytest.mark.parametrize("seed", range(4))
def test_scores_have_the_same_bits_whatever_was_asked_before(seed: int) -> None:
    world = World(seed, np.float16 if seed == 3 else np.float32)
    random = world.random
    strengths = {i: float(u) for i, u in enumerate(random.normal(0, 0.2, MANY))}
    family = {i: float(w) for i, w in enumerate(random.uniform(0.02, 0.3, MANY), start=20)}
    query = 0
    for step in range(40):
        kind = random.choice(["slider", "slider", "slider", "family", "query", "all", "tiny"])
        if kind == "slider":
            strengths[int(random.integers(MANY))] = float(random.normal(0, 0.6))
        elif kind == "family":
            t = random.normal()
            strengths |= {i: t * w for i, w in family.items()}
        elif kind == "query":
            query = 1 - query
        elif kind == "all":
            strengths = {i: float(u) for i, u in enumerate(random.normal(0, 0.3, MANY))}
        else:
            strengths[2] = strengths.get(2, 0.1) + 10.0 ** -random.integers(4, 13)
        found = world.of(strengths, query)
        again = world.of(strengths, query, world.fresh())
        assert found.tobytes() == again.tobytes(), (step, kind)
        equal = found[500:540]
        assert (equal == found[20]).all(), "equal documents have equal scores"
        assert np.isneginf(found[[7, 9, 11]]).all()
        moved = world.queries[query].vector.astype(np.float64)
        moved = moved + sum(u * world.decoder[i].astype(np.float64) for i, u in strengths.items())
        with np.errstate(all="ignore"):
            unit = world.vectors.astype(np.float64)
            expected = unit @ moved / np.linalg.norm(unit, axis=1) / np.linalg.norm(moved)
        there = np.isfinite(found)
        assert np.allclose(found[there], expected[there], atol=3e-7, rtol=0)


def test_a_move_reads_no_vectors_however_many_sliders_stand(counted: list[int]) -> None:
    for standing in (KEPT_PROJECTIONS, 2 * KEPT_PROJECTIONS):
        world = World(5)
        strengths = {i: 0.05 + 0.01 * i for i in range(standing)}
        counted.clear()
        for latent in (3, 8, 12):
            for u in np.linspace(-0.7, 0.8, 12):
                world.of(strengths | {latent: float(u)})
            strengths[latent] = 0.8
        # The start, and the line of each slider.
        assert len(counted) == 4
        for latent in (3, 12, 8):
            for u in np.linspace(0.7, -0.6, 5):
                world.of(strengths | {latent: float(u)})
            strengths[latent] = -0.6
        assert len(counted) == 4, "the lines of sliders that moved before are known"


def test_no_more_lines_are_kept_than_said(counted: list[int]) -> None:
    world = World(6)
    strengths = dict.fromkeys(range(MANY), 0.1)
    for latent in range(KEPT_LINES + 4):
        for u in (0.3, 0.4):
            strengths[latent] = u
            world.of(strengths)
    assert len(world.scores._moved._lines) == KEPT_LINES
    counted.clear()
    strengths[KEPT_LINES] = 0.7
    world.of(strengths)
    assert counted == []
    strengths[0] = 0.7
    world.of(strengths)
    assert counted == [1]


def test_where_the_error_leaves_it_open_a_row_is_looked_at_by_itself() -> None:
    world = World(7)
    strengths = dict.fromkeys(range(MANY), 0.1)
    asked: list[int] = []
    moved = world.scores._moved
    by_itself = moved._by_itself

    def told(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return by_itself(rows, vector)

    moved._by_itself = told
    found = world.of(strengths)
    assert len(asked) <= 3 * WIDEST * ROWS
    # A start that is off by as much as it may be says so, and changes no bit.
    start = moved._start
    assert start is not None
    length = start.length
    off = 0.9 * WIDEST * GRID * length
    pushed = start.products + np.where(np.arange(ROWS) % 2 == 0, off, -off)
    moved._start = type(start)(start.vector, pushed, start.error + off)
    moved._last = None
    asked.clear()
    again = world.of(strengths)
    assert again.tobytes() == found.tobytes()
    assert len(asked) > 0


def test_a_row_by_itself_has_the_same_bits_among_others() -> None:
    world = World(8)
    vector = world.random.standard_normal(WIDTH)
    rows = np.array([3, 20, 500, 501, 19_999])
    together = world.scores._each_by_itself(rows, vector)
    alone = [world.scores._each_by_itself(rows[i : i + 1], vector)[0] for i in range(len(rows))]
    assert together.tobytes() == np.array(alone).tobytes()
    assert together[1] == together[2] == together[3]
