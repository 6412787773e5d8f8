"""Families that are turned as one in a search: kept as such, and what came of them.

A plan knows the strengths of features alone; which of them one slider of a family moved is told
beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.jobs.search_answer import SearchAnswer
from saedesk.jobs.search_request_json import (
    plan_from_json,
    plan_to_json,
    target_from_json,
    target_to_json,
)
from saedesk.search.family_steering import FamilySlider, with_families
from saedesk.search.steering import typed_codes
from saedesk.search.steering_plan import PLACES, Effect, SteeringPlan, put_to_rest, target_key


@dataclass(frozen=True)
class Turned:
    """What is turned in a search, families apart from features."""

    plan: SteeringPlan = field(default_factory=SteeringPlan)
    """All but what families are moved along their directions."""
    families: tuple[FamilySlider, ...] = ()
    """Those that are moved along them."""

    @property
    def steering(self) -> SteeringPlan:
        """All that is done to the search."""
        return with_families(self.plan, self.families)

    def with_family(self, family: FamilySlider) -> Turned:
        """With a family in place of the same one, elsewhere or at rest."""
        others = tuple(one for one in self.families if put_to_rest(one) != put_to_rest(family))
        return Turned(self.plan, (*others, *([family] if family.strength else [])))

    def to_json(self) -> dict[str, Any]:
        """As the sliders of a search and of a preset are kept."""
        return {
            "plan": plan_to_json(self.plan),
            "added": [],
            "families": [target_to_json(family) for family in self.families],
            "ways": [],
        }


def turned_in(content: Mapping[str, Any]) -> Turned:
    """What is turned in a search or a preset as it is kept; raises BadInput for anything else."""
    sliders = content.get("sliders")
    if not isinstance(sliders, Mapping):
        return Turned(plan_from_json(content.get("plan", {})))
    try:
        families = [target_from_json(one) for one in sliders["families"]]
        plan = plan_from_json(sliders["plan"])
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput("These sliders cannot be read: they are not what saedesk writes.") from error
    moved = tuple(one for one in families if isinstance(one, FamilySlider) and one.strength)
    return Turned(plan, moved)


def turned_of(content: Mapping[str, Any], plan: SteeringPlan) -> Turned:
    """What is turned in a search or a preset as it is kept, whose plan is `plan`.

    Families are told apart only where features and families together are what steers.
    """
    turned = turned_in(content)
    return turned if turned.steering == plan else Turned(plan)


def with_effects(found: SearchAnswer, turned: Turned) -> SearchAnswer:
    """The answer with the effects that `effects_of` gives."""
    return replace(found, effects=effects_of(found, turned))


def effects_of(found: SearchAnswer, turned: Turned) -> tuple[Effect, ...]:
    """What came of what was asked, with a family as one where it was turned as one.

    Features before families, as in the answer.
    """
    if not turned.families:
        return found.effects
    if not found.effects:
        # Neither words nor features alone are taken apart again.
        return ()
    own = set(turned.plan.targets)
    after, typed = dict(found.codes_after), typed_codes(found.query)
    is_read = bool(found.codes_after)
    things = own | {put_to_rest(family) for family in turned.families}
    effects = {one.target: one for one in found.effects if one.target in own}
    for family in turned.families:
        rest = put_to_rest(family)
        left = 1.0 - turned.plan.less_of(rest)
        effects[rest] = Effect(
            rest,
            left * family.value_in(typed) + family.strength,
            family.value_in(after) if is_read else None,
            effects[rest].replaced if rest in effects else None,
            turned.plan.places_of(rest),
        )
    if len(things) == 1:
        effects = {
            target: replace(one, replaced=_replaced(found)) for target, one in effects.items()
        }
    return tuple(effects[target] for target in sorted(effects, key=target_key))


def _replaced(found: SearchAnswer) -> int:
    """How many of the first ten results are others than as typed."""
    before = [result.row for result in found.plain[:PLACES]]
    return len(np.setdiff1d([result.row for result in found.steered[:PLACES]], before))
