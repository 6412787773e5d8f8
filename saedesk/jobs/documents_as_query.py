"""Vectors to search with that nobody typed: documents, more like these and less like those."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_headings import is_mute, shown_heading
from saedesk.project.document_store import DocumentRow
from saedesk.project.project_folder import Project
from saedesk.search.feature_ranking import direction_of
from saedesk.search.more_like import mean_of_corpus, rocchio
from saedesk.search.steering_plan import Target

_LENGTHS_LOOKED_AT = 1000


class DocumentsAsQuery:
    """Makes such vectors for one project; keeps the mean of its corpus."""

    def __init__(self, project: Project, vectors: Vectors) -> None:
        self._project, self._vectors = project, vectors
        self._mean: np.ndarray | None = None

    def like(self, document_ids: Sequence[int]) -> np.ndarray:
        """The vector (d,) float32 of one document as it is, of several their mean at length 1.

        The mean has the usual length of the vectors, so that an SAE sees what it was trained on.
        Raises NothingToSearch where a document has no usable vector, or the vectors cancel out.
        """
        own = self._of(document_ids)
        if not len(own):
            raise NothingToSearch("Choose a document first: what is most like it is searched for.")
        if len(own) == 1:
            return _float32(own[0])
        length = np.median(np.linalg.norm(own.astype(np.float64), axis=1))
        found = rocchio(own, own[:0], np.zeros(own.shape[1]))
        return _float32(found * length)

    def like_and_unlike(
        self, like: Sequence[int], unlike: Sequence[int], typed: np.ndarray | None
    ) -> np.ndarray:
        """The vector (d,) float32 of Rocchio's method, `typed` (d,) being that of a text.

        Raises as `like` does.
        """
        wanted, unwanted = self._of(like), self._of(unlike)
        given = wanted if typed is None else np.concatenate([wanted, typed[None]])
        found = rocchio(wanted, unwanted, self._mean_of_corpus(), typed)
        length = np.median(np.linalg.norm(given.astype(np.float64), axis=1))
        return _float32(found * length)

    def along(self, target: Target, decoder: np.ndarray) -> np.ndarray:
        """The direction (d,) float32 of a feature or a family, at the usual length of a vector."""
        direction = direction_of(target, decoder)
        own = np.asarray(self._vectors.values[:_LENGTHS_LOOKED_AT], np.float64)
        lengths = np.linalg.norm(own, axis=1)
        lengths = lengths[np.isfinite(lengths) & (lengths > 0.0)]
        length = float(np.median(lengths)) if len(lengths) else 1.0
        return _float32(direction / np.linalg.norm(direction) * length)

    def _of(self, document_ids: Sequence[int]) -> np.ndarray:
        rows = [self._row(int(document_id)) for document_id in document_ids]
        return np.asarray(self._vectors.values[np.array(rows, np.int64)], np.float32)

    def _row(self, document_id: int) -> int:
        row = self._vectors.row_of(document_id)
        if row is None or row in self._vectors.bad_rows:
            document = self._project.documents.row(document_id)
            raise NothingToSearch(
                f"There is no usable vector of {_name(document_id, document)}. Choose another "
                "document."
            )
        return row

    def _mean_of_corpus(self) -> np.ndarray:
        if self._mean is None:
            searchable = np.ones(len(self._vectors.values), bool)
            searchable[self._vectors.bad_rows] = False
            self._mean = mean_of_corpus(self._vectors.values, searchable)
        return self._mean


def _name(document_id: int, document: DocumentRow | None) -> str:
    """A document in a sentence; what is no quotation has no quotation marks."""
    if document is None:
        return f"document {document_id}"
    heading = shown_heading(document)[:80]
    is_name = is_mute(document) and heading != document.key.strip()
    return heading[:1].lower() + heading[1:] if is_name else f"“{heading}”"


def _float32(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector, np.float32)
