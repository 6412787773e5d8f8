"""From a query and a plan to the vector that is searched with.

Everything ends as q' = normalise(q + Σ u_i d_i + other): by "add" the strengths are those asked
for, by "clamp" what sets the codes and drops the rest, with the optimisation what makes the codes
come back. A cap scales what was added: cos(q, q + a v) falls as a grows, and where it meets the
cap is the root of a quadratic equation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from saedesk.search.clamp import clamped
from saedesk.search.encoding_optimisation import Codes, optimised
from saedesk.search.query_features import QueryFeatures, SteeredQuery, added, steer
from saedesk.search.query_parts import parts_of
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.search.target_values import moves_of

Term = tuple[float, np.ndarray]
"""A share, and the vector (d,) float32 of which it is."""

SHORTEST = 1e-9
"""Below this length nothing was decoded."""


@dataclass(frozen=True, eq=False)
class SteeredSae:
    """What steering reads of an SAE."""

    decoder: np.ndarray
    """(n_latents, d) float32: what one unit of a feature adds to a vector."""
    bias: Callable[[], np.ndarray]
    """(d,): what decoding adds besides the features; read when it is needed."""
    k: int | None = None
    """How many features the SAE keeps of a vector; None where it sets no number."""
    encode: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None
    """Latents and activations of a vector (d,) float32; None where nothing encodes."""
    encode_sum: Callable[[Sequence[Term]], tuple[np.ndarray, np.ndarray]] | None = None
    """The same of a sum of terms, fast where most of their vectors were in sums before."""

    def read(self, vector: np.ndarray, length: float) -> Codes:
        """The codes of a vector of length 1 that came with another `length`, for length 1."""
        if self.encode is None:
            return {}
        return _for_length_1(self.encode((vector * length).astype(np.float32)), length)

    def read_steered(self, steered: SteeredQuery) -> Codes:
        """The same of a steered query, fast while a slider moves."""
        parts, length = parts_of(steered, self.decoder), steered.query.length
        if self.encode_sum is None or parts is None:
            return self.read(steered.vector, length)
        scale = length / parts.norm
        terms = [(scale, parts.query), *((scale * share, part) for share, part in parts.added)]
        return _for_length_1(self.encode_sum(terms), length)


def _for_length_1(code: tuple[np.ndarray, np.ndarray], length: float) -> Codes:
    """The code of a vector of this length as that of one of length 1, {latent: activation}."""
    latents, values = code
    pairs = zip(latents.tolist(), values.tolist(), strict=True)
    return {latent: value / length for latent, value in pairs if value != 0.0}


@dataclass(frozen=True, eq=False)
class Steering:
    """A query steered by a plan, and how that went."""

    steered: SteeredQuery
    plan: SteeringPlan
    """What documents are ranked by beside q': the places, and less as far as the cap lets it."""
    share: float = 1.0
    """How much of what was asked for the cap let through, 0 to 1, before the optimisation; places
    are not its business."""
    errors: tuple[float, ...] = field(default_factory=tuple)
    """Of the optimisation, normalised squared error at first and after every step, each of the
    query that the cap lets through."""


def typed_codes(query: QueryFeatures) -> Codes:
    """{latent: activation} of the query as typed, strongest first."""
    return dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))


def value_of(target: Target, codes: Mapping[int, float]) -> float:
    """The value of a feature or a family in codes by latent."""
    return codes.get(target, 0.0) if isinstance(target, int) else target.value_in(codes)


def asked_of(target: Target, plan: SteeringPlan, typed: Mapping[int, float]) -> float | None:
    """The value that a plan asks for of a target; None where it asks for none, as places do."""
    turned_by = plan.strength(target) if isinstance(target, int) else 0.0
    if not turned_by and not plan.less_of(target):
        return None
    return (1.0 - plan.less_of(target)) * value_of(target, typed) + turned_by


def turned(query: QueryFeatures, plan: SteeringPlan) -> Codes:
    """{latent: what is added to it}, by the strengths and by what there is to be less of.

    Less of a target takes away the target's own part of the query, and nothing where the query
    has none of it.
    """
    codes = typed_codes(query)
    changes = dict(plan.strengths)
    for target, share in plan.less:
        part = -share * max(0.0, value_of(target, codes))
        for latent, weight in moves_of(target):
            changes[latent] = changes.get(latent, 0.0) + part * weight
    return {latent: u for latent, u in sorted(changes.items()) if u != 0.0}


