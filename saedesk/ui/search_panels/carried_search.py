"""A search that goes on when an SAE or vectors are loaded: the same question, asked anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from saedesk.errors import KnownError
from saedesk.jobs.search_request import RESULTS
from saedesk.project.project_folder import Project
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.steering_settings import SteeringSettings


@dataclass(frozen=True)
class CarriedSearch:
    """What was searched for, and with which SAE."""

    state: SearchState
    sae: str
    """Hash of the SAE; "" without one."""
    count: int = RESULTS
    """How many results were asked for."""

    @classmethod
    def of(cls, search: LiveSearch) -> CarriedSearch:
        """What is searched for now."""
        sae = search.engine.sae
        return cls(search.state, "" if sae is None else sae.hash, search.count)

    def go_on(self, search: LiveSearch, project: Project) -> None:
        """Put it in force in a search that was made anew; no step that could be undone.

        Of documents those stay that are still there. Features are those of one SAE: sliders and a
        feature as the question go on with the same one only, the filters always.
        """
        sae = search.engine.sae
        state = self._with_known_documents(project)
        if sae is None or sae.hash != self.sae:
            rest = replace(state, target=None, settings=SteeringSettings(), comparison=None)
            state = rest if sae is not None else replace(rest, like_by="vectors")
        if state.text and state.match == "meaning" and search.text_problem:
            state = replace(state, text="")
        if not state.asks_something:
            state = SearchState(wanted=state.wanted)
        if state.asks_something or not state.wanted.is_empty:
            search.restore(state, self.count)

    def _with_known_documents(self, project: Project) -> SearchState:
        state = self.state
        try:
            known = {row.id for row in project.documents.rows((*state.like, *state.unlike))}
        except KnownError:
            known = set()
        like = tuple(one for one in state.like if one in known)
        return replace(state, like=like, unlike=tuple(one for one in state.unlike if one in known))
