"""What the rows of the steering panel say about a slider."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.search.calibration import Calibration
from saedesk.search.steering_plan import PLACES
from saedesk.session.steering_settings import Way
from saedesk.ui.widgets.steering_slider import signed

WAY_WORDS: dict[Way, str] = {"places": "Places", "direction": "Direction", "less": "Less"}
WAY_MEANING: dict[Way, str] = {
    "places": "so many of the ten results are its documents",
    "direction": "the query moves along it, up or down",
    "less": "out of the query, its documents further down",
}
LOCK_MEANING = "resets, presets and new queries leave this slider where it is"
LESS_STEPS, LARGE_LESS = 100, 10
"""The slider of less goes in steps of 1 %, with Shift of 10 %."""
NOT_VISIBLE = "it is in none of the ten results"
"""Why there cannot be less of something."""
NOT_KNOWN = "it is not known yet whether any of the ten results has it"
"""Why that is not offered yet."""


@dataclass(frozen=True)
class SliderView:
    """Where one slider stands, in whichever way it is turned."""

    way: Way = "direction"
    typed: float = 0.0
    position: float = 0.0
    """Along its direction."""
    places: int = 0
    places_left: int = PLACES
    """How many places it could have."""
    less: float = 0.0
    """0 to 1."""
    is_locked: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether it does something."""
        if self.way == "places":
            return self.places > 0
        if self.way == "less":
            return self.less > 0
        return abs(self.position - self.typed) > 1e-9

    @property
    def colour(self) -> str:
        """The token that says where it was turned."""
        if not self.is_changed:
            return "text2"
        turned_up = self.position > self.typed if self.way == "direction" else self.way == "places"
        return "up" if turned_up else "down"

    @property
    def value(self) -> str:
        """The value at the right of the slider."""
        if self.way == "places":
            return f"{self.places} of {PLACES}"
        if self.way == "less":
            return f"\u2212{100 * self.less:.0f} %" if self.less else "0 %"
        return signed(self.position)


def places_in_words(places: int) -> str:
    """“3 of ten results”."""
    return f"{places} of ten results"


def less_in_words(step: int) -> str:
    """“60 % less”."""
    return f"{step * 100 // LESS_STEPS} % less"


def about_range(what: str, natural: tuple[float, float] | None) -> str:
    """Between which values what is steered with lies where it is active."""
    if natural is None:
        return f"The {what} is active in no document."
    low, high = natural
    return f"Where the {what} is active, nine of ten values lie between {low:.3f} and {high:.3f}."


def about_value(view: SliderView) -> str:
    """What the tooltip of the value and of the slider says."""
    if view.way == "places":
        told = (
            f"{view.places} of the ten results are given to its documents: those that fit the "
            "query best and are about it. The others stay in their order."
        )
        if view.places_left < PLACES:
            told += f" At most {view.places_left}: the other places are given already."
        return told
    if view.way == "less":
        return (
            f"{100 * view.less:.0f} % of what the query has of it is taken away, and its documents "
            "are put down by as much."
        )
    return (
        f"{view.value} now, {signed(view.typed)} in the query as typed.\n"
        "Strengths up to about 0.75 keep results that fit the query."
    )


def about_calibration(known: Calibration | None) -> str:
    """From where on how many results are others; "" while nobody knows."""
    if known is None or not known.is_marked:
        return ""
    parts = [_marks(known.up, known.typed, "up"), _marks(known.down, known.typed, "down")]
    told = [part for part in parts if part]
    if not told:
        return "\nTurned by itself, it replaces none of the ten results."
    return "\nThe marks under the slider: " + "; ".join(told) + "."


def unsigned(value: float) -> str:
    """A number of which only a minus is told."""
    return signed(value).lstrip("+")


def _marks(marks: tuple[tuple[int, float], ...], typed: float, where: str) -> str:
    if not marks:
        return ""
    told = ", ".join(f"{number} at {signed(typed + strength, 2)}" for number, strength in marks)
    return f"{where}, results replaced: {told}"


def after_text(view: SliderView, after: float | None, replaced: int | None) -> str:
    """What came of it, above the value; "" where there is nothing to say."""
    if not view.is_changed:
        return ""
    if view.way == "places":
        return "" if replaced is None else f"{replaced} new"
    return "" if after is None else f"\u2192 {unsigned(after)}"


def about_after(view: SliderView, after: float | None, replaced: int | None) -> str:
    """What the tooltip of that says."""
    if view.way == "places":
        if replaced is None:
            return ""
        return (
            f"{replaced} of the ten results that it was given were not among the ten as typed; "
            "the others were there already."
        )
    if after is None:
        return ""
    asked = view.typed * (1 - view.less) if view.way == "less" else view.position
    told = f"Asked for {unsigned(asked)}, {unsigned(after)} when the steered query is taken apart "
    return f"{told}again. {_about_difference(asked, after)}"


def _about_difference(asked: float, after: float) -> str:
    """Why what comes back is less or more than what was asked for."""
    if unsigned(asked) == unsigned(after):
        return "All of it comes back."
    if asked < 0 and not after:
        return "A feature is active or it is not: nothing is the least that can come back."
    if after < asked:
        return (
            "The SAE keeps only the strongest features, so less than asked comes back; two thirds "
            "are usual."
        )
    return "What the other features add lies partly along it, so more than asked comes back."
