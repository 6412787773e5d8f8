"""What a person has set to steer with: which sliders, how each is turned, how far, what is locked.

A slider is turned in one way at a time. By places, so many of ten results are given to documents
of its feature or family; by direction, the query is moved along it, up or down; by less, the part
the query has of it is taken away and its documents are put down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.session.slider_names import WAYS as WAYS
from saedesk.session.slider_names import Slid as Slid
from saedesk.session.slider_names import Way as Way
from saedesk.session.slider_names import family as family
from saedesk.session.slider_names import feature as feature
from saedesk.session.standing_sliders import StandingSliders


def codes_of(query: QueryFeatures) -> dict[int, float]:
    """The activations of a query by latent."""
    return dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))


@dataclass(frozen=True)
class SteeringSettings(StandingSliders):
    """All sliders of a search and where they stand."""

    @property
    def can_be_reset(self) -> bool:
        """Whether a slider that is not locked was turned, or is turned in an unusual way."""
        return self.put_to_rest() != self

    @property
    def has_limits(self) -> bool:
        """Whether there is a cap, the optimisation, or another mode than adding."""
        return self.without_limits() != self

    # -- turning -----------------------------------------------------------------------------

    def with_way(self, slid: Slid, way: Way) -> SteeringSettings:
        """Turned in another way; what it was turned by before is taken back."""
        if way == self.way(slid):
            return self
        return self.with_one_at_rest(slid)._turned_by(slid, way)

    def with_strength(self, slid: Slid, strength: float) -> SteeringSettings:
        """Moved so far along its direction."""
        if slid.kind == "feature":
            return replace(self, plan=self.plan.with_strength(slid.latent, strength))
        slider = self.family(slid.latent)
        return self if slider is None else self.with_family(slider.with_strength(strength))

    def with_places(self, slid: Slid, places: int) -> SteeringSettings:
        """Given so many of ten results, as far as others leave them."""
        target = self.target(slid)
        if target is None:
            return self
        places = min(max(0, places), self.places_left(slid))
        return replace(self, plan=self.plan.with_places(target, places))

    def with_less(self, slid: Slid, share: float) -> SteeringSettings:
        """Less of it, by a share of 0 to 1."""
        target = self.target(slid)
        if target is None:
            return self
        return replace(self, plan=self.plan.with_less(target, min(max(0.0, share), 1.0)))

    def with_one_at_rest(self, slid: Slid) -> SteeringSettings:
        """With this slider where the query as typed has it."""
        target = self.target(slid)
        if target is None:
            return self
        return replace(self, plan=self.plan.without(target)).with_strength(slid, 0.0)

    def as_typed(self, slid: Slid) -> SteeringSettings:
        """With this slider at rest, and turned in the usual way from then on."""
        return self.with_one_at_rest(slid)._turned_as_usual(slid)

    # -- which sliders there are ---------------------------------------------------------------

    def with_feature(self, latent: int) -> SteeringSettings:
        """With a slider for a feature beside those of the query."""
        return self if latent in self.added else replace(self, added=(*self.added, latent))

    def without_feature(self, latent: int) -> SteeringSettings:
        """Without the slider of an added feature, and what it did."""
        rest = self.with_one_at_rest(feature(latent))
        return rest._without(
            feature(latent), added=tuple(one for one in self.added if one != latent)
        )

    def with_family(self, slider: FamilySlider) -> SteeringSettings:
        """With this slider in the place of that of the same family, or behind the others."""
        before, slid = self.family(slider.root), family(slider.root)
        if before is None:
            return replace(self, families=(*self.families, slider))
        changed = tuple(slider if one.root == slider.root else one for one in self.families)
        if before.with_strength(0.0) == slider.with_strength(0.0):
            return replace(self, families=changed)
        # Places and less name what is turned of the family: they go to the new part.
        places, less = self.places(slid), self.less(slid)
        plan = self.plan.without(before)
        plan = plan.with_places(slider, places).with_less(slider, less)
        return replace(self, plan=plan, families=changed)

    def without_family(self, root: int) -> SteeringSettings:
        """Without the slider of a family, and what it did."""
        rest = self.with_one_at_rest(family(root))
        kept = tuple(one for one in rest.families if one.root != root)
        return rest._without(family(root), families=kept)

    def _without(self, slid: Slid, **changes: object) -> SteeringSettings:
        ways = tuple(entry for entry in self.ways if entry[0] != slid)
        locked = tuple(one for one in self.locked if one != slid)
        return replace(self, ways=ways, locked=locked, **changes)  # type: ignore[arg-type]

    # -- locks -------------------------------------------------------------------------------

    def with_lock(self, slid: Slid, is_locked: bool) -> SteeringSettings:
        """With a slider locked, or not any more."""
        others = tuple(one for one in self.locked if one != slid)
        locked = (*others, slid) if is_locked else others
        # It is turned in the same way wherever it stands after the next query.
        return replace(self, locked=locked)._turned_by(slid, self.way(slid))

    def put_to_rest(self) -> SteeringSettings:
        """With all sliders but the locked ones where the query as typed has them.

        They are turned in the usual way from then on.
        """
        return self._keeping(self.locked)

    def without_limits(self) -> SteeringSettings:
        """Added to the query, without a cap and without the optimisation."""
        plan = self.plan.with_mode("add").with_cap(None).with_optimise(False)
        return replace(self, plan=plan)

    def with_preset(self, preset: SteeringSettings) -> SteeringSettings:
        """The sliders of a preset, and beside them the locked ones as they are here.

        Every feature that the preset turns has a slider then, and the way it is turned.
        """
        rest = replace(preset._all_at_rest(), locked=self.locked)
        for slid in self.locked:
            rest = rest._taking(slid, self)
        for slid in preset.turned:
            if slid not in self.locked:
                rest = rest._taking(slid, preset)
        return rest

    def for_new_query(self, value: Callable[[Slid], float] | None) -> SteeringSettings:
        """What a person put there or locked stays as it is; the query's own features are at rest.

        Locked directions are to stand in the new query where they stand now. `value` tells where
        that is; None while the query before is not known itself.
        """
        rest = self._keeping((*self.locked, *self.put_there))
        if value is None:
            return rest
        along = [slid for slid in self.locked if self.way(slid) == "direction"]
        for slid in along:
            rest = rest.with_strength(slid, 0.0)
        return replace(rest, held=tuple((slid, value(slid)) for slid in along))

    def settled(self, codes: Mapping[int, float]) -> SteeringSettings:
        """With what was held put into force, in a query with these activations by latent.

        Locked and turned features that are not active in it stand beside those that are.
        """
        settings = replace(self, held=()) if self.held else self
        for slid in (*self.locked, *self.turned):
            if slid.kind == "feature" and slid.latent not in codes:
                settings = settings._beside(slid)
        for slid, position in self.held:
            settings = settings.with_strength(slid, position - self.value_in(slid, codes))
        return settings

    def _keeping(self, kept: Sequence[Slid]) -> SteeringSettings:
        """At rest but for these sliders."""
        rest = replace(self._all_at_rest(), held=self.held)
        for slid, _ in self.ways:
            if slid not in kept:
                rest = rest._turned_as_usual(slid)
        for slid in kept:
            rest = rest._taking(slid, self)
        return rest

    def _all_at_rest(self) -> SteeringSettings:
        families = tuple(one.with_strength(0.0) for one in self.families)
        return replace(self, plan=self.plan.put_to_rest(), families=families, held=())

    def _beside(self, slid: Slid) -> SteeringSettings:
        """With a slider for a feature beside those of the query, turned as it was."""
        if slid.latent in self.added:
            return self
        way = self.way(slid)
        return self.with_feature(slid.latent)._turned_by(slid, way)

    def _turned_by(self, slid: Slid, way: Way) -> SteeringSettings:
        # In its place, so that settings that mean the same are equal.
        return replace(self, ways=tuple({**dict(self.ways), slid: way}.items()))

    def _turned_as_usual(self, slid: Slid) -> SteeringSettings:
        usual = self._usual_way(slid)
        ways = tuple(one for one in self.ways if one[0] != slid or one[1] == usual)
        return replace(self, ways=ways)

    def _taking(self, slid: Slid, other: SteeringSettings) -> SteeringSettings:
        """With one slider as it is in other settings."""
        settings = self
        if slid.kind == "family":
            slider = other.family(slid.latent)
            settings = settings if slider is None else settings.with_family(slider)
        elif slid.latent in other.added:
            settings = settings.with_feature(slid.latent)
        settings = settings.with_one_at_rest(slid).with_strength(slid, other.strength(slid))
        settings = settings.with_places(slid, other.places(slid))
        settings = settings.with_less(slid, other.less(slid))
        return settings._turned_by(slid, other.way(slid))
