"""A project for notebooks and scripts: the window's work in a few attributes, numpy in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, overload

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.exemplars import strongest_documents
from saedesk.features.families.edited_families import ShownFamily
from saedesk.jobs.analyse_features import sae_to_use
from saedesk.jobs.asked_in_python import (
    TEXT_OR_DOCUMENTS,
    AskedInPython,
    MoreOfSearch,
    check_like,
)
from saedesk.jobs.family_sliders import names_of_families, slider_of_family
from saedesk.jobs.find_families import families_in_use
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.notebook_tables import SHOWN_ROWS, ShownAsTable, TableParts
from saedesk.jobs.search_documents import RESULTS, SearchEngine, check_strengths
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_results import SearchResults as SearchResults
from saedesk.jobs.search_without_vectors import check_words, vectors_to_search
from saedesk.jobs.shown_families import named
from saedesk.jobs.turned_families import with_effects
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentRow, DocumentStore
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.search.family_steering import FamilySlider, Part, Weighting
from saedesk.search.query_features import QueryFeatures, steer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


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


class FeatureList(ShownAsTable, Sequence[Feature]):
    """All features, by number; a table of the densest in a notebook."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._features = tuple(features)

    @overload
    def __getitem__(self, index: int) -> Feature: ...
    @overload
    def __getitem__(self, index: slice) -> FeatureList: ...
    def __getitem__(self, index: int | slice) -> Feature | FeatureList:
        found = self._features[index]
        return FeatureList(found) if isinstance(found, tuple) else found

    def __len__(self) -> int:
        return len(self._features)

    def find(self, words: str) -> FeatureList:
        """Those whose label contains `words`, in any case."""
        return FeatureList([f for f in self._features if words.lower() in f.label.lower()])

    def _caption(self) -> str:
        rest = f"; the {SHOWN_ROWS} densest" if len(self) > SHOWN_ROWS else ""
        return f"{len(self):,} features{rest}"

    def _table(self) -> TableParts:
        rows = sorted(self._features, key=lambda f: (-f.density, f.id))[:SHOWN_ROWS]
        head = ("Feature", "Label", "Documents", "Density", "Strongest")
        shown = [
            (
                f.id,
                f.label,
                f"{f.documents:,}",
                f"{100 * f.density:.2f} %",
                "" if np.isnan(f.maximum) else f"{f.maximum:.3f}",
            )
            for f in rows
        ]
        return head, shown, (0, 2, 3, 4)


