"""Families as rows: one for each family, or one for each feature of a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.jobs.analyse_features import sae_to_use
from saedesk.jobs.find_families import families_or_found, family_name
from saedesk.jobs.loaded_sae import shown_label
from saedesk.jobs.table_writers import Kind, Row
from saedesk.project.label_store import FeatureLabel
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
    """The families found last, or those the defaults give, largest first; and the columns' types.

    Where `structured`, a row for each family with its members, the root first; else a row for
    each feature of each family, so that a table has plain cells. `parent` and `weight` (the share
    of documents of the rarer feature that has both) are None for the root. Raises BadInput where
    the SAE is not analysed.
    """
    _, families = families_or_found(project, sae_hash, control)
    labels = project.labels.current(sae_to_use(project, sae_hash).hash)
    rows = _rows(families, labels, control)
    return (rows, _KINDS) if structured else (_flat(rows), _FLAT_KINDS)


def _rows(
    families: tuple[FeatureFamily, ...], labels: Mapping[int, FeatureLabel], control: TaskControl
) -> Iterator[Row]:
    for number, one in enumerate(families):
        control.checkpoint()
        control.report(Progress(number, len(families), "families"))
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


def _flat(rows: Iterator[Row]) -> Iterator[Row]:
    for family in rows:
        for member in family["members"]:
            shared = {name: family[name] for name in ("family", "name")}
            yield {**shared, **member, "found_in_pass": family["found_in_pass"]}
