"""An analysed SAE as the window and the command line read it: everything mapped, no torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.latent_statistics import LatentStatistics
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.analyse_features import (
    activation_inputs,
    sae_to_use,
    statistics_inputs_of,
    vectors_for,
)
from saedesk.project.artifact_readers import (
    Vectors,
    open_activations,
    open_statistics,
    open_vectors,
)
from saedesk.project.label_store import FeatureLabel
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import read_weights


@dataclass(frozen=True)
class LoadedSae:
    """An SAE of a project with its analysis."""

    record: ArtifactRecord
    vectors: Vectors
    """The vectors it is read on, row by row the documents of its activations."""
    decoder: np.ndarray
    """(n_latents, d) float32, unit rows, read-only."""
    activations: SparseActivations
    statistics: LatentStatistics

    @property
    def hash(self) -> str:
        """The SAE's hash; labels and stars belong to it."""
        return self.record.hash

    @property
    def name(self) -> str:
        """What a person calls it, e.g. “Run 3”."""
        return str(self.record.summary.get("name", self.record.hash))

    @property
    def n_latents(self) -> int:
        """Size of the dictionary."""
        return int(self.decoder.shape[0])

    def describe(self) -> str:
        """“TopK · k 32 · 3,072 features”."""
        k = self.record.summary.get("k")
        parts = [architecture_title(self.record), *([f"k {k}"] if k else [])]
        return " · ".join([*parts, f"{self.n_latents:,} features"])


def architecture_title(record: ArtifactRecord) -> str:
    """The name of an SAE's architecture for a person."""
    from saedesk.sae.architectures import architectures

    return architectures().get(str(record.inputs["architecture"])).title


def open_sae(project: Project, record: ArtifactRecord) -> LoadedSae | None:
    """The SAE with its analysis, or None when it is not analysed yet.

    Raises DamagedArtifact when a file is missing or cut.
    """
    found = _analysis_of(project, record)
    if found is None:
        return None
    vectors, activations, statistics = found
    project.path_of(record, "sae.safetensors")
    decoder = read_weights(project.path_of(record))["W_dec"]
    decoder.flags.writeable = False
    return LoadedSae(
        record,
        open_vectors(project, vectors),
        decoder,
        open_activations(project, activations),
        open_statistics(project, statistics),
    )


def open_analysed_sae(project: Project, hash_: str = "") -> LoadedSae:
    """The SAE called `hash_`, or the one in use; raises BadInput when it is not analysed."""
    sae = open_sae(project, sae_to_use(project, hash_))
    if sae is None:
        raise BadInput(
            f"The features of this SAE of {project.name} are not analysed yet. "
            "Run “saedesk analyse” first."
        )
    return sae


def feature_row(
    sae: LoadedSae, latent: int, labels: Mapping[int, FeatureLabel], stars: Collection[int]
) -> dict[str, Any]:
    """A feature in plain values, as commands and tables show it; None where it never fires."""
    statistics = sae.statistics
    is_active = bool(statistics.count[latent])
    label = labels.get(latent)
    return {
        "feature": latent,
        "label": label.text if label else "",
        "label_source": label.source if label else "",
        "starred": latent in stars,
        "documents": int(statistics.count[latent]),
        "density": float(statistics.density[latent]),
        "mean": float(statistics.mean[latent]) if is_active else None,
        "maximum": float(statistics.maximum[latent]) if is_active else None,
    }


def _analysis_of(
    project: Project, sae: ArtifactRecord
) -> tuple[ArtifactRecord, ArtifactRecord, ArtifactRecord] | None:
    """Vectors, activations and statistics: on the vectors in use, else on those of the training."""
    candidates = [vectors_for(project, sae)]
    trained_on = project.manifest.find("vectors", sae.inputs["vectors"])
    if trained_on is not None:
        candidates.append(trained_on)
    for vectors in candidates:
        activations = project.find("activations", activation_inputs(sae, vectors))
        if activations is not None:
            statistics = project.find("statistics", statistics_inputs_of(activations))
            if statistics is not None:
                return vectors, activations, statistics
    return None


def shown_label(label: FeatureLabel | None, latent: int) -> str:
    """The text of a label, or “Feature 12” where there is none."""
    return label.text if label is not None and label.text else f"Feature {latent}"
