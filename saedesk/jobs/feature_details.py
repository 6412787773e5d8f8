"""Everything the page of one feature asks of an analysed SAE and its project.

Nothing dense is made and what is large stays mapped; an answer about one feature takes some tens
of milliseconds with 100,000 features of 1,000,000 documents. What belongs to the whole corpus
(fields, families) is read when it is first asked for, which takes longer, and kept. Used from one
thread at a time; every draw follows a seed, so that pages fit together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from saedesk.errors import BadSetting, DamagedArtifact
from saedesk.features.absorption_of_feature import SuspectedAbsorption, absorption_of_feature
from saedesk.features.activation_histogram import (
    ActivationHistogram,
    GroupCounts,
    feature_histogram,
    group_overlay,
)
from saedesk.features.activation_thresholds import count_at_or_above, documents_at_or_above
from saedesk.features.co_activity import CoActive, firing_together
from saedesk.features.document_pages import (
    DocumentPage,
    band_page,
    random_active_page,
    random_inactive_page,
    range_page,
    strongest_page,
)
from saedesk.features.families.edited_families import FamilyEdit, with_edits
from saedesk.features.families.family_tree import FamilyEdge
from saedesk.features.feature_neighbours import nearest_and_opposed, relatives
from saedesk.features.field_columns import FieldColumns
from saedesk.features.field_contrasts import (
    FieldContrast,
    TimeShares,
    field_contrasts,
    time_shares,
)
from saedesk.features.mapped_arrays import read_ahead
from saedesk.features.near_misses import NearMisses, closest_rows, near_misses
from saedesk.features.spatial_autocorrelation import SpatialStructure, spatial_structure
from saedesk.jobs.analyse_features import analysis_in_use
from saedesk.jobs.document_fields import read_document_fields
from saedesk.jobs.find_families import read_families
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.artifact_readers import Vectors
from saedesk.project.project_folder import Project
from saedesk.search.vector_search import CandidateIndex
from saedesk.task_control import TaskControl, Unattended

NEIGHBOURS = 5
MOST_READ_AHEAD = 512 << 20
"""Larger files are left where they are."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Features around one feature."""

    nearest: tuple[np.ndarray, np.ndarray]
    """Latents (int32) and cosines (float32) of the directions, nearest first."""
    opposed: tuple[np.ndarray, np.ndarray]
    """The same with the smallest cosines, most opposed first."""
    by_lift: CoActive
    by_share: CoActive
    """What fires in its documents: by lift, and by P(other | this)."""
    parents: tuple[FamilyEdge, ...]
    children: tuple[FamilyEdge, ...]
    """From the families found last, as people edited them; both empty where there are none."""
    has_families: bool
    """Whether families were found for this analysis."""


@dataclass(frozen=True, eq=False)
class FieldAnswers:
    """What the fields say about one feature."""

    contrasts: tuple[FieldContrast, ...]
    """Surest effect first."""
    over_time: TimeShares | None
    """None without a field of dates."""


