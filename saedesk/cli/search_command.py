"""search: by meaning, words or features, steered in every way, with the reasons of each place."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.filter_options import add_filter_options
from saedesk.cli.search_answer import search_content
from saedesk.cli.search_keeping import check_keeping, keep
from saedesk.cli.search_more import (
    compare,
    facets_content,
    marks_content,
    sentences_content,
    targets_to_calibrate,
)
from saedesk.cli.search_options import add_many, add_steering_options
from saedesk.cli.search_question import (
    Asked,
    asked_again,
    asked_anew,
    check_sae,
    idle_notes,
    kept_search,
    other_setting,
    sae_of,
)
from saedesk.cli.search_text import search_text
from saedesk.cli.terminal import TerminalControl, answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saedesk.jobs.exports.result_texts import ResultTexts
    from saedesk.jobs.search_answer import SearchAnswer
    from saedesk.jobs.search_documents import SearchEngine
    from saedesk.project.project_folder import Project
    from saedesk.search.query_features import QueryFeatures
    from saedesk.search.steering_plan import Target

_EPILOG = (
    "A TARGET is the number of a feature, or family:ROOT for the family with that root; a PART is "
    "parent, children or both, and may be followed by :density or :activation, by which its "
    "features are weighed. Searches that were saved are listed by “saedesk searches”."
)


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    search = subparsers.add_parser(
        "search", help="search the documents, steered by features", epilog=_EPILOG
    )
    common_options(search)
    _add_question(search)
    add_steering_options(search)
    add_filter_options(search)
    search.add_argument("--top", type=int, metavar="N", help="number of results; otherwise 10")
    _add_told(search)
    _add_kept(search)
    search.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    search.set_defaults(run=run_search)


def _add_question(search: argparse.ArgumentParser) -> None:
    search.add_argument(
        "query", metavar="QUERY", nargs="?", default="", help="what to look for; or --like"
    )
    search.add_argument(
        "--match",
        choices=("meaning", "words", "both"),
        help="by meaning (otherwise), by words, whatever their endings, or by both; what is in "
        "quotation marks must occur word for word",
    )
    add_many(search, "--like", "KEY", "search with this document instead of a text; or several")
    add_many(search, "--unlike", "KEY", "less like this document")
    search.add_argument(
        "--by",
        choices=("vectors", "features"),
        help="compare documents by their vectors (otherwise) or by the features they share",
    )
    search.add_argument("--feature", type=int, metavar="ID", help="a feature alone as the query")
    search.add_argument(
        "--family-query", metavar="ROOT[:PART]", default="", help="a family alone as the query"
    )


def _add_told(search: argparse.ArgumentParser) -> None:
    """Options for what is told of the answer."""
    search.add_argument("--explain", action="store_true", help="what made the score of each result")
    search.add_argument(
        "--sentences", action="store_true", help="the sentences of each result that match"
    )
    search.add_argument(
        "--facets", action="store_true", help="how many documents and results have which values"
    )
    search.add_argument(
        "--compare",
        metavar="SETTING",
        default="",
        help="results under other steering beside these: plain, or options such as "
        "“--steer 12=0.5 --mode clamp”",
    )
    add_many(
        search,
        "--calibrate",
        "TARGET",
        "at which strengths its slider replaces 1 to 5 results; “query” for all of its features",
    )


def _add_kept(search: argparse.ArgumentParser) -> None:
    """Options for what is written and saved, and for what was."""
    search.add_argument(
        "--out", metavar="FILE", default="", help="write the results: .csv, .jsonl or .parquet"
    )
    search.add_argument("--saved", metavar="NAME", default="", help="a search saved in the project")
    search.add_argument(
        "--past", type=int, metavar="N", help="one of the last searches again, 1 for the newest"
    )
    search.add_argument(
        "--save", metavar="NAME", default="", help="save this search in the project"
    )
    search.add_argument(
        "--save-preset", metavar="NAME", default="", help="save how it is steered in the project"
    )
    search.add_argument(
        "--replace", action="store_true", help="save in place of what has that name"
    )
    search.add_argument(
        "--remember", action="store_true", help="put it among the last searches of the project"
    )


def run_search(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk search PROJECT …`."""
    from saedesk.jobs.exports.export_request import FORMATS_OF, check_path
    from saedesk.project.project_folder import Project

    if arguments.out:
        check_path(Path(arguments.out), FORMATS_OF["results"])
    with Project.open_or_read(Path(arguments.project)) as project:
        check_keeping(project, arguments)
        asked, engine = _asked(project, arguments)
        found = _answer(engine, asked, control)
        content = _content(project, engine, asked, found)
        _tell_more(project, engine, asked, found, content, arguments, control)
        content |= keep(project, engine.sae, arguments, asked, found)
    control.finish()
    answer(content, search_text(content, explain=arguments.explain), as_json=arguments.json)
    return 0


