"""index: the search index of a large project, in the number format that is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer

if TYPE_CHECKING:
    from saedesk.project.manifest import ArtifactRecord

_NONE_NEEDED = (
    "{} needs no search index: all of its documents are compared for every query, which is as "
    "quick. With --always one is built all the same."
)


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    index = subparsers.add_parser(
        "index", help="build the search index of a large project, or build it again"
    )
    common_options(index)
    index.add_argument(
        "--storage",
        choices=("int8", "float16"),
        help="number format: float16 is a little closer and twice as large (otherwise that of the "
        "index there is, or int8)",
    )
    index.add_argument("--anew", action="store_true", help="build it again though it is whole")
    index.add_argument(
        "--always", action="store_true", help="also where all documents are compared as quickly"
    )
    index.set_defaults(run=run_index)


def run_index(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk index PROJECT`."""
    from saedesk.jobs import build_index
    from saedesk.project.project_folder import Project

    request = build_index.IndexRequest(arguments.always, arguments.storage, anew=arguments.anew)
    with Project.open(Path(arguments.project)) as project:
        record = build_index.run(project, request, control)
        name = project.name
    control.finish()
    if record is None:
        answer({"index": None}, _NONE_NEEDED.format(name), as_json=arguments.json)
        return 0
    answer(_content(record), build_index.index_in_words(record), as_json=arguments.json)
    return 0


def _content(record: ArtifactRecord) -> dict[str, Any]:
    from saedesk.jobs.build_index import size_of, storage_of

    names = ("documents", "recall", "milliseconds", "graph_for")
    return {
        "index": record.hash,
        "storage": storage_of(record),
        "bytes": size_of(record),
        "created": record.created,
        **{name: record.summary[name] for name in names},
    }
