"""What a person turned, and by how much: strengths, places, less, and what limits them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Literal, TypeAlias

from saedesk.errors import BadSetting

if TYPE_CHECKING:
    from saedesk.search.family_steering import FamilySlider

Target: TypeAlias = "int | FamilySlider"
"""What can be turned: a feature, by its latent, or a family."""
Mode = Literal["add", "clamp"]
MODES: tuple[Mode, ...] = ("add", "clamp")

PLACES = 10
"""The results among which places are given."""
LARGEST_STRENGTH = 1e6
"""Beyond this, single precision would no longer see the query beside the feature."""


@dataclass(frozen=True)
class SteeringPlan:
    """Everything that steers one search; the empty plan is all sliders at rest.

    The order in which things are given does not matter, and nothing (a strength of zero, no
    places, no less) is no entry, so two plans that mean the same are equal.
    """

    strengths: tuple[tuple[int, float], ...] = ()
    """(latent, strength) sorted by latent; every strength is finite and not zero. A strength is
    what is added to the feature: slider position minus the activation the query has by itself."""
    mode: Mode = "add"
    """"add": q' = normalise(q + Σ u_i d_i), what the features do not explain is kept. "clamp":
    the codes of the query are set, go through the SAE's choice again and are decoded; what they
    do not explain is dropped, as saerch.ai does. Of no effect while nothing is turned."""
    places: tuple[tuple[Target, int], ...] = ()
    """(target, m): m of the first ten results go to documents of the target; 10 at most in all."""
    less: tuple[tuple[Target, float], ...] = ()
    """(target, share 0 to 1): at 1 the target's part of the query is removed and its documents
    are put down in full."""
    cap: float | None = None
    """The least cos(q, q'), 0 to 1; what would go below it is scaled until it does not."""
    optimise: bool = False
    """Whether the query is moved on until its features, read again, are those asked for."""

    def __post_init__(self) -> None:
        strengths = tuple(
            (i, _checked_strength(i, float(u)))
            for i, u in _unique(self.strengths, "strengths")
            if isinstance(i, int)
        )
        places = tuple((t, _checked_places(m)) for t, m in _unique(self.places, "numbers"))
        if sum(m for _, m in places) > PLACES:
            raise BadSetting(
                f"{sum(m for _, m in places)} of ten results cannot be given away. "
                "Take some of the places back."
            )
        less = tuple((t, _checked_share(w)) for t, w in _unique(self.less, "shares of less"))
        object.__setattr__(self, "strengths", tuple(e for e in strengths if e[1] != 0.0))
        object.__setattr__(self, "places", tuple(e for e in places if e[1] != 0))
        object.__setattr__(self, "less", tuple(e for e in less if e[1] != 0.0))
        object.__setattr__(self, "cap", _checked_cap(self.cap))
        object.__setattr__(self, "optimise", bool(self.optimise))
        if self.mode not in MODES:
            raise BadSetting(f"There is no way of steering called “{self.mode}”: add or clamp.")

    @property
    def at_rest(self) -> bool:
        """True when no slider has moved: search is then plain dense search, bit for bit."""
        return not (self.strengths or self.places or self.less)

    @property
    def needs_scores(self) -> bool:
        """Whether documents are ranked by more than their cosine with a vector."""
        return bool(self.places or self.less)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Everything that is turned, features before families, each once."""
        found = {
            target for entries in (self.strengths, self.places, self.less) for target, _ in entries
        }
        return tuple(sorted(found, key=target_key))

    def strength(self, latent: int) -> float:
        """The strength of `latent`, 0.0 where it was not moved."""
        return dict(self.strengths).get(latent, 0.0)

    def places_of(self, target: Target) -> int:
        """How many of ten results `target` is given."""
        return dict(self.places).get(put_to_rest(target), 0)

    def less_of(self, target: Target) -> float:
        """By what share, 0 to 1, there is less of `target`."""
        return dict(self.less).get(put_to_rest(target), 0.0)

    def with_strength(self, latent: int, u: float) -> SteeringPlan:
        """This plan with `latent` at strength `u`; zero puts the slider back to rest."""
        others = tuple(entry for entry in self.strengths if entry[0] != int(latent))
        return replace(self, strengths=(*others, (int(latent), float(u))))

    def with_places(self, target: Target, m: int) -> SteeringPlan:
        """This plan with `m` of ten results for `target`; 0 takes its places back."""
        others = tuple(entry for entry in self.places if entry[0] != put_to_rest(target))
        return replace(self, places=(*others, (target, m)))

    def with_less(self, target: Target, share: float) -> SteeringPlan:
        """This plan with less of `target`, 0 to 1; 0 is no less than as typed."""
        others = tuple(entry for entry in self.less if entry[0] != put_to_rest(target))
        return replace(self, less=(*others, (target, share)))

    def with_mode(self, mode: Mode) -> SteeringPlan:
        """This plan by another way of steering."""
        return replace(self, mode=mode)

    def with_cap(self, cap: float | None) -> SteeringPlan:
        """This plan with another least cos(q, q'); None lifts it."""
        return replace(self, cap=cap)

    def with_optimise(self, optimise: bool) -> SteeringPlan:
        """This plan with or without moving on until the features read again are those asked."""
        return replace(self, optimise=optimise)

    def with_share(self, share: float) -> SteeringPlan:
        """This plan with so much of every less, 0 to 1."""
        if share == 1.0:
            return self
        return replace(self, less=tuple((target, share * w) for target, w in self.less))

    def without(self, target: Target) -> SteeringPlan:
        """This plan with nothing of `target` turned."""
        plan = self.with_places(target, 0).with_less(target, 0.0)
        return plan.with_strength(target, 0.0) if isinstance(target, int) else plan

    def put_to_rest(self) -> SteeringPlan:
        """Nothing turned; the way of steering, the cap and the optimisation stay."""
        return replace(self, strengths=(), places=(), less=())


@dataclass(frozen=True)
class Effect:
    """What came of what was asked of one target."""

    target: Target
    asked: float | None
    """The value asked for: as typed plus the strength, or less its share; in the query's codes.
    None where places alone were asked for."""
    after: float | None
    """Its value when q' is taken apart again; None where there is no SAE to do it, or no value was
    asked for."""
    replaced: int | None
    """How many of ten results it replaced; None where it cannot be told from the others."""
    places: int = 0
    """How many of ten results it was to be given."""


def target_key(target: Target) -> tuple[object, ...]:
    """What targets are sorted by: features by number, then families by root and what they turn."""
    if isinstance(target, int):
        return (0, target)
    return (1, target.root, target.part, target.weighting, target.children, target.moves)


def put_to_rest(target: Target) -> Target:
    """The target itself; of a family the slider at rest, which names it."""
    # A whole number may come as one of numpy's.
    return int(target) if isinstance(target, Integral | int) else target.with_strength(0.0)


def _unique(entries: Iterable[tuple[Target, float]], what: str) -> list[tuple[Target, float]]:
    """Entries by target, sorted; raises BadSetting for a target that is there twice."""
    checked: dict[Target, float] = {}
    for target, value in entries:
        target = put_to_rest(target)
        if target in checked:
            raise BadSetting(f"{_name(target)} has two {what}; give it one.")
        if isinstance(target, int) and target < 0:
            raise BadSetting(f"Feature {target} cannot be steered; features count from 0.")
        checked[target] = value
    return sorted(checked.items(), key=lambda entry: target_key(entry[0]))


def _name(target: Target) -> str:
    return f"Feature {target}" if isinstance(target, int) else f"Family {target.root}"


def _checked_strength(latent: int, strength: float) -> float:
    if not math.isfinite(strength) or abs(strength) > LARGEST_STRENGTH:
        raise BadSetting(
            f"The strength of feature {latent} is {strength}; it has to be a number between "
            f"−{LARGEST_STRENGTH:,.0f} and {LARGEST_STRENGTH:,.0f}."
        )
    return strength


def _checked_places(m: float) -> int:
    if isinstance(m, bool) or m != m or m != int(m) or not 0 <= m <= PLACES:
        raise BadSetting(f"{m} of ten results cannot be given away; give 0 to {PLACES}.")
    return int(m)


def _checked_share(share: float) -> float:
    share = float(share)
    if not 0.0 <= share <= 1.0:
        raise BadSetting(f"There cannot be less by {share}; it has to lie between 0 and 1.")
    return share


def _checked_cap(cap: float | None) -> float | None:
    if cap is None:
        return None
    if not 0.0 <= float(cap) <= 1.0:
        raise BadSetting(f"The least cosine with the query is {cap}; it lies between 0 and 1.")
    return float(cap)