class FeatureDetails:
    """Answers about single features of one analysed SAE."""

    def __init__(
        self,
        project: Project,
        sae: LoadedSae,
        *,
        index: CandidateIndex | None = None,
        fields: FieldColumns | None = None,
        seed: int = 0,
    ) -> None:
        """`index` is a search index that is open anyway, over the vectors of the SAE.

        `fields` are those that were read for another SAE of the same vectors. Raises
        DamagedArtifact for an index over other vectors, ValueError for fields of other documents.
        """
        if fields is not None and fields.n_documents != sae.activations.n_documents:
            raise ValueError("these are the fields of other documents")
        self._project, self.sae = project, sae
        self._seed = seed
        self.use_index(index)
        self._fields = fields
        self._edges: dict[int, list[FamilyEdge]] = {}
        self._families_read: tuple[str, dict[int, FamilyEdit]] = "", {}
        self._near: tuple[int, NearMisses] | None = None
        # What fires together is read all over these two files.
        for array in (sae.activations.document_offsets, sae.activations.document_latents):
            if array.nbytes <= MOST_READ_AHEAD:
                read_ahead(array)

    def use_index(self, index: CandidateIndex | None) -> None:
        """Take a search index that is open by now; raises DamagedArtifact as the constructor."""
        values = self.sae.vectors.values
        if index is not None and (index.rows, index.dim) != values.shape:
            raise DamagedArtifact(
                f"The search index belongs to {index.rows:,} vectors of width {index.dim}, this "
                f"SAE was read on {len(values):,} others. Build the index again."
            )
        self._index = index

    def strongest(self, latent: int, offset: int, count: int) -> DocumentPage:
        """All documents of the feature, strongest first."""
        return strongest_page(self.sae.activations, latent, offset, count)

    def band(
        self, latent: int, low_q: float, high_q: float, offset: int, count: int
    ) -> DocumentPage:
        """Documents between two quantiles; `document_pages.band_around` makes them of a slider."""
        return band_page(self.sae.activations, latent, low_q, high_q, offset, count)

    def in_range(
        self, latent: int, low: float, high: float, offset: int, count: int
    ) -> DocumentPage:
        """Documents in one bin of the histogram, or from a threshold up with high = inf."""
        return range_page(self.sae.activations, latent, low, high, offset, count)

    def random_active(self, latent: int, offset: int, count: int, seed: int = 0) -> DocumentPage:
        """Documents of the feature in an order drawn by `seed`."""
        return random_active_page(self.sae.activations, latent, offset, count, seed)

    def random_inactive(self, latent: int, offset: int, count: int, seed: int = 0) -> DocumentPage:
        """Documents in which the feature is silent, in an order drawn by `seed`."""
        bad_rows = self.sae.vectors.bad_rows
        return random_inactive_page(self.sae.activations, latent, offset, count, seed, bad_rows)

    def near_misses(self, latent: int, control: TaskControl | None = None) -> NearMisses:
        """Silent documents closest to the feature's, up to 1,000; kept for the feature asked last.

        From all silent documents or, in a large corpus, from a sample of 100,000 (of width 384)
        and what the search index proposes where one was given; `searched` tells how many.
        """
        if self._near is None or self._near[0] != latent:
            vectors = self.sae.vectors
            found = near_misses(
                vectors.values,
                self.sae.activations,
                latent,
                bad_rows=vectors.bad_rows,
                seed=self._seed,
                index=None if self._index is None else self._propose,
                control=control,
            )
            self._near = (latent, found)
        return self._near[1]

    def document_ids(self, rows: np.ndarray) -> np.ndarray:
        """Ids (int64) of the documents in these rows."""
        return np.asarray(self.sae.vectors.document_ids[rows], np.int64)

    def fields(self, control: TaskControl | None = None) -> FieldColumns:
        """The fields of all documents, read once."""
        if self._fields is None:
            ids = self.sae.vectors.document_ids
            self._fields = read_document_fields(self._project, ids, control or Unattended())
        return self._fields

    def field_answers(self, latent: int, control: TaskControl | None = None) -> FieldAnswers:
        """Contrasts of all fields and the share over time."""
        columns = self.fields(control)
        rows = np.asarray(self.sae.activations.latent(latent)[0])
        time = columns.time
        return FieldAnswers(
            field_contrasts(columns, rows), time_shares(time, rows) if time is not None else None
        )

    def spatial_structure(
        self, latent: int, control: TaskControl | None = None
    ) -> SpatialStructure | None:
        """Moran's I; None without coordinates, with too few places, or for a silent feature."""
        places = self.fields(control).places
        if places is None:
            return None
        return spatial_structure(self.sae.activations, latent, places, self._seed)

    def neighbours(self, latent: int, count: int = NEIGHBOURS) -> Neighbours:
        """By direction, by firing together, and in the families; `count` of each but relatives."""
        nearest, opposed = nearest_and_opposed(self.sae.directions, latent, count)
        together = firing_together(self.sae.activations, latent, self._seed)
        edges = self._edges_of(latent)
        parents, children = relatives(edges or (), latent)
        return Neighbours(
            nearest,
            opposed,
            together.by_lift(count),
            together.by_share(count),
            parents,
            children,
            edges is not None,
        )

    def absorption(self, latent: int) -> SuspectedAbsorption:
        """Features that seem to have absorbed this one, and those it seems to absorb."""
        sae = self.sae
        return absorption_of_feature(
            sae.vectors.values, sae.directions, sae.activations, latent, seed=self._seed
        )

    def histogram(self, latent: int, bins: int = 40) -> ActivationHistogram:
        """Active values with the share of silent documents and the edges of the bands."""
        return feature_histogram(self.sae.activations, latent, bins)

    def groups(
        self,
        latent: int,
        field: str,
        histogram: ActivationHistogram,
        control: TaskControl | None = None,
    ) -> list[GroupCounts]:
        """The histogram by the values of a category field; raises BadSetting for another field."""
        column = self.fields(control).category(field)
        if column is None:
            known = ", ".join(f"“{one.name}”" for one in self.fields().categories) or "none"
            raise BadSetting(
                f"There is no field “{field}” with values that documents share. There are: {known}."
            )
        return group_overlay(self.sae.activations, latent, column, histogram.edges)

    def count_from(self, latent: int, threshold: float) -> int:
        """Documents whose activation is ≥ threshold; microseconds, for a handle that is dragged."""
        return count_at_or_above(self.sae.activations.latent(latent)[1], threshold)

    def documents_from(self, latent: int, threshold: float) -> np.ndarray:
        """Their ids (int64, ascending), for a filter or a saved selection."""
        ids = self.sae.vectors.document_ids
        return documents_at_or_above(self.sae.activations, ids, latent, threshold)

    def _propose(self, vector: np.ndarray) -> np.ndarray:
        assert self._index is not None
        found = self._index.candidates(vector, self._index.MOST_CANDIDATES)
        return np.zeros(0, np.int64) if found is None else found

    def _edges_of(self, latent: int) -> list[FamilyEdge] | None:
        """Edges of a latent in the families in use, as people edited them; None before there are
        any. Hidden families are left out."""
        analysis = analysis_in_use(self._project, self.sae.record)
        if analysis is None:
            return None
        record = self._project.current("families", of=analysis[1].hash)
        if record is None:
            return None
        edits = self._project.family_edits.edits(self.sae.hash)
        if (record.hash, edits) != self._families_read:
            edges: dict[int, list[FamilyEdge]] = {}
            families = with_edits(read_families(self._project, record), edits)
            for edge in chain.from_iterable(one.edges for one in families if not one.hidden):
                edges.setdefault(edge.parent, []).append(edge)
                edges.setdefault(edge.child, []).append(edge)
            self._edges, self._families_read = edges, (record.hash, edits)
        return self._edges.get(latent, [])


def closest_documents(
    vectors: Vectors, document_id: int, count: int, control: TaskControl | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Ids (int64) of the documents nearest to one, and the cosines (float32); exact.

    Both empty for a document without a usable vector. The document itself is left out.
    """
    own = vectors.row_of(document_id)
    if own is None or own in vectors.bad_rows:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    left_out = np.append(np.asarray(vectors.bad_rows, np.int64), own)
    query = np.array(vectors.values[own], np.float32)
    rows, cosines = closest_rows(vectors.values, query, count, left_out=left_out, control=control)
    return np.asarray(vectors.document_ids[rows], np.int64), cosines
