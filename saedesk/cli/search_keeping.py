"""What `search` leaves behind: saved searches and presets, the last searches, files of results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saedesk.cli.search_question import Asked
    from saedesk.jobs.loaded_sae import LoadedSae
    from saedesk.jobs.search_answer import SearchAnswer
    from saedesk.project.project_folder import Project
    from saedesk.project.saved_searches import SavedKind


def check_keeping(project: Project, arguments: argparse.Namespace) -> None:
    """Raises BadSetting for what cannot be kept, ProjectProblem where nothing can be written."""
    from saedesk.errors import BadSetting

    saves = [name for name in (arguments.save, arguments.save_preset) if name]
    if len(saves) > 1:
        raise BadSetting("Save the search or how it is steered, one of them at once.")
    if arguments.replace and not saves:
        raise BadSetting("--replace goes with --save NAME or --save-preset NAME.")
    if saves or arguments.remember:
        project.check_writable()


def keep(
    project: Project,
    sae: LoadedSae | None,
    arguments: argparse.Namespace,
    asked: Asked,
    found: SearchAnswer,
) -> dict[str, Any]:
    """Save, remember and write what is asked for; returns what `--json` says of it."""
    from saedesk.errors import BadSetting
    from saedesk.jobs.exports.result_rows import AskedFor, write_results
    from saedesk.jobs.exports.result_texts import texts_of
    from saedesk.jobs.search_request_json import plan_to_json, request_to_json

    told: dict[str, Any] = {}
    request, hash_ = asked.request, "" if sae is None else sae.hash
    sliders = {"sliders": asked.turned.to_json()} if asked.turned.families else {}
    search = {**request_to_json(request), **sliders}
    if arguments.save:
        told["saved"] = _save(project, "search", arguments, arguments.save, search, hash_)
    if arguments.save_preset:
        if request.plan.at_rest:
            raise BadSetting("Nothing is turned, so there is no steering to save.")
        steering = {"plan": plan_to_json(request.plan), **sliders}
        told["preset"] = _save(project, "preset", arguments, arguments.save_preset, steering, hash_)
    if arguments.remember:
        project.search_history.add(search, hash_)
        told["remembered"] = True
    if arguments.out:
        texts = texts_of(project, hash_, (*request.plan.targets, *asked.turned.families))
        told_beside = AskedFor.of(project, request, hash_, asked.turned)
        write_results(Path(arguments.out), found.steered, texts, told_beside)
        told["path"] = arguments.out
    return told


def _save(
    project: Project,
    kind: SavedKind,
    arguments: argparse.Namespace,
    name: str,
    content: dict[str, Any],
    sae: str,
) -> str:
    store, name = project.saved_searches, name.strip()
    there = next((one for one in store.all(kind) if one.name == name), None)
    if arguments.replace and there is not None:
        store.change(there.id, content, sae)
    else:
        store.save(kind, name, content, sae)
    return name
