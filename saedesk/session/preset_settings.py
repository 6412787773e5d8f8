"""Steering presets: what sliders of a search are kept under a name, and how they come back."""

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
from saedesk.project.saved_searches import SavedSearch
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.search_history import SearchBook
from saedesk.session.slider_names import WAYS, Slid
from saedesk.session.steering_settings import SteeringSettings


def save_settings(book: SearchBook, name: str, settings: SteeringSettings) -> int:
    """Keep the sliders under a name; returns the number of the preset. Raises KnownError."""
    return book.save_preset(name, settings.steering, _more(settings))


def change_settings(book: SearchBook, number: int, settings: SteeringSettings) -> None:
    """Let the name of a preset stand for these sliders. Raises KnownError."""
    book.change(number, {**_more(settings), "plan": plan_to_json(settings.steering)})


def settings_of(book: SearchBook, preset: SavedSearch) -> SteeringSettings:
    """The sliders of a preset; raises BadInput where they are those of another SAE, or none."""
    plan, content = book.plan_of(preset), preset.content
    if "sliders" not in content:
        return _sliders_of(plan)
    try:
        sliders = content["sliders"]
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
        raise BadInput(
            f"The preset “{preset.name}” cannot be read: it is not what saedesk writes."
        ) from error


def means_the_same(settings: SteeringSettings, preset: SteeringSettings) -> bool:
    """Whether the sliders stand where a preset has them."""
    return _turned(settings) == _turned(preset)


def _turned(settings: SteeringSettings) -> tuple[object, ...]:
    families = [one for one in settings.families if one.strength]
    return settings.plan, sorted(families, key=lambda one: one.root)


def _more(settings: SteeringSettings) -> Mapping[str, Any]:
    """What the plan does not tell: which sliders there are, and families apart from features."""
    return {
        "sliders": {
            "plan": plan_to_json(settings.plan),
            "added": list(settings.added),
            "families": [target_to_json(one) for one in settings.families],
            "ways": [[slid.kind, slid.latent, way] for slid, way in settings.ways],
        }
    }


def _sliders_of(plan: SteeringPlan) -> SteeringSettings:
    """The sliders of a plan that was not made with sliders."""
    families = [target for target in plan.targets if isinstance(target, FamilySlider)]
    settings = SteeringSettings()
    for slider in families:
        settings = settings.with_family(slider)
    return replace(settings, plan=plan)
