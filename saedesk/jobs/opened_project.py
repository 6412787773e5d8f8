"""A project for notebooks and scripts: the window's work in a few attributes, numpy in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.exemplars import strongest_documents
from saedesk.features.families.edited_families import ShownFamily
from saedesk.jobs.find_families import families_in_use
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae, shown_label
from saedesk.jobs.notebook_tables import SHOWN_ROWS, ShownAsTable, TableParts
from saedesk.jobs.search_documents import (
    RESULTS,
    ResultRow,
    SearchAnswer,
    SearchEngine,
    check_strengths,
)
from saedesk.jobs.shown_families import named
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentRow, DocumentStore
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
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


class SearchResults(ShownAsTable):
    """What a search found: iterate it for the documents of the steered query, best first."""

    def __init__(self, answer: SearchAnswer, labels: Mapping[int, FeatureLabel]) -> None:
        self.answer = answer
        """Everything about the search."""
        self._labels = labels

    @property
    def plain(self) -> tuple[ResultRow, ...]:
        """The documents of the query as typed, best first."""
        return self.answer.plain

    @property
    def steered(self) -> tuple[ResultRow, ...]:
        """Those of the steered query; equal to `plain` where nothing is steered."""
        return self.answer.steered

    @property
    def cosine(self) -> float:
        """cos(q, q'): how much of the query as typed is left."""
        return self.answer.cosine

    @property
    def features(self) -> dict[int, float]:
        """The features of the query as typed, {feature: activation}, strongest first."""
        query = self.answer.query
        return {int(i): float(v) for i, v in zip(query.latents, query.values, strict=True)}

    def contributions(self, rank: int = 1) -> dict[str, float]:
        """What makes the score of the document at `rank`: {label: part}; the parts add up to it.

        What no feature explains is called “not explained by features”. Raises BadInput for a rank
        that is not there.
        """
        if not 1 <= rank <= len(self.steered):
            raise BadInput(f"There is no result {rank}; there are {len(self.steered)}.")
        found: dict[str, float] = {}
        for part in self.steered[rank - 1].contributions:
            name = "not explained by features"
            if part.latent is not None:
                name = shown_label(self._labels.get(part.latent), part.latent)
            found[name] = found.get(name, 0.0) + part.value
        return found

    def __iter__(self) -> Iterator[ResultRow]:
        return iter(self.steered)

    def __len__(self) -> int:
        return len(self.steered)

    def _caption(self) -> str:
        asked = f"“{self.answer.text}”" if self.answer.text else "documents like the given ones"
        if self.answer.plan.at_rest:
            return f"{len(self)} results for {asked}"
        return f"{len(self)} results for {asked}, steered; cosine to it {self.cosine:.3f}"

    def _table(self) -> TableParts:
        rows = [(r.rank, r.rank_before or "–", f"{r.score:.3f}", r.document.heading) for r in self]
        return ("Rank", "Before", "Score", "Document"), rows, (0, 1, 2)


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

    @property
    def sae(self) -> SparseAutoencoder:
        """The SAE in use. Raises BadInput when there is none; torch is loaded here."""
        record = self._project.current("saes")
        if record is None:
            raise BadInput(f"{self.name} has no SAE yet. Train one first.")
        return load_sae(self._project.path_of(record))

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
        found = families_in_use(self._project)
        if found is None:
            raise BadInput(f"{self.name} has no families yet. Run “saedesk families” first.")
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
    ) -> SearchResults:
        """Search, with features turned up or down by `steer` {feature: strength}.

        In place of a text, `like` are ids of documents: what is most like them is found, without
        an embedding model. Raises NothingToSearch for an empty query, BadInput for a feature that
        is not there, ModelProblem where a text is asked for and the model is not here.
        """
        engine = self._search_engine()
        plan = check_strengths(tuple((steer or {}).items()), self._n_latents)
        apart = self.take_apart(query, like)
        answer = engine.answer(query, apart, plan, count, wanted, _document_ids(like))
        labels = {} if engine.sae is None else self._project.labels.current(engine.sae.hash)
        return SearchResults(answer, labels)

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
        if query and len(like):
            raise BadInput("Search for a text or for documents like others, not for both at once.")
        if len(like):
            return self._search_engine().documents_query(_document_ids(like))
        return self._search_engine().take_apart(query)

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
    def _n_latents(self) -> int:
        sae = self._search_engine().sae
        return 0 if sae is None else sae.n_latents

    def _search_engine(self) -> SearchEngine:
        if self._engine is None:
            sae = self._analysed() if self._project.current("saes") is not None else None
            vectors = self._open_vectors() if sae is None else sae.vectors
            self._engine = SearchEngine(self._project, vectors, sae)
        return self._engine

    def _open_vectors(self) -> Vectors:
        record = self._project.current("vectors")
        if record is None:
            raise BadInput(f"{self.name} has no vectors yet. Run “saedesk embed” first.")
        return open_vectors(self._project, record)

    def _analysed(self) -> LoadedSae:
        if self._sae is None:
            self._sae = open_analysed_sae(self._project)
        return self._sae


def _document_ids(like: Sequence[int]) -> tuple[int, ...]:
    """Ids as plain integers; raises BadInput for what is no number of a document."""
    for one in [like] if isinstance(like, str) else like:
        if isinstance(one, bool) or not isinstance(one, int | np.integer):
            raise BadInput(
                f"{str(one)[:80]!r} in `like` is not the id of a document. Ids are whole numbers, "
                "such as those in `document_ids` or the `id` of a document; a key is not one."
            )
    return tuple(int(one) for one in like)


def open_project(path: Path | str) -> OpenedProject:
    """Open a project for reading; raises ProjectProblem with a sentence when that fails."""
    return OpenedProject(Project.open(Path(path), read_only=True))
