"""Search results as rows: places and scores before and after steering, and what made each score."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from saedesk.jobs.search_answer import ResultRow
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import request_to_json
from saedesk.jobs.table_writers import WRITERS, Kind, Row
from saedesk.project.atomic_files import replacement
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.search.explanation import Contribution
from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Target
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
_OTHERS = {"meaning": "by meaning", "words": "by words"}


@dataclass(frozen=True)
class AskedFor:
    """What a list of results answers; it stands beside each of them."""

    query: str = ""
    like: tuple[str, ...] = ()
    """Keys of documents, instead of a query."""
    steering: tuple[tuple[int, float], ...] = ()
    """(feature, strength) pairs."""
    places: tuple[tuple[Target, int], ...] = ()
    """(feature or family, so many of the first ten results)."""
    less: tuple[tuple[Target, float], ...] = ()
    """(feature or family, share from 0 to 1)."""
    sae: str = ""
    """Hash of the SAE."""
    search: str = ""
    """All of the request, as `search_request_json` writes it."""

    @classmethod
    def of(cls, project: Project, request: SearchRequest, sae: str) -> AskedFor:
        """What a request asks of the SAE with this hash."""
        like = tuple(key or "" for key in keys_of(project.database, request.like))
        content = json.dumps(request_to_json(request), ensure_ascii=False, sort_keys=True)
        plan = request.plan
        return cls(request.text, like, plan.strengths, plan.places, plan.less, sae, content)


def results_in_words(
    results: Iterable[ResultRow], label: Mapping[int, str], asked: AskedFor | None = None
) -> list[Row]:
    """Results as rows of plain cells: rank, key, title, scores, and what made the score."""
    told: Row = {}
    if asked is not None:
        told = {
            "query": asked.query,
            "like": "; ".join(asked.like),
            "steering": "; ".join(_steering_in_words(asked, label)),
            "sae": asked.sae,
            "search": asked.search,
        }
    return [
        {
            **{
                name: round(cell, 6) if isinstance(cell, float) else cell
                for name, cell in _own_cells(result, label).items()
            },
            "contributions": _in_words(result.contributions, label),
            "change": _in_words(result.change, label),
            **told,
        }
        for result in results
    ]


def results_in_parts(
    results: Iterable[ResultRow], label: Mapping[int, str], asked: AskedFor
) -> list[Row]:
    """Results as rows whose contributions, change and steering are lists of records.

    The values of the contributions of a row sum to its score within 1e-5; where it is one by
    meaning the last, of kind “rest”, is what no feature explains. Those of the change sum to
    score − score_before; there are none where nothing was steered.
    """
    told = {
        "query": asked.query,
        "like": list(asked.like),
        "steering": [
            *(_steered(i, label, strength=strength) for i, strength in asked.steering),
            *(_steered(one, label, places=places) for one, places in asked.places),
            *(_steered(one, label, less=share) for one, share in asked.less),
        ],
        "sae": asked.sae,
        "search": asked.search,
    }
    return [
        {
            **_own_cells(result, label),
            "contributions": _in_parts(result.contributions, label),
            "change": _in_parts(result.change, label),
            **told,
        }
        for result in results
    ]


def _own_cells(result: ResultRow, label: Mapping[int, str]) -> Row:
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
        "place_of": "" if result.place_of is None else _target(result.place_of, label),
        "place_activation": result.place_activation,
    }


def _in_words(parts: Iterable[Contribution], label: Mapping[int, str]) -> str:
    return "; ".join(f"{_name_of(part, label)} {part.value:+.4f}" for part in parts)


def _in_parts(parts: Iterable[Contribution], label: Mapping[int, str]) -> list[Row]:
    return [
        {
            "feature": part.latent,
            "family": part.target.root if isinstance(part.target, FamilySlider) else None,
            "label": "" if part.latent is None else label.get(part.latent, ""),
            "value": part.value,
            "kind": part.kind,
            "part": part.part or "",
        }
        for part in parts
    ]


def write_results(
    path: Path, results: Sequence[ResultRow], label: Mapping[int, str], asked: AskedFor
) -> int:
    """Write results that are there already; returns how many.

    CSV has plain cells, JSON Lines and Parquet have lists of records. Raises BadSetting, BadInput
    or OutOfRoom.
    """
    ending = check_path(path, FORMATS_OF["results"])
    kinds = {**_KINDS, **dict.fromkeys(_TOLD, str)}
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
    search, engine, query = _asked(project, request, opened)
    control.checkpoint()
    ids = chosen_documents(project, request)
    wanted = DocumentFilter() if ids is None else DocumentFilter(document_ids=ids)
    search = replace(search, wanted=wanted, count=request.count)
    found = engine.ask(search, query)
    control.checkpoint()
    sae = "" if opened.sae is None else opened.sae.hash
    labels = project.labels.current(sae) if sae else {}
    texts = {latent: label.text for latent, label in labels.items()}
    return write_results(request.path, found.steered, texts, AskedFor.of(project, search, sae))


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


def _name_of(part: Contribution, label: Mapping[int, str]) -> str:
    if part.part is not None and part.target is not None:
        return f"{_target(part.target, label)}, {part.part} ({part.kind})"
    if part.latent is None:
        return _OTHERS.get(part.kind, "not explained by features")
    return _feature(part.latent, label)


def _steering_in_words(asked: AskedFor, label: Mapping[int, str]) -> list[str]:
    told = [f"{_feature(i, label)} ({i}) {u:+.4f}" for i, u in asked.steering]
    told += [
        f"{_target(one, label)} ({_latent(one)}) {count} place{'' if count == 1 else 's'}"
        for one, count in asked.places
    ]
    shares = ((one, f"{100 * share:.0f} % less") for one, share in asked.less)
    return told + [f"{_target(one, label)} ({_latent(one)}) {said}" for one, said in shares]


def _steered(
    target: Target,
    label: Mapping[int, str],
    *,
    strength: float | None = None,
    places: int | None = None,
    less: float | None = None,
) -> Row:
    """One record of what steers; numbers of other ways are empty."""
    is_family = isinstance(target, FamilySlider)
    latent = _latent(target)
    return {
        "feature": None if is_family else latent,
        "family": latent if is_family else None,
        "label": label.get(latent, ""),
        "strength": strength,
        "places": places,
        "less": less,
    }


def _latent(target: Target) -> int:
    return target.root if isinstance(target, FamilySlider) else target


def _target(target: Target, label: Mapping[int, str]) -> str:
    if isinstance(target, FamilySlider):
        return f"family of {_feature(target.root, label)}"
    return _feature(target, label)


def _feature(latent: int, label: Mapping[int, str]) -> str:
    return label.get(latent) or f"feature {latent}"
