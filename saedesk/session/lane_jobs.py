"""Jobs bound to a project and a request, as the compute lane runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from saedesk.jobs import (
    analyse_features,
    build_index,
    embed_documents,
    find_families,
    label_families,
    label_features,
    measure_families,
)
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.shown_families import FamilyReading, read_all
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl


class LaneJob:
    """A job with its project and request, to be called with the control in the lane."""

    def __init__(
        self, job: Callable[[Project, Any, TaskControl], Any], project: Project, request: Any
    ) -> None:
        self._job, self._project, self._request = job, project, request

    def __call__(self, control: TaskControl) -> Any:
        limit_torch_threads()
        return self._job(self._project, self._request, control)


def embed_and_index(
    project: Project, request: embed_documents.EmbedRequest, control: TaskControl
) -> embed_documents.EmbedResult:
    """Embed, then build the index of a corpus that is large enough to need one."""
    result = embed_documents.run(project, request, control)
    build_index.run(project, build_index.IndexRequest(), control)
    return result


def analyse_and_label(
    project: Project, request: analyse_features.AnalyseRequest, control: TaskControl
) -> ArtifactRecord:
    """Find what the features do, then give them labels; returns the SAE's record."""
    analyse_features.run(project, request, control)
    label_features.run(project, label_features.LabelRequest(request.sae), control)
    return analyse_features.sae_to_use(project, request.sae)


def find_label_and_measure(
    project: Project, request: FamiliesRequest, control: TaskControl
) -> FamilyReading:
    """Find the families and hand them out, then label and measure them."""
    control.publish(find_to_keep(project, request, control))
    return label_and_measure(project, request, control)


def find_to_keep(project: Project, request: FamiliesRequest, control: TaskControl) -> FamilyReading:
    """Find the families and read all that is known of them."""
    found = find_families.run(project, request, control)
    return _read(project, found.sae.hash)


def label_and_measure(
    project: Project, request: FamiliesRequest, control: TaskControl
) -> FamilyReading:
    """Label and measure the families in use; the settings asked for no longer matter."""
    label_families.run(project, label_families.LabelFamiliesRequest(request.sae), control)
    measure_families.run(project, measure_families.MeasureRequest(request.sae), control)
    return _read(project, request.sae)


def _read(project: Project, sae: str) -> FamilyReading:
    # Here and not in the window, where reading those of a large SAE would be felt.
    return read_all(project, sae, open_analysed_sae(project, sae).n_latents)
