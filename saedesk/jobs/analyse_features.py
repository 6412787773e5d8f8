"""Encode the whole corpus with an SAE, and count what each latent does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.features.latent_statistics import latent_statistics
from saedesk.features.sparse_activations import ActivationWriter
from saedesk.jobs.corpus_fit import CorpusFit
from saedesk.project.artifact_readers import open_activations, open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.sae.code_chunks import CodeChunk

ALGORITHM_VERSION = 1
_BYTES_PER_ACTIVE = 16
_USUAL_L0 = 64
"""Where the SAE does not say its own."""


@dataclass(frozen=True)
class AnalyseRequest:
    """Which SAE to analyse, and with which encoder."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    device: str = "auto"
    encoder: str = ""
    """Name of the encoder; "" for the one of the analysis in use, at first the SAE's own."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the encoder named; what is not given has its default."""


@dataclass(frozen=True)
class EncoderInUse:
    """How the documents of an analysis were encoded, and how its queries have to be."""

    name: str = "own"
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Complete, with what was settled on the corpus."""

    @property
    def title(self) -> str:
        """Its name for a person."""
        from saedesk.sae.encoders import encoders

        return encoders().get(self.name).title


def run(project: Project, request: AnalyseRequest, control: TaskControl) -> ArtifactRecord:
    """Make the activations and statistics of an SAE; returns the statistics' record.

    The analysis is then the one in use for this SAE: its features are those that are shown, and
    queries are taken apart with its encoder.
    """
    project.check_writable()
    sae_record = sae_to_use(project, request.sae)
    vectors_record = vectors_for(project, sae_record)
    encoder = _encoder_of(project, sae_record, request)
    inputs = activation_inputs(sae_record, vectors_record, encoder)
    activations = project.find_intact("activations", inputs)
    if activations is None:
        _encode(project, sae_record, vectors_record, encoder, request.device, control)
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
    chosen = project.current("activations", of=sae_record.hash)
    # As long as there is only the own encoder, nothing has to be chosen.
    if chosen != activations and (chosen is not None or encoder.name != "own"):
        project.use(activations, of=sae_record.hash)
    return statistics


def analysis_in_use(
    project: Project, sae: ArtifactRecord
) -> tuple[ArtifactRecord, ArtifactRecord, ArtifactRecord] | None:
    """Vectors, activations and statistics that are read for an SAE; None when not analysed.

    On the vectors in use, else on those of the training; the analysis made or asked for last,
    else one with the same encoder, with the SAE's own, or any.
    """
    chosen = project.current("activations", of=sae.hash)
    for vectors in _readable_vectors(project, sae):
        own = activation_inputs(sae, vectors)
        made = [a for a in project.artifacts("activations") if own.items() <= a.inputs.items()]
        made.sort(key=lambda a: (a == chosen, _same_encoder(a, chosen), a.inputs == own))
        for activations in reversed(made):
            statistics = project.find("statistics", statistics_inputs_of(activations))
            if statistics is not None:
                return vectors, activations, statistics
    return None


def encoder_in_use(activations: ArtifactRecord) -> EncoderInUse:
    """The encoder of an analysis, settled; analyses that name none have the SAE's own."""
    told = activations.summary.get("encoder") or activations.inputs.get("encoder")
    return EncoderInUse(told["name"], dict(told["settings"])) if told else EncoderInUse()


def _same_encoder(activations: ArtifactRecord, chosen: ArtifactRecord | None) -> bool:
    return chosen is not None and activations.inputs.get("encoder") == chosen.inputs.get("encoder")


def _encoder_of(project: Project, sae: ArtifactRecord, request: AnalyseRequest) -> EncoderInUse:
    """The encoder asked for, its settings complete but not settled on the corpus."""
    from saedesk.sae.encoders import OWN, make_encoder

    if request.encoder:
        made = make_encoder(request.encoder, request.settings)
        return EncoderInUse(made.name, made.settings.as_json())
    if request.settings:
        raise BadSetting("Name the encoder that these settings are for.")
    chosen = project.current("activations", of=sae.hash)
    told = None if chosen is None else chosen.inputs.get("encoder")
    return EncoderInUse(told["name"], told["settings"]) if told else EncoderInUse(OWN)


def remove_older_analyses(project: Project, kept: ArtifactRecord) -> None:
    """Take away analyses of the same SAE on vectors that are no longer in use.

    Done once the newer one is labelled, so that a cancel in between loses nothing.
    """
    for activations in project.artifacts("activations"):
        of_same_sae = activations.inputs["sae"] == kept.inputs["sae"]
        if of_same_sae and not _as_recent(activations, kept):
            remove_analysis(project, activations)


def _as_recent(activations: ArtifactRecord, kept: ArtifactRecord) -> bool:
    """Whether an analysis differs in the encoder at most, so that one may go back to it."""
    return all(activations.inputs[name] == kept.inputs[name] for name in ("vectors", "algorithm"))


