"""export: tables, activations, vectors and results for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.filter_options import add_where_option, parse_where
from saedesk.cli.search_options import add_steer_option, parse_strength
from saedesk.cli.terminal import TerminalControl, answer

# As in the job; named here so that help answers without loading it.
TABLES = ("features", "documents", "families", "activations", "steered-vectors", "results")
_EPILOG = (
    "features, documents, families and results become .csv, .jsonl or .parquet; families also "
    ".graphml and .json; activations also .npz, which scipy.sparse.load_npz opens; "
    "steered-vectors .npy, .npz, .parquet or .jsonl."
)


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    export = subparsers.add_parser(
        "export", help="write a table, activations or vectors to a file", epilog=_EPILOG
    )
    common_options(export)
    export.add_argument("table", metavar="TABLE", choices=TABLES, help=", ".join(TABLES))
    export.add_argument("path", metavar="OUT", help="the file; its ending chooses the format")
    export.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    add_steer_option(export)
    export.add_argument("--query", default="", help="results of this search, or its vector")
    export.add_argument(
        "--like",
        metavar="KEY",
        action="append",
        default=[],
        help="instead of a query: what is like the document with this key",
    )
    add_where_option(export)
    export.add_argument(
        "--published",
        action="store_true",
        help="families as .json in the form of the published clean_families files",
    )
    export.add_argument("--top", type=int, default=10, help="number of results")
    export.set_defaults(run=run_export)


def run_export(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk export PROJECT TABLE OUT`."""
    from saedesk.jobs import export_table
    from saedesk.project.project_folder import Project

    # As for a search: an index that turns out damaged is dropped, which takes writing.
    with Project.open_or_read(Path(arguments.project)) as project:
        request = export_table.ExportRequest(
            arguments.table,
            Path(arguments.path),
            arguments.sae,
            query=arguments.query,
            like=tuple(arguments.like),
            steer=tuple(parse_strength(entry) for entry in arguments.steer),
            where=parse_where(project, arguments.where),
            count=arguments.top,
            published=arguments.published,
        )
        rows = export_table.run(project, request, control)
    content = {"table": arguments.table, "path": arguments.path, "rows": rows}
    answer(content, _sentence(arguments.table, rows, arguments.path), as_json=arguments.json)
    return 0


def _sentence(table: str, rows: int, path: str) -> str:
    if path.lower().endswith(".npz") and table == "activations":
        return f"Wrote the activations of {rows:,} documents to {path}."
    if path.lower().endswith(".csv") and table == "families":
        return f"Wrote {rows:,} rows to {path}, one for each feature of a family."
    return f"Wrote {rows:,} {table.replace('-', ' ')} to {path}."
