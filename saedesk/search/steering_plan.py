"""Which features a person turned, and by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass

from saedesk.errors import BadSetting

LARGEST_STRENGTH = 1e6
"""Beyond this, single precision would no longer see the query beside the feature."""


@dataclass(frozen=True)
class SteeringPlan:
    """The strengths u_i of q' = normalise(q + Σ u_i d_i); the empty plan is all sliders at rest.

    The order in which strengths are given does not matter, and a strength of zero is no entry,
    so two plans that mean the same are equal.
    """

    strengths: tuple[tuple[int, float], ...] = ()
    """(latent, strength) sorted by latent; every strength is finite and not zero. A strength is
    what is added to the feature: slider position minus the activation the query has by itself."""

    def __post_init__(self) -> None:
        checked: dict[int, float] = {}
        for latent, strength in self.strengths:
            if int(latent) in checked:
                raise BadSetting(f"Feature {int(latent)} has two strengths; give it one.")
            checked[int(latent)] = _checked_strength(int(latent), float(strength))
        kept = tuple(sorted((latent, u) for latent, u in checked.items() if u != 0.0))
        object.__setattr__(self, "strengths", kept)

    @property
    def at_rest(self) -> bool:
        """True when no slider has moved: search is then plain dense search, bit for bit."""
        return not self.strengths

    def strength(self, latent: int) -> float:
        """The strength of `latent`, 0.0 where it was not moved."""
        return dict(self.strengths).get(latent, 0.0)

    def with_strength(self, latent: int, u: float) -> SteeringPlan:
        """This plan with `latent` at strength `u`; zero puts the slider back to rest."""
        others = tuple(entry for entry in self.strengths if entry[0] != int(latent))
        return SteeringPlan((*others, (int(latent), float(u))))


def _checked_strength(latent: int, strength: float) -> float:
    if latent < 0:
        raise BadSetting(f"Feature {latent} cannot be steered; features count from 0.")
    if not math.isfinite(strength) or abs(strength) > LARGEST_STRENGTH:
        raise BadSetting(
            f"The strength of feature {latent} is {strength}; it has to be a number between "
            f"−{LARGEST_STRENGTH:,.0f} and {LARGEST_STRENGTH:,.0f}."
        )
    return strength