class OpenedProject:
    """A project opened for reading. Use it in a `with` block, or `close` it."""

    def __init__(self, project: Project, sae: str = "") -> None:
        """`sae` is the hash of the SAE to read with; "" for the one in use."""
        self._project = project
        self._sae_hash = sae
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

    @property
    def sae(self) -> SparseAutoencoder:
        """The SAE in use. Raises BadInput when there is none; torch is loaded here."""
        if not self._has_sae:
            raise BadInput(f"{self.name} has no SAE yet. Train one first.")
        return load_sae(self._project.path_of(sae_to_use(self._project, self._sae_hash)))

    @property
    def activations(self) -> csr_matrix:
        """Codes of all documents by the SAE in use: scipy CSR (n, n_latents), values > 0 only.

        Row by row the documents of `document_ids`. Raises BadInput when it is not analysed.
        """
        return self._analysed().activations.to_csr()

    def features(self) -> FeatureList:
        """All features of the SAE in use. Raises BadInput when it is not analysed."""
        sae = self._analysed()
        labels = self._project.labels.current(sae.hash)
        statistics = sae.statistics
        nan = float("nan")
        return FeatureList(
            [
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
        )

    def families(self) -> tuple[ShownFamily, ...]:
        """The families of features found last, largest first; raises BadInput before there are.

        With the names people see, and as they were merged, split, pinned and hidden.
        """
        found = families_in_use(self._project, self._sae_hash)
        if found is None:
            raise BadInput(f"{self.name} has no families yet. Find the families first.")
        return named(self._project, found.sae.hash, found, found.families)[0]

    def documents_of(self, feature: int, count: int = RESULTS) -> list[tuple[DocumentRow, float]]:
        """The documents in which a feature is strongest, with its activation, strongest first.

        Raises BadInput for a feature that is not there.
        """
        sae = self._analysed()
        check_strengths(((feature, 0.0),), sae.n_latents)
        rows, values = strongest_documents(sae.activations, feature, max(0, count))
        found = self.documents.rows(sae.vectors.document_ids[rows])
        return [(document, float(value)) for document, value in zip(found, values, strict=True)]

    def search(
        self,
        query: str = "",
        steer: Mapping[int, float] | None = None,
        count: int = RESULTS,
        wanted: DocumentFilter | None = None,
        like: Sequence[int] = (),
        **more: Unpack[MoreOfSearch],
    ) -> SearchResults:
        """Search, with features turned up or down by `steer` {feature: strength}.

        In place of a text, `like` are ids of documents: what is most like them is found, without
        an embedding model; or `feature` or `family` alone. `more` is all that the window can do
        besides, see `MoreOfSearch`. Raises NothingToSearch for an empty query, BadInput for a
        feature that is not there, BadSetting for what does not go together, ModelProblem where a
        text is asked for and the model is not here.
        """
        engine = self._search_engine()
        check_like(like, more.get("unlike", ()))
        ids = tuple(int(one) for one in like)
        asked = AskedInPython(query, steer or {}, count, wanted, ids, more)
        sae = "" if engine.sae is None else engine.sae.hash
        request, turned = asked.question(self._project, self._n_latents, sae)
        check_words(self._project, engine.vectors, request)
        labels = self._project.labels.current(sae) if sae else {}
        families = [*request.plan.targets, *turned.families]
        names = names_of_families(self._project, sae, families)
        answer = with_effects(engine.ask(request), turned)
        return SearchResults(answer, labels, asked.in_words(request), names)

    def family(
        self, root: int, part: Part = "both", weighting: Weighting = "density"
    ) -> FamilySlider:
        """The family with this root, to steer with or to search for.

        `part` is both, parent or children, `weighting` density or activation. Raises BadInput for
        a family that is not there.
        """
        return slider_of_family(self._project, self._search_engine().sae, root, part, weighting)

    def steer(
        self,
        query: str = "",
        steer_by: Mapping[int, float] | None = None,
        like: Sequence[int] = (),
    ) -> np.ndarray:
        """The vector (d,) float32 of length 1 that a steered query searches with.

        In place of a text, `like` are ids of documents. Raises as `search` does.
        """
        plan = check_strengths(tuple((steer_by or {}).items()), self._n_latents)
        apart = self.take_apart(query, like)
        sae = self._search_engine().sae
        # Without an SAE there is nothing to steer by, and `plan` is at rest.
        decoder = np.zeros((0, len(apart.vector)), np.float32) if sae is None else sae.decoder
        return steer(apart, plan, decoder).vector

    def take_apart(self, query: str = "", like: Sequence[int] = ()) -> QueryFeatures:
        """A query's vector, its features with their activations, and the rest.

        In place of a text, `like` are ids of documents. Raises as `search` does.
        """
        check_like(like)
        if query and len(like):
            raise BadInput(TEXT_OR_DOCUMENTS)
        engine = self._search_engine()
        check_words(self._project, engine.vectors, SearchRequest(query))
        if len(like):
            return engine.documents_query([int(one) for one in like])
        return engine.take_apart(query)

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

    @property
    def _has_sae(self) -> bool:
        return bool(self._sae_hash) or self._project.current("saes") is not None

    @property
    def _n_latents(self) -> int:
        sae = self._search_engine().sae
        return 0 if sae is None else sae.n_latents

    def _search_engine(self) -> SearchEngine:
        if self._engine is None:
            has_vectors = self._project.current("vectors") is not None
            sae = self._analysed() if self._has_sae and (has_vectors or self._sae_hash) else None
            vectors = vectors_to_search(self._project) if sae is None else sae.vectors
            self._engine = SearchEngine(self._project, vectors, sae)
        return self._engine

    def _open_vectors(self) -> Vectors:
        record = self._project.current("vectors")
        if record is None:
            raise BadInput(f"{self.name} has no vectors yet. Run “saedesk embed” first.")
        return open_vectors(self._project, record)

    def _analysed(self) -> LoadedSae:
        if self._sae is None:
            self._sae = open_analysed_sae(self._project, self._sae_hash)
        return self._sae


def open_project(path: Path | str, sae: str = "") -> OpenedProject:
    """Open a project for reading; raises ProjectProblem with a sentence when that fails.

    `sae` is the hash of the SAE to read with; "" for the one in use.
    """
    return OpenedProject(Project.open(Path(path), read_only=True), sae)
