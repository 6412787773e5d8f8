"""search: by meaning, words or features, steered in every way, with the reasons of each place."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.search_answer import search_content, search_text
from saedesk.cli.search_options import (
    add_steer_option,
    add_where_option,
    parse_families,
    parse_family,
    parse_less,
    parse_places,
    parse_strength,
    parse_where,
)
from saedesk.cli.terminal import TerminalControl, answer

if TYPE_CHECKING:
    from saedesk.jobs.loaded_sae import LoadedSae
    from saedesk.jobs.search_answer import SearchAnswer
    from saedesk.jobs.search_request import SearchRequest
    from saedesk.project.project_folder import Project
    from saedesk.project.saved_searches import SavedSearch
    from saedesk.search.steering_plan import SteeringPlan, Target

_EPILOG = (
    "A TARGET is the number of a feature, or family:ROOT for the family with that root; a PART is "
    "parent, children or both, and may be followed by :density or :activation, by which its "
    "features are weighed."
)


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    search = subparsers.add_parser(
        "search", help="search the documents, steered by features", epilog=_EPILOG
    )
    common_options(search)
    _add_question(search)
    _add_steering(search)
    add_where_option(search)
    search.add_argument("--containing", metavar="WORDS", default="", help="only with these words")
    _add_many(search, "--only", "KEY", "only these documents, by their keys")
    search.add_argument("--top", type=int, metavar="N", help="number of results; otherwise 10")
    search.add_argument("--explain", action="store_true", help="what made the score of each result")
    search.add_argument(
        "--out", metavar="FILE", default="", help="write the results: .csv, .jsonl or .parquet"
    )
    search.add_argument("--saved", metavar="NAME", default="", help="a search saved in the project")
    search.add_argument(
        "--save", metavar="NAME", default="", help="save this search in the project"
    )
    search.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    search.set_defaults(run=run_search)


def _add_question(search: argparse.ArgumentParser) -> None:
    search.add_argument(
        "query", metavar="QUERY", nargs="?", default="", help="what to look for; or --like"
    )
    search.add_argument(
        "--match",
        choices=("meaning", "words", "both"),
        help="by meaning (otherwise), by words, or by both; words in quotation marks must occur",
    )
    _add_many(search, "--like", "KEY", "search with this document instead of a text; or several")
    _add_many(search, "--unlike", "KEY", "less like this document")
    search.add_argument(
        "--by",
        choices=("vectors", "features"),
        help="compare documents by their vectors (otherwise) or by the features they share",
    )
    search.add_argument("--feature", type=int, metavar="ID", help="a feature alone as the query")
    search.add_argument(
        "--family-query", metavar="ROOT[:PART]", default="", help="a family alone as the query"
    )


def _add_steering(search: argparse.ArgumentParser) -> None:
    add_steer_option(search)
    _add_many(search, "--family", "ROOT=STRENGTH[:PART]", "turn a family up or down as one")
    _add_many(search, "--places", "TARGET=M", "give M of the ten results to its documents")
    _add_many(search, "--less", "TARGET=AMOUNT", "less of it, from 0 to 1")
    search.add_argument(
        "--mode",
        choices=("add", "clamp"),
        help="add to the query (otherwise), or set its features and drop what they leave out",
    )
    search.add_argument(
        "--cap", type=float, metavar="COSINE", help="keep this cosine with the query, 0 to 1"
    )
    search.add_argument(
        "--optimise",
        action="store_true",
        help="move on until the features, read again, are those asked for",
    )
    search.add_argument(
        "--preset", metavar="NAME", default="", help="steering saved in the project"
    )


def _add_many(search: argparse.ArgumentParser, name: str, metavar: str, help_: str) -> None:
    search.add_argument(name, metavar=metavar, action="append", default=[], help=help_)


def run_search(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk search PROJECT …`."""
    from saedesk.errors import BadInput
    from saedesk.jobs.exports.export_request import FORMATS_OF, check_path
    from saedesk.jobs.loaded_sae import open_analysed_sae
    from saedesk.jobs.search_documents import SearchEngine
    from saedesk.project.artifact_readers import open_vectors
    from saedesk.project.document_keys import keys_of
    from saedesk.project.project_folder import Project

    if arguments.out:
        check_path(Path(arguments.out), FORMATS_OF["results"])
    with Project.open_or_read(Path(arguments.project)) as project:
        if arguments.save:
            project.check_writable()
        record = project.current("vectors")
        if record is None:
            raise BadInput(f"{project.name} has no vectors yet. Run “saedesk embed” first.")
        saved = _saved(project, arguments)
        sae_hash = arguments.sae or (saved.sae if saved else "")
        has_sae = project.current("saes") is not None or sae_hash
        sae = open_analysed_sae(project, sae_hash) if has_sae else None
        request = _request(project, sae, arguments, saved)
        vectors = open_vectors(project, record) if sae is None else sae.vectors
        found = SearchEngine(project, vectors, sae).ask(request)
        labels = {} if sae is None else project.labels.current(sae.hash)
        texts = {latent: label.text for latent, label in labels.items()}
        keys = {
            name: [key or "" for key in keys_of(project.database, ids)]
            for name, ids in (("like", request.like), ("unlike", request.unlike))
        }
        _keep(project, arguments, request, found, texts, "" if sae is None else sae.hash)
    content = search_content(request, found, texts, keys)
    content |= {"saved": arguments.save.strip()} if arguments.save else {}
    content |= {"path": arguments.out} if arguments.out else {}
    answer(content, search_text(content, explain=arguments.explain), as_json=arguments.json)
    return 0


