"""What is known about the runs that a person asks for, before any of them starts."""

from __future__ import annotations

from saedesk.jobs.training_request import TrainRequest
from saedesk.project.project_folder import Project
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.stored_runs import run_name
from saedesk.ui.train_panels.stored_settings import checkpoint_waits, run_with

Requests = tuple[TrainRequest, ...]


def new_ones(project: Project, book: RunBook, requests: Requests) -> Requests:
    """Those that are neither trained nor being trained with just these settings."""
    return tuple(
        request
        for request in requests
        if run_with(project, request) is None and not book.is_training_with(request)
    )


def what_to_know(project: Project, book: RunBook, requests: Requests) -> tuple[list[str], str]:
    """Sentences, and why nothing can be started ("" where something can)."""
    if project.read_only:
        reason = "The project is read-only here, so nothing can be trained."
        return [reason], reason
    new = new_ones(project, book, requests)
    if not new:
        reason = _why_nothing_is_new(project, requests)
        return [reason], reason
    found = []
    if len(new) < len(requests):
        known = len(requests) - len(new)
        verb = "is" if known == 1 else "are"
        found.append(f"{known} of these {len(requests)} runs {verb} there already.")
    if any(checkpoint_waits(project, request) for request in new):
        which = "A stopped run with these settings" if len(new) == 1 else "A stopped run"
        found.append(f"{which} will go on from its checkpoint.")
    return found, ""


def _why_nothing_is_new(project: Project, requests: Requests) -> str:
    if len(requests) > 1:
        return "All of these runs are there already, or being trained."
    stored = run_with(project, requests[0])
    if stored is None:
        return "An SAE with exactly these settings is being trained or waits in the queue."
    return (
        f"{run_name(stored)} was trained with exactly these settings. Change one, such as the "
        "seed, for another SAE."
    )
