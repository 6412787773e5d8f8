"""What a list of results answers, as it is told beside each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import request_to_json
from saedesk.jobs.turned_families import Turned
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import Target, put_to_rest


@dataclass(frozen=True)
class AskedFor:
    """What a list of results answers; it stands beside each of them."""

    query: str = ""
    like: tuple[str, ...] = ()
    """Keys of documents, instead of a query."""
    steering: tuple[tuple[Target, float], ...] = ()
    """(feature or family, strength) pairs."""
    places: tuple[tuple[Target, int], ...] = ()
    """(feature or family, so many of the first ten results)."""
    less: tuple[tuple[Target, float], ...] = ()
    """(feature or family, share from 0 to 1)."""
    sae: str = ""
    """Hash of the SAE."""
    search: str = ""
    """All of the request, as `search_request_json` writes it."""

    @classmethod
    def of(
        cls,
        project: Project,
        request: SearchRequest,
        sae: str,
        turned: Turned | None = None,
    ) -> AskedFor:
        """What a request asks of the SAE with this hash.

        `turned` is what steers it, families apart from features; None for features alone.
        """
        like = tuple(key or "" for key in keys_of(project.database, request.like))
        content = json.dumps(request_to_json(request), ensure_ascii=False, sort_keys=True)
        plan, turned = request.plan, turned or Turned(request.plan)
        families = tuple((put_to_rest(one), one.strength) for one in turned.families)
        strengths = (*turned.plan.strengths, *families)
        return cls(request.text, like, strengths, plan.places, plan.less, sae, content)