def _keep(
    project: Project,
    arguments: argparse.Namespace,
    request: SearchRequest,
    found: SearchAnswer,
    labels: Mapping[int, str],
    sae: str,
) -> None:
    """Save the search and write its results, where that is asked for."""
    from saedesk.jobs.exports.result_rows import AskedFor, write_results
    from saedesk.jobs.search_request_json import request_to_json

    if arguments.save:
        content = request_to_json(request)
        project.saved_searches.save("search", arguments.save.strip(), content, sae)
    if arguments.out:
        told = AskedFor.of(project, request, sae)
        write_results(Path(arguments.out), found.steered, labels, told)


def _saved(project: Project, arguments: argparse.Namespace) -> SavedSearch | None:
    """The saved search that is asked for; raises BadSetting beside another question."""
    from saedesk.errors import BadSetting

    if not arguments.saved:
        return None
    alone = ("saved", "save", "sae", "out", "explain", "json", "quiet", "project", "run", "command")
    given = {name: value for name, value in vars(arguments).items() if name not in alone}
    others = [n for n, value in given.items() if value or (value == 0 and value is not False)]
    if others:
        raise BadSetting(
            f"A saved search is asked as it was saved: leave {_option(others[0])} out, or give the "
            "whole search anew."
        )
    return project.saved_searches.named("search", arguments.saved)


def _option(name: str) -> str:
    return "QUERY" if name == "query" else "--" + name.replace("_", "-")


def _request(
    project: Project,
    sae: LoadedSae | None,
    arguments: argparse.Namespace,
    saved: SavedSearch | None,
) -> SearchRequest:
    """What the options ask for; raises BadInput or BadSetting with a sentence."""
    from saedesk.errors import BadSetting
    from saedesk.jobs.search_request import RESULTS, SearchRequest, check_question
    from saedesk.jobs.search_request_json import request_from_json
    from saedesk.project.document_keys import documents_with_keys

    if saved is not None:
        return request_from_json(saved.content)
    given = (arguments.query.strip(), arguments.like, arguments.family_query)
    if sum(bool(one) for one in given) + (arguments.feature is not None) != 1:
        raise BadSetting(
            "Give either QUERY, a text to look for, or --like with a document’s key, or --feature, "
            "or --family-query."
        )
    target = _target(project, sae, arguments)
    request = SearchRequest(
        arguments.query,
        documents_with_keys(project.database, arguments.like),
        documents_with_keys(project.database, arguments.unlike),
        arguments.by or "vectors",
        target,
        arguments.match or "meaning",
        _plan(project, sae, arguments),
        parse_where(project, arguments.where, arguments.containing, arguments.only),
        RESULTS if arguments.top is None else max(1, arguments.top),
    )
    check_question(request)
    return request


def _target(
    project: Project, sae: LoadedSae | None, arguments: argparse.Namespace
) -> Target | None:
    if arguments.family_query:
        return parse_family(project, sae, arguments.family_query)
    feature: int | None = arguments.feature
    return feature


def _plan(project: Project, sae: LoadedSae | None, arguments: argparse.Namespace) -> SteeringPlan:
    """How the search is steered; what the options say goes before what the preset says."""
    from saedesk.errors import BadInput
    from saedesk.jobs.search_request import check_plan, check_strengths
    from saedesk.jobs.search_request_json import plan_from_json
    from saedesk.search.family_steering import with_families
    from saedesk.search.steering_plan import SteeringPlan

    plan = SteeringPlan()
    if arguments.preset:
        preset = project.saved_searches.named("preset", arguments.preset)
        if preset.sae and (sae is None or sae.hash != preset.sae):
            raise BadInput(
                f"The preset “{preset.name}” is one of features of another SAE. "
                f"Say --sae={preset.sae}."
            )
        plan = plan_from_json(preset.content.get("plan", {}))
    strengths = tuple(parse_strength(entry) for entry in arguments.steer)
    n_latents = 0 if sae is None else sae.n_latents
    for latent, strength in check_strengths(strengths, n_latents).strengths:
        plan = plan.with_strength(latent, strength)
    plan = with_families(plan, parse_families(project, sae, arguments.family))
    for target, m in parse_places(project, sae, arguments.places):
        plan = plan.with_places(target, m)
    for target, amount in parse_less(project, sae, arguments.less):
        plan = plan.with_less(target, amount)
    if arguments.mode:
        plan = plan.with_mode(arguments.mode)
    if arguments.cap is not None:
        plan = plan.with_cap(arguments.cap)
    if arguments.optimise:
        plan = plan.with_optimise(True)
    check_plan(plan, n_latents)
    return plan