def remove_analysis(project: Project, activations: ArtifactRecord) -> None:
    """Remove activations and what was made from them."""
    for kind in ("statistics", "family_measures", "family_labels", "families", "co_occurrence"):
        for made in project.artifacts(kind):
            if made.inputs["activations"] == activations.hash:
                project.remove(made)
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
    them; an SAE from a file is read on any vectors of its width. Raises BadInput when there are
    none.
    """
    found = _readable_vectors(project, sae)
    if not found:
        raise BadInput(_no_vectors(sae))
    return found[0]


def _readable_vectors(project: Project, sae: ArtifactRecord) -> list[ArtifactRecord]:
    """All vectors that may be taken, the best first."""
    in_use = project.current("vectors")
    if "vectors" not in sae.inputs:
        others = [record for record in reversed(project.artifacts("vectors")) if record != in_use]
        candidates = others if in_use is None else [in_use, *others]
        return [record for record in candidates if _width(project, record) == sae.summary["d_in"]]
    trained_on = project.manifest.find("vectors", sae.inputs["vectors"])
    if trained_on is None:
        return []
    if in_use is None or not _from_same_model(in_use, trained_on):
        return [trained_on]
    return [in_use, trained_on]


def _from_same_model(first: ArtifactRecord, second: ArtifactRecord) -> bool:
    """Vectors of the same file are, whether or not somebody has named the model meanwhile."""
    files = {record.inputs.get("imported") for record in (first, second)}
    if len(files) == 1 and files != {None}:
        return True
    models = {record.inputs.get("model_fingerprint") for record in (first, second)}
    return len(models) == 1 and models != {""}


def _width(project: Project, vectors: ArtifactRecord) -> int:
    return int(open_vectors(project, vectors).values.shape[1])


def _no_vectors(sae: ArtifactRecord) -> str:
    if "vectors" in sae.inputs:
        return "The vectors that this SAE was trained on are no longer in the project."
    return (
        f"There are no vectors of {sae.summary['d_in']:,} numbers, which this SAE takes apart. "
        "Make them with the model it was trained on, or import them."
    )


def activation_inputs(
    sae: ArtifactRecord, vectors: ArtifactRecord, encoder: EncoderInUse | None = None
) -> dict[str, Any]:
    """Everything that determines the activations of an SAE on some vectors.

    The SAE's own encoder is not named, so that analyses from before there were others stand.
    """
    inputs = {"sae": sae.hash, "vectors": vectors.hash, "algorithm": ALGORITHM_VERSION}
    if encoder is None or encoder.name == "own":
        return inputs
    return {**inputs, "encoder": {"name": encoder.name, "settings": dict(encoder.settings)}}


def statistics_inputs_of(activations: ArtifactRecord) -> dict[str, Any]:
    """Everything that determines the statistics."""
    return {"activations": activations.hash, "algorithm": ALGORITHM_VERSION}


def _encode(
    project: Project,
    sae_record: ArtifactRecord,
    vectors_record: ArtifactRecord,
    encoder: EncoderInUse,
    device: str,
    control: TaskControl,
) -> None:
    from saedesk.sae.formats.saedesk_format import load_sae

    vectors = open_vectors(project, vectors_record)
    control.report(Progress(0, len(vectors.values), "documents", "Loading the SAE"))
    sae = load_sae(project.path_of(sae_record))
    settled = sae.fit_encoder(vectors.values, encoder.name, encoder.settings, device=device)
    told = sae_record.summary
    l0 = max(float(told.get(name) or 0) for name in ("k", "l0")) or _USUAL_L0
    require_room(project.folder, int(len(vectors.values) * l0 * _BYTES_PER_ACTIVE))
    fit = CorpusFit(of_directions=sae.normalisation.kind == "unit")
    inputs = activation_inputs(sae_record, vectors_record, encoder)
    with project.new_artifact("activations", inputs) as draft:
        writer = ActivationWriter(draft.folder, sae.n_latents)
        is_bad = np.zeros(len(vectors.values), bool)
        is_bad[vectors.bad_rows] = True
        start = 0
        for chunk in sae.encode_chunks(
            vectors.values, device=device, control=control, encoder=settled, with_error=True
        ):
            end = start + len(chunk.counts)
            codes = _without_bad_rows(chunk, is_bad[start:end])
            writer.append(codes.counts, codes.latents, codes.values)
            fit.add(vectors.values[start:end], chunk.squared_error or 0.0)
            start = end
        done = writer.finish(control)
        draft.summary |= {
            "documents": done.n_documents,
            "active": done.n_active,
            "l0": done.n_active / max(1, done.n_documents),
            "mean_squared_error": fit.squared_error / max(1, done.n_documents),
            "fvu": fit.fvu,
        }
        if encoder.name != "own":
            draft.summary["encoder"] = {
                "name": settled.name,
                "settings": settled.settings.as_json(),
            }


def _without_bad_rows(chunk: CodeChunk, is_bad: np.ndarray) -> CodeChunk:
    """The codes with none for documents whose vector is zero or not finite."""
    if not is_bad.any():
        return chunk
    kept = np.repeat(~is_bad, chunk.counts)
    counts = np.where(is_bad, 0, chunk.counts)
    return replace(chunk, counts=counts, latents=chunk.latents[kept], values=chunk.values[kept])
