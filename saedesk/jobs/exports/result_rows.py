"""Search results as rows: places and scores before and after steering, and what made each score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from saedesk.errors import BadSetting, NothingToSearch
from saedesk.jobs.exports.asked_for import AskedFor as AskedFor
from saedesk.jobs.exports.asked_search import AskedSearch, VectorsAndPlan
from saedesk.jobs.exports.export_request import (
    FORMATS_OF,
    MOST_RESULTS,
    ExportRequest,
    check_path,
    chosen_documents,
)
from saedesk.jobs.exports.result_texts import ResultTexts as ResultTexts
from saedesk.jobs.exports.result_texts import texts_of
from saedesk.jobs.search_answer import ResultRow
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.table_writers import WRITERS, Kind, Row
from saedesk.jobs.turned_families import Turned
from saedesk.project.atomic_files import replacement
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.query_features import QueryFeatures
from saedesk.task_control import Progress, TaskControl

_KINDS: dict[str, Kind] = {
    "rank": int,
    "rank_before": int,
    "key": str,
    "title": str,
    "score": float,
    "score_before": float,
    "rank_by_meaning": int,
    "rank_by_words": int,
    "place_of": str,
    "place_activation": float,
    "contributions": str,
    "change": str,
}
_BARS: Kind = [
    {"feature": int, "family": int, "label": str, "value": float, "kind": str, "part": str}
]
_LIST_KINDS: dict[str, Kind] = {
    "contributions": _BARS,
    "change": _BARS,
    "like": [str],
    "steering": [
        {
            "feature": int,
            "family": int,
            "label": str,
            "strength": float,
            "places": int,
            "less": float,
        }
    ],
}
_TOLD = ("query", "like", "steering", "sae", "search")


def results_in_words(
    results: Iterable[ResultRow], texts: ResultTexts, asked: AskedFor | None = None
) -> list[Row]:
    """Results as rows of plain cells: rank, key, title, scores, and what made the score."""
    told: Row = {}
    if asked is not None:
        told = {
            "query": asked.query,
            "like": "; ".join(asked.like),
            "steering": texts.steering_in_words(asked),
            "sae": asked.sae,
            "search": asked.search,
        }
    return [
        {
            **{
                name: round(cell, 6) if isinstance(cell, float) else cell
                for name, cell in _own_cells(result, texts).items()
            },
            "contributions": texts.parts_in_words(result.contributions),
            "change": texts.parts_in_words(result.change),
            **told,
        }
        for result in results
    ]


def results_in_parts(
    results: Iterable[ResultRow], texts: ResultTexts, asked: AskedFor
) -> list[Row]:
    """Results as rows whose contributions, change and steering are lists of records.

    The values of the contributions of a row sum to its score within 1e-5; where it is one by
    meaning the last, of kind “rest”, is what no feature explains. Those of the change sum to
    score − score_before; there are none where nothing was steered.
    """
    told = {
        "query": asked.query,
        "like": list(asked.like),
        "steering": texts.steering(asked),
        "sae": asked.sae,
        "search": asked.search,
    }
    return [
        {
            **_own_cells(result, texts),
            "contributions": texts.parts(result.contributions),
            "change": texts.parts(result.change),
            **told,
        }
        for result in results
    ]


def _own_cells(result: ResultRow, texts: ResultTexts) -> Row:
    """What is told of a result but what made its score."""
    return {
        "rank": result.rank,
        "rank_before": result.rank_before,
        "key": result.document.key,
        "title": result.document.title,
        "score": result.score,
        "score_before": result.score_before,
        "rank_by_meaning": result.rank_by_meaning,
        "rank_by_words": result.rank_by_words,
        "place_of": "" if result.place_of is None else texts.name(result.place_of),
        "place_activation": result.place_activation,
    }


def write_results(
    path: Path, results: Sequence[ResultRow], texts: ResultTexts, asked: AskedFor
) -> int:
    """Write results that are there already; returns how many.

    CSV has plain cells, JSON Lines and Parquet have lists of records. Raises BadSetting, BadInput
    or OutOfRoom.
    """
    ending = check_path(path, FORMATS_OF["results"])
    kinds = {**_KINDS, **dict.fromkeys(_TOLD, str)}
    if ending == "csv":
        rows = results_in_words(results, texts, asked)
    else:
        rows, kinds = results_in_parts(results, texts, asked), {**kinds, **_LIST_KINDS}
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
    search, engine, query = _asked(project, request, opened)
    control.checkpoint()
    ids = chosen_documents(project, request)
    wanted = DocumentFilter() if ids is None else DocumentFilter(document_ids=ids)
    search = replace(search, wanted=wanted, count=request.count)
    turned = request.turned or Turned(search.plan)
    found = engine.ask(replace(search, families=turned.families), query)
    control.checkpoint()
    sae = "" if opened.sae is None else opened.sae.hash
    texts = texts_of(project, sae, (*search.plan.targets, *turned.families))
    asked = AskedFor.of(project, search, sae, turned)
    return write_results(request.path, found.steered, texts, asked)


def _asked(
    project: Project, request: ExportRequest, opened: VectorsAndPlan
) -> tuple[SearchRequest, SearchEngine, QueryFeatures | None]:
    """What is searched for, by whom, and the query where it is taken apart already."""
    if request.search is not None:
        return request.search, SearchEngine(project, opened.vectors, opened.sae), None
    asked = AskedSearch.open(project, request, opened)
    if asked is None:
        raise NothingToSearch(
            "Say what to search for: a query, or documents that the results should be like."
        )
    search = SearchRequest(request.query, asked.like, plan=opened.plan)
    return search, asked.engine, asked.query
