"""searches: the saved searches, steering presets and last searches of a project."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, table

if TYPE_CHECKING:
    from saedesk.project.project_folder import Project
    from saedesk.project.saved_searches import PastSearch, SavedSearch

KINDS = ("search", "preset")
_MINUTE = len("2026-01-31T12:30")


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    searches = subparsers.add_parser(
        "searches",
        help="saved searches, steering presets and the last searches",
        epilog="“saedesk search” asks them again, with --saved NAME, --preset NAME and --past N, "
        "and saves new ones, with --save NAME, --save-preset NAME and --remember. A KIND is "
        "search or preset.",
    )
    common_options(searches)
    searches.add_argument(
        "--delete", nargs=2, metavar=("KIND", "NAME"), default=[], help="forget a saved one"
    )
    searches.add_argument(
        "--rename", nargs=3, metavar=("KIND", "NAME", "NEW"), default=[], help="give it a new name"
    )
    searches.add_argument(
        "--forget", type=int, metavar="N", help="forget the last search of this number"
    )
    searches.add_argument(
        "--forget-all", action="store_true", help="forget all of the last searches"
    )
    searches.set_defaults(run=run_searches)


def run_searches(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk searches PROJECT`."""
    from saedesk.project.project_folder import Project

    changes = arguments.delete or arguments.rename or arguments.forget_all
    writes = bool(changes) or arguments.forget is not None
    with Project.open(Path(arguments.project), read_only=not writes) as project:
        if writes:
            _change(project, arguments)
        content = {
            "searches": [_saved(project, one) for one in project.saved_searches.all("search")],
            "presets": [_saved(project, one) for one in project.saved_searches.all("preset")],
            "past": [
                {"number": number, "asked": one.asked, **_told(project, one)}
                for number, one in enumerate(project.search_history.all(), 1)
            ],
        }
    answer(content, _text(content), as_json=arguments.json)
    return 0


def _change(project: Project, arguments: argparse.Namespace) -> None:
    """Delete, rename and forget; raises BadInput for what is not there."""
    from saedesk.errors import BadInput

    saved = project.saved_searches
    past = project.search_history.all()
    if arguments.forget is not None and not 1 <= arguments.forget <= len(past):
        raise BadInput(
            f"There is no search {arguments.forget} among the last ones: there are {len(past)}, "
            "counted from the newest."
        )
    if arguments.delete:
        saved.delete(_named(project, *arguments.delete).id)
    if arguments.rename:
        kind, name, new = arguments.rename
        saved.rename(_named(project, kind, name).id, new.strip())
    if arguments.forget is not None:
        project.search_history.forget([past[arguments.forget - 1].id])
    if arguments.forget_all:
        project.search_history.clear()


def _named(project: Project, kind: str, name: str) -> SavedSearch:
    from saedesk.errors import BadSetting

    if kind == "search":
        return project.saved_searches.named("search", name)
    if kind == "preset":
        return project.saved_searches.named("preset", name)
    raise BadSetting(f"There is no {kind} to keep: say {' or '.join(KINDS)}.")


def _saved(project: Project, one: SavedSearch) -> dict[str, Any]:
    return {"name": one.name, "created": one.created, **_told(project, one)}


def _told(project: Project, one: SavedSearch | PastSearch) -> dict[str, Any]:
    """What a search asks for, in plain values; what cannot be read says so."""
    from saedesk.errors import KnownError
    from saedesk.jobs.search_request_json import request_from_json

    try:
        request = request_from_json(one.content)
    except KnownError as problem:
        return {"sae": one.sae, "asks": {}, "problem": problem.sentence}
    return {"sae": one.sae, "asks": dict(one.content), "in_words": _in_words(project, request)}


def _in_words(project: Project, request: Any) -> str:
    """A search in a line: what it asks, how, and what is turned."""
    from saedesk.jobs.search_request import MATCHES
    from saedesk.project.document_keys import keys_of

    parts = [f"“{request.text}”"] if request.text.strip() else []
    for name, ids in (("like", request.like), ("unlike", request.unlike)):
        keys = [key or "a document that is gone" for key in keys_of(project.database, ids)]
        parts += [f"{name} {', '.join(keys)}"] if keys else []
    if request.target is not None:
        is_feature = isinstance(request.target, int)
        named = f"feature {request.target}" if is_feature else f"family {request.target.root}"
        parts.append(named)
    if request.match != MATCHES[0]:
        parts.append({"words": "by words", "both": "by meaning and words"}[request.match])
    if request.like_by == "features":
        parts.append("by features")
    plan = request.plan
    if not plan.at_rest:
        parts.append(f"{len(plan.targets)} turned")
    if not request.wanted.is_empty:
        parts.append("filtered")
    return ", ".join(parts)


def _text(content: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    parts = []
    for name, head, first in (
        ("searches", "Saved search", "name"),
        ("presets", "Preset", "name"),
        ("past", "Last search", "number"),
    ):
        when = "asked" if name == "past" else "created"
        rows = [
            (one[first], one[when][:_MINUTE].replace("T", " "), _shown(one))
            for one in content[name]
        ]
        if rows:
            parts.append(table((head, "When (UTC)", "What"), rows))
    return "\n\n".join(parts) or "Nothing was saved or asked in this project yet."


def _shown(one: Mapping[str, Any]) -> str:
    return str(one.get("problem") or one["in_words"])
