"""What families have of all that was added to the features of a query.

A plan moves the features of a family one by one, each by the strength of the family times its
weight; a slider of its own, less of it or another family may move a feature besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import Target, put_to_rest

ROUNDING = 1e-9
"""Less than this, of a share or of a score, is nothing."""


@dataclass(frozen=True, eq=False)
class FamilyShares:
    """Shares of moves; those of a feature, with what is left, sum to 1."""

    families: tuple[tuple[Target, bool], ...]
    """Each family that moves something, and whether it was turned up."""
    of: Mapping[int, tuple[tuple[int, float], ...]]
    """By feature: (which family, its share)."""
    left: Mapping[int, float]
    """By feature: the share that no family has. Below zero where its own slider turns it the other
    way."""

    @classmethod
    def among(
        cls, changes: Mapping[int, float], families: Iterable[FamilySlider]
    ) -> FamilyShares | None:
        """The shares of these families in `changes` {feature: what was added to it}.

        None where no family moves anything.
        """
        moving = [family for family in families if family.strength]
        shares: dict[int, list[tuple[int, float]]] = {}
        for at, family in enumerate(moving):
            for latent, weight in family.moves:
                whole = changes.get(latent, 0.0)
                if abs(whole) > ROUNDING:
                    share = family.strength * weight / whole
                    shares.setdefault(latent, []).append((at, share))
        if not shares:
            return None
        return cls(
            tuple((put_to_rest(family), family.strength > 0.0) for family in moving),
            {latent: tuple(own) for latent, own in shares.items()},
            {latent: 1.0 - sum(share for _, share in own) for latent, own in shares.items()},
        )

    def move_alone(self, latent: int) -> bool:
        """Whether families alone move a feature."""
        return abs(self.left.get(latent, 1.0)) <= ROUNDING