def _asked(project: Project, arguments: argparse.Namespace) -> tuple[Asked, SearchEngine]:
    """What is asked, and who answers; raises KnownError with a sentence."""
    from saedesk.jobs.loaded_sae import open_analysed_sae
    from saedesk.jobs.search_documents import SearchEngine
    from saedesk.jobs.search_without_vectors import check_words, vectors_to_search

    kept = kept_search(project, arguments)
    again = None if kept is None else asked_again(kept)
    sae_hash = sae_of(project, arguments, again, "" if kept is None else kept.sae)
    has_sae = project.current("vectors") is not None and project.current("saes") is not None
    sae = open_analysed_sae(project, sae_hash) if has_sae or sae_hash else None
    if kept is not None and again is not None:
        check_sae(again, kept, sae)
    vectors = vectors_to_search(project) if sae is None else sae.vectors
    asked = again or asked_anew(project, sae, arguments)
    check_words(project, vectors, asked.request)
    return asked, SearchEngine(project, vectors, sae)


def _answer(
    engine: SearchEngine,
    asked: Asked,
    control: TerminalControl,
    query: QueryFeatures | None = None,
) -> SearchAnswer:
    """The answer, with families that are turned as one told as one."""
    from saedesk.jobs.turned_families import with_effects

    return with_effects(engine.ask(asked.request, query, control), asked.turned)


def _content(
    project: Project, engine: SearchEngine, asked: Asked, found: SearchAnswer
) -> dict[str, Any]:
    from saedesk.project.document_keys import keys_of

    request = asked.request
    keys = {
        name: [key or "" for key in keys_of(project.database, ids)]
        for name, ids in (("like", request.like), ("unlike", request.unlike))
    }
    notes = idle_notes(request)
    if engine.index_damage:
        notes.append(f"{engine.index_damage} Until then every document is compared.")
    texts = _texts(project, engine, (*request.plan.targets, *asked.turned.families))
    return search_content(request, found, texts, keys, notes)


def _texts(project: Project, engine: SearchEngine, targets: Iterable[Target]) -> ResultTexts:
    """What features, and these of the families, are called."""
    from saedesk.jobs.exports.result_texts import texts_of

    return texts_of(project, "" if engine.sae is None else engine.sae.hash, targets)


def _tell_more(
    project: Project,
    engine: SearchEngine,
    asked: Asked,
    found: SearchAnswer,
    content: dict[str, Any],
    arguments: argparse.Namespace,
    control: TerminalControl,
) -> None:
    """Put into the content what is asked for besides the results."""
    request, query = asked.request, found.query
    if arguments.sentences:
        sentences = sentences_content(project, engine, request, found, control)
        for one, matching in zip(content["results"], sentences, strict=True):
            one["sentences"] = matching
    if arguments.facets:
        content["facets"] = facets_content(project, engine, request, found, control)
    if arguments.calibrate:
        targets = targets_to_calibrate(project, engine.sae, query, arguments.calibrate)
        texts = _texts(project, engine, targets)
        content["calibration"] = marks_content(engine, request, query, targets, texts, control)
    if arguments.compare:
        other = other_setting(project, engine.sae, asked, arguments.compare)
        answer_there = _answer(engine, other, control, query)
        there = _content(project, engine, other, answer_there)
        compare(content, there, arguments.compare)
