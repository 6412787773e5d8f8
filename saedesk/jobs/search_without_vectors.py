"""Where typed text cannot be searched for by meaning: why, and what its words are looked for in."""

from __future__ import annotations

import numpy as np

from saedesk.errors import BadInput
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project

NO_VECTORS = (
    "These documents have no vectors yet: a search finds their words, not their meaning. Embed "
    "them in Corpus to search by meaning."
)

UNKNOWN_ENCODER = (
    "Typed text cannot be searched for, because nobody has said which encoder made these vectors. "
    "Search with documents, or bring the vectors again and name the encoder."
)
ENCODER_NOT_HERE = (
    "Typed text cannot be searched for, because the encoder “{}” that made these vectors is not "
    "on this computer. Search with documents, or bring the vectors again with its folder."
)


def no_vectors_of(project: Project) -> Vectors:
    """The rows of all documents, with vectors of no dimension: (n, 0) float32."""
    ids = np.sort(project.documents.find(DocumentFilter())).astype(np.int64)
    record = ArtifactRecord("vectors", "", "", {})
    return Vectors(np.zeros((len(ids), 0), np.float32), ids, np.zeros(0, np.int64), record)


def vectors_to_search(project: Project) -> Vectors:
    """The vectors in use, or those of `no_vectors_of`; raises BadInput where nothing is there."""
    record = project.current("vectors")
    if record is not None:
        return open_vectors(project, record)
    if not project.documents.count():
        raise BadInput(f"{project.name} has no documents yet. Import some first.")
    return no_vectors_of(project)


def check_words(project: Project, vectors: Vectors, request: SearchRequest) -> None:
    """Raises BadInput where only words can be searched for, and a request asks for more."""
    if are_missing(vectors) and not (request.text.strip() and request.match != "meaning"):
        raise BadInput(
            f"{project.name} has no vectors yet, so only the words of a text can be searched for: "
            "match “words”. Run “saedesk embed” first to search by meaning, documents or features."
        )


def are_missing(vectors: Vectors) -> bool:
    """Whether these are what `no_vectors_of` gave."""
    return len(vectors.values[:1].T) == 0
