"""What searches by words and by features share: two rankings, and what it takes to make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.steering_of_project import PlainResults, SteeringOfProject
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_store import DocumentRow
from saedesk.search.query_features import QueryFeatures
from saedesk.search.scored_ranking import Ranking
from saedesk.search.steering_plan import Effect, Target
from saedesk.search.vector_search import VectorSearch


class Engine(Protocol):
    """What is needed of the engine that asks."""

    vectors: Vectors
    sae: LoadedSae | None
    steering: SteeringOfProject
    decoder: np.ndarray
    """(n_latents, d) float32; no rows without an SAE."""

    def search(self) -> VectorSearch:
        """The search over the vectors."""
        ...

    def query_of(self, request: SearchRequest) -> QueryFeatures:
        """What a request asks with, taken apart."""
        ...

    def documents_at(self, rows: Sequence[int]) -> dict[int, DocumentRow]:
        """The documents of some rows, by row."""
        ...

    def plain_results(
        self, query: QueryFeatures, count: int, allowed: np.ndarray | None
    ) -> PlainResults:
        """The results of a query as typed."""
        ...


@dataclass(frozen=True, eq=False)
class Rankings:
    """A question as asked and steered, ranked."""

    plain: Ranking
    steered: Ranking
    """`plain` itself where nothing is steered."""
    query: QueryFeatures
    cosine: float = 1.0
    exact: bool = True
    notes: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    """What came of what was asked, where meaning counts."""
    codes_after: tuple[tuple[int, float], ...] = ()
    """(latent, activation) of the steered query taken apart again, strongest first."""
    place_of: Mapping[int, Target] = field(default_factory=dict)
    """By row: who gave a document its place in the steered ranking."""
