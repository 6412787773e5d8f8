"""label: by keywords."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    label = subparsers.add_parser("label", help="give the features labels")
    common_options(label)
    label.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    label.add_argument("--labeler", default="keywords")
    label.set_defaults(run=run_label)


def run_label(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk label PROJECT`."""
    from saedesk.jobs import label_features
    from saedesk.project.project_folder import Project

    request = label_features.LabelRequest(arguments.sae, arguments.labeler)
    with Project.open(Path(arguments.project)) as project:
        result = label_features.run(project, request, control)
    text = (
        f"{result.labelled:,} features have keyword labels, {result.kept:,} keep a better one, "
        f"{result.unlabelled:,} have none."
    )
    answer(asdict(result), text, as_json=arguments.json)
    return 0
