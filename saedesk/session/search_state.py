"""What a person has set in Search, and the steps that can be undone in it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtGui import QUndoCommand, QUndoStack

from saedesk.jobs.search_request import RESULTS, LikeBy, Match, SearchRequest
from saedesk.jobs.turned_families import Turned
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.session.steering_settings import SteeringSettings

if TYPE_CHECKING:
    from saedesk.session.live_search import LiveSearch


@dataclass(frozen=True)
class Comparison:
    """Two settings of one query, of which one is in force and can be turned."""

    other: SteeringSettings
    """The one that is not in force."""
    in_force: Literal["A", "B"] = "B"
    side_by_side: bool = True
    """Whether the results of both are shown; else those of the one in force."""

    @property
    def not_in_force(self) -> Literal["A", "B"]:
        """The name of the other one."""
        return "A" if self.in_force == "B" else "B"


@dataclass(frozen=True)
class SearchState:
    """What a person has set; everything the answer depends on."""

    text: str = ""
    like: tuple[int, ...] = ()
    """Ids of documents that the results should be like."""
    unlike: tuple[int, ...] = ()
    """Ids of documents that they should not be like."""
    like_by: LikeBy = "vectors"
    target: Target | None = None
    """A feature or a family alone as the query."""
    match: Match = "meaning"
    settings: SteeringSettings = field(default_factory=SteeringSettings)
    wanted: DocumentFilter = field(default_factory=DocumentFilter)
    comparison: Comparison | None = None
    count: int = RESULTS
    """How many results a search that was saved elsewhere asks for; kept with it, ten are shown."""

    @property
    def asks_something(self) -> bool:
        """Whether there is something to search for."""
        return bool(self.text or self.like or self.target is not None)

    @property
    def question(self) -> tuple[object, ...]:
        """What makes the query, without what steers and filters it."""
        return (self.text, self.like, self.unlike, self.like_by, self.target, self.match)

    @property
    def by_words_alone(self) -> bool:
        """Whether the words of a text are all that counts, so that nothing is steered."""
        return bool(self.text) and self.match == "words"

    def asks_the_same(self, other: SearchState) -> bool:
        """Whether the query is that of another state."""
        return self.question == other.question

    def asking(self, **changes: Any) -> SearchState:
        """With other parts of the question; of text, documents and target only the newest stays.

        A document that the results should be like is none that they should be unlike.
        """
        asked = replace(self, count=RESULTS, **changes)
        if changes.get("text"):
            asked = replace(asked, like=(), target=None)
        elif changes.get("like"):
            asked = replace(asked, text="", target=None)
        elif changes.get("target") is not None:
            asked = replace(asked, text="", like=(), unlike=())
        if "unlike" in changes:
            asked = replace(asked, like=_without(asked.like, asked.unlike))
        else:
            asked = replace(asked, unlike=_without(asked.unlike, asked.like))
        return asked if asked.asks_something else replace(asked, unlike=())

    def request(self, settings: SteeringSettings | None = None) -> SearchRequest:
        """What is asked of the engine, steered by these settings or by other ones."""
        settings = settings or self.settings
        return SearchRequest(
            text=self.text,
            like=self.like,
            unlike=self.unlike,
            # Each only where there is something to which it applies.
            like_by=self.like_by if self.like else "vectors",
            target=self.target,
            match=self.match if self.text else "meaning",
            plan=settings.steering,
            wanted=self.wanted,
            families=settings.steering_apart.families,
        )

    @property
    def kept_request(self) -> SearchRequest:
        """What is saved, remembered and copied: what is asked, with all results it asks for."""
        return replace(self.request(), count=self.count)

    @staticmethod
    def of(request: SearchRequest, settings: SteeringSettings) -> SearchState:
        """What a person would have set to ask this, with sliders that steer so."""
        return SearchState(
            text=request.text,
            like=request.like,
            unlike=request.unlike,
            like_by=request.like_by,
            target=request.target,
            match=request.match,
            settings=settings,
            wanted=request.wanted,
            count=request.count,
        )

    # -- the sliders ---------------------------------------------------------------------------

    @property
    def plan(self) -> SteeringPlan:
        """What is turned, but for families along their directions."""
        return self.settings.plan

    @property
    def added(self) -> tuple[int, ...]:
        """Features that a person put beside those of the query."""
        return self.settings.added

    @property
    def families(self) -> tuple[FamilySlider, ...]:
        """Families that a person put beside them."""
        return self.settings.families

    @property
    def steering(self) -> SteeringPlan:
        """Features and families together: all that is done to the search."""
        return self.settings.steering

    @property
    def turned(self) -> Turned:
        """What is turned, families apart from features."""
        return self.settings.steering_apart

    @property
    def at_rest(self) -> bool:
        """Whether every slider stands where the query as typed has it."""
        return self.settings.at_rest

    def family(self, root: int) -> FamilySlider | None:
        """The slider of a family, or None."""
        return self.settings.family(root)

    def settled(self, codes: Mapping[int, float]) -> SearchState:
        """With what locked sliders held put into force, for a query with these activations.

        A query of words alone has none: its sliders wait for the next one.
        """
        if self.by_words_alone:
            return self
        return self.with_settings(self.settings.settled(codes))

    def with_settings(self, settings: SteeringSettings) -> SearchState:
        """Steered in another way."""
        return replace(self, settings=settings)


def _without(ids: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one for one in ids if one not in others)


SETTLED_MS = 1500
"""A search that stands for so long was meant; what came before it while typing was not."""


KEYS_SECONDS = 1.0
"""Keys on the same slider that follow one another so soon are one step."""


class SearchCommand(QUndoCommand):
    """From one state of the search to another.

    Moves of one slider in one drag are one command, and so are keys pressed on it in a row and
    texts typed in one go.
    """

    ID = 1

    def __init__(
        self, search: LiveSearch, before: SearchState, after: SearchState, text: str, merge_key: str
    ) -> None:
        super().__init__(text)
        self._search, self._before, self._after = search, before, after
        self._merge_key = merge_key
        self._open_until = math.inf if merge_key else 0.0
        """Time of the monotonic clock from which on nothing is part of it any more."""

    @staticmethod
    def end_of_drag(undo: QUndoStack, *, goes_on: bool = False) -> None:
        """The next move of the same slider is a step of its own.

        Where it `goes_on`, as from key to key, only one that does not follow at once.
        """
        last = undo.command(undo.index() - 1) if undo.index() else None
        if isinstance(last, SearchCommand):
            ends = time.monotonic() + KEYS_SECONDS if goes_on else 0.0
            last._open_until = min(last._open_until, ends)

    def id(self) -> int:
        return self.ID if self._merge_key else -1

    def mergeWith(self, other: Any) -> bool:
        is_open = time.monotonic() < self._open_until
        same = is_open and self._merge_key == other._merge_key
        if same:
            self._after, self._open_until = other._after, other._open_until
            self.setText(other.text())
        return same

    def redo(self) -> None:
        self._search.restore(self._after)

    def undo(self) -> None:
        self._open_until = 0.0
        self._search.restore(self._before)
