"""What is kept for the next move of a slider beside a target changes no result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.features.sparse_activations import ActivationWriter, SparseActivations
from saedesk.search import target_columns
from saedesk.search.family_steering import family_slider
from saedesk.search.feature_ranking import FeatureRanking
from saedesk.search.steering_plan import Target
from saedesk.search.target_columns import KEPT, ByCosine, KeptColumns
from saedesk.search.target_values import shares_of

DOCUMENTS, LATENTS = 40_000, 12
DENSITIES = np.array([0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0002, 0.0])
FAMILY = family_slider(
    2, [5, 7], np.eye(LATENTS, 16, dtype=np.float32), np.linspace(0.5, 1.0, LATENTS)
)


@pytest.fixture(scope="module")
def dense() -> np.ndarray:
    """Activations (n, latents) that are often equal, most of them 0."""
    made = np.random.default_rng(0)
    values = np.round(made.random((DOCUMENTS, LATENTS)) + 0.05, 1).astype(np.float32)
    return values * (made.random(values.shape) < DENSITIES)


@pytest.fixture(scope="module")
def cosines() -> np.ndarray:
    """Cosines (n,) of which many are equal."""
    made = np.round(np.random.default_rng(1).uniform(-1, 1, DOCUMENTS), 3).astype(np.float32)
    made[::50] = -np.inf
    return made


@pytest.fixture(scope="module")
def activations(dense: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> SparseActivations:
    writer = ActivationWriter(Path(tmp_path_factory.mktemp("activations")), LATENTS)
    rows, latents = np.nonzero(dense)
    writer.append(np.bincount(rows, minlength=DOCUMENTS), latents, dense[rows, latents])
    return writer.finish()


def sorted_by(
    target: Target, strengths: dict[int, float], dense: np.ndarray, cosines: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values and rows, best first, of a ranking that looks at every document."""
    shares = shares_of(target)
    weights = np.zeros(LATENTS)
    weights[list(shares)] = list(shares.values())
    for latent, strength in strengths.items():
        weights[latent] += strength
    weights[np.abs(weights) < 1e-6] = 0.0
    values = dense.astype(np.float64) @ weights
    values[np.abs(values) < 1e-12] = 0.0
    order = np.where(values > 0, values + 2, np.where(values < 0, values - 2, cosines))
    order = np.where(cosines > -np.inf, np.round(order, 9), -np.inf)
    rows = np.argsort(-order, kind="stable")
    return values, rows[order[rows] > -np.inf]


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize(
    ("target", "strengths"),
    [
        (0, {}),
        (9, {}),
        (11, {}),
        (4, {0: 0.75}),
        (4, {0: 0.75, 1: -0.5, 4: 0.25}),
        (0, {0: -1.0, 3: -0.25, 10: 2.0}),
        (10, {i: -0.125 * i for i in range(1, 10)}),
        (FAMILY, {5: 0.5, 1: -0.75}),
    ],
)
def test_all_is_as_in_a_ranking_that_looks_at_every_document(
    dense: np.ndarray,
    cosines: np.ndarray,
    activations: SparseActivations,
    target: Target,
    strengths: dict[int, float],
    filtered: bool,
) -> None:
    allowed = np.random.default_rng(2).random(DOCUMENTS) < 0.3 if filtered else None
    taking_part = cosines if allowed is None else np.where(allowed, cosines, np.float32(-np.inf))
    values, expected = sorted_by(target, strengths, dense, taking_part)
    ranking = FeatureRanking(target, strengths, cosines, activations, allowed)
    # Sums that are equal on paper may differ in the last digit: so compared is what they are.
    place = np.full(DOCUMENTS, -1)
    place[expected] = np.arange(len(expected))
    for count in (0, 20, 2000, len(expected) + 5):
        found = ranking.best(count)
        assert len(found) == len(set(found.tolist())) == min(count, len(expected))
        assert np.abs(values[found] - values[expected[: len(found)]]).max(initial=0.0) < 1e-6
        silent = values[found] == 0.0
        assert np.array_equal(found[silent], expected[: len(found)][silent])
    rows = np.random.default_rng(3).integers(0, DOCUMENTS, 200)
    again = FeatureRanking(target, strengths, cosines, activations, allowed)
    in_order = ranking.best(len(expected))
    own_place = {row: rank for rank, row in enumerate(in_order.tolist(), start=1)}
    assert again.ranks(rows) == [own_place.get(row) for row in rows.tolist()]
    scores = again.scores(rows)
    for row, score in zip(rows.tolist(), scores, strict=True):
        assert (score is None) == (place[row] < 0)
        assert score is None or score == pytest.approx(values[row], abs=1e-6)
    assert ranking.active == np.count_nonzero((values > 0) & (taking_part > -np.inf))


def test_what_is_in_front_moves_the_others_back(
    cosines: np.ndarray, activations: SparseActivations
) -> None:
    ranking = FeatureRanking(8, {1: -0.5}, cosines, activations, None)
    rows = ranking.best(DOCUMENTS)
    front = rows[[5, 30_000, 2]]
    led = ranking.with_first(front, {})
    expected = [*front.tolist(), *rows[~np.isin(rows, front)].tolist()]
    assert led.best(DOCUMENTS).tolist() == expected
    assert led.best(7).tolist() == expected[:7]
    asked = [*expected[:9], *expected[20_000:20_003], expected[-1], 0]
    assert led.ranks(asked) == [*range(1, 10), *range(20_001, 20_004), len(expected), None]


class Counting:
    """Activations that count how often a latent is read."""

    def __init__(self, activations: SparseActivations) -> None:
        self._activations, self.read = activations, 0

    def latent(self, latent: int) -> tuple[np.ndarray, np.ndarray]:
        self.read += 1
        return self._activations.latent(latent)


def test_a_move_reads_nothing_again_and_changes_no_bit(
    cosines: np.ndarray, activations: SparseActivations
) -> None:
    counting = Counting(activations)
    kept = KeptColumns(4, ByCosine(cosines), counting)
    turned = {1: 0.3, 0: -0.2, 6: 0.1}
    kept.of(tuple(turned)).values({1: 9.0, 0: 9.0, 6: 9.0})
    read = counting.read
    assert read
    values, order = kept.of((6, 0, 1)).values(turned)
    assert counting.read == read
    fresh = KeptColumns(4, ByCosine(cosines), activations).of((0, 1, 6))
    for one, other in zip(fresh.values(turned), (values, order), strict=True):
        assert one.tobytes() == other.tobytes()


def test_only_so_much_is_kept(
    cosines: np.ndarray, activations: SparseActivations, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptColumns(4, ByCosine(cosines), activations)
    sets = [(latent,) for latent in range(KEPT + 2)]
    first = kept.of(sets[0])
    for turned in sets:
        kept.of(turned)
    assert kept.of(sets[-1]) is kept.of(sets[-1])
    assert kept.of(sets[-KEPT]) is kept.of(sets[-KEPT])
    assert kept.of(sets[0]) is not first
    monkeypatch.setattr(target_columns, "ROOM", 1)
    newest = kept.of((7, 8))
    assert kept.of((7, 8)) is newest
    older = kept.of(sets[-1])
    assert kept.of((7, 8)) is not newest
    assert kept.of(sets[-1]) is not older
    assert newest.bytes > 20 * len(newest.rows)
