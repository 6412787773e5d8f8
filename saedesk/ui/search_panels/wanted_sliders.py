"""Which sliders there should be: what a person put there, then the features of the query."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.search.family_steering import FamilySlider
from saedesk.session.live_search import SHOWN_FEATURES, LiveSearch
from saedesk.session.steering_settings import Slid, codes_of


@dataclass(frozen=True)
class WantedSliders:
    """Where they stand does not matter here."""

    families: tuple[FamilySlider, ...] = ()
    """All at rest."""
    added: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    """Features of the query that were not added, the strongest first."""

    @property
    def put_there(self) -> tuple[Slid, ...]:
        """What a person put beside the features of the query."""
        families = (Slid("family", slider.root) for slider in self.families)
        return (*families, *(Slid("feature", latent) for latent in self.added))


def wanted_sliders(search: LiveSearch, *, every: bool) -> WantedSliders:
    """The sliders of a search; of the query's own features the strongest, or `every` one."""
    added = search.state.added
    latents = () if search.query is None else tuple(int(i) for i in search.query.latents)
    own = tuple(i for i in latents if i not in added)
    families = tuple(slider.with_strength(0.0) for slider in search.state.families)
    return WantedSliders(families, added, own if every else own[:SHOWN_FEATURES])


def weight_alone(search: LiveSearch | None) -> float:
    """The largest weight of a feature or a family alone, beside which others count; else 0."""
    if search is None or search.query is None or search.state.target is None:
        return 0.0
    return max(codes_of(search.query).values(), default=0.0)
