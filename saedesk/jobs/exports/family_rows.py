"""Families as rows: one for each family, or one for each feature of a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_metrics import FamilyMeasures
from saedesk.jobs.analyse_features import sae_to_use
from saedesk.jobs.loaded_sae import shown_label
from saedesk.jobs.shown_families import MeasuredFamily, measured_by_root, shown_families
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
    "pinned": bool,
    "hidden": bool,
    "edited": bool,
    "merged_from": [int],
    "label": str,
    "score": float,
    "score_low": float,
    "score_high": float,
    "documents": int,
    "inside": float,
    "outside": float,
    "denser": float,
    "r_cooc": float,
    "dimensions": float,
    "spectrum": [float],
    "stability": float,
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
    "pinned": bool,
    "hidden": bool,
    "edited": bool,
    "documents": int,
    "r_cooc": float,
    "dimensions": float,
    "stability": float,
}


_OF_FAMILY = tuple(_FLAT_KINDS)[6:]


def family_rows(
    project: Project, sae_hash: str, structured: bool, control: TaskControl
) -> tuple[Iterator[Row], dict[str, Kind]]:
    """The families found last, or those the defaults give, largest first; and the columns' types.

    Where `structured`, a row for each family with its members, the root first; else a row for
    each feature of each family, so that a table has plain cells. Families are as people edited
    them: those they hid are marked, not left out. `parent` and `weight` (the share
    of documents of the rarer feature that has both) are None for the root. What was measured of a
    family is None before, and where it has other members now. Raises BadInput where
    the SAE is not analysed.
    """
    stored, families, labels = shown_families(project, sae_hash, control)
    measured = measured_by_root(project, stored, families)
    of_features = project.labels.current(sae_to_use(project, sae_hash).hash)
    rows = _rows(families, labels, measured, of_features, control)
    return (rows, _KINDS) if structured else (_flat(rows), _FLAT_KINDS)


def _rows(
    families: tuple[ShownFamily, ...],
    labels: Mapping[int, FamilyLabel],
    measured: Mapping[int, MeasuredFamily],
    of_features: Mapping[int, FeatureLabel],
    control: TaskControl,
) -> Iterator[Row]:
    for number, one in enumerate(families):
        control.checkpoint()
        control.report(Progress(number, len(families), "families"))
        above = {edge.child: edge for edge in one.edges}
        label = labels.get(one.root)
        yield {
            "family": number,
            "name": one.name,
            "root": one.root,
            "features": len(one.members),
            "strength": one.strength,
            "found_in_pass": one.found_in_pass,
            "pinned": one.pinned,
            "hidden": one.hidden,
            "edited": one.edited,
            "merged_from": list(one.merged_from),
            "label": "" if label is None else label.text,
            "score": None if label is None else label.score,
            "score_low": None if label is None else label.low,
            "score_high": None if label is None else label.high,
            **measure_cells(measured.get(one.root)),
            "members": [
                {
                    "feature": latent,
                    "label": shown_label(of_features.get(latent), latent),
                    "parent": above[latent].parent if latent in above else None,
                    "weight": above[latent].weight if latent in above else None,
                }
                for latent in one.members
            ],
        }


def measure_cells(measured: MeasuredFamily | None) -> Row:
    """What was measured of a family, by column; None where it was not."""
    cells = dict.fromkeys(field.name for field in fields(FamilyMeasures))
    if measured is None:
        return {**cells, "stability": None}
    told = asdict(measured.measures)
    return {**told, "spectrum": list(told["spectrum"]), "stability": measured.stability}


def _flat(rows: Iterator[Row]) -> Iterator[Row]:
    for family in rows:
        for member in family["members"]:
            first = {name: family[name] for name in ("family", "name")}
            yield {**first, **member, **{name: family[name] for name in _OF_FAMILY}}
