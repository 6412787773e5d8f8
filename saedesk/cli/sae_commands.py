"""load-sae, export-sae: SAEs of other libraries in, ours out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer

if TYPE_CHECKING:
    from saedesk.sae.formats.foreign_format import SaeDescription

_FORMATS = ("saelens", "sparsify", "saedesk")


def add_commands(subparsers: Any) -> None:
    """Add the commands of this module."""
    load = subparsers.add_parser(
        "load-sae",
        help="take an SAE from a file of SAELens, sparsify, dictionary_learning, saerch and others",
    )
    common_options(load)
    load.add_argument("path", metavar="PATH", help="file, folder, or name on the hub (owner/name)")
    load.add_argument("--k", type=int, help="active features of a document, if the file has no k")
    load.add_argument("--name", default="", help="what to call it in the project")
    load.add_argument("--use", action="store_true", help="make it the SAE in use")
    load.add_argument(
        "--preview", action="store_true", help="say what the file holds; load nothing"
    )
    load.add_argument(
        "--download", action="store_true", help="fetch it from the hub if it is not here"
    )
    load.set_defaults(run=run_load)

    export = subparsers.add_parser("export-sae", help="write an SAE for another library")
    common_options(export)
    export.add_argument("sae", metavar="SAE", help="hash of the SAE, or “current”")
    export.add_argument("folder", metavar="FOLDER", help="does not exist yet or is empty")
    export.add_argument("--format", default="saelens", choices=_FORMATS)
    export.add_argument("--licence", default="", help="for the model card, e.g. apache-2.0")
    export.set_defaults(run=run_export)


def run_load(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk load-sae PROJECT PATH`."""
    from saedesk.jobs import load_sae
    from saedesk.project.project_folder import Project
    from saedesk.sae.formats.any_format import hub_sae, inspect_sae

    path = Path(arguments.path)
    if not path.exists():
        path = hub_sae(arguments.path, allow_download=arguments.download)
    if arguments.preview:
        found = inspect_sae(path)
        answer(_described(found), _description_text(found), as_json=arguments.json)
        return 0
    request = load_sae.LoadSaeRequest(path, arguments.k, arguments.name, arguments.use)
    with Project.open(Path(arguments.project)) as project:
        record = load_sae.run(project, request, control)
        in_use = project.current("saes") == record
    summary = record.summary
    lines = [
        f"Loaded {summary['name']} ({record.hash}): {summary['n_latents']:,} features of "
        f"{summary['d_in']:,} numbers, from {summary['loaded']}.",
        *summary["notes"],
        "Run “saedesk analyse” to find what its features do."
        if in_use
        else f"Run “saedesk analyse --sae {record.hash}” to find what its features do.",
    ]
    answer({"hash": record.hash, **summary}, "\n".join(lines), as_json=arguments.json)
    return 0


def _described(found: SaeDescription) -> dict[str, Any]:
    return {
        "path": str(found.path),
        "format": found.format,
        "architecture": found.architecture,
        "d_in": found.d_in,
        "n_latents": found.n_latents,
        "k": found.k,
        "asks_for_k": found.asks_for_k,
        "size_bytes": found.size_bytes,
        "settings": dict(found.settings),
        "notes": list(found.notes),
    }


def _description_text(found: SaeDescription) -> str:
    from saedesk.sae.architectures import architectures

    title = architectures().get(found.architecture).title
    k = f", k {found.k}" if found.k else ", k is not in the file: say it with --k"
    lines = [
        f"{found.format}: {title}, {found.n_latents:,} features of {found.d_in:,} numbers"
        f"{k if found.k or found.asks_for_k else ''}.",
        *found.notes,
    ]
    return "\n".join(lines)


def run_export(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk export-sae PROJECT SAE FOLDER`."""
    from saedesk.jobs import export_sae
    from saedesk.project.project_folder import Project

    hash_ = "" if arguments.sae == "current" else arguments.sae
    folder = Path(arguments.folder)
    request = export_sae.ExportSaeRequest(hash_, folder, arguments.format, arguments.licence)
    with Project.open(Path(arguments.project), read_only=True) as project:
        notes = export_sae.run(project, request, control)
    content = {"folder": str(folder), "format": arguments.format, "notes": list(notes)}
    answer(content, "\n".join([f"Wrote {folder}.", *notes]), as_json=arguments.json)
    return 0
