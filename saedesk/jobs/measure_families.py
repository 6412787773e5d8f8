"""Measure how well the families of an SAE hold together, and how stable they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from saedesk.errors import BadInput, BadSetting, DamagedArtifact
from saedesk.features.families.edited_families import with_edits
from saedesk.features.families.family_metrics import (
    FamilyMeasures,
    GroupingMeasures,
    measure_families,
)
from saedesk.features.families.family_stability import FamilyStability, bootstrap_families
from saedesk.features.families.family_tree import FeatureFamily, family_of_json
from saedesk.jobs.find_families import (
    FamiliesOfSae,
    allowed_features,
    counted_co_occurrence,
    settings_of,
    stored_families,
)
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.project.atomic_files import short_hash
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 2
MEASURES_NAME = "measures.json"
MOST_REPLICATES = 1000
"""More draws tell nothing more: a share of 1,000 is known within .03."""


@dataclass(frozen=True)
class MeasureRequest:
    """Which SAE's families, and how often the documents are drawn again."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    replicates: int = 20
    """Draws of the documents. A share of 20 draws is known within a fifth; each takes about as
    long as finding the families."""
    seed: int = 0

    def check(self) -> None:
        """Raise BadSetting where the number of draws is out of range."""
        if not 1 <= self.replicates <= MOST_REPLICATES:
            raise BadSetting(
                f"The documents can be drawn 1 to {MOST_REPLICATES:,} times; "
                f"{self.replicates:,} were asked for."
            )


@dataclass(frozen=True)
class MeasuredFamilies:
    """Measures and stability, in the order of the families."""

    families: tuple[FeatureFamily, ...]
    """As they were measured, with the merges, splits and pins of people; hidden ones too."""
    measures: tuple[FamilyMeasures, ...]
    grouping: GroupingMeasures
    stability: FamilyStability


def run(project: Project, request: MeasureRequest, control: TaskControl) -> MeasuredFamilies:
    """Measure the families found last for an SAE, as people edited them, and store the result.

    What was measured of the same families before they were edited is removed. Raises BadInput
    where no families are found yet, BadSetting for a number of draws out of range.
    """
    project.check_writable()
    request.check()
    found = stored_families(project, request.sae)
    edited = with_edits(found.families, project.family_edits.edits(found.sae.hash))
    families = tuple(one.family for one in edited)
    inputs = {
        "families": found.record.hash,
        "activations": found.record.inputs["activations"],
        "edited": short_hash([asdict(one) for one in families]),
        "replicates": request.replicates,
        "seed": request.seed,
        "algorithm": ALGORITHM_VERSION,
    }
    stored = project.find_intact("family_measures", inputs)
    if stored is not None:
        return read_measures(project, stored)
    measured = _measured(project, found, families, request, control)
    control.checkpoint()
    with project.new_artifact("family_measures", inputs) as draft:
        text = json.dumps(asdict(measured), indent=0)
        (draft.folder / MEASURES_NAME).write_text(text + "\n", "utf-8")
        draft.summary |= asdict(measured.grouping)
    record = project.find("family_measures", inputs)
    assert record is not None
    remove_others_of(project, record)
    return measured


def remove_others_of(project: Project, kept: ArtifactRecord) -> None:
    """Remove what was made of the same families before they were edited, or asked, otherwise."""
    for record in project.artifacts(kept.kind):
        of_these = record.inputs["families"] == kept.inputs["families"]
        if of_these and record.hash != kept.hash:
            project.remove(record)


def measured_families(project: Project, families: ArtifactRecord) -> MeasuredFamilies | None:
    """What was measured last of the stored families `families`, or None; raises DamagedArtifact."""
    for record in reversed(project.artifacts("family_measures")):
        of_these = record.inputs["families"] == families.hash
        if of_these and record.inputs["algorithm"] == ALGORITHM_VERSION:
            return read_measures(project, record)
    return None


def grouping_row(measured: MeasuredFamilies) -> dict[str, Any]:
    """The measures of all families in plain values, as commands show them."""
    return {"grouping": asdict(measured.grouping), "draws": measured.stability.replicates}


def add_measures(rows: Sequence[dict[str, Any]], measured: MeasuredFamilies) -> None:
    """Put measures and stability into rows of `find_families.family_rows`.

    Families that have other members now than were measured are left as they are.
    """
    stability = measured.stability
    place = {frozenset(one.members): number for number, one in enumerate(measured.families)}
    for row in rows:
        number = place.get(frozenset((row["root"], *(edge["child"] for edge in row["edges"]))))
        if number is None:
            continue
        row["measures"] = asdict(measured.measures[number])
        row["stability"] = stability.families[number]
        row["overlap"] = stability.overlaps[number]
        edges = ((edge.parent, edge.child) for edge in measured.families[number].edges)
        shares = dict(zip(edges, stability.edges[number], strict=True))
        for edge in row["edges"]:
            edge["stability"] = shares.get((edge["parent"], edge["child"]))


def read_measures(project: Project, record: ArtifactRecord) -> MeasuredFamilies:
    """The measures of an artifact; raises DamagedArtifact."""
    path = project.path_of(record, MEASURES_NAME)
    try:
        return _from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
        raise DamagedArtifact(f"{path} cannot be read. Measure the families again.") from error


def _measured(
    project: Project,
    found: FamiliesOfSae,
    families: tuple[FeatureFamily, ...],
    request: MeasureRequest,
    control: TaskControl,
) -> MeasuredFamilies:
    sae = open_analysed_sae(project, found.sae.hash)
    counted = counted_co_occurrence(project, found.sae.hash)
    if counted is None:
        raise BadInput(
            f"What fires together is not counted in {project.name}. Find the families again."
        )
    settings, allowed = settings_of(found.record), allowed_features(project, found.record)
    measures, grouping = measure_families(
        sae.activations, counted, families, settings, sae.directions, control, allowed=allowed
    )
    stability = bootstrap_families(
        sae.activations,
        counted,
        families,
        settings,
        control,
        replicates=request.replicates,
        seed=request.seed,
        allowed=allowed,
    )
    return MeasuredFamilies(families, measures, grouping, stability)


def _from_json(content: dict[str, Any]) -> MeasuredFamilies:
    measures = tuple(
        FamilyMeasures(**{**one, "spectrum": tuple(one["spectrum"])}) for one in content["measures"]
    )
    told = content["stability"]
    stability = FamilyStability(
        int(told["replicates"]),
        tuple(tuple(edges) for edges in told["edges"]),
        tuple(told["families"]),
        tuple(told["overlaps"]),
    )
    families = tuple(family_of_json(one) for one in content["families"])
    grouping = GroupingMeasures(**content["grouping"])
    return MeasuredFamilies(families, measures, grouping, stability)
