"""Take an SAE out of a project, with everything that was made from it."""

from __future__ import annotations

from saedesk.jobs.analyse_features import remove_analysis
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project


def remove_sae(project: Project, record: ArtifactRecord) -> None:
    """Its analyses with their families go too, and what people did to the families.

    Where it was in use, the newest of those that are left is in use then.
    Labels and marks stay in the database: they are work that a person may want again. Raises
    ProjectProblem where the project is open read-only.
    """
    project.check_writable()
    was_in_use = project.current("saes") == record
    for activations in project.artifacts("activations"):
        if activations.inputs["sae"] == record.hash:
            remove_analysis(project, activations)
    project.family_edits.forget(record.hash)
    project.remove(record)
    left = project.artifacts("saes")
    if was_in_use and left:
        project.use(left[-1])