def steered_query(query: QueryFeatures, plan: SteeringPlan, sae: SteeredSae) -> Steering:
    """The query under a plan; the query itself, bit for bit, where nothing moves it.

    The cap is the least cos(q, q'). What it takes from the move of the query it takes from the
    documents put down, too; under a cap of 1, which lets nothing move, there is no less at all.
    Raises NothingToSearch when nothing is left of the query, BadSetting for an unknown feature.
    """
    changes = turned(query, plan)
    if not changes:
        share = 0.0 if plan.less and plan.cap == 1.0 else 1.0
        return Steering(steer(query, SteeringPlan(), sae.decoder), plan.with_share(share), share)
    typed = typed_codes(query)
    codes = {i: typed.get(i, 0.0) + changes.get(i, 0.0) for i in typed.keys() | changes.keys()}
    other = None
    if plan.mode == "clamp":
        added(tuple(changes.items()), sae.decoder)  # An unknown feature is told before it is lost.
        codes = clamped(typed, changes, sae.k)
        other = sae.bias().astype(np.float64) / query.length - _rest(query, typed, sae)
        changes = _differences(codes, typed)
    share = its_share = _share(query, changes, other, plan.cap, sae)
    errors: tuple[float, ...] = ()
    if plan.optimise and sae.encode is not None:
        found = optimised(
            codes, codes, lambda tried: _read_again(query, tried, other, plan.cap, sae)
        )
        errors = found.errors
        changes = _differences(found.codes, typed)
        # It asks for another move than the sliders do; less keeps the share of theirs.
        its_share = _share(query, changes, other, plan.cap, sae)
    steered = _moved(query, changes, other, sae, its_share)
    return Steering(steered, plan.with_share(share), share, errors)


def share_within_cap(q: np.ndarray, move: np.ndarray, cap: float) -> float:
    """The largest share a of `move` (d,), 0 to 1, with cos(q, q + a · move) ≥ cap."""
    own_length = np.linalg.norm(q)
    q, move = q / own_length, move / own_length
    along, square = float(q @ move), float(move @ move)
    length = math.sqrt(max(0.0, 1.0 + 2.0 * along + square))
    if 1.0 + along >= cap * length:
        return 1.0
    # (1 + a·along)² = cap² (1 + 2a·along + a²·square); the angle only grows with a, so the
    # smaller root above zero is where the cap is reached.
    left = 1.0 - cap**2
    divisor = cap * math.sqrt(left * max(0.0, square - along**2)) - along * left
    return min(1.0, left / divisor) if divisor > 0.0 else 0.0


def _share(
    query: QueryFeatures,
    changes: Codes,
    other: np.ndarray | None,
    cap: float | None,
    sae: SteeredSae,
) -> float:
    """The share of a move that a cap lets through."""
    if cap is None:
        return 1.0
    move = added(tuple(changes.items()), sae.decoder)
    if other is not None:
        move = move + other
    return share_within_cap(query.vector.astype(np.float64), move, cap)


def _moved(
    query: QueryFeatures,
    changes: Codes,
    other: np.ndarray | None,
    sae: SteeredSae,
    share: float,
) -> SteeredQuery:
    """The query moved by so much of the changes."""
    if share < 1.0:
        changes = {latent: share * u for latent, u in changes.items()}
    if share == 0.0:
        changes, other = {}, None
    return steer(query, SteeringPlan(tuple(changes.items())), sae.decoder, other, share)


def _rest(query: QueryFeatures, typed: Codes, sae: SteeredSae) -> np.ndarray:
    """What the features leave of the query, (d,) float64: `rest` without its rounding."""
    return query.vector.astype(np.float64) - added(tuple(typed.items()), sae.decoder)


def _read_again(
    query: QueryFeatures,
    codes: Mapping[int, float],
    other: np.ndarray | None,
    cap: float | None,
    sae: SteeredSae,
) -> Codes:
    """The codes of the query that is searched with where `codes` are set, within the cap."""
    changes = _differences(codes, typed_codes(query))
    move = added(tuple(changes.items()), sae.decoder)
    if other is not None:
        move = move + other
    own = query.vector.astype(np.float64)
    moved = own + (1.0 if cap is None else share_within_cap(own, move, cap)) * move
    length = float(np.linalg.norm(moved))
    return sae.read(moved / length, query.length) if length > SHORTEST else {}


def _differences(codes: Mapping[int, float], typed: Mapping[int, float]) -> Codes:
    found = {i: codes.get(i, 0.0) - typed.get(i, 0.0) for i in codes.keys() | typed.keys()}
    return {latent: u for latent, u in sorted(found.items()) if u != 0.0}
