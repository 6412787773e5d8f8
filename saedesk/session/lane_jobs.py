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
from saedesk.jobs.job_phases import Phase, PhasesControl, WithoutShare
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.shown_families import FamilyReading, read_all
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl


def _labelling(*weights: float) -> tuple[Phase, ...]:
    return tuple(
        Phase(unit, note, title, weight)
        for (unit, note, title), weight in zip(
            (
                ("documents", "background", "Counting words"),
                ("features", "labels", "Choosing words"),
                ("labels", "Scoring the labels", "Scoring the labels"),
            ),
            weights,
            strict=True,
        )
    )


# Weights are shares of the time, as measured on 30,000 documents with 768 latents.
ANALYSIS_PHASES = (
    Phase("documents", "Loading the SAE", "Loading the SAE", 0.05),
    Phase("documents", "", "Encoding the documents", 0.03),
    Phase("documents", "ordering by feature", "Ordering by feature", 0.01),
    Phase("features", "statistics", "Counting activations", 0.01),
    *_labelling(0.43, 0.17, 0.3),
)
"""Of finding and labelling features."""
_MEASURING = (
    Phase("families", "Reading their documents", "Reading their documents", 0.04),
    *_labelling(0.7, 0.11, 0.1),
    Phase("draws", "Drawing the documents again", "Drawing the documents again", 0.03),
)
FAMILY_PHASES = (
    Phase("features", "Counting what fires together", "Counting what fires together", 0.02),
    *_MEASURING,
)
"""Of finding, labelling and measuring families."""


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
    build_index.run(project, build_index.IndexRequest(), WithoutShare(control))
    return result


def analyse_and_label(
    project: Project, request: analyse_features.AnalyseRequest, control: TaskControl
) -> ArtifactRecord:
    """Find what the features do, then give them labels; returns the SAE's record."""
    control = PhasesControl(control, ANALYSIS_PHASES)
    analyse_features.run(project, request, control)
    label_features.run(project, label_features.LabelRequest(request.sae), control)
    return analyse_features.sae_to_use(project, request.sae)


def find_label_and_measure(
    project: Project, request: FamiliesRequest, control: TaskControl
) -> FamilyReading:
    """Find the families and hand them out, then label and measure them."""
    control = PhasesControl(control, FAMILY_PHASES)
    control.publish(find_to_keep(project, request, control))
    return _label_and_measure(project, request, control)


def find_to_keep(project: Project, request: FamiliesRequest, control: TaskControl) -> FamilyReading:
    """Find the families and read all that is known of them."""
    found = find_families.run(project, request, control)
    return _read(project, found.sae.hash)


def label_and_measure(
    project: Project, request: FamiliesRequest, control: TaskControl
) -> FamilyReading:
    """Label and measure the families in use; the settings asked for no longer matter."""
    return _label_and_measure(project, request, PhasesControl(control, _MEASURING))


def _label_and_measure(
    project: Project, request: FamiliesRequest, control: TaskControl
) -> FamilyReading:
    label_families.run(project, label_families.LabelFamiliesRequest(request.sae), control)
    measure_families.run(project, measure_families.MeasureRequest(request.sae), control)
    return _read(project, request.sae)


def _read(project: Project, sae: str) -> FamilyReading:
    # Here and not in the window, where reading those of a large SAE would be felt.
    return read_all(project, sae, open_analysed_sae(project, sae).n_latents)
