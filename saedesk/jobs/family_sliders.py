"""Families of a project as sliders, by their roots."""

from __future__ import annotations

from collections.abc import Iterable

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.find_families import families_in_use
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.shown_families import named
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import (
    PARTS,
    WEIGHTINGS,
    FamilySlider,
    Part,
    Weighting,
    family_slider,
)
from saedesk.search.steering_plan import Target


def slider_of_family(
    project: Project,
    sae: LoadedSae | None,
    root: int,
    part: Part = "both",
    weighting: Weighting = "density",
) -> FamilySlider:
    """The slider, at rest, of the family with this root, as people merged and split it.

    Raises BadInput where there is no such family, BadSetting where there is nothing to turn.
    """
    if part not in PARTS or weighting not in WEIGHTINGS:
        raise BadSetting(
            f"A family has no “{part}” by “{weighting}”: say {_either(PARTS)}, then "
            f"{_either(WEIGHTINGS)}."
        )
    found = None if sae is None else families_in_use(project, sae.hash)
    if sae is None or found is None:
        raise BadInput(f"{project.name} has no families yet. Find the families first.")
    families, _ = named(project, sae.hash, found, found.families)
    family = next((one for one in families if one.root == root), None)
    if family is None:
        roots = ", ".join(str(one.root) for one in families[:10])
        raise BadInput(f"Feature {root} is not the root of a family. Such roots are: {roots}.")
    sizes = sae.statistics.density if weighting == "density" else sae.statistics.mean
    return family_slider(root, family.children, sae.decoder, sizes, part, weighting)


def names_of_families(project: Project, sae: str, targets: Iterable[Target]) -> dict[int, str]:
    """What people see the families among `targets` called, by root; `sae` is a hash.

    A family that is none any more has no name here.
    """
    roots = {one.root for one in targets if isinstance(one, FamilySlider)}
    found = families_in_use(project, sae) if roots and sae else None
    if found is None:
        return {}
    shown, _ = named(project, sae, found, found.families)
    return {one.root: one.name for one in shown if one.root in roots}


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
