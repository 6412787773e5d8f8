"""The search that an export asks for: the query or the documents, taken apart, and the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.exports.export_request import ExportRequest, sae_if_any
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_documents import SearchEngine, check_strengths
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_keys import documents_with_keys
from saedesk.project.project_folder import Project
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import SteeringPlan


@dataclass(frozen=True)
class VectorsAndPlan:
    """What can be steered, and how."""

    vectors: Vectors
    sae: LoadedSae | None
    plan: SteeringPlan

    @property
    def decoder(self) -> np.ndarray:
        """(n_latents, d) float32, what strengths multiply; no rows without an SAE."""
        if self.sae is None:
            return np.zeros((0, self.vectors.values.shape[1]), np.float32)
        return self.sae.decoder

    @classmethod
    def open(cls, project: Project, request: ExportRequest) -> VectorsAndPlan:
        """The vectors of the SAE asked for, or those in use where there is no SAE.

        Raises BadInput where there are no vectors, an SAE that is not analysed or a feature that
        is not there.
        """
        sae = sae_if_any(project, request.sae)
        plan = check_strengths(request.steer, 0 if sae is None else sae.n_latents)
        record = project.current("vectors")
        if sae is not None:
            return cls(sae.vectors, sae, plan)
        if record is None:
            raise BadInput(f"{project.name} has no vectors yet. Embed the documents first.")
        return cls(open_vectors(project, record), None, plan)


@dataclass(frozen=True)
class AskedSearch:
    """A search engine with the query that was asked for."""

    engine: SearchEngine
    query: QueryFeatures
    like: tuple[int, ...]
    """Numbers of the documents that are the query; () for a text."""

    @classmethod
    def open(
        cls, project: Project, request: ExportRequest, opened: VectorsAndPlan
    ) -> AskedSearch | None:
        """None where nothing was asked for.

        Raises BadSetting for a text and documents at once, BadInput for an unknown key,
        ModelProblem where texts cannot be embedded, NothingToSearch for a query without meaning.
        """
        if request.query.strip() and request.like:
            raise BadSetting("Search for a text or for what is like documents, not for both.")
        if not request.query.strip() and not request.like:
            return None
        engine = SearchEngine(project, opened.vectors, opened.sae)
        if not request.like:
            return cls(engine, engine.take_apart(request.query), ())
        like = documents_with_keys(project.database, request.like)
        return cls(engine, engine.documents_query(like), like)
