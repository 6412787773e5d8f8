"""Steering presets: what sliders of a search are kept under a name, and how they come back."""

from __future__ import annotations

from saedesk.jobs.search_request_json import plan_to_json
from saedesk.project.saved_searches import SavedSearch
from saedesk.session.saved_sliders import sliders_in, with_sliders
from saedesk.session.search_history import SearchBook
from saedesk.session.steering_settings import SteeringSettings


def save_settings(book: SearchBook, name: str, settings: SteeringSettings) -> int:
    """Keep the sliders under a name; returns the number of the preset. Raises KnownError."""
    return book.save_preset(name, settings.steering, with_sliders({}, settings))


def change_settings(book: SearchBook, number: int, settings: SteeringSettings) -> None:
    """Let the name of a preset stand for these sliders. Raises KnownError."""
    book.change(number, with_sliders({"plan": plan_to_json(settings.steering)}, settings))


def settings_of(book: SearchBook, preset: SavedSearch) -> SteeringSettings:
    """The sliders of a preset; raises BadInput where they are those of another SAE, or none."""
    return sliders_in(preset.content, book.plan_of(preset), f"The preset “{preset.name}”")


def means_the_same(settings: SteeringSettings, preset: SteeringSettings) -> bool:
    """Whether the sliders stand where a preset has them."""
    return _turned(settings) == _turned(preset)


def _turned(settings: SteeringSettings) -> tuple[object, ...]:
    families = [one for one in settings.families if one.strength]
    return settings.plan, sorted(families, key=lambda one: one.root)
