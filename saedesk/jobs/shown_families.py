"""The families of an SAE as people see them: as found, with edits, labels and measures on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from saedesk.errors import DamagedArtifact
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily, with_edits
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_metrics import (
    FamilyMeasures,
    GroupingMeasures,
    with_label_scores,
)
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.jobs.analyse_features import sae_to_use
from saedesk.jobs.find_families import (
    FamiliesOfSae,
    families_in_use,
    families_or_found,
    settings_of,
)
from saedesk.jobs.label_families import (
    LabelledFamily,
    LookedAt,
    is_labelled,
    labels_for,
    looked_at,
    stored_labels,
)
from saedesk.jobs.loaded_sae import shown_label
from saedesk.jobs.measure_families import MeasuredFamilies, measured_families
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl


@dataclass(frozen=True)
class MeasuredFamily:
    """What was measured of one family, with these members."""

    members: frozenset[int]
    measures: FamilyMeasures
    stability: float
    """Share of replicates that have the family."""
    edges: Mapping[tuple[int, int], float]
    """Share of replicates that have each edge (parent, child)."""


@dataclass(frozen=True)
class FamilyReading:
    """All that is stored of the families of an SAE; empty before any were found."""

    stored: FamiliesOfSae | None = None
    edits: Mapping[int, FamilyEdit] = field(default_factory=dict)
    labelled: tuple[LabelledFamily, ...] = ()
    measured: Mapping[int, MeasuredFamily] = field(default_factory=dict)
    """By root."""
    grouping: GroupingMeasures | None = None

    @property
    def settings(self) -> FamilySettings:
        """What the families were found with; the defaults before."""
        return FamilySettings() if self.stored is None else settings_of(self.stored.record)

    @property
    def found(self) -> tuple[FeatureFamily, ...]:
        """As they were found."""
        return () if self.stored is None else self.stored.families

    def measures_of(self, family: ShownFamily) -> MeasuredFamily | None:
        """What was measured of a family; None where it has other members now."""
        known = self.measured.get(family.root)
        return known if known and known.members == frozenset(family.members) else None

    def is_complete(self, family: ShownFamily) -> bool:
        """Whether a family is measured, and labelled, with these members and this name."""
        return self.measures_of(family) is not None and is_labelled(family, self._looked_at)

    @cached_property
    def _looked_at(self) -> frozenset[LookedAt]:
        return looked_at(self.labelled)


def read_all(project: Project, sae: str, n_latents: int) -> FamilyReading:
    """What is stored for the SAE called `sae`.

    Raises BadInput where it is not analysed, DamagedArtifact where something cannot be read.
    """
    edits = project.family_edits.edits(sae)
    _check_range([edit.family for edit in edits.values() if edit.family is not None], n_latents)
    stored = families_in_use(project, sae)
    if stored is None:
        return FamilyReading(edits=edits)
    _check_range(stored.families, n_latents)
    measured = measured_families(project, stored.record)
    labelled = stored_labels(project, stored.record)
    if measured is None:
        return FamilyReading(stored, edits, labelled)
    grouping = measured.grouping
    if labelled:
        labels = labels_for(with_edits(stored.families, edits), labelled)
        scores = {root: one.score for root, one in labels.items() if one.score is not None}
        grouping = with_label_scores(grouping, measured.families, scores)
    by_root = _by_root(measured)
    return FamilyReading(stored, edits, labelled, by_root, grouping)


def shown_families(
    project: Project, sae: str, control: TaskControl
) -> tuple[FamiliesOfSae | None, tuple[ShownFamily, ...], Mapping[int, FamilyLabel]]:
    """The stored families, or those that the defaults give, with their edits, names and labels.

    Hidden ones are among them. Nothing is stored here, so that a project may be read-only. Raises
    BadInput where the SAE is not analysed.
    """
    stored, found = families_or_found(project, sae, control)
    return (stored, *named(project, sae_to_use(project, sae).hash, stored, found))


def measured_by_root(
    project: Project, stored: FamiliesOfSae | None, families: Sequence[ShownFamily]
) -> dict[int, MeasuredFamily]:
    """What was measured of families as they are now; those that have other members are left out.

    Raises DamagedArtifact.
    """
    measured = None if stored is None else measured_families(project, stored.record)
    if measured is None:
        return {}
    reading = FamilyReading(measured=_by_root(measured))
    known = {one.root: reading.measures_of(one) for one in families}
    return {root: one for root, one in known.items() if one is not None}


def named(
    project: Project, sae: str, stored: FamiliesOfSae | None, found: Sequence[FeatureFamily]
) -> tuple[tuple[ShownFamily, ...], Mapping[int, FamilyLabel]]:
    """Families of an SAE (by its whole hash) with edits and with the names people see; labels."""
    families = with_edits(found, project.family_edits.edits(sae))
    labelled = () if stored is None else stored_labels(project, stored.record)
    labels = labels_for(families, labelled)
    of_features = project.labels.current(sae)
    shown = [replace(one, name=shown_name(one, labels, of_features)) for one in families]
    return tuple(shown), labels


def shown_name(
    family: ShownFamily,
    labels: Mapping[int, FamilyLabel],
    of_features: Mapping[int, FeatureLabel],
) -> str:
    """A person's name, else the family's label, else the label of its root."""
    label = labels.get(family.root)
    of_family = "" if label is None else label.text
    return family.name or of_family or shown_label(of_features.get(family.root), family.root)


def _by_root(measured: MeasuredFamilies) -> dict[int, MeasuredFamily]:
    stability = measured.stability
    parts = (measured.families, measured.measures, stability.families, stability.edges)
    return {
        family.root: MeasuredFamily(
            frozenset(family.members),
            measures,
            share,
            {
                (edge.parent, edge.child): times
                for edge, times in zip(family.edges, edges, strict=False)
            },
        )
        for family, measures, share, edges in zip(*parts, strict=False)
    }


def _check_range(families: Sequence[FeatureFamily], n_latents: int) -> None:
    for family in families:
        if max(family.members) >= n_latents:
            raise DamagedArtifact(
                f"A family of this SAE names feature {max(family.members)}, which the SAE does not "
                "have. Restore the project from a backup."
            )
