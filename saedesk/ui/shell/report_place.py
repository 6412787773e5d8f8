"""Asks where the report of the open project goes, and has it written there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from saedesk.jobs.write_report import ENDINGS, ReportRequest
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.ui.widgets.dialogs import ask, choose_file

_UNFIT = '/\\:*?"<>|'
"""Signs that some system does not allow in the name of a file."""


def write_report(session: Session, window: QWidget) -> Task | None:
    """Asks for a place; None where a person chose none."""
    project = session.opened_project()
    path = choose_file(
        window,
        "Write a report",
        (("Web page", "*.html"),),
        save=True,
        suggested=suggested_name(project.name),
        folder=project.folder.parent,
    )
    if path is None:
        return None
    complete = with_ending(path)
    if complete != path and complete.exists() and not _may_replace(complete, window):
        return None
    return session.exchange.write_report(ReportRequest(complete))


def suggested_name(project: str) -> str:
    """A name for the file: that of the project, as far as it may be in one."""
    plain = "".join(" " if sign in _UNFIT or not sign.isprintable() else sign for sign in project)
    return f"{' '.join(plain.split()).strip('. ') or 'report'}.html"


def with_ending(path: Path) -> Path:
    """The path with .html where a person typed no such ending."""
    return path if path.suffix.lower() in ENDINGS else path.with_name(f"{path.name}.html")


def _may_replace(path: Path, window: QWidget) -> bool:
    """The file dialog asked about the name as it was typed, not about this one."""
    replace = "Replace it"
    question = "There is a file of this name. The report would take its place."
    return ask(window, f"Replace {path.name}?", question, (replace, "Keep it")) == replace
