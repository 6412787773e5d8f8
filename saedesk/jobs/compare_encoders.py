"""Measure every encoder on a trained SAE: how faithful, how sparse, how fast. Stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.analyse_features import sae_to_use, vectors_for
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.encoders import encoders
from saedesk.sae.encoders.encoder_fidelity import EncoderFidelity
from saedesk.task_control import Progress, TaskControl

MOST_ROWS = 2000
"""More documents would not make the numbers noticeably surer."""


@dataclass(frozen=True)
class CompareEncodersRequest:
    """Which SAE, which encoders, how many documents."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    encoders: tuple[str, ...] = ()
    """Names; () for all there are."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By encoder; what is not named has its default."""
    rows: int = MOST_ROWS
    """Documents to measure on, at most 2,000."""
    seed: int = 0
    """Of the choice of documents."""
    device: str = "auto"


def run(
    project: Project, request: CompareEncodersRequest, control: TaskControl
) -> tuple[EncoderFidelity, ...]:
    """Measure the encoders on documents the training held out, else on a sample of all.

    What an encoder leaves open is settled on a sample of all documents, as an analysis does.
    Each measured encoder is published as soon as it is there.
    """
    from saedesk.sae.encoders.encoder_fidelity import encoder_fidelity
    from saedesk.sae.formats.saedesk_format import load_sae

    if not 1 <= request.rows <= MOST_ROWS:
        raise BadSetting(f"The number of documents must lie between 1 and {MOST_ROWS:,}.")
    # The own encoder comes first: the others are held against it.
    names = request.encoders or ("own", *(name for name in encoders() if name != "own"))
    control.report(Progress(0, len(names), "encoders", "Loading the SAE"))
    sae_record = sae_to_use(project, request.sae)
    vectors = open_vectors(project, vectors_for(project, sae_record))
    sae = load_sae(project.path_of(sae_record))
    rows = rows_to_measure(sae_record, vectors, request.rows, request.seed)
    sample = np.asarray(vectors.values[rows])
    found = []
    for done, name in enumerate(names):
        control.checkpoint()
        title = encoders().get(name).title
        control.report(Progress(done, len(names), "encoders", title))
        settings = request.settings.get(name)
        encoder = sae.fit_encoder(vectors.values, name, settings, device=request.device)
        fidelity = encoder_fidelity(sae, encoder, sample, device=request.device, control=control)
        control.publish(fidelity)
        found.append(fidelity)
    return tuple(found)


def rows_to_measure(sae: ArtifactRecord, vectors: Vectors, count: int, seed: int) -> np.ndarray:
    """Rows of the vectors, ascending, int64: held out by the training where that is known.

    Without held-out documents, or on vectors other than the training's, it is a sample of all.
    Raises BadInput when no vector is usable.
    """
    usable = np.setdiff1d(np.arange(len(vectors.values)), vectors.not_trained_on)
    if not len(usable):
        raise BadInput(
            "No document has a usable vector, so there is nothing to measure on. Embed the "
            "documents again."
        )
    held_out = _held_out(sae, vectors, usable)
    chosen = usable if held_out is None or not len(held_out) else held_out
    count = min(count, len(chosen))
    return np.sort(np.random.default_rng(seed).choice(chosen, count, replace=False))


def _held_out(sae: ArtifactRecord, vectors: Vectors, usable: np.ndarray) -> np.ndarray | None:
    """The rows that the training of an SAE on these very vectors never saw; None if unknown."""
    from saedesk.sae.training_rows import split_rows

    config = sae.inputs.get("config", {})
    is_known = {"held_out_share", "seed"} <= config.keys()
    if not is_known or sae.inputs.get("vectors") != vectors.record.hash:
        return None
    return split_rows(usable, float(config["held_out_share"]), int(config["seed"]))[0]
