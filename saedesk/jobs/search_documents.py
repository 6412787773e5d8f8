"""Search a project: embed the query, take it apart, steer it, rank the documents, say why."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from saedesk.embedding.model_catalogue import ModelFiles, find_model
from saedesk.embedding.query_encoder import QueryEncoder, load_query_encoder
from saedesk.errors import ModelProblem, NothingToSearch
from saedesk.jobs.build_index import open_index
from saedesk.jobs.documents_as_query import DocumentsAsQuery
from saedesk.jobs.families_as_one import families_as_one
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.notes_of_text import NotesOfText
from saedesk.jobs.search_answer import ResultRow as ResultRow
from saedesk.jobs.search_answer import SearchAnswer as SearchAnswer
from saedesk.jobs.search_answer import rows_of
from saedesk.jobs.search_otherwise import SearchOtherwise, ranks_otherwise
from saedesk.jobs.search_request import RESULTS as RESULTS
from saedesk.jobs.search_request import SearchRequest, check_plan, check_question, check_target
from saedesk.jobs.search_request import check_strengths as check_strengths
from saedesk.jobs.search_without_vectors import (
    ENCODER_NOT_HERE,
    NO_VECTORS,
    UNKNOWN_ENCODER,
    are_missing,
)
from saedesk.jobs.sliders_of_query import SlidersOfQuery
from saedesk.jobs.steering_of_project import PlainResults, SteeringOfProject
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentRow
from saedesk.project.project_folder import Project
from saedesk.search.explanation import explain
from saedesk.search.feature_ranking import query_of_target
from saedesk.search.feature_scores import FusedScore
from saedesk.search.index_description import DamagedIndex
from saedesk.search.query_features import QueryFeatures, steer, take_apart
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.search.vector_search import CandidateIndex, VectorSearch
from saedesk.task_control import TaskControl, Unattended


class SearchEngine:
    """Answers queries over one project and SAE; keeps what makes the next answer fast.

    Used from one thread at a time. `take_apart` needs the embedding model; `documents_query` and
    `answer` do not.
    """

    def __init__(
        self,
        project: Project,
        vectors: Vectors,
        sae: LoadedSae | None,
        encoders: dict[str, QueryEncoder] | None = None,
    ) -> None:
        """`encoders` keeps loaded models by fingerprint, for the next engine."""
        self._project = project
        self.vectors = vectors
        self.sae = sae
        self._encoders = {} if encoders is None else encoders
        self._fingerprint = str(vectors.record.inputs.get("model_fingerprint") or "")
        self._search: VectorSearch | None = None
        self.index_damage = ""
        """Why the index cannot be used, in a sentence; "" where nothing is wrong with it."""
        self.decoder = (
            np.zeros((0, vectors.values.shape[1]), np.float32) if sae is None else sae.decoder
        )
        self._allowed: tuple[DocumentFilter, tuple[int, ...], np.ndarray] | None = None
        self._plain: PlainResults | None = None
        self._read: dict[int, DocumentRow] = {}
        self.steering = SteeringOfProject(project, vectors, sae, self._load_encoder, self.search)
        self.sliders = SlidersOfQuery(self)
        self._documents = DocumentsAsQuery(project, vectors)
        self._otherwise = SearchOtherwise(project, self)
        self._notes = NotesOfText(vectors, lambda: self._encoders.get(self._fingerprint))

    @property
    def text_problem(self) -> str:
        """Why typed text cannot be searched for, as far as the record of the vectors tells.

        "" where nothing speaks against it; whether the model is there, `prepare` finds out.
        """
        if are_missing(self.vectors):
            return NO_VECTORS
        if self._fingerprint:
            return ""
        name = self.vectors.model_name
        return UNKNOWN_ENCODER if not name else ENCODER_NOT_HERE.format(name)

    def prepare(self) -> None:
        """Load the SAE and the embedding model, which takes seconds the first time.

        Raises ModelProblem when the model that made the vectors is unknown or not on this
        computer; the SAE is ready then all the same.
        """
        if self.sae is not None:
            # The weights are mapped: reading one vector brings them into memory.
            self.sae.codes.of(self.sae.decoder[0])
        self._load_encoder()

    def _load_encoder(self) -> QueryEncoder:
        if self.text_problem:
            raise ModelProblem(self.text_problem)
        if self._fingerprint not in self._encoders:
            self._encoders[self._fingerprint] = load_query_encoder(self._find_model())
        return self._encoders[self._fingerprint]

    def _find_model(self) -> ModelFiles:
        try:
            return find_model(self.vectors.model_name, self._fingerprint)
        except ModelProblem as problem:
            if not self.vectors.record.inputs.get("imported"):
                raise
            # Embedding anew, the usual way out, would replace vectors that were brought.
            raise ModelProblem(ENCODER_NOT_HERE.format(self.vectors.model_name)) from problem

    def search(self) -> VectorSearch:
        """The search over the vectors, with its index where there is one."""
        if self._search is None:
            index, self.index_damage = None, ""
            try:
                index = open_index(self._project, self.vectors)
            except DamagedIndex as damage:
                # Searched exactly until whoever looks at `index_damage` has it built again.
                self.index_damage = damage.sentence
            self._search = VectorSearch(
                self.vectors.values, self.vectors.bad_rows.tolist(), index=index
            )
        return self._search

    def renew_index(self) -> None:
        """Open the index anew, which was built or built again meanwhile."""
        self._search, self._plain = None, None
        self.search()

    @property
    def index_in_memory(self) -> CandidateIndex | None:
        """The index of a large project once something was searched for; it is not opened here."""
        return None if self._search is None else self._search.index

    def take_apart(self, text: str) -> QueryFeatures:
        """Embed a query and take it apart into features; raises NothingToSearch when empty."""
        if not text.strip():
            raise NothingToSearch("Type what you are looking for.")
        return self._features_of(self._load_encoder().encode_query(text))

    def document_query(self, row: int) -> QueryFeatures:
        """The vector of a document as a query, at its own length: its codes are the document's."""
        return self._features_of(np.asarray(self.vectors.values[row], np.float32))

    def documents_query(self, document_ids: Sequence[int]) -> QueryFeatures:
        """Documents as a query: the vector of one, of several the mean of them at length 1.

        The mean has the usual length of the vectors, so that the SAE sees what it was trained on.
        Raises NothingToSearch where a document has no usable vector, or the vectors cancel out.
        """
        return self._features_of(self._documents.like(document_ids))

    def _features_of(self, vector: np.ndarray) -> QueryFeatures:
        if self.sae is None:
            nothing = np.zeros(0)
            return take_apart(vector, nothing.astype(np.int32), nothing, self.decoder)
        codes = self.sae.codes
        if codes.sees_length_1:
            # The SAE sees the direction alone: its codes are those of the vector at length 1.
            vector = vector / max(float(np.linalg.norm(vector)), 1e-30)
        return take_apart(vector, *codes.of(vector), self.decoder)

    def answer(
        self,
        text: str,
        query: QueryFeatures,
        plan: SteeringPlan,
        count: int = RESULTS,
        wanted: DocumentFilter | None = None,
        like: Sequence[int] = (),
    ) -> SearchAnswer:
        """`ask` for a query that is taken apart already."""
        request = SearchRequest(
            text, tuple(like), plan=plan, wanted=wanted or DocumentFilter(), count=count
        )
        return self.ask(request, query)

    def query_of(self, request: SearchRequest) -> QueryFeatures:
        """What `request` asks with, taken apart; raises NothingToSearch where that is nothing."""
        check_question(request)
        if are_missing(self.vectors):
            raise ModelProblem(NO_VECTORS)
        if request.target is not None:
            check_target(request.target, len(self.decoder))
            along = self._documents.along(request.target, self.decoder)
            return query_of_target(request.target, along, self.decoder)
        if request.unlike:
            typed = None if request.like else self.take_apart(request.text).vector
            vector = self._documents.like_and_unlike(request.like, request.unlike, typed)
            return self._features_of(vector)
        if request.like:
            return self.documents_query(request.like)
        return self.take_apart(request.text)

    def ask(
        self,
        request: SearchRequest,
        query: QueryFeatures | None = None,
        control: TaskControl | None = None,
    ) -> SearchAnswer:
        """Rank the documents for a request, plain and steered.

        Those in `like` and `unlike` are left out; `query` is what `query_of` gives, where it is at
        hand. May be cancelled while texts are looked through. Raises NothingToSearch when sliders
        cancel the query or nothing passes the filter.
        """
        check_question(request)
        check_plan(request.plan, len(self.decoder))
        if request.target is None:
            self._otherwise.forget_target()
        if ranks_otherwise(request):
            allowed = self.allowed_rows(request)
            answer = self._otherwise.ask(request, query, allowed, control or Unattended())
            answer = families_as_one(answer, request)
        else:
            answer = self._ask_by_meaning(request, query)
        return replace(answer, notes=(*self._notes.of(request, answer), *answer.notes))

    def _ask_by_meaning(self, request: SearchRequest, query: QueryFeatures | None) -> SearchAnswer:
        plan, count = request.plan, request.count
        if query is None:
            query = self.query_of(request)
        started = time.perf_counter()
        allowed = self.allowed_rows(request)
        plain = self.plain_results(query, count, allowed)
        outcome = self.steering.outcome(
            query, plan, plain, self.search(), count, allowed, request.families
        )
        found = outcome.results
        shown = [*(result.row for result in plain.results), *(result.row for result in found)]
        documents = self.documents_at(shown)
        both = np.intersect1d(plain.hits.rows, outcome.hits.rows)
        exact = plain.hits.exact and outcome.hits.exact
        return SearchAnswer(
            request.text,
            query,
            plan,
            outcome.cosine,
            rows_of(plain.results, documents),
            self.steering.with_activations(rows_of(found, documents)),
            outcome.ranks_after,
            len(both),
            len(self.vectors.values) if allowed is None else int(np.count_nonzero(allowed)),
            exact,
            (time.perf_counter() - started) * 1000,
            request.like,
            outcome.effects,
            outcome.notes,
            recall=None if exact else self.search().recall,
            codes_after=outcome.codes_after,
        )

    def fused_score(self, target: Target) -> FusedScore:
        """How much every document is about a feature or a family, and from what it is known.

        Raises BadInput for a feature that is not there, NothingToSearch for one without documents.
        """
        check_plan(SteeringPlan(less=((target, 1.0),)), len(self.decoder))
        return self.steering.scores(target)

    def plain_results(
        self, query: QueryFeatures, count: int, allowed: np.ndarray | None
    ) -> PlainResults:
        """The results of the query as typed; kept for the next move of a slider."""
        kept = self._plain
        if kept is None or not kept.answers(query, count, allowed):
            unsteered = steer(query, SteeringPlan(), self.decoder)
            hits = self.search().search(unsteered, self.decoder, count, allowed)
            results = explain(hits, unsteered, self.decoder, self.search())
            kept = self._plain = PlainResults(query, count, allowed, hits, results)
        return kept

    def documents_at(self, rows: Sequence[int]) -> dict[int, DocumentRow]:
        """The documents of some rows, by row; those of the call before are not read again."""
        unique = np.unique(np.array(rows, np.int64)).tolist()
        others = [row for row in unique if row not in self._read]
        found = self._project.documents.rows(self.vectors.document_ids[others])
        read = self._read | dict(zip(others, found, strict=True))
        self._read = {row: read[row] for row in unique}
        return self._read

    def rows_otherwise(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> np.ndarray | None:
        """The first ten rows of a request as typed; None where it is ranked by meaning alone."""
        if not ranks_otherwise(request):
            return None
        return self._otherwise.first_rows(request, query, allowed)

    def allowed_rows(self, request: SearchRequest) -> np.ndarray | None:
        """The rows that a request may find, (n,) bool; None for all.

        Raises NothingToSearch where that is none.
        """
        wanted, like = request.wanted, (*request.like, *request.unlike)
        if wanted.is_empty and not like:
            return None
        if self._allowed is None or self._allowed[0] is not wanted or self._allowed[1] != like:
            own_ids = self.vectors.document_ids
            allowed = np.isin(own_ids, np.asarray(like, np.int64), invert=True)
            if not wanted.is_empty:
                allowed &= np.isin(own_ids, self._project.documents.find(wanted))
            self._allowed = (wanted, like, allowed)
        allowed = self._allowed[2]
        if not allowed.any():
            raise NothingToSearch(
                "There is no other document to compare with."
                if wanted.is_empty
                else "No document passes the filter. Take a condition away."
            )
        return allowed
