"""What `search` tells besides its results where that is asked for, as plain values.

Which sentences match, how often values occur, what other steering finds, and where sliders replace
results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saedesk.cli.search_answer import target_content

if TYPE_CHECKING:
    import numpy as np

    from saedesk.jobs.exports.result_texts import ResultTexts
    from saedesk.jobs.loaded_sae import LoadedSae
    from saedesk.jobs.search_answer import SearchAnswer
    from saedesk.jobs.search_documents import SearchEngine
    from saedesk.jobs.search_facets import FieldCounts, TextCounts
    from saedesk.jobs.search_request import SearchRequest
    from saedesk.project.project_folder import Project
    from saedesk.search.calibration import Calibration
    from saedesk.search.query_features import QueryFeatures
    from saedesk.search.steering_plan import Target
    from saedesk.task_control import TaskControl

OF_THE_QUERY = "query"
"""Stands for all features of the query where targets are named."""


def sentences_content(
    project: Project,
    engine: SearchEngine,
    request: SearchRequest,
    found: SearchAnswer,
    control: TaskControl,
) -> list[list[dict[str, Any]]]:
    """Of every result the sentences that match; raises ModelProblem where none can be found."""
    from saedesk.jobs.result_evidence import matching_sentences
    from saedesk.jobs.sentence_evidence import EvidenceEngine
    from saedesk.task_control import Progress

    evidence = None if engine.sae is None else EvidenceEngine(project, engine.sae)
    content = []
    for done, result in enumerate(found.steered):
        control.checkpoint()
        control.report(Progress(done, len(found.steered), "documents", "Finding sentences"))
        matching = matching_sentences(engine, evidence, found, request.match, result, control)
        document, sentences = result.document, []
        for one in matching.sentences:
            whole = document.title if one.span.in_title else document.text
            sentences.append(
                {
                    "text": whole[one.span.start : one.span.end],
                    "in_title": one.span.in_title,
                    "grade": one.grade,
                    "effect": one.effect,
                }
            )
        content.append(sentences)
    return content


def facets_content(
    project: Project,
    engine: SearchEngine,
    request: SearchRequest,
    found: SearchAnswer,
    control: TaskControl,
) -> dict[str, Any]:
    """By field: how many documents say what, among those that pass and among the results."""
    import numpy as np

    from saedesk.jobs.search_facets import SearchFacets, TextFacets

    ids = engine.vectors.document_ids
    passing = np.ones(len(ids), bool)
    if not request.wanted.is_empty:
        passing = np.isin(ids, project.documents.find(request.wanted))
    passing &= np.isin(ids, [*request.like, *request.unlike], invert=True)
    rows = np.array([result.row for result in found.steered], np.int64)
    typed, said = SearchFacets.read(project, ids, control), TextFacets(project, ids)

    def counted(among: np.ndarray) -> dict[str, FieldCounts | TextCounts]:
        return {**typed.counts(among, most=None), **said.counts(among)}

    everywhere, here = counted(passing), counted(rows)
    order = [field.name for field in project.documents.fields()]
    names = [name for name in order if name in everywhere]
    return {name: _facet(everywhere[name], here[name]) for name in names}


def _facet(everywhere: FieldCounts | TextCounts, here: FieldCounts | TextCounts) -> dict[str, Any]:
    """A field among all documents that pass, and `here` among the results."""
    from saedesk.jobs.search_facets import MOST_VALUES, CategoryCounts, RangeCounts, TextCounts

    found: dict[str, Any] = {}
    if isinstance(everywhere, CategoryCounts) and isinstance(here, CategoryCounts):
        outside, inside = dict(everywhere.values), dict(here.values)
        told = dict.fromkeys((*list(outside)[:MOST_VALUES], *inside))
        values = [
            {"value": value, "documents": outside.get(value, 0), "results": inside.get(value, 0)}
            for value in told
        ]
        found = {"kind": "category", "values": values}
    elif isinstance(everywhere, RangeCounts) and isinstance(here, RangeCounts):
        lows, highs = everywhere.binning.low_texts, everywhere.binning.high_texts
        counts = everywhere.counts.tolist(), here.counts.tolist()
        bins = zip(lows, highs, *counts, strict=True)
        values = [{"from": a, "to": b, "documents": n, "results": m} for a, b, n, m in bins]
        found = {"kind": "range", "values": values}
    elif isinstance(everywhere, TextCounts) and isinstance(here, TextCounts):
        found = {"kind": "text", "known": everywhere.known, "known_in_results": here.known}
    return {**found, "unknown": everywhere.unknown, "unknown_in_results": here.unknown}


def compare(content: dict[str, Any], other: dict[str, Any], setting: str) -> None:
    """Put what another setting finds beside the results of `content`, with the ranks in both."""
    here = {one["key"]: one["rank"] for one in content["results"]}
    there = {one["key"]: one["rank"] for one in other["results"]}
    for one in content["results"]:
        one["rank_compared"] = there.get(one["key"])
    for one in other["results"]:
        one["rank_compared"] = here.get(one["key"])
    told = (
        "mode",
        "cap",
        "optimise",
        "places",
        "less",
        "cosine",
        "kept",
        "notes",
        "effects",
        "results",
    )
    steered = [one for one in other["features"] if one["strength"]]
    content["compared"] = {
        "setting": setting,
        "shared": len(here.keys() & there.keys()),
        **{name: other[name] for name in told},
        "features": steered,
    }


def marks_content(
    engine: SearchEngine,
    request: SearchRequest,
    query: QueryFeatures,
    targets: Sequence[Target],
    texts: ResultTexts,
    control: TaskControl,
) -> list[dict[str, Any]]:
    """Of every target where its slider replaces results; raises BadSetting for other searches."""
    from saedesk.errors import BadInput, BadSetting

    if engine.sae is None:
        raise BadInput("There are no sliders to calibrate yet. Train an SAE and analyse it first.")
    found = []
    for target in targets:
        marks = engine.sliders.calibration(query, target, request, control)
        if not marks.is_marked:
            raise BadSetting(
                "Sliders are calibrated in a search by meaning alone: leave out --match, --by and "
                "a feature as the query."
            )
        told = {
            "typed": marks.typed,
            "visible": marks.visible,
            "up": [_mark(marks, *one) for one in marks.up],
            "down": [_mark(marks, *one) for one in marks.down],
        }
        found.append({**target_content(target, texts), **told})
    return found


def _mark(marks: Calibration, replaced: int, strength: float) -> dict[str, Any]:
    return {"replaced": replaced, "strength": strength, "value": marks.typed + strength}


def targets_to_calibrate(
    project: Project, sae: LoadedSae | None, query: QueryFeatures, names: Sequence[str]
) -> list[Target]:
    """Features and families by their names, each once; “query” is all features of the query.

    Raises BadSetting for anything else.
    """
    from saedesk.cli.search_options import parse_target
    from saedesk.errors import BadSetting

    found: dict[Target, None] = {}
    for name in names:
        if name.strip() == OF_THE_QUERY:
            found |= dict.fromkeys(query.latents.tolist())
        elif not name.strip().isdecimal() and not name.startswith("family:"):
            raise BadSetting(
                f"“{name}” is nothing to calibrate: say a feature such as 12, family:ROOT, or "
                f"{OF_THE_QUERY} for all features of the query."
            )
        else:
            found[parse_target(project, sae, name, name)] = None
    return list(found)
