"""An analysed SAE as the window and the command line read it: everything mapped, no torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.latent_statistics import LatentStatistics
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.analyse_features import (
    EncoderInUse,
    analysis_in_use,
    encoder_in_use,
    sae_to_use,
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
from saedesk.sae.formats.saedesk_format import map_weights
from saedesk.sae.input_normalisation import SCALE, SHIFT
from saedesk.sae.query_codes import QueryCodes, open_query_codes
from saedesk.sae.sparse_autoencoder import folded


@dataclass(frozen=True)
class LoadedSae:
    """An SAE of a project with its analysis."""

    record: ArtifactRecord
    vectors: Vectors
    """The vectors it is read on, row by row the documents of its activations."""
    decoder: np.ndarray
    """(n_latents, d) float32, mapped: what one unit of a latent's activation adds to a vector.

    Rows have length 1, but for an SAE that sees dimensions scaled.
    """
    activations: SparseActivations
    statistics: LatentStatistics
    encoder: EncoderInUse = field(default_factory=EncoderInUse)
    """How the documents were encoded; queries are taken apart the same way."""
    folder: Path = Path()
    """Where its weights are."""

    @cached_property
    def directions(self) -> np.ndarray:
        """(n_latents, d) float32, read-only: the decoder's rows at length 1.

        Reads the whole decoder the first time.
        """
        # Five times as fast as numpy.linalg.norm, and without a copy of the decoder.
        lengths = np.sqrt(np.einsum("ij,ij->i", self.decoder, self.decoder))
        if np.allclose(lengths, 1.0, rtol=0, atol=1e-5):
            return self.decoder
        directions: np.ndarray = self.decoder / lengths[:, None]
        directions.flags.writeable = False
        return directions

    @cached_property
    def bias(self) -> np.ndarray:
        """(d,) float32: what decoding adds besides the features."""
        weights = map_weights(self.folder)
        found = folded(
            {name: weights[name] for name in {"pre_bias", SCALE, SHIFT} & weights.keys()}
        )
        return np.asarray(found.get("pre_bias", np.zeros(self.decoder.shape[1])), np.float32)

    @cached_property
    def codes(self) -> QueryCodes:
        """Takes single vectors apart as the documents were; one for all that read this SAE."""
        return open_query_codes(self.folder, self.encoder.name, self.encoder.settings)

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
        """“TopK · k 32 · 3,072 features”; L0 where there is no k; an encoder not the SAE's own."""
        k, l0 = self.record.summary.get("k"), self.record.summary.get("l0")
        parts = [architecture_title(self.record)]
        if k:
            parts.append(f"k {k}")
        elif l0:
            parts.append(f"L0 {float(l0):.0f}")
        if self.encoder.name != "own":
            parts.append(self.encoder.title.lower())
        return " · ".join([*parts, f"{self.n_latents:,} features"])


def architecture_title(record: ArtifactRecord) -> str:
    """The name of an SAE's architecture for a person."""
    from saedesk.sae.architectures import architectures

    return architectures().get(str(record.inputs["architecture"])).title


def open_sae(project: Project, record: ArtifactRecord) -> LoadedSae | None:
    """The SAE with its analysis, or None when it is not analysed yet.

    Raises DamagedArtifact when a file is missing or cut.
    """
    found = analysis_in_use(project, record)
    if found is None:
        return None
    vectors, activations, statistics = found
    project.path_of(record, "sae.safetensors")
    return LoadedSae(
        record,
        open_vectors(project, vectors),
        _decoder(project.path_of(record)),
        open_activations(project, activations),
        open_statistics(project, statistics),
        encoder_in_use(activations),
        project.path_of(record),
    )


def _decoder(folder: Path) -> np.ndarray:
    weights = map_weights(folder)
    found = folded({name: weights[name] for name in {"W_dec", SCALE} & weights.keys()})["W_dec"]
    decoder = np.asanyarray(found, np.float32)
    decoder.flags.writeable = False
    return decoder


def open_analysed_sae(project: Project, hash_: str = "") -> LoadedSae:
    """The SAE called `hash_`, or the one in use; raises BadInput when it is not analysed."""
    sae = open_sae(project, sae_to_use(project, hash_))
    if sae is None:
        raise BadInput(
            f"The features of this SAE of {project.name} are not analysed yet. "
            "Analyse the SAE first."
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


def shown_label(label: FeatureLabel | None, latent: int) -> str:
    """The text of a label, or “Feature 12” where there is none."""
    return label.text if label is not None and label.text else f"Feature {latent}"
