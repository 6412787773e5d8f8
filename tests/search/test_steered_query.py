"""From a plan to the vector that is searched with: the cap, clamping, less, the optimisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.search.clamp import clamped
from saedesk.search.encoding_optimisation import optimised
from saedesk.search.family_steering import family_slider, with_families
from saedesk.search.query_features import QueryFeatures, steer, take_apart
from saedesk.search.steering import SteeredSae, Term, share_within_cap, steered_query, turned
from saedesk.search.steering_plan import Mode, SteeringPlan

WIDTH, LATENTS, K = 24, 60, 6


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def sae() -> SteeredSae:
    random = np.random.default_rng(0)
    decoder = unit(random.standard_normal((LATENTS, WIDTH))).astype(np.float32)
    bias = (0.1 * unit(random.standard_normal(WIDTH))).astype(np.float32)

    def encode(vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        before = decoder @ (vector - bias)
        latents = np.sort(np.argsort(-before)[:K])
        latents = latents[before[latents] > 0]
        return latents.astype(np.int32), before[latents]

    return SteeredSae(decoder, lambda: bias, K, encode)


@pytest.fixture(scope="module", params=[1.0, 7.5])
def query(sae: SteeredSae, request: pytest.FixtureRequest) -> QueryFeatures:
    vector = unit(np.random.default_rng(1).standard_normal(WIDTH)) * request.param
    vector = vector.astype(np.float32)
    assert sae.encode is not None
    return take_apart(
        vector.astype(np.float32), *sae.encode(vector.astype(np.float32)), sae.decoder
    )


@pytest.mark.parametrize("mode", ["add", "clamp"])
def test_a_steered_query_is_read_as_the_sum_of_its_parts(
    sae: SteeredSae, query: QueryFeatures, mode: Mode
) -> None:
    assert sae.encode is not None
    encode, asked = sae.encode, []

    def encode_sum(terms: Sequence[Term]) -> tuple[np.ndarray, np.ndarray]:
        asked.append(terms)
        return encode(sum(share * part for share, part in terms).astype(np.float32))

    by_parts = replace(sae, encode=None, encode_sum=encode_sum)
    steered = steered_query(query, SteeringPlan(((3, 0.5), (9, -0.2)), mode=mode), sae).steered
    assert by_parts.read_steered(steered) == pytest.approx(
        sae.read(steered.vector, query.length), abs=1e-5
    )
    (terms,) = asked
    assert np.array_equal(terms[0][1], query.vector)
    # Where parts cancel out, nothing is left of them in single precision.
    own = np.stack([query.vector, np.roll(query.vector, 1)])
    cancelled = steer(query, SteeringPlan(((0, -0.97), (1, 0.01))), own)
    replace(sae, decoder=own, encode_sum=encode_sum).read_steered(cancelled)
    assert len(asked) == 1


def test_without_a_move_the_vector_is_the_query_itself(sae: SteeredSae, query) -> None:
    absent = next(i for i in range(LATENTS) if i not in query.latents)
    for plan in (
        SteeringPlan(mode="clamp", cap=0.1, optimise=True),
        SteeringPlan(places=((3, 4),), mode="clamp"),
        SteeringPlan(less=((absent, 1.0),), mode="clamp", optimise=True),
        SteeringPlan(((3, 0.5),), cap=1.0),
    ):
        steered = steered_query(query, plan, sae).steered
        assert steered.vector is query.vector
        assert (steered.norm, steered.cosine) == (1.0, 1.0)


@pytest.mark.parametrize("seed", range(40))
def test_a_cap_is_reached_exactly_and_no_further(seed: int) -> None:
    random = np.random.default_rng(seed)
    q = unit(random.standard_normal(WIDTH)) * (1.0 + 1e-7 * random.standard_normal())
    along, across = random.standard_normal(), random.standard_normal(WIDTH)
    move = 10 ** random.uniform(-2, 2) * (along * q + across)
    for cap in (0.0, 0.3, 0.9, 0.999, 1.0):
        share = share_within_cap(q, move, cap)
        moved = q + share * move
        cosine = float(q @ moved) / np.linalg.norm(q) / np.linalg.norm(moved)
        full = q + move
        uncapped = float(q @ full) / np.linalg.norm(q) / np.linalg.norm(full)
        if uncapped >= cap:
            assert share == 1.0
        else:
            assert 0.0 <= share < 1.0
            assert cosine == pytest.approx(cap, abs=1e-12)


@pytest.mark.parametrize("mode", ["add", "clamp"])
@pytest.mark.parametrize("optimise", [False, True])
def test_the_cap_holds_in_every_mode(sae: SteeredSae, query, mode, optimise: bool) -> None:
    asked = SteeringPlan(((5, 0.8), (9, -0.4)), mode=mode, optimise=optimise)
    free = steered_query(query, asked, sae)
    capped = steered_query(query, asked.with_cap(0.93), sae)
    assert free.steered.cosine < 0.93
    assert capped.steered.cosine == pytest.approx(0.93, abs=1e-12)
    assert 0 < capped.share < free.share == 1.0
    # What the search multiplies with is as near.
    cosine = capped.steered.vector.astype(float) @ unit(query.vector.astype(float))
    assert cosine == pytest.approx(0.93, abs=1e-6)
    # Scaling keeps to the way from the query to where it would have gone.
    ways = [s.steered.vector.astype(float) * s.steered.norm - query.vector for s in (free, capped)]
    if not optimise:
        assert unit(ways[0]) @ unit(ways[1]) == pytest.approx(1.0, abs=1e-5)
        return
    # The optimisation looks for the best query that the cap allows, from the plain one on.
    plain = steered_query(query, asked.with_cap(0.93).with_optimise(False), sae)
    plain_way = plain.steered.vector.astype(float) * plain.steered.norm - query.vector
    assert len(capped.errors) > 1
    assert capped.errors[-1] <= capped.errors[0]
    if capped.errors[-1] == capped.errors[0]:
        assert unit(plain_way) @ unit(ways[1]) == pytest.approx(1.0, abs=1e-5)
    loose = steered_query(query, asked.with_cap(0.0), sae)
    assert np.array_equal(loose.steered.vector, free.steered.vector)


@pytest.mark.parametrize("mode", ["add", "clamp"])
@pytest.mark.parametrize("optimise", [False, True])
def test_the_cap_counts_for_less_too(sae: SteeredSae, query, mode, optimise: bool) -> None:
    own = int(query.latents[0])
    absent = next(i for i in range(LATENTS) if i not in query.latents)
    for less in (((own, 1.0),), ((own, 0.6), (absent, 1.0))):
        asked = SteeringPlan(less=less, places=((7, 2),), mode=mode, optimise=optimise)
        free = steered_query(query, asked, sae)
        assert free.plan.less == asked.less
        # The share is that of the sliders, whatever the optimisation does within the cap.
        by_sliders = steered_query(query, asked.with_optimise(False), sae).steered.cosine
        cap = (1.0 + max(free.steered.cosine, by_sliders)) / 2
        capped = steered_query(query, asked.with_cap(cap), sae)
        assert capped.steered.cosine >= cap - 1e-12
        assert optimise or capped.steered.cosine == pytest.approx(cap, abs=1e-12)
        # What the move of the query loses, the documents put down lose as well; no place does.
        assert 0 < capped.share < 1
        assert dict(capped.plan.less) == {t: pytest.approx(capped.share * w) for t, w in less}
        assert capped.plan.places == asked.places
        nothing = steered_query(query, asked.with_cap(1.0), sae)
        assert nothing.steered.vector is query.vector
        assert (nothing.share, nothing.plan.less) == (0.0, ())
    alone = steered_query(query, SteeringPlan(less=((absent, 1.0),), mode=mode, cap=1.0), sae)
    assert (alone.share, alone.plan.less) == (0.0, ())


def test_strengths_alone_are_the_residual_steering_bit_for_bit(sae: SteeredSae, query) -> None:
    plan = SteeringPlan(((5, 0.3), (9, -0.2)))
    assert np.array_equal(
        steered_query(query, plan, sae).steered.vector, steer(query, plan, sae.decoder).vector
    )


def test_less_takes_exactly_the_part_of_the_query(sae: SteeredSae, query) -> None:
    latent, value = int(query.latents[1]), float(query.values[1])
    assert turned(query, SteeringPlan(less=((latent, 1.0),))) == {latent: -value}
    half = turned(query, SteeringPlan(((latent, 0.1),), less=((latent, 0.5),)))
    assert half[latent] == pytest.approx(0.1 - value / 2)
    family = family_slider(latent, [int(query.latents[2])], sae.decoder, np.linspace(1, 2, LATENTS))
    at_zero = with_families(
        SteeringPlan(), [family.with_strength(-family.value_in(dict(zip(
            query.latents.tolist(), query.values.tolist(), strict=True))))]
    )  # fmt: skip
    assert turned(query, SteeringPlan(less=((family, 1.0),))) == pytest.approx(
        dict(at_zero.strengths)
    )


def test_clamp_keeps_the_largest_and_drops_the_rest() -> None:
    codes = {4: 0.5, 1: 0.3, 7: 0.2}
    assert clamped(codes, {9: 0.25}, 3) == {1: 0.3, 4: 0.5, 9: 0.25}
    assert clamped(codes, {1: -0.4, 9: 0.1}, 3) == {4: 0.5, 7: 0.2, 9: 0.1}
    assert clamped(codes, {9: 0.25}, None) == {1: 0.3, 4: 0.5, 7: 0.2, 9: 0.25}
    assert clamped({4: 0.5, 2: 0.2}, {1: 0.2}, 2) == {1: 0.2, 4: 0.5}


def test_clamp_decodes_the_codes_and_nothing_else(sae: SteeredSae, query) -> None:
    plan = SteeringPlan(((5, 0.4),), mode="clamp")
    steered = steered_query(query, plan, sae).steered
    typed = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))
    kept = clamped(typed, {5: 0.4}, K)
    decoded = sae.bias() / query.length + sum(z * sae.decoder[i] for i, z in kept.items())
    assert np.allclose(steered.vector, unit(decoded), atol=1e-6)
    with pytest.raises(BadSetting, match="no feature 60"):
        steered_query(query, SteeringPlan(((60, -0.4),), mode="clamp"), sae)


@pytest.mark.parametrize("mode", ["add", "clamp"])
def test_optimising_never_ends_further_from_what_was_asked(sae: SteeredSae, query, mode) -> None:
    better = 0
    for latent in range(0, LATENTS, 3):
        plan = SteeringPlan(((latent, 0.4),), mode=mode, optimise=True)
        errors = steered_query(query, plan, sae).errors
        assert list(errors) == sorted(errors, reverse=True)
        better += errors[-1] < 0.9 * errors[0]
    assert better > 10


def test_optimising_stops_where_nothing_is_left_to_gain() -> None:
    asked = []

    def read(codes: dict[int, float]) -> dict[int, float]:
        asked.append(codes)
        return {i: z / 2 for i, z in codes.items()}

    found = optimised({1: 1.0}, {1: 1.0, 2: -3.0}, read, steps=60)
    assert found.codes[1] == pytest.approx(2.0, abs=1e-2)
    assert found.errors[0] == pytest.approx(0.25)
    assert found.errors[-1] < 1e-6
    assert len(asked) == len(found.errors) < 20
