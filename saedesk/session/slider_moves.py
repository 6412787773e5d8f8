"""What a person does with the sliders of a search, each a step that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Mode
from saedesk.session.search_state import Comparison, SearchState
from saedesk.session.steering_settings import (
    Slid,
    SteeringSettings,
    Way,
    codes_of,
    family,
    feature,
)


class SliderMoves(QObject):
    """Moves of sliders over a state; who holds the state says how a step is made."""

    slider_wanted = Signal(object)
    """Slid of a slider that is there already, and that somebody wants to turn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = SearchState()
        self._query: QueryFeatures | None = None

    @property
    def state(self) -> SearchState:
        """What a person has set."""
        return self._state

    @property
    def query(self) -> QueryFeatures | None:
        """The query taken apart, once it is."""
        return self._query

    def _push(self, state: SearchState, text: str, merge_key: str, final: bool) -> None:
        """Makes a step; moves with the same key are one until a final one."""
        raise NotImplementedError

    def _set(
        self, settings: SteeringSettings, text: str, key: str = "", final: bool = True
    ) -> None:
        self._push(self._state.with_settings(settings), text, key, final)

    # -- where sliders stand -----------------------------------------------------------------

    def typed(self, slid: Slid) -> float:
        """The activation in the query as typed; 0 where it is not active or a family has none."""
        if self._query is None:
            return 0.0
        return self._state.settings.value_in(slid, codes_of(self._query))

    def position(self, slid: Slid) -> float:
        """Where a slider stands along its direction: the typed value plus the strength."""
        return self.typed(slid) + self._state.settings.strength(slid)

    def typed_value(self, latent: int) -> float:
        """The activation of a feature in the query as typed; 0 when it is not active."""
        return self.typed(feature(latent))

    def value(self, latent: int) -> float:
        """Where the slider of a feature stands along its direction."""
        return self.position(feature(latent))

    def family_typed_value(self, slider: FamilySlider) -> float:
        """A family's value in the query as typed; 0 where none of its features is active."""
        return 0.0 if self._query is None else slider.value_in(codes_of(self._query))

    # -- turning one slider --------------------------------------------------------------------

    def set_way(self, slid: Slid, way: Way) -> None:
        """Turn a slider in another way; what it was turned by before is taken back. Undoable."""
        self._set(self._state.settings.with_way(slid, way), "Turn in another way")

    def set_position(self, slid: Slid, position: float, *, final: bool = True) -> None:
        """Move a slider along its direction; `final` is False while it is being dragged.

        A drag is one step to undo.
        """
        settings = self._state.settings.with_way(slid, "direction")
        settings = settings.with_strength(slid, position - self.typed(slid))
        self._set(settings, "Steer", f"position {slid.kind} {slid.latent}", final)

    def set_places(self, slid: Slid, places: int, *, final: bool = True) -> None:
        """Give a slider so many of ten results, as far as others leave them; `final` as above."""
        settings = self._state.settings.with_way(slid, "places").with_places(slid, places)
        self._set(settings, "Give places", f"places {slid.kind} {slid.latent}", final)

    def set_less(self, slid: Slid, share: float, *, final: bool = True) -> None:
        """Have less of a slider by a share of 0 to 1; `final` as above."""
        settings = self._state.settings.with_way(slid, "less").with_less(slid, share)
        self._set(settings, "Less of it", f"less {slid.kind} {slid.latent}", final)

    def set_value(self, latent: int, value: float, *, final: bool = True) -> None:
        """`set_position` of a feature."""
        self.set_position(feature(latent), value, final=final)

    def set_family_value(self, root: int, value: float, *, final: bool = True) -> None:
        """`set_position` of a family; nothing where it has no slider."""
        if self._state.family(root) is not None:
            self.set_position(family(root), value, final=final)

    def set_lock(self, slid: Slid, is_locked: bool) -> None:
        """Lock a slider: resets, presets and new queries leave it where it is. Undoable."""
        title = "Lock a slider" if is_locked else "Unlock a slider"
        self._set(self._state.settings.with_lock(slid, is_locked), title)

    def put_to_rest(self, slid: Slid) -> None:
        """Put a slider back to where the query as typed has it; a locked one stays. Undoable."""
        if slid not in self._state.settings.locked:
            self._set(self._state.settings.as_typed(slid), "Reset sliders")

    def reset(self, latent: int | None = None) -> None:
        """Put the slider of a feature, or all, back to rest; locked ones stay. Undoable.

        Where all are at rest already, the mode, the cap and the optimisation go back.
        """
        settings = self._state.settings
        if latent is not None:
            self.put_to_rest(feature(latent))
        elif settings.can_be_reset:
            self._set(settings.put_to_rest(), "Reset sliders")
        else:
            self._set(settings.without_limits(), "Reset the mode and the cap")

    def reset_family(self, root: int) -> None:
        """Put the slider of a family back to rest; a locked one stays. Undoable."""
        self.put_to_rest(family(root))

    # -- which sliders there are -----------------------------------------------------------------

    def add_feature(self, latent: int) -> None:
        """Put a slider for a feature beside those of the query; undoable.

        A feature that the query has keeps its slider and what it has.
        """
        if latent in self._state.added or self.typed_value(latent):
            self.slider_wanted.emit(feature(latent))
        else:
            self._set(self._state.settings.with_feature(latent), "Add a feature")

    def remove_feature(self, latent: int) -> None:
        """Take an added feature away, and what it did with it; undoable."""
        self._set(self._state.settings.without_feature(latent), "Remove a feature")

    def put_family(self, slider: FamilySlider) -> None:
        """Put a slider for a family beside the others, or change which part it turns; undoable."""
        is_new = self._state.family(slider.root) is None
        title = "Add a family" if is_new else "Change the part of a family"
        self._set(self._state.settings.with_family(slider), title)

    def remove_family(self, root: int) -> None:
        """Take the slider of a family away, and what it did with it; undoable."""
        self._set(self._state.settings.without_family(root), "Remove a family")

    # -- all of them -----------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Steer by adding to the query or by clamping its features; undoable."""
        plan = self._state.plan.with_mode(mode)
        self._set(replace(self._state.settings, plan=plan), "Steer by another mode")

    def set_cap(self, cap: float | None, *, final: bool = True) -> None:
        """Set how far the query may move at most, as a least cosine; None lifts the cap."""
        plan = self._state.plan.with_cap(cap)
        key = "" if cap is None else "cap"
        self._set(replace(self._state.settings, plan=plan), "Cap the distance", key, final)

    def set_optimise(self, optimise: bool) -> None:
        """Move the query on until its features, read again, are those asked for; undoable."""
        plan = self._state.plan.with_optimise(optimise)
        self._set(replace(self._state.settings, plan=plan), "Optimise the encoding")

    def apply_preset(self, preset: SteeringSettings) -> None:
        """Put all sliders where a preset has them, but for locked ones; undoable."""
        settings = self._state.settings.with_preset(preset)
        if self._query is not None:
            settings = settings.settled(codes_of(self._query))
        self._set(settings, "Apply a preset")

    # -- two settings ----------------------------------------------------------------------------

    def keep_as_a(self) -> None:
        """Keep the settings as A and go on turning as B; undoable."""
        comparison = Comparison(self._state.settings)
        self._push(replace(self._state, comparison=comparison), "Compare two settings", "", True)

    def switch_settings(self) -> None:
        """Put the other of the two settings in force; undoable."""
        there = self._state.comparison
        if there is not None:
            turned = replace(there, other=self._state.settings, in_force=there.not_in_force)
            state = replace(self._state, settings=there.other, comparison=turned)
            self._push(state, f"Switch to setting {turned.in_force}", "", True)

    def show_side_by_side(self, both: bool) -> None:
        """Show the results of both settings, or of the one in force; undoable."""
        self._compare(lambda there: replace(there, side_by_side=both), "Compare two settings")

    def end_comparison(self) -> None:
        """Forget the settings that are not in force; undoable."""
        self._compare(lambda there: None, "End the comparison")

    def _compare(self, change: Callable[[Comparison], Comparison | None], title: str) -> None:
        there = self._state.comparison
        if there is not None:
            self._push(replace(self._state, comparison=change(there)), title, "", True)
