"""new, info, verify."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, table


def add_commands(subparsers: Any) -> None:
    """Add the commands of this module."""
    new = subparsers.add_parser("new", help="make an empty project")
    common_options(new)
    new.add_argument("--name", help="what to call it (otherwise the folder’s name)")
    new.set_defaults(run=run_new)

    info = subparsers.add_parser("info", help="what a project holds")
    common_options(info)
    info.set_defaults(run=run_info)

    verify = subparsers.add_parser("verify", help="check every file of a project")
    common_options(verify)
    verify.set_defaults(run=run_verify)


def run_new(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk new PROJECT`."""
    from saedesk.project.project_folder import Project

    with Project.create(Path(arguments.project), arguments.name) as project:
        content = {"project": str(project.folder), "name": project.name}
        answer(content, f"Made {project.folder}.", as_json=arguments.json)
    return 0


def run_info(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk info PROJECT`."""
    from dataclasses import asdict

    from saedesk.project.document_writer import import_records
    from saedesk.project.project_folder import Project

    with Project.open(Path(arguments.project), read_only=True) as project:
        vectors, sae = project.current("vectors"), project.current("saes")
        content = {
            "name": project.name,
            "project": str(project.folder),
            "documents": project.documents.count(),
            "without_text": project.documents.count_without_text(),
            "fields": {f.name: f.type.value for f in project.documents.fields()},
            "imports": [asdict(record) for record in import_records(project.database)],
            "vectors": None if vectors is None else {"hash": vectors.hash, **vectors.summary},
            "sae": None if sae is None else sae.hash,
            "saes": [{"hash": r.hash, **r.summary} for r in project.artifacts("saes")],
        }
    answer(content, _info_text(content), as_json=arguments.json)
    return 0


def _info_text(content: dict[str, Any]) -> str:
    lines = [f"{content['name']}: {content['documents']:,} documents"]
    if content["without_text"]:
        lines.append(f"{content['without_text']:,} of them without a text")
    if content["fields"]:
        fields = (f"{name} ({type_})" for name, type_ in content["fields"].items())
        lines.append("Fields: " + ", ".join(fields))
    vectors = content["vectors"]
    lines.append(
        "No vectors yet"
        if vectors is None
        else f"Vectors: {vectors['model'] or 'encoder unknown'}, "
        f"{vectors['dimensions']} numbers each ({vectors.get('precision', 'float32')})"
    )
    if content["saes"]:
        rows = [
            (
                "in use" if sae["hash"] == content["sae"] else "",
                sae["hash"],
                sae.get("name"),
                sae.get("n_latents"),
                sae.get("k"),
                "" if sae.get("fvu") is None else f"{sae['fvu']:.3f}",
            )
            for sae in content["saes"]
        ]
        lines.append(table(("", "SAE", "Name", "Features", "k", "FVU"), rows, right=(3, 4, 5)))
    return "\n".join(lines)


def run_verify(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk verify PROJECT`; exit code 1 when something is damaged."""
    from dataclasses import asdict

    from saedesk.project.project_check import check_project
    from saedesk.project.project_folder import Project

    with Project.open(Path(arguments.project), read_only=True) as project:
        findings = check_project(project, control)
    text = "Every file is as it was written."
    if findings:
        text = "\n".join(f"{f.kind}/{f.hash}/{f.file} {f.problem}: {f.way_out}." for f in findings)
    answer({"findings": [asdict(f) for f in findings]}, text, as_json=arguments.json)
    return 1 if findings else 0
