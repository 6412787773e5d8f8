"""Families as rows: one for each family, or one for each feature of a family."""

from __future__ import annotations

from collections.abc import Iterator

from saedesk.errors import BadInput
from saedesk.jobs.find_families import FamiliesOfSae, families_in_use, family_name
from saedesk.jobs.loaded_sae import shown_label
from saedesk.jobs.table_writers import Kind, Row
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_KINDS: dict[str, Kind] = {
    "family": int,
    "name": str,
    "root": int,
    "features": int,
    "strength": float,
    "found_in_pass": int,
    "members": [{"feature": int, "label": str, "parent": int, "weight": float}],
}
_FLAT_KINDS: dict[str, Kind] = {
    "family": int,
    "name": str,
    "feature": int,
    "label": str,
    "parent": int,
    "weight": float,
    "found_in_pass": int,
}


def family_rows(
    project: Project, sae_hash: str, structured: bool, control: TaskControl
) -> tuple[Iterator[Row], dict[str, Kind]]:
    """The families found last, largest first, and the types of the columns.

    Where `structured`, a row for each family with its members, the root first; else a row for
    each feature of each family, so that a table has plain cells. `parent` and `weight` (the share
    of documents of the rarer feature that has both) are None for the root. Raises BadInput before
    there are families.
    """
    found = families_in_use(project, sae_hash)
    if found is None:
        raise BadInput(f"{project.name} has no families yet. Run “saedesk families” first.")
    if structured:
        return _rows(project, found, control), _KINDS
    return _flat_rows(project, found, control), _FLAT_KINDS


def _rows(project: Project, found: FamiliesOfSae, control: TaskControl) -> Iterator[Row]:
    labels = project.labels.current(found.sae.hash)
    for number, one in enumerate(found.families):
        control.checkpoint()
        control.report(Progress(number, len(found.families), "families"))
        above = {edge.child: edge for edge in one.edges}
        yield {
            "family": number,
            "name": family_name(one, labels),
            "root": one.root,
            "features": len(one.members),
            "strength": one.strength,
            "found_in_pass": one.found_in_pass,
            "members": [
                {
                    "feature": latent,
                    "label": shown_label(labels.get(latent), latent),
                    "parent": above[latent].parent if latent in above else None,
                    "weight": above[latent].weight if latent in above else None,
                }
                for latent in one.members
            ],
        }


def _flat_rows(project: Project, found: FamiliesOfSae, control: TaskControl) -> Iterator[Row]:
    for family in _rows(project, found, control):
        for member in family["members"]:
            shared = {name: family[name] for name in ("family", "name")}
            yield {**shared, **member, "found_in_pass": family["found_in_pass"]}
