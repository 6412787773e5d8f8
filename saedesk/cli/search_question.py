"""What the options of `search` ask for: the question, what is turned, and what was saved."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from saedesk.cli.filter_options import parse_where
from saedesk.cli.search_options import (
    add_steering_options,
    parse_families,
    parse_family,
    parse_less,
    parse_places,
    parse_strength,
)

if TYPE_CHECKING:
    from saedesk.jobs.loaded_sae import LoadedSae
    from saedesk.jobs.search_request import SearchRequest
    from saedesk.jobs.turned_families import Turned
    from saedesk.project.project_folder import Project
    from saedesk.project.saved_searches import PastSearch, SavedSearch
    from saedesk.search.steering_plan import Target

PLAIN = "plain"
"""The setting in which nothing is turned."""
_BESIDE_SAVED = (
    "command", "project", "run", "json", "quiet", "sae", "out", "explain", "sentences", "facets",
    "compare", "calibrate", "saved", "past", "save", "save_preset", "replace", "remember",
)  # fmt: skip
"""Options that go with a search that was saved or asked before."""


@dataclass(frozen=True)
class Asked:
    """A search as it is asked in a terminal."""

    request: SearchRequest
    turned: Turned
    """What steers it, families apart from features."""


def kept_search(project: Project, arguments: argparse.Namespace) -> SavedSearch | PastSearch | None:
    """The saved or past search that is asked for; raises BadSetting beside another question."""
    from saedesk.errors import BadSetting

    if not arguments.saved and arguments.past is None:
        return None
    if arguments.saved and arguments.past is not None:
        raise BadSetting("Ask a saved search or a past one again, one of them at once.")
    # A name that is not there is told before what cannot stand beside it.
    kept = _kept_search(project, arguments)
    given = {name: value for name, value in vars(arguments).items() if name not in _BESIDE_SAVED}
    others = [n for n, value in given.items() if value or (value == 0 and value is not False)]
    if others:
        raise BadSetting(
            f"A saved search is asked as it was saved: leave {_option(others[0])} out, or give the "
            "whole search anew."
        )
    return kept


def _kept_search(project: Project, arguments: argparse.Namespace) -> SavedSearch | PastSearch:
    from saedesk.errors import BadInput

    if arguments.saved:
        return project.saved_searches.named("search", arguments.saved)
    past = project.search_history.all()
    if not 1 <= arguments.past <= len(past):
        raise BadInput(
            f"There is no search {arguments.past} among the last ones: there are {len(past)}, "
            "counted from the newest."
        )
    return past[arguments.past - 1]


def sae_of(project: Project, arguments: argparse.Namespace, kept: Asked | None, sae: str) -> str:
    """The hash of the SAE to read with, "" for the one in use; `sae` is that of a kept search.

    Without features in it a search goes with any SAE, so one that is gone is not missed.
    """
    from saedesk.jobs.search_request import uses_features

    if arguments.sae or kept is None:
        return str(arguments.sae)
    is_there = any(record.hash == sae for record in project.artifacts("saes"))
    return sae if is_there or uses_features(kept.request) else ""


def check_sae(again: Asked, kept: SavedSearch | PastSearch, sae: LoadedSae | None) -> None:
    """Raises BadInput where a kept search speaks of features of another SAE than `sae`."""
    from saedesk.errors import BadInput
    from saedesk.jobs.search_request import uses_features

    name = getattr(kept, "name", "")
    what = f"The search “{name}”" if name else "This search"
    if uses_features(again.request) and kept.sae and (sae is None or sae.hash != kept.sae):
        raise BadInput(f"{what} is one of features of another SAE. Say --sae={kept.sae}.")


def idle_notes(request: SearchRequest) -> list[str]:
    """What was set and has no effect, because nothing is turned."""
    plan = request.plan
    idle = [
        name
        for name, is_set in (
            ("clamping", plan.mode != "add"),
            ("the cap", plan.cap is not None),
            ("the optimisation", plan.optimise),
        )
        if is_set
    ]
    if not idle or not plan.at_rest:
        return []
    have = "has" if len(idle) == 1 else "have"
    named = idle[0] if len(idle) == 1 else f"{', '.join(idle[:-1])} and {idle[-1]}"
    return [f"Nothing is turned, so {named} {have} no effect."]


def asked_again(kept: SavedSearch | PastSearch) -> Asked:
    """What a kept search asks; raises BadInput for what saedesk did not write."""
    from saedesk.jobs.search_request_json import request_from_json
    from saedesk.jobs.turned_families import turned_of

    request = request_from_json(kept.content)
    turned = turned_of(kept.content, request.plan)
    return Asked(replace(request, families=turned.families), turned)


def asked_anew(project: Project, sae: LoadedSae | None, arguments: argparse.Namespace) -> Asked:
    """What the options ask for; raises BadInput or BadSetting with a sentence."""
    from saedesk.errors import BadSetting
    from saedesk.jobs.search_request import RESULTS, SearchRequest, check_question
    from saedesk.project.document_keys import documents_with_keys

    given = _searched_with(arguments)
    if len(given) != 1:
        told = f": {' and '.join(given)} do not go together" if given else ""
        raise BadSetting(
            "Give either QUERY, a text to look for, or --like with a document’s key, or --feature, "
            f"or --family-query{told}."
        )
    if arguments.top is not None and arguments.top < 1:
        raise BadSetting(f"--top is the number of results, 1 or more; {arguments.top} is none.")
    turned = turned_by(project, sae, arguments)
    request = SearchRequest(
        arguments.query,
        documents_with_keys(project.database, arguments.like),
        documents_with_keys(project.database, arguments.unlike),
        arguments.by or "vectors",
        _target(project, sae, arguments),
        arguments.match or "meaning",
        turned.steering,
        parse_where(project, arguments.where, arguments.containing, arguments.only),
        RESULTS if arguments.top is None else arguments.top,
        turned.families,
    )
    check_question(request)
    return Asked(request, turned)


def _searched_with(arguments: argparse.Namespace) -> list[str]:
    """The options given that say what is searched with, of which there is to be one."""
    given = {
        "QUERY": bool(arguments.query.strip()),
        "--like": bool(arguments.like),
        "--feature": arguments.feature is not None,
        "--family-query": bool(arguments.family_query),
    }
    return [name for name, is_given in given.items() if is_given]


def other_setting(project: Project, sae: LoadedSae | None, asked: Asked, setting: str) -> Asked:
    """The same question under other steering: “plain”, or options as in “--steer 3=0.4”."""
    from saedesk.errors import BadSetting
    from saedesk.jobs.turned_families import Turned

    turned = Turned()
    if setting.strip() != PLAIN:
        parser = _SettingParser(add_help=False, allow_abbrev=False)
        add_steering_options(parser)
        try:
            words = shlex.split(setting)
        except ValueError as error:
            raise BadSetting(f"“{setting}” has a quotation mark that is not closed.") from error
        turned = turned_by(project, sae, parser.parse_args(words))
    request = replace(asked.request, plan=turned.steering, families=turned.families)
    return Asked(request, turned)


class _SettingParser(argparse.ArgumentParser):
    """Options within one option; what is wrong with them is a sentence."""

    def error(self, message: str) -> NoReturn:
        from saedesk.errors import BadSetting

        raise BadSetting(
            f"--compare takes “{PLAIN}” or steering such as “--steer 12=0.5 --mode clamp”: "
            f"{message}."
        )


def _option(name: str) -> str:
    return "QUERY" if name == "query" else "--" + name.replace("_", "-")


def _target(
    project: Project, sae: LoadedSae | None, arguments: argparse.Namespace
) -> Target | None:
    if arguments.family_query:
        return parse_family(project, sae, arguments.family_query)
    feature: int | None = arguments.feature
    return feature


def turned_by(project: Project, sae: LoadedSae | None, arguments: argparse.Namespace) -> Turned:
    """How the search is steered; what the options say goes before what the preset says."""
    from saedesk.jobs.search_request import check_plan, check_strengths
    from saedesk.jobs.turned_families import Turned

    turned = _preset(project, sae, arguments.preset) if arguments.preset else Turned()
    plan = turned.plan
    strengths = tuple(parse_strength(entry) for entry in arguments.steer)
    n_latents = 0 if sae is None else sae.n_latents
    for latent, strength in check_strengths(strengths, n_latents).strengths:
        plan = plan.with_strength(latent, strength)
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
    turned = Turned(plan, turned.families)
    for family in parse_families(project, sae, arguments.family):
        turned = turned.with_family(family)
    check_plan(turned.steering, n_latents)
    return turned


def _preset(project: Project, sae: LoadedSae | None, name: str) -> Turned:
    from saedesk.errors import BadInput
    from saedesk.jobs.turned_families import turned_in

    preset = project.saved_searches.named("preset", name)
    if preset.sae and (sae is None or sae.hash != preset.sae):
        raise BadInput(
            f"The preset “{preset.name}” is one of features of another SAE. Say --sae={preset.sae}."
        )
    return turned_in(preset.content)
