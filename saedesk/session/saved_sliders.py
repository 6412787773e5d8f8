"""Sliders as they are kept with a preset, a saved search or one of the last searches.

The plan beside them tells what is done to a query; they tell what a person turned: families apart
from features, what was added, and how each is turned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from saedesk.errors import BadInput
from saedesk.jobs.search_request_json import (
    plan_from_json,
    plan_to_json,
    target_from_json,
    target_to_json,
)
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.slider_names import WAYS, Slid
from saedesk.session.steering_settings import SteeringSettings

SLIDERS = "sliders"
"""The part of the content that they are."""


def with_sliders(content: Mapping[str, Any], settings: SteeringSettings) -> dict[str, Any]:
    """The content with the sliders in it."""
    sliders = {
        "plan": plan_to_json(settings.plan),
        "added": list(settings.added),
        "families": [target_to_json(one) for one in settings.families],
        "ways": [[slid.kind, slid.latent, way] for slid, way in settings.ways],
    }
    return {**content, SLIDERS: sliders}


def without_sliders(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the same search, whichever sliders it was turned with."""
    return {name: part for name, part in content.items() if name != SLIDERS}


def asked_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a search asks, and of which documents, however it is steered."""
    steers = (SLIDERS, "plan", "count")
    return {name: part for name, part in content.items() if name not in steers}


def sliders_in(content: Mapping[str, Any], plan: SteeringPlan, what: str) -> SteeringSettings:
    """The sliders in a content, or those that its plan needs where none were kept.

    Raises BadInput, which says that `what` cannot be read, for anything else.
    """
    if SLIDERS not in content:
        return _sliders_of(plan)
    try:
        sliders = content[SLIDERS]
        families = tuple(target_from_json(one) for one in sliders["families"])
        return SteeringSettings(
            plan_from_json(sliders["plan"]),
            tuple(int(latent) for latent in sliders["added"]),
            tuple(one for one in families if isinstance(one, FamilySlider)),
            tuple(
                (Slid(str(kind), int(latent)), way)
                for kind, latent, way in sliders["ways"]
                if way in WAYS
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(f"{what} cannot be read: it is not what saedesk writes.") from error


def _sliders_of(plan: SteeringPlan) -> SteeringSettings:
    """The sliders of a plan that was not made with sliders."""
    families = [target for target in plan.targets if isinstance(target, FamilySlider)]
    settings = SteeringSettings()
    for slider in families:
        settings = settings.with_family(slider)
    return replace(settings, plan=plan)
