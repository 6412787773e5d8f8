"""What a person has set in Search, and the steps that can be undone in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QUndoCommand, QUndoStack

from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import FamilySlider, with_families
from saedesk.search.steering_plan import SteeringPlan

if TYPE_CHECKING:
    from saedesk.session.live_search import LiveSearch


@dataclass(frozen=True)
class SearchState:
    """What a person has set; everything the answer depends on."""

    text: str = ""
    like: tuple[int, ...] = ()
    """Documents that are searched with instead of a text."""
    plan: SteeringPlan = field(default_factory=SteeringPlan)
    """The features that were turned one by one."""
    added: tuple[int, ...] = ()
    """Features that a person put beside those of the query, in that order."""
    families: tuple[FamilySlider, ...] = ()
    """Families that a person put beside them, in that order; each root at most once."""
    wanted: DocumentFilter = field(default_factory=DocumentFilter)

    @property
    def asks_something(self) -> bool:
        """Whether there is something to search for."""
        return bool(self.text or self.like)

    def asks_the_same(self, other: SearchState) -> bool:
        """Whether text and documents are those of another state."""
        return self.text == other.text and self.like == other.like

    @property
    def steering(self) -> SteeringPlan:
        """Features and families together: what is added to the query."""
        return with_families(self.plan, self.families)

    @property
    def at_rest(self) -> bool:
        """Whether every slider stands where the query as typed has it."""
        return self.plan.at_rest and all(not slider.strength for slider in self.families)

    def family(self, root: int) -> FamilySlider | None:
        """The slider of a family, or None."""
        return next((slider for slider in self.families if slider.root == root), None)

    def with_family(self, slider: FamilySlider) -> SearchState:
        """With this slider in the place of that of the same family, or behind the others."""
        if self.family(slider.root) is None:
            return replace(self, families=(*self.families, slider))
        changed = (slider if one.root == slider.root else one for one in self.families)
        return replace(self, families=tuple(changed))

    def without_family(self, root: int) -> SearchState:
        """Without the slider of a family."""
        return replace(self, families=tuple(one for one in self.families if one.root != root))

    def put_to_rest(self, **changes: Any) -> SearchState:
        """With all sliders where the query as typed has them, and other things changed."""
        families = tuple(slider.with_strength(0.0) for slider in self.families)
        return replace(self, plan=SteeringPlan(), families=families, **changes)


class SearchCommand(QUndoCommand):
    """From one state of the search to another; moves of one slider in one drag are one command."""

    ID = 1

    def __init__(
        self, search: LiveSearch, before: SearchState, after: SearchState, text: str, merge_key: str
    ) -> None:
        super().__init__(text)
        self._search, self._before, self._after = search, before, after
        self._merge_key = merge_key
        self._open = bool(merge_key)

    @staticmethod
    def end_of_drag(undo: QUndoStack) -> None:
        """The next move of the same slider is a step of its own."""
        last = undo.command(undo.count() - 1) if undo.count() else None
        if isinstance(last, SearchCommand):
            last._open = False

    def id(self) -> int:
        return self.ID if self._merge_key else -1

    def mergeWith(self, other: Any) -> bool:
        same = self._open and self._merge_key == other._merge_key
        if same:
            self._after = other._after
        return same

    def redo(self) -> None:
        self._search.restore(self._after)

    def undo(self) -> None:
        self._search.restore(self._before)
