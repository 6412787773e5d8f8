"""A project for notebooks and scripts: the window's work in a few attributes, numpy in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.errors import BadInput
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.search_documents import (
    RESULTS,
    SearchAnswer,
    SearchEngine,
    check_strengths,
)
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentStore
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.sae.sparse_autoencoder import SparseAutoencoder


@dataclass(frozen=True)
class Feature:
    """One feature: a latent with its label and statistics."""

    id: int
    label: str
    """"" where it has none."""
    documents: int
    """Documents in which it is active."""
    density: float
    """Share of all documents."""
    mean: float
    """Mean of its active values; NaN when it is never active."""
    maximum: float
    """Largest of its active values; NaN when it is never active."""


class OpenedProject:
    """A project opened for reading. Use it in a `with` block, or `close` it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._engine: SearchEngine | None = None
        self._sae: LoadedSae | None = None

    @property
    def name(self) -> str:
        """What a person calls the project."""
        return self._project.name

    @property
    def documents(self) -> DocumentStore:
        """The documents: `count()`, `rows(ids)`, `find(filter)`, `iterate()`."""
        return self._project.documents

    @property
    def vectors(self) -> np.ndarray:
        """(n, d) float32, mapped: the vectors in use; raises BadInput when there are none."""
        return self._open_vectors().values

    @property
    def document_ids(self) -> np.ndarray:
        """(n,) int64: the document of each row of `vectors`."""
        return self._open_vectors().document_ids

    @property
    def saes(self) -> dict[str, SparseAutoencoder]:
        """The project's SAEs by name, e.g. "Run 1"; torch is loaded here."""
        return {
            str(record.summary.get("name", record.hash)): load_sae(self._project.path_of(record))
            for record in self._project.artifacts("saes")
        }

    def features(self) -> list[Feature]:
        """All features of the SAE in use. Raises BadInput when it is not analysed."""
        sae = self._analysed()
        labels = self._project.labels.current(sae.hash)
        statistics = sae.statistics
        nan = float("nan")
        return [
            Feature(
                latent,
                labels[latent].text if latent in labels else "",
                int(statistics.count[latent]),
                float(statistics.density[latent]),
                float(statistics.mean[latent]) if statistics.count[latent] else nan,
                float(statistics.maximum[latent]) if statistics.count[latent] else nan,
            )
            for latent in range(sae.n_latents)
        ]

    def search(
        self,
        query: str,
        steer: Mapping[int, float] | None = None,
        count: int = RESULTS,
        wanted: DocumentFilter | None = None,
    ) -> SearchAnswer:
        """Search, with features turned up or down by `steer` {feature: strength}.

        Raises NothingToSearch for an empty query, BadInput for a feature that is not there.
        """
        if self._engine is None:
            sae = self._analysed() if self._project.current("saes") is not None else None
            vectors = self._open_vectors() if sae is None else sae.vectors
            self._engine = SearchEngine(self._project, vectors, sae)
        engine = self._engine
        n_latents = 0 if engine.sae is None else engine.sae.n_latents
        plan = check_strengths(tuple((steer or {}).items()), n_latents)
        return engine.answer(query, engine.take_apart(query), plan, count, wanted)

    def close(self) -> None:
        """Let go of the project's files."""
        self._project.close()

    def __enter__(self) -> OpenedProject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        runs = len(self._project.artifacts("saes"))
        return f"<project {self.name}: {self.documents.count():,} documents, {runs} SAEs>"

    def _open_vectors(self) -> Vectors:
        record = self._project.current("vectors")
        if record is None:
            raise BadInput(f"{self.name} has no vectors yet. Run “saedesk embed” first.")
        return open_vectors(self._project, record)

    def _analysed(self) -> LoadedSae:
        if self._sae is None:
            self._sae = open_analysed_sae(self._project)
        return self._sae


def open_project(path: Path | str) -> OpenedProject:
    """Open a project for reading; raises ProjectProblem with a sentence when that fails."""
    return OpenedProject(Project.open(Path(path), read_only=True))
