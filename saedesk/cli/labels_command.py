"""labels: export and import the labels, stars, notes and tags of features."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer

if TYPE_CHECKING:
    from saedesk.jobs.label_exchange import ImportPreview


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    labels = subparsers.add_parser(
        "labels",
        help="write labels to a file, or take them from one",
        epilog="Columns: feature, label, source, author, score, starred, hidden, note, tags. An "
        "import needs only the first, leaves what an empty cell says nothing about, and measures "
        "scores anew.",
    )
    labels.add_argument("direction", metavar="export|import", choices=("export", "import"))
    common_options(labels)
    labels.add_argument("path", metavar="FILE", help="ends in .csv, .jsonl or .parquet")
    labels.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    labels.add_argument("--preview", action="store_true", help="import: only say what it would do")
    labels.add_argument(
        "--replace-person",
        action="store_true",
        help="import: also replace labels, notes and marks that a person made",
    )
    labels.set_defaults(run=run_labels)


def run_labels(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk labels export|import PROJECT FILE`."""
    return (_export if arguments.direction == "export" else _import)(arguments, control)


def _export(arguments: argparse.Namespace, control: TerminalControl) -> int:
    from saedesk.errors import BadSetting
    from saedesk.jobs import label_exchange
    from saedesk.project.project_folder import Project

    if arguments.preview or arguments.replace_person:
        raise BadSetting("--preview and --replace-person belong to “saedesk labels import”.")
    with Project.open_or_read(Path(arguments.project)) as project:
        request = label_exchange.ExportLabelsRequest(Path(arguments.path), arguments.sae)
        rows = label_exchange.export_labels(project, request, control)
    content = {"path": arguments.path, "features": rows}
    answer(content, f"Wrote {rows:,} features to {arguments.path}.", as_json=arguments.json)
    return 0


def _import(arguments: argparse.Namespace, control: TerminalControl) -> int:
    from saedesk.jobs import label_exchange
    from saedesk.project.project_folder import Project

    request = label_exchange.ImportLabelsRequest(
        Path(arguments.path), arguments.sae, arguments.replace_person
    )
    if arguments.preview:
        with Project.open_or_read(Path(arguments.project)) as project:
            told = label_exchange.preview_labels(project, request, control)
    else:
        with Project.open(Path(arguments.project)) as project:
            told = label_exchange.import_labels(project, request, control).preview
    answer(asdict(told), _in_words(told, arguments), as_json=arguments.json)
    return 0


def _in_words(told: ImportPreview, arguments: argparse.Namespace) -> str:
    would = "would be " if arguments.preview else ""
    replaced = arguments.replace_person
    sentences = [
        f"{told.rows:,} rows: {told.new_labels:,} labels {would}new, {told.replaced_labels:,} "
        f"{would or 'are '}replaced, {told.new_marks:,} features {would}marked, "
        f"{told.same:,} say nothing new."
    ]
    if told.unknown:
        sentences.append(f"{told.unknown:,} rows name a feature that this SAE does not have.")
    persons = told.person_labels + told.person_marks
    if persons and replaced:
        sentences.append(f"{persons:,} labels and marks of a person {would or 'are '}replaced.")
    elif persons:
        sentences.append(
            f"{persons:,} labels and marks of a person stay; --replace-person replaces them."
        )
    return " ".join(sentences)
