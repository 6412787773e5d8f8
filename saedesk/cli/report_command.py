"""report: the whole project as one HTML file that opens offline."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    report = subparsers.add_parser("report", help="write a report that opens in any browser")
    common_options(report)
    report.add_argument("path", metavar="OUT", help="ends in .html")
    report.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    report.add_argument(
        "--features",
        type=int,
        default=60,
        metavar="N",
        help="how many features are shown in full; all are in the index",
    )
    report.set_defaults(run=run_report)


def run_report(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk report PROJECT OUT`."""
    from saedesk.jobs import write_report
    from saedesk.project.project_folder import Project

    request = write_report.ReportRequest(Path(arguments.path), arguments.sae, arguments.features)
    with Project.open(Path(arguments.project), read_only=True) as project:
        path = write_report.run(project, request, control)
    content = {"path": arguments.path, "bytes": path.stat().st_size}
    answer(content, f"Wrote the report to {arguments.path}.", as_json=arguments.json)
    return 0
