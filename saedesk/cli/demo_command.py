"""demo: the whole path on the installed reference documentation."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, say

SCREENSHOT_SECONDS = 300


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    demo = subparsers.add_parser(
        "demo", help="the whole path on the documentation of installed libraries"
    )
    common_options(demo, project=False)
    demo.add_argument("folder", metavar="DIR", nargs="?", help="where the project is kept")
    demo.add_argument(
        "--headless",
        action="store_true",
        help="without a display: leave the project, a report, a feature table and "
        "screenshots in DIR",
    )
    demo.add_argument(
        "--from-scratch", action="store_true", help="really embed and train, whatever is there"
    )
    demo.set_defaults(run=run_demo)


def run_demo(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk demo [--headless] [DIR]`."""
    from saedesk.jobs import open_demo

    if not arguments.headless:
        folder = (
            open_demo.default_folder()
            if arguments.folder is None
            else Path(arguments.folder) / open_demo.default_folder().name
        )
        open_demo.run(open_demo.DemoRequest(folder, arguments.from_scratch), control)
        control.finish()
        return _open_window(folder)
    out = Path(arguments.folder or "demo").absolute()
    project = out / open_demo.default_folder().name
    open_demo.run(open_demo.DemoRequest(project, arguments.from_scratch), control)
    _find_families(project, control)
    table, report = _export(project, out, control)
    control.finish()
    say("Drawing the workspaces …")
    pictures = draw_workspaces(project, out / "screenshots")
    content = {
        "project": str(project),
        "report": str(report),
        "features": str(table),
        "screenshots": [str(path) for path in pictures],
    }
    lines = [f"The demo is finished. Project: {project}"]
    lines += [f"Report: {report}", f"Features: {table}"]
    lines += [f"Screenshot: {path}" for path in pictures]
    answer(content, "\n".join(lines), as_json=arguments.json)
    return 0


def _find_families(folder: Path, control: TerminalControl) -> None:
    """The families of the features, with labels and measures."""
    from saedesk.jobs import find_families, label_families, measure_families
    from saedesk.project.project_folder import Project

    with Project.open(folder) as project:
        find_families.run(project, find_families.FamiliesRequest(), control)
        label_families.run(project, label_families.LabelFamiliesRequest(), control)
        measure_families.run(project, measure_families.MeasureRequest(), control)


def _export(project: Path, out: Path, control: TerminalControl) -> tuple[Path, Path]:
    """The table of features and the report, written beside the project."""
    from saedesk.jobs import export_table, write_report
    from saedesk.project.project_folder import Project

    table, report = out / "features.csv", out / "report.html"
    with Project.open(project, read_only=True) as opened:
        export_table.run(opened, export_table.ExportRequest("features", table), control)
        write_report.run(opened, write_report.ReportRequest(report), control)
    return table, report


def _open_window(folder: Path) -> int:
    """The window in a process of its own, because the command line may not load Qt."""
    return subprocess.call([sys.executable, "-m", "saedesk", str(folder)])


def draw_workspaces(project: Path, out: Path) -> list[Path]:
    """Screenshots of the workspaces, drawn offscreen by a process of its own.

    Raises KnownError when the drawing fails or takes longer than SCREENSHOT_SECONDS.
    """
    from saedesk.errors import KnownError

    command = [sys.executable, "-m", "saedesk.ui.screenshots", str(project), str(out)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SCREENSHOT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise KnownError(
            f"Drawing the workspaces took more than {SCREENSHOT_SECONDS} seconds. The project "
            f"itself is finished: {project}."
        ) from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise KnownError(
            f"Drawing the workspaces failed ({last}). The project itself is finished: {project}."
        )
    return sorted(out.glob("*.png"))
