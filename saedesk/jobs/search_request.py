"""Everything that one search depends on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from saedesk.project.document_filter import DocumentFilter
from saedesk.search.steering_plan import SteeringPlan, Target

LikeBy = Literal["vectors", "features"]
Match = Literal["meaning", "words", "both"]
RESULTS = 10


@dataclass(frozen=True)
class SearchRequest:
    """What is asked of the search; the same request over the same project has the same answer."""

    text: str = ""
    like: tuple[int, ...] = ()
    """Ids of documents that the results should be like; they are left out of the results."""
    unlike: tuple[int, ...] = ()
    """Ids of documents that the results should not be like."""
    like_by: LikeBy = "vectors"
    """Whether documents are compared by their vectors or by their features."""
    target: Target | None = None
    """A feature or a family alone as the query."""
    match: Match = "meaning"
    """By the meaning of the text, by its words, or by both."""
    plan: SteeringPlan = field(default_factory=SteeringPlan)
    wanted: DocumentFilter = field(default_factory=DocumentFilter)
    count: int = RESULTS

    def with_plan(self, plan: SteeringPlan) -> SearchRequest:
        """The same question steered in another way."""
        return replace(self, plan=plan)
