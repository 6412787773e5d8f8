"""import-vectors: vectors that somebody made already, into a project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, say

if TYPE_CHECKING:
    from saedesk.jobs.import_vectors import (
        ImportVectorsRequest,
        ImportVectorsResult,
        VectorsPreview,
    )

_ROWS_IN_JSON = 1_000


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    parser = subparsers.add_parser(
        "import-vectors",
        help="bring vectors you already have",
        description="Read vectors from .npy, .npz, .safetensors, Parquet, Arrow or JSON Lines "
        "files, saved data sets and the saerch layout, and match them to the documents. In a "
        "project without documents every row becomes one.",
    )
    common_options(parser)
    parser.add_argument("file", metavar="FILE", help="a file or folder of vectors")
    parser.add_argument("--table", default="", metavar="NAME", help="array or column, if several")
    parser.add_argument(
        "--match",
        default="auto",
        choices=("auto", "key", "order", "new-documents"),
        help="how rows find their documents (otherwise the first way that fits)",
    )
    parser.add_argument("--key", default="", metavar="COL", help="column of the keys")
    parser.add_argument(
        "--model", default="", metavar="NAME", help="name or folder of the model that made them"
    )
    parser.add_argument(
        "--unusable",
        default="ask",
        choices=("drop", "keep-out"),
        help="zero, NaN and infinite rows (otherwise they stop the import)",
    )
    parser.add_argument(
        "--duplicates",
        default="use",
        choices=("use", "drop", "keep-out"),
        help="rows equal to an earlier one; keep-out: not trained on",
    )
    parser.add_argument("--preview", action="store_true", help="tell what would happen, no more")
    parser.set_defaults(run=run_import_vectors)


def run_import_vectors(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk import-vectors PROJECT FILE`."""
    from saedesk.jobs import build_index, import_vectors
    from saedesk.project.project_folder import Project

    request = _request(arguments)
    folder = Path(arguments.project)
    if arguments.preview:
        with Project.open(folder, read_only=True) as project:
            found = import_vectors.preview(project, request, control)
        answer(_preview_content(found), _preview_text(found), as_json=arguments.json)
        return 0
    with Project.open(folder) as project:
        result = import_vectors.run(project, request, control)
        build_index.run(project, build_index.IndexRequest(), control)
    for note in result.notes:
        say(note)
    answer(_result_content(result), _result_text(result), as_json=arguments.json)
    return 0


def _request(arguments: argparse.Namespace) -> ImportVectorsRequest:
    from saedesk.jobs.import_vectors import ImportVectorsRequest

    return ImportVectorsRequest(
        path=Path(arguments.file),
        table=arguments.table,
        match=arguments.match.replace("-", " "),
        key_column=arguments.key,
        model=arguments.model,
        unusable=arguments.unusable.replace("-", " "),
        duplicates=arguments.duplicates.replace("-", " "),
    )


def _preview_content(found: VectorsPreview) -> dict[str, Any]:
    faults = {
        name: {"count": len(rows), "rows": (rows[:_ROWS_IN_JSON] + 1).tolist()}
        for name, rows in _faults(found)
    }
    return {
        "table": found.table.name,
        "rows": found.table.rows,
        "dimensions": found.table.dimensions,
        "dtype": found.table.dtype,
        "match": found.match,
        "documents": found.documents,
        "matched": found.matched,
        "without_vector": found.without_vector,
        "without_document": found.without_document,
        "examples": [[row + 1, key, heading] for row, key, heading in found.examples],
        **faults,
        "notes": list(found.notes),
    }


def _faults(found: VectorsPreview) -> tuple[tuple[str, Any], ...]:
    return (
        ("zero", found.zero_rows),
        ("nan", found.nan_rows),
        ("infinite", found.infinite_rows),
        ("duplicate", found.duplicate_rows),
    )


_FAULTS_IN_WORDS = {
    "zero": "are zero",
    "nan": "hold NaN",
    "infinite": "are infinite",
    "duplicate": "are equal to an earlier one",
}


def _preview_text(found: VectorsPreview) -> str:
    from saedesk.cli.terminal import table
    from saedesk.jobs.vector_file_checks import rows_named

    one = found.table
    lines = [f"{one.rows:,} vectors of {one.dimensions:,} numbers ({one.dtype})."]
    if found.match == "new documents":
        lines.append(f"Every row becomes a document; {found.without_vector:,} have no vector.")
    else:
        lines.append(
            f"By {found.match}, {found.matched:,} of them belong to one of the {found.documents:,} "
            f"documents; {found.without_document:,} rows have no document, "
            f"{found.without_vector:,} documents no vector."
        )
    for name, rows in _faults(found):
        if len(rows):
            lines.append(f"{len(rows):,} {_FAULTS_IN_WORDS[name]} ({rows_named(rows)}).")
    lines.extend(found.notes)
    rows_shown = [(row + 1, key, heading) for row, key, heading in found.examples]
    lines.append(table(("Row", "Key", "Document"), rows_shown, right=(0,)))
    lines.append("Nothing was imported.")
    return "\n".join(lines)


def _result_content(result: ImportVectorsResult) -> dict[str, Any]:
    return {
        "vectors": result.record.hash,
        "stored": result.stored,
        "dropped": result.dropped,
        "kept_out": result.kept_out,
        "model_cosine": result.model_cosine,
        "documents_made": result.documents_made,
        "match": result.record.inputs["match"],
        "dimensions": result.record.summary["dimensions"],
        "notes": list(result.notes),
    }


def _result_text(result: ImportVectorsResult) -> str:
    summary = result.record.summary
    text = f"{result.stored:,} documents have vectors of {summary['dimensions']:,} numbers"
    text += f" from {summary['imported']['file']}."
    if result.documents_made:
        text += f" {result.documents_made:,} documents were made."
    if result.dropped:
        text += f" {result.dropped:,} rows were dropped."
    bad = summary["zero_rows"] + summary["not_finite_rows"]
    if bad:
        text += f" {bad:,} vectors are zero or not finite; they are left out everywhere."
    if result.kept_out:
        text += f" {result.kept_out:,} repeated vectors are kept out of training."
    if result.model_cosine is not None:
        text += f" The model’s own vectors have a cosine of {result.model_cosine:.3f} to them."
    return text
