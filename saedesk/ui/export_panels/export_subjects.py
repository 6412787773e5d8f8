"""What can be exported: a sentence on each, and why it cannot be had now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.jobs.exports.export_request import ExportRequest
from saedesk.jobs.turned_families import Turned
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.session.family_book import family_book
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session

NO_DOCUMENTS = "There are no documents yet. Import some first."
NO_VECTORS = "There are no vectors yet. Embed the documents, or bring vectors, first."
NO_FEATURES = "There are no features yet. Train an SAE, or load one, first."
NO_SEARCH = "Search for something first; what was found can be exported then."


@dataclass(frozen=True)
class Subject:
    """One thing to export."""

    table: str
    """Its name in the job."""
    title: str
    sentence: str
    """What it holds and who reads it."""
    reason: Callable[[Session], str]
    """Why it cannot be had now; "" where it can."""
    asks_documents: bool
    """Whether one may choose which documents."""


def _needs_documents(session: Session) -> str:
    project = session.project
    return "" if project is not None and project.documents.count() else NO_DOCUMENTS


def _needs_vectors(session: Session) -> str:
    return NO_VECTORS if session.vectors is None and session.sae is None else ""


def _needs_features(session: Session) -> str:
    return NO_FEATURES if session.sae is None else ""


def _needs_search(session: Session) -> str:
    return "" if search_state(session).asks_something else NO_SEARCH


SUBJECTS = (
    Subject(
        "features",
        "Features",
        "Label, statistics, strongest documents and nearest features: one row each.",
        _needs_features,
        False,
    ),
    Subject(
        "documents",
        "Documents with their features",
        "Title, text, fields and active features, for spreadsheets and data frames.",
        _needs_documents,
        True,
    ),
    Subject(
        "families",
        "Families",
        "Groups of features that fire in the same documents, from the general to the special.",
        _needs_features,
        False,
    ),
    Subject(
        "activations",
        "Activations",
        "Which feature is how active in which document: the sparse codes, for analysis in Python "
        "or R.",
        _needs_features,
        True,
    ),
    Subject(
        "steered-vectors",
        "Vectors, steered",
        "The documents’ vectors as the sliders of Search move them, for other search engines.",
        _needs_vectors,
        True,
    ),
    Subject(
        "results",
        "Search results",
        "What the search found, and the contributions that sum to each score.",
        _needs_search,
        False,
    ),
)


def search_state(session: Session) -> SearchState:
    """What is asked for and steered in Search."""
    return SearchState() if session.search is None else session.search.state


def what_search_adds(session: Session, table: str) -> str:
    """A sentence on what the export takes over from Search; "" for other tables."""
    state = search_state(session)
    asked = f"“{state.text}”" if state.text else "more like the chosen documents"
    if table == "results":
        filtered = "" if state.wanted.is_empty else ", with the filter that is set there"
        return (
            f"Searches as Search does now: {asked}{filtered}{_steered_by(session, state.turned)}."
        )
    if table != "steered-vectors":
        return ""
    if not state.steering.strengths:
        sentence = "No slider in Search moves vectors, so they leave as they are"
    else:
        moved = Turned(SteeringPlan(state.plan.strengths), state.turned.families)
        sentence = f"Each vector keeps its length{_steered_by(session, moved)}"
    if state.steering.needs_scores:
        sentence += "; places and less of features move no vectors"
    if state.asks_something:
        sentence += f"; the vector of the query ({asked}) comes last, plain and steered"
    return f"{sentence}."


def _steered_by(session: Session, turned: Turned) -> str:
    plan = turned.plan
    moved = [*plan.strengths, *((family, family.strength) for family in turned.families)]
    shown = [
        f"{_target_name(session, target)} {f'{strength:+.2f}'.replace('-', '−')}"
        for target, strength in moved
    ]
    shown += [f"{m} places for {_target_name(session, target)}" for target, m in plan.places]
    shown += [f"less of {_target_name(session, target)}" for target, _ in plan.less]
    more = len(shown) - 3
    told = ", ".join(shown[:3]) + (f" and {more} more" if more > 0 else "")
    return f"; steered by {told}" if told else ""


def _target_name(session: Session, target: Target) -> str:
    if not isinstance(target, int):
        return f"the family “{family_book(session).name(target.root)}”"
    return _feature_name(session, target)


def _feature_name(session: Session, latent: int) -> str:
    label = "" if session.book is None else session.book.text(latent)
    return f"“{label}”" if label else f"feature {latent}"


def make_request(
    session: Session, table: str, path: Path, documents: np.ndarray | None, count: int
) -> ExportRequest:
    """The request for a table with what is set in Search; `documents` (n,) are their numbers."""
    sae = "" if session.sae is None else session.sae.hash
    if table in ("features", "families"):
        return ExportRequest(table, path, sae)
    if table not in ("steered-vectors", "results"):
        return ExportRequest(table, path, sae, documents=documents)
    state, project = search_state(session), session.project
    rows = () if project is None else project.documents.rows(state.like)
    like = tuple(row.key for row in rows)
    wanted = state.wanted if table == "results" else None
    search = state.request() if table == "results" and state.asks_something else None
    return ExportRequest(
        table,
        path,
        sae,
        state.text,
        like,
        state.steering.strengths,
        wanted,
        documents,
        count,
        search=search,
        turned=state.turned,
    )
