"""Encode the whole corpus with an SAE, and count what each latent does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.latent_statistics import latent_statistics
from saedesk.features.sparse_activations import ActivationWriter
from saedesk.project.artifact_readers import open_activations, open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.sae.sparse_autoencoder import CodeChunk

ALGORITHM_VERSION = 1
_BYTES_PER_ACTIVE = 16


@dataclass(frozen=True)
class AnalyseRequest:
    """Which SAE to analyse."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    device: str = "auto"


def run(project: Project, request: AnalyseRequest, control: TaskControl) -> ArtifactRecord:
    """Make the activations and statistics of an SAE; returns the statistics' record."""
    project.check_writable()
    sae_record = sae_to_use(project, request.sae)
    vectors_record = vectors_for(project, sae_record)
    inputs = activation_inputs(sae_record, vectors_record)
    activations = project.find_intact("activations", inputs)
    if activations is None:
        _encode(project, sae_record, vectors_record, request, control)
        activations = project.find("activations", inputs)
    assert activations is not None
    statistics_inputs = statistics_inputs_of(activations)
    statistics = project.find_intact("statistics", statistics_inputs)
    if statistics is None:
        control.report(Progress(0, None, "features", "Counting activations"))
        with project.new_artifact("statistics", statistics_inputs) as draft:
            found = latent_statistics(open_activations(project, activations), control)
            found.save(draft.folder)
            draft.summary |= {
                "n_latents": len(found.count),
                "never_active": int(found.never_active.sum()),
            }
        statistics = project.find("statistics", statistics_inputs)
    assert statistics is not None
    return statistics


def remove_older_analyses(project: Project, kept: ArtifactRecord) -> None:
    """Take away analyses of the same SAE on vectors that are no longer in use.

    Done once the newer one is labelled, so that a cancel in between loses nothing.
    """
    for activations in project.artifacts("activations"):
        if activations.inputs["sae"] == kept.inputs["sae"] and activations.hash != kept.hash:
            remove_analysis(project, activations)


def remove_analysis(project: Project, activations: ArtifactRecord) -> None:
    """Remove activations and the statistics made from them."""
    for statistics in project.artifacts("statistics"):
        if statistics.inputs["activations"] == activations.hash:
            project.remove(statistics)
    project.remove(activations)


def sae_to_use(project: Project, hash_: str = "") -> ArtifactRecord:
    """The SAE called `hash_` (or the start of its hash), or the one in use.

    Raises BadInput with a sentence when there is none.
    """
    if not hash_:
        record = project.current("saes")
        if record is None:
            raise BadInput(f"{project.name} has no SAE yet. Train one first.")
        return record
    found = [r for r in project.artifacts("saes") if r.hash.startswith(hash_)]
    if len(found) != 1:
        there = ", ".join(r.hash for r in project.artifacts("saes")) or "none"
        raise BadInput(
            f"There is no single SAE called “{hash_}” in this project. There are: {there}."
        )
    return found[0]


def vectors_for(project: Project, sae: ArtifactRecord) -> ArtifactRecord:
    """The vectors an SAE is read on: those in use, or those it was trained on.

    Documents that came after the training are analysed too, as long as the same model embeds
    them. Raises BadInput when there are neither.
    """
    trained_on = project.manifest.find("vectors", sae.inputs["vectors"])
    in_use = project.current("vectors")
    if in_use is not None and trained_on is not None:
        models = {r.inputs.get("model_fingerprint") for r in (in_use, trained_on)}
        if len(models) == 1:
            return in_use
    if trained_on is None:
        raise BadInput("The vectors that this SAE was trained on are no longer in the project.")
    return trained_on


def activation_inputs(sae: ArtifactRecord, vectors: ArtifactRecord) -> dict[str, Any]:
    """Everything that determines the activations of an SAE on some vectors."""
    return {"sae": sae.hash, "vectors": vectors.hash, "algorithm": ALGORITHM_VERSION}


def statistics_inputs_of(activations: ArtifactRecord) -> dict[str, Any]:
    """Everything that determines the statistics."""
    return {"activations": activations.hash, "algorithm": ALGORITHM_VERSION}


def _encode(
    project: Project,
    sae_record: ArtifactRecord,
    vectors_record: ArtifactRecord,
    request: AnalyseRequest,
    control: TaskControl,
) -> None:
    from saedesk.sae.formats.saedesk_format import load_sae

    vectors = open_vectors(project, vectors_record)
    control.report(Progress(0, len(vectors.values), "documents", "Loading the SAE"))
    sae = load_sae(project.path_of(sae_record))
    k = int(sae_record.summary.get("k") or 64)
    require_room(project.folder, len(vectors.values) * k * _BYTES_PER_ACTIVE)
    squared_error = 0.0
    inputs = activation_inputs(sae_record, vectors_record)
    with project.new_artifact("activations", inputs) as draft:
        writer = ActivationWriter(draft.folder, sae.n_latents)
        is_bad = np.zeros(len(vectors.values), bool)
        is_bad[vectors.bad_rows] = True
        start = 0
        for chunk in sae.encode_chunks(
            vectors.values, device=request.device, control=control, with_error=True
        ):
            end = start + len(chunk.counts)
            codes = _without_bad_rows(chunk, is_bad[start:end])
            writer.append(codes.counts, codes.latents, codes.values)
            start = end
            squared_error += chunk.squared_error or 0.0
        done = writer.finish(control)
        draft.summary |= {
            "documents": done.n_documents,
            "active": done.n_active,
            "l0": done.n_active / max(1, done.n_documents),
            "mean_squared_error": squared_error / max(1, done.n_documents),
        }


def _without_bad_rows(chunk: CodeChunk, is_bad: np.ndarray) -> CodeChunk:
    """The codes with none for documents whose vector is zero or not finite."""
    if not is_bad.any():
        return chunk
    kept = np.repeat(~is_bad, chunk.counts)
    counts = np.where(is_bad, 0, chunk.counts)
    return replace(chunk, counts=counts, latents=chunk.latents[kept], values=chunk.values[kept])
