"""What a report says about the families of features."""

from __future__ import annotations

from collections.abc import Mapping

from saedesk.features.families.edited_families import ShownFamily
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.report.report_content import FamiliesPart, FamilyCard, FamilyMember

MOST_FAMILIES = 20
"""Shown as trees, the largest; of the others the number is told."""


def families_part(
    project: Project, sae: LoadedSae, every: tuple[ShownFamily, ...]
) -> FamiliesPart | None:
    """The largest families as trees, but for hidden ones; None where there is none."""
    if not every:
        return None
    families = [one for one in every if not one.hidden]
    labels = project.labels.current(sae.hash)
    return FamiliesPart(
        families=len(families),
        features=len({latent for one in families for latent in one.members}),
        cards=[
            FamilyCard(_members(one, sae, labels), one.strength, one.name, _remark(one))
            for one in families[:MOST_FAMILIES]
        ],
        hidden=len(every) - len(families),
    )


def _remark(family: ShownFamily) -> str:
    """What a person did to it, but for its name."""
    said = []
    if family.merged_from:
        said.append(f"merged from {len(family.merged_from) + 1} families")
    elif family.edited:
        said.append("split by a person")
    if family.pinned:
        said.append("pinned")
    return ", ".join(said)


def _members(
    family: ShownFamily, sae: LoadedSae, labels: Mapping[int, FeatureLabel]
) -> list[FamilyMember]:
    """Each feature right after its parent and what came before it there."""
    below: dict[int, list[tuple[int, float]]] = {}
    for edge in family.edges:
        below.setdefault(edge.parent, []).append((edge.child, edge.weight))
    found: list[FamilyMember] = []
    waiting: list[tuple[int, int, float | None]] = [(family.root, 0, None)]
    while waiting:
        latent, depth, weight = waiting.pop()
        label = labels[latent].text if latent in labels else ""
        count = int(sae.statistics.count[latent])
        found.append(FamilyMember(latent, label, depth, count, weight))
        children = reversed(below.get(latent, []))
        waiting += [(child, depth + 1, share) for child, share in children]
    return found
