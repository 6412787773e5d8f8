"""A search in a line of words, for menus and lists of searches."""

from __future__ import annotations

from collections.abc import Callable

from saedesk.jobs.search_request import SearchRequest
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.session.search_state import SearchState
from saedesk.session.steering_settings import SteeringSettings

LONGEST = 60
"""Characters of a text in a menu."""
_WAYS = {"words": "by words", "both": "by meaning and words"}


def search_in_words(request: SearchRequest, name_of: Callable[[Target], str]) -> str:
    """“planets in noisy light curves, by words, less like one document, 2 features turned”."""
    told = [_subject(request, name_of)]
    if request.text and request.match in _WAYS:
        told.append(_WAYS[request.match])
    if request.unlike:
        told.append(f"less like {_documents(len(request.unlike))}")
    if request.like and request.like_by == "features":
        told.append("by features")
    if not request.plan.at_rest:
        told.append(_steering(request.plan))
    if not request.wanted.is_empty:
        told.append("filtered")
    return ", ".join(told)


def state_of(request: SearchRequest) -> SearchState:
    """What a person would have set to ask this."""
    return SearchState(
        text=request.text,
        like=request.like,
        unlike=request.unlike,
        like_by=request.like_by,
        target=request.target,
        match=request.match,
        settings=SteeringSettings(plan=request.plan),
        wanted=request.wanted,
    )


def _subject(request: SearchRequest, name_of: Callable[[Target], str]) -> str:
    if request.target is not None:
        return f"Documents of “{_cut(name_of(request.target))}”"
    if request.like:
        return f"More like {_documents(len(request.like))}"
    return _cut(" ".join(request.text.split()))


def _steering(plan: SteeringPlan) -> str:
    count = len(plan.targets)
    return f"{count} feature{'s' if count > 1 else ''} turned"


def _documents(count: int) -> str:
    return "one document" if count == 1 else f"{count} documents"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
