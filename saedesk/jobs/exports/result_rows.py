"""Search results as rows: places and scores before and after steering, and what made each score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from saedesk.errors import BadSetting, NothingToSearch
from saedesk.jobs.exports.asked_search import AskedSearch, VectorsAndPlan
from saedesk.jobs.exports.export_request import (
    FORMATS_OF,
    MOST_RESULTS,
    ExportRequest,
    check_path,
    chosen_documents,
)
from saedesk.jobs.search_documents import ResultRow
from saedesk.jobs.table_writers import WRITERS, Kind, Row
from saedesk.project.atomic_files import replacement
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_KINDS: dict[str, Kind] = {
    "rank": int,
    "rank_before": int,
    "key": str,
    "title": str,
    "score": float,
    "score_before": float,
    "contributions": str,
}
_LIST_KINDS: dict[str, Kind] = {
    "contributions": [{"feature": int, "label": str, "value": float, "kind": str}],
    "like": [str],
    "steering": [{"feature": int, "label": str, "strength": float}],
}


@dataclass(frozen=True)
class AskedFor:
    """What a list of results answers; it stands beside each of them."""

    query: str = ""
    like: tuple[str, ...] = ()
    """Keys of documents, instead of a query."""
    steering: tuple[tuple[int, float], ...] = ()
    """(feature, strength) pairs."""
    sae: str = ""
    """Hash of the SAE."""


def results_in_words(
    results: Iterable[ResultRow], label: Mapping[int, str], asked: AskedFor | None = None
) -> list[Row]:
    """Results as rows of plain cells: rank, key, title, scores, and what made the score."""
    told: Row = {}
    if asked is not None:
        strengths = (f"{_name_of(i, label)} ({i}) {u:+.4f}" for i, u in asked.steering)
        told = {
            "query": asked.query,
            "like": "; ".join(asked.like),
            "steering": "; ".join(strengths),
            "sae": asked.sae,
        }
    return [
        {
            "rank": result.rank,
            "rank_before": result.rank_before,
            "key": result.document.key,
            "title": result.document.title,
            "score": round(result.score, 6),
            "score_before": (
                None if result.score_before is None else round(result.score_before, 6)
            ),
            "contributions": "; ".join(
                f"{_name_of(part.latent, label)} {part.value:+.4f}" for part in result.contributions
            ),
            **told,
        }
        for result in results
    ]


def results_in_parts(
    results: Iterable[ResultRow], label: Mapping[int, str], asked: AskedFor
) -> list[Row]:
    """Results as rows whose contributions and steering are lists of records.

    The values of the contributions of a row sum to its score within 1e-5; the last one, whose
    feature is None and whose kind is “rest”, is what no feature explains.
    """
    told = {
        "query": asked.query,
        "like": list(asked.like),
        "steering": [
            {"feature": i, "label": label.get(i, ""), "strength": strength}
            for i, strength in asked.steering
        ],
        "sae": asked.sae,
    }
    return [
        {
            "rank": result.rank,
            "rank_before": result.rank_before,
            "key": result.document.key,
            "title": result.document.title,
            "score": result.score,
            "score_before": result.score_before,
            "contributions": [
                {
                    "feature": part.latent,
                    "label": "" if part.latent is None else label.get(part.latent, ""),
                    "value": part.value,
                    "kind": part.kind,
                }
                for part in result.contributions
            ],
            **told,
        }
        for result in results
    ]


def write_results(
    path: Path, results: Sequence[ResultRow], label: Mapping[int, str], asked: AskedFor
) -> int:
    """Write results that are there already; returns how many.

    CSV has plain cells, JSON Lines and Parquet have lists of records. Raises BadSetting, BadInput
    or OutOfRoom.
    """
    ending = check_path(path, FORMATS_OF["results"])
    kinds = {**_KINDS, **dict.fromkeys(("query", "like", "steering", "sae"), str)}
    if ending == "csv":
        rows = results_in_words(results, label, asked)
    else:
        rows, kinds = results_in_parts(results, label, asked), {**kinds, **_LIST_KINDS}
    with replacement(path.absolute()) as file:
        return WRITERS[ending](file, rows, kinds)


def search_and_write(project: Project, request: ExportRequest, control: TaskControl) -> int:
    """Search for what the request asks for and write the results; returns how many.

    Raises BadSetting, BadInput, ModelProblem or NothingToSearch with a sentence.
    """
    if not 1 <= request.count <= MOST_RESULTS:
        raise BadSetting(f"The number of results has to lie between 1 and {MOST_RESULTS:,}.")
    control.report(Progress(0, None, "results", "Searching"))
    opened = VectorsAndPlan.open(project, request)
    asked = AskedSearch.open(project, request, opened)
    if asked is None:
        raise NothingToSearch(
            "Say what to search for: a query, or documents that the results should be like."
        )
    control.checkpoint()
    ids = chosen_documents(project, request)
    wanted = None if ids is None else DocumentFilter(document_ids=ids)
    found = asked.engine.answer(
        request.query, asked.query, opened.plan, request.count, wanted, asked.like
    )
    control.checkpoint()
    sae = opened.sae
    labels = {} if sae is None else project.labels.current(sae.hash)
    like = tuple(key or "" for key in keys_of(project.database, asked.like))
    told = AskedFor(request.query, like, opened.plan.strengths, "" if sae is None else sae.hash)
    texts = {latent: label.text for latent, label in labels.items()}
    return write_results(request.path, found.steered, texts, told)


def _name_of(latent: int | None, label: Mapping[int, str]) -> str:
    if latent is None:
        return "not explained by features"
    return label.get(latent) or f"feature {latent}"
