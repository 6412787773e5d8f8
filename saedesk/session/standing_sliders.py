"""Where the sliders of a search stand, and how each is turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from saedesk.jobs.turned_families import Turned
from saedesk.search.family_steering import FamilySlider, with_families
from saedesk.search.steering_plan import PLACES, SteeringPlan, Target
from saedesk.session.slider_names import Slid, Way, family, feature


@dataclass(frozen=True)
class StandingSliders:
    """All sliders of a search, read and not turned."""

    plan: SteeringPlan = field(default_factory=SteeringPlan)
    """Features that were turned along their directions, places and less of features and families,
    the way of steering and its limits."""
    added: tuple[int, ...] = ()
    """Features that a person put beside those of the query, in that order."""
    families: tuple[FamilySlider, ...] = ()
    """Families that a person put beside them, in that order; each root at most once. Their
    strengths are moves along their directions."""
    ways: tuple[tuple[Slid, Way], ...] = ()
    """Sliders of which a person chose how they are turned."""
    locked: tuple[Slid, ...] = ()
    """Sliders that resets, presets and new queries leave where they are."""
    held: tuple[tuple[Slid, float], ...] = ()
    """Where locked sliders have to stand in a query that is not taken apart yet."""

    @property
    def steering(self) -> SteeringPlan:
        """Features and families together: all that is done to the search."""
        return with_families(self.plan, self.families)

    @property
    def steering_apart(self) -> Turned:
        """The same, families that are moved along their directions apart from features."""
        return Turned(self.plan, tuple(slider for slider in self.families if slider.strength))

    @property
    def at_rest(self) -> bool:
        """Whether every slider stands where the query as typed has it."""
        moved = any(slider.strength for slider in self.families) or bool(self.held)
        return self.plan.at_rest and not moved

    @property
    def put_there(self) -> tuple[Slid, ...]:
        """The sliders that a person put beside those of the query."""
        families = (family(slider.root) for slider in self.families)
        return (*(feature(latent) for latent in self.added), *families)

    @property
    def of_one_query(self) -> tuple[Slid, ...]:
        """Turned sliders that the next query leaves behind: of the query's own features, those
        that are not locked."""
        kept = {*self.locked, *self.put_there}
        return tuple(slid for slid in self.turned if slid not in kept)

    def family(self, root: int) -> FamilySlider | None:
        """The slider of a family, or None."""
        return next((slider for slider in self.families if slider.root == root), None)

    def target(self, slid: Slid) -> Target | None:
        """What a plan calls it; None for a family that has no slider."""
        if slid.kind == "feature":
            return slid.latent
        slider = self.family(slid.latent)
        return None if slider is None else slider.with_strength(0.0)

    def way(self, slid: Slid) -> Way:
        """How a slider is turned: as it is turned now, else as was chosen, else as is usual.

        What a person added is wanted more of: by places. What the query has by itself is turned
        along its direction.
        """
        if self.places(slid):
            return "places"
        if self.less(slid):
            return "less"
        if self.strength(slid):
            return "direction"
        return dict(self.ways).get(slid, self._usual_way(slid))

    def _usual_way(self, slid: Slid) -> Way:
        return "places" if slid in self.put_there else "direction"

    def value_in(self, slid: Slid, codes: Mapping[int, float]) -> float:
        """The value of a feature or a family in a query with these activations by latent."""
        if slid.kind == "feature":
            return codes.get(slid.latent, 0.0)
        slider = self.family(slid.latent)
        return 0.0 if slider is None else slider.value_in(codes)

    def strength(self, slid: Slid) -> float:
        """How far a slider was moved along its direction, 0 at rest."""
        if slid.kind == "feature":
            return self.plan.strength(slid.latent)
        slider = self.family(slid.latent)
        return 0.0 if slider is None else slider.strength

    def places(self, slid: Slid) -> int:
        """How many of ten results it is given."""
        target = self.target(slid)
        return 0 if target is None else self.plan.places_of(target)

    def less(self, slid: Slid) -> float:
        """By what share, 0 to 1, there is less of it."""
        target = self.target(slid)
        return 0.0 if target is None else self.plan.less_of(target)

    def places_left(self, slid: Slid) -> int:
        """How many places there are for a slider, its own and those nobody was given."""
        return PLACES - sum(m for _, m in self.plan.places) + self.places(slid)

    @property
    def turned(self) -> tuple[Slid, ...]:
        """The sliders that do something, families after features."""
        features = [target for target in self.plan.targets if isinstance(target, int)]
        families = [
            family(one.root)
            for one in self.families
            if self.strength(family(one.root))
            or self.places(family(one.root))
            or self.less(family(one.root))
        ]
        return (*(feature(latent) for latent in features), *families)
