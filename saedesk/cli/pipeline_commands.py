"""import, embed, label: with `train_command` and `analyse_command` from files to labels."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli import analyse_command, label_command, train_command
from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, duration, say

if TYPE_CHECKING:
    from saedesk.corpus.document import ColumnUse

_DEVICES = ("auto", "cpu", "cuda", "mps")


def add_commands(subparsers: Any) -> None:
    """Add the commands of this module."""
    _add_import(subparsers)
    embed = subparsers.add_parser("embed", help="turn the documents into vectors")
    common_options(embed)
    embed.add_argument("--model", default=None, help="name or folder of an embedding model")
    embed.add_argument("--device", default="auto", choices=_DEVICES)
    embed.add_argument(
        "--download", action="store_true", help="fetch the model if it is not on this computer"
    )
    embed.set_defaults(run=run_embed)
    train_command.add_commands(subparsers)
    analyse_command.add_commands(subparsers)
    label_command.add_commands(subparsers)


def _add_import(subparsers: Any) -> None:
    parser = subparsers.add_parser("import", help="read documents from files")
    common_options(parser)
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("--text", metavar="COL", help="column of the text")
    parser.add_argument("--title", metavar="COL", help="column of the title")
    parser.add_argument("--id", metavar="COL", help="column of the key")
    parser.add_argument(
        "--field",
        metavar="NAME:TYPE",
        action="append",
        default=[],
        help="type of a field: text, category, number, date, latitude, longitude, url",
    )
    parser.add_argument("--leave-out", metavar="COL", action="append", default=[])
    parser.add_argument("--encoding", help="where the file is not UTF-8 or UTF-16")
    parser.add_argument("--delimiter", help="where it is not recognised")
    parser.add_argument(
        "--keep-first", action="store_true", help="of equal keys keep the first document"
    )
    parser.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk import PROJECT FILE...`."""
    from saedesk.corpus.corpus_input import InputRequest, preview_input
    from saedesk.errors import BadInput
    from saedesk.jobs import import_documents
    from saedesk.project.project_folder import Project

    paths = tuple(Path(name) for name in arguments.files)
    preview = preview_input(paths[0], encoding=arguments.encoding, delimiter=arguments.delimiter)
    if not preview.encoding_is_certain and arguments.encoding is None:
        raise BadInput(
            f"{paths[0].name} is not UTF-8, and other encodings cannot be told apart with "
            f"certainty. Say which it is, for example --encoding {preview.encoding}."
        )
    for note in preview.notes:
        say(note)
    request = import_documents.ImportRequest(
        InputRequest(paths, _uses(preview.uses, arguments), preview.encoding, preview.delimiter),
        "keep first" if arguments.keep_first else "stop",
    )
    with Project.open(Path(arguments.project)) as project:
        result = import_documents.run(project, request, control)
    record = result.record
    text = f"Imported {record.kept:,} documents from {record.source}."
    if result.already_there:
        text = f"{record.source} was imported before; nothing changed."
    if record.rejected or record.duplicates or record.empty_texts:
        text += (
            f" {record.rejected:,} rows were set aside, {record.duplicates:,} had a key that was "
            f"there already, {record.empty_texts:,} texts are empty."
        )
    content = {**asdict(record), "already_there": result.already_there}
    answer(content, text, as_json=arguments.json)
    return 0


def _uses(guessed: tuple[ColumnUse, ...], arguments: argparse.Namespace) -> tuple[ColumnUse, ...]:
    """The guessed roles with what the person said in place of them."""
    from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType
    from saedesk.errors import BadSetting

    said: dict[str, ColumnUse] = {}
    for column, role in (
        (arguments.id, ColumnRole.KEY),
        (arguments.title, ColumnRole.TITLE),
        (arguments.text, ColumnRole.TEXT),
    ):
        if column is not None:
            said[column] = ColumnUse(column, role)
    for entry in arguments.field:
        name, _, type_ = entry.rpartition(":")
        if type_ not in [t.value for t in FieldType] or not name:
            types = ", ".join(t.value for t in FieldType)
            raise BadSetting(f"“{entry}” is not NAME:TYPE; the types are {types}.")
        said[name] = ColumnUse(name, ColumnRole.FIELD, FieldType(type_))
    for column in arguments.leave_out:
        said[column] = ColumnUse(column, ColumnRole.IGNORE)
    there = {use.column for use in guessed}
    for column in said:
        if column not in there:
            columns = ", ".join(use.column for use in guessed)
            raise BadSetting(f"There is no column “{column}”. There are: {columns}.")
    taken = {use.role for use in said.values()} - {ColumnRole.FIELD, ColumnRole.IGNORE}
    result = []
    for use in guessed:
        if use.column in said:
            result.append(said[use.column])
        elif use.role in taken:
            # A guessed key, title or text gives way to the one that was named.
            result.append(ColumnUse(use.column, ColumnRole.FIELD, FieldType.TEXT))
        else:
            result.append(use)
    return tuple(result)


def run_embed(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk embed PROJECT`."""
    from saedesk.embedding.model_catalogue import DEFAULT_MODEL
    from saedesk.jobs import build_index, embed_documents
    from saedesk.project.project_folder import Project

    request = embed_documents.EmbedRequest(
        arguments.model or DEFAULT_MODEL, arguments.device, arguments.download
    )
    with Project.open(Path(arguments.project)) as project:
        if replaced := embed_documents.what_embedding_replaces(project):
            say(replaced)
        result = embed_documents.run(project, request, control)
        build_index.run(project, build_index.IndexRequest(), control)
    summary = result.record.summary
    content = {
        "vectors": result.record.hash,
        "embedded": result.embedded,
        "reused": result.reused,
        "seconds": round(result.seconds, 1),
        **{k: summary[k] for k in ("model", "documents", "dimensions", "precision")},
        **{k: summary[k] for k in ("truncated", "zero_rows", "not_finite_rows")},
    }
    text = (
        f"{summary['documents']:,} documents have vectors of {summary['dimensions']} numbers: "
        f"{result.embedded:,} embedded in {duration(result.seconds)}, {result.reused:,} were there."
    )
    if summary["truncated"]:
        text += f" The model read only the beginning of {summary['truncated']:,} long texts."
    if summary["zero_rows"] or summary["not_finite_rows"]:
        bad = summary["zero_rows"] + summary["not_finite_rows"]
        text += f" {bad:,} vectors are zero or not finite; they are left out everywhere."
    answer(content, text, as_json=arguments.json)
    return 0
