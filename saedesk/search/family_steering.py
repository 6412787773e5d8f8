"""A family as one slider: its features turned together along one direction.

With shares w_i ≥ 0 of the features that the slider turns (their densities, or the means of their
active values), s the position of the slider and s₀ where the query as typed has it:

    D    = Σ w_i d_i / c          c chosen so that D is as long as a direction of one feature
    s(x) = Σ z_i(x) (d_i · D) / |D|²     over the features that the slider turns
    q'   = normalise(q + (s − s₀) D)

So a step of the slider moves the query as far as the same step of a single feature would, zero
takes what the query has of the family away, and at rest nothing is added at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from saedesk.errors import BadSetting
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.target_values import shares_of, summed_activations

Part = Literal["both", "parent", "children"]
Weighting = Literal["density", "activation"]
PARTS: tuple[Part, ...] = ("both", "parent", "children")
WEIGHTINGS: tuple[Weighting, ...] = ("density", "activation")
SHORTEST_DIRECTION = 1e-5
"""Below this share of their lengths the features of a family cancel one another out."""
NATURAL = (0.05, 0.95)
"""Quantiles of the family's value between which its natural range lies."""


@dataclass(frozen=True)
class FamilySlider:
    """A family beside the features of a query; `strength` 0 is the query as typed."""

    root: int
    """Names the family."""
    children: tuple[int, ...]
    part: Part
    """Whether the root, what is below it, or both are turned."""
    weighting: Weighting
    """By what each feature's share of the move is measured."""
    moves: tuple[tuple[int, float], ...]
    """(latent, weight): what one unit of the slider adds to each feature."""
    along: tuple[tuple[int, float], ...]
    """(latent, d_i · D / |D|²): what one unit of each feature adds to the family's value."""
    strength: float = 0.0
    """Position of the slider minus the value in the query as typed."""

    def value_in(self, codes: Mapping[int, float]) -> float:
        """The family's value in a query with these activations by latent."""
        return float(sum(codes.get(latent, 0.0) * share for latent, share in self.along))

    def with_strength(self, strength: float) -> FamilySlider:
        """The same slider somewhere else."""
        return replace(self, strength=float(strength))


def family_slider(
    root: int,
    children: Sequence[int],
    decoder: np.ndarray,
    sizes: np.ndarray,
    part: Part = "both",
    weighting: Weighting = "density",
) -> FamilySlider:
    """The slider of a family, at rest.

    `decoder` is (n_latents, d), `sizes` (n_latents,) what the weighting names: density, or mean
    active value; features without any are left where they are. Raises BadSetting where no feature
    is left to turn or the directions cancel one another out.
    """
    turned = _turned(root, children, part)
    weights = np.asarray(sizes, np.float64)[turned]
    turned, weights = turned[weights > 0], weights[weights > 0]
    if not len(turned):
        raise BadSetting(
            "No feature of this part of the family is active in any document, so there is nothing "
            "to steer with. Choose another part of the family."
        )
    rows = np.asarray(decoder[turned], np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    direction = weights @ rows
    length, wanted = float(np.linalg.norm(direction)), float(weights @ lengths / weights.sum())
    if not length > SHORTEST_DIRECTION * float(weights @ lengths):
        raise BadSetting(
            "The features of this family cancel one another out, so there is no direction to "
            "steer in. Choose the parent alone."
        )
    scale = wanted / length
    along = rows @ (scale * direction) / wanted**2
    return FamilySlider(
        int(root),
        tuple(int(child) for child in children),
        part,
        weighting,
        tuple(zip(turned.tolist(), (scale * weights).tolist(), strict=True)),
        tuple(zip(turned.tolist(), along.tolist(), strict=True)),
    )


def natural_range(
    slider: FamilySlider, activations: SparseActivations
) -> tuple[float, float] | None:
    """Between which values nine of ten documents lie in which a turned feature is active.

    None where there is no such document.
    """
    values, is_active = summed_activations(shares_of(slider), activations)
    if not is_active.any():
        return None
    low, high = np.quantile(values[is_active], NATURAL)
    return float(low), float(high)


def with_families(plan: SteeringPlan, families: Iterable[FamilySlider]) -> SteeringPlan:
    """Features and families together; the plan itself while every family is at rest."""
    moved = [slider for slider in families if slider.strength != 0.0]
    if not moved:
        return plan
    strengths = dict(plan.strengths)
    for slider in moved:
        for latent, weight in slider.moves:
            strengths[latent] = strengths.get(latent, 0.0) + slider.strength * weight
    return replace(plan, strengths=tuple(strengths.items()))


def _turned(root: int, children: Sequence[int], part: Part) -> np.ndarray:
    if part not in PARTS:
        raise BadSetting(f"A family has no part “{part}”: choose both, parent or children.")
    parent = [] if part == "children" else [root]
    below = [] if part == "parent" else list(children)
    return np.array([*parent, *below], np.int64)
