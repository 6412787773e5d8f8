"""Searches by words, and by meaning and words together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from saedesk.errors import BadInput, NothingToSearch
from saedesk.jobs.search_rankings import Engine, Rankings
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.project_folder import Project
from saedesk.project.word_search import WordSearch
from saedesk.search.hybrid_search import DEPTH, ListedRanking, fuse, typed_words
from saedesk.search.placed_fusion import with_places
from saedesk.search.query_features import QueryFeatures, steer
from saedesk.search.steering_plan import PLACES, SteeringPlan, Target
from saedesk.search.vector_search import Hits
from saedesk.task_control import TaskControl

NO_WORDS = (
    "None of the documents of {} has a word, so they cannot be searched for by words. "
    "Search by meaning."
)
NOT_STEERED = "Words alone are not steered, so the sliders have no effect here."


class SearchByWords:
    """Ranks documents by words, and by both; keeps what the next move of a slider needs again."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._project, self._engine = project, engine
        self._words: WordSearch | None = None
        self._kept_words: tuple[str, np.ndarray | None, ListedRanking] | None = None
        self._kept_phrases: tuple[str, np.ndarray | None, np.ndarray] | None = None
        self._kept_meaning: tuple[QueryFeatures, np.ndarray | None, Hits] | None = None

    def look_for_phrases(self, text: str, control: TaskControl) -> None:
        """Look through texts for what stands in quotation marks; may be cancelled."""
        typed = typed_words(text)
        if typed.phrases:
            self._word_search().with_phrases(typed, control)

    def by_words(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> Rankings:
        """Documents by their words alone.

        Raises BadInput where no document has words, NothingToSearch where none has these.
        """
        ranking = self._ranking(request.text, allowed)
        self._with_phrases(request.text, allowed)
        if not len(ranking.rows):
            raise NothingToSearch(
                "No document that passes has these words. Look at how they are written, or "
                "search by meaning."
            )
        notes = self._notes_of_phrases(request.text, allowed)
        if not request.plan.at_rest:
            notes = (NOT_STEERED, *notes)
        return Rankings(ranking, ranking, query, notes=notes)

    def by_both(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> Rankings:
        """Documents by meaning, steered, and by words; by meaning alone, and saying so, where there
        are no words to search."""
        notes: tuple[str, ...] = ()
        words = np.zeros(0, np.int64)
        try:
            words = self._ranking(request.text, allowed).rows
            notes = self._notes_of_phrases(request.text, allowed)
            allowed = self._with_phrases(request.text, allowed)
            if not len(words):
                notes = ("No document that passes has these words: the places are by meaning.",)
        except (BadInput, _NoWord) as problem:
            notes = (f"These results are by meaning alone. {problem.sentence}",)
        plan = request.plan
        plain_hits = self._by_meaning(query, allowed)
        plain = fuse(plain_hits.rows, words)
        if plan.at_rest:
            return Rankings(plain, plain, query, exact=plain_hits.exact, notes=notes)
        first, engine = plain.best(PLACES), self._engine
        search, steering = engine.search(), engine.steering
        turned = steering.turn(query, plan, first)
        by_meaning = replace(turned.plan, places=())
        hits = steering.ranking(turned, by_meaning, search, DEPTH, allowed).hits
        steered = fuse(hits.rows, words)
        given: dict[int, Target] = {}
        if turned.plan.places:
            base = steering.base_scores(turned, search, allowed)
            steered = placed = with_places(steered, base, turned.plan, steering.scores)
            given = placed.place_of
        shown = [(row, given.get(row)) for row in steered.best(request.count).tolist()]
        unfilled = steering.unfilled(turned.plan, list(given.values()), request.count)
        return Rankings(
            plain,
            steered,
            query,
            turned.steered.cosine,
            plain_hits.exact and hits.exact,
            (*notes, *turned.notes, *unfilled),
            steering.effects(turned, first, shown),
            turned.codes_after,
            given,
        )

    def _by_meaning(self, query: QueryFeatures, allowed: np.ndarray | None) -> Hits:
        kept = self._kept_meaning
        if kept is None or kept[0] is not query or kept[1] is not allowed:
            engine = self._engine
            unsteered = steer(query, SteeringPlan(), engine.decoder)
            hits = engine.search().search(unsteered, engine.decoder, DEPTH, allowed)
            kept = self._kept_meaning = (query, allowed, hits)
        return kept[2]

    def _ranking(self, text: str, allowed: np.ndarray | None) -> ListedRanking:
        kept = self._kept_words
        if kept is None or kept[0] != text or kept[1] is not allowed:
            if self._project.documents.are_mute():
                raise BadInput(NO_WORDS.format(self._project.name))
            typed = typed_words(text)
            if not typed.any_of:
                raise _NoWord("There is no word in this text to search for. Type a word.")
            ids, scores = self._word_search().ranked(typed, DEPTH, self._passes(allowed))
            ranking = ListedRanking(np.searchsorted(self._engine.vectors.document_ids, ids), scores)
            kept = self._kept_words = (text, allowed, ranking)
        return kept[2]

    def _passes(self, allowed: np.ndarray | None) -> Callable[[np.ndarray], np.ndarray] | None:
        """Which documents have a row that may be found; None where all have."""
        vectors = self._engine.vectors
        own = vectors.document_ids
        all_have = len(own) == self._project.documents.count() and not len(vectors.bad_rows)
        if allowed is None and all_have:
            return None
        usable = np.ones(len(own), bool) if allowed is None else allowed.copy()
        usable[vectors.bad_rows] = False

        def passes(ids: np.ndarray) -> np.ndarray:
            rows = np.minimum(np.searchsorted(own, ids), len(own) - 1)
            there: np.ndarray = (own[rows] == ids) & usable[rows]
            return there

        return passes

    def _with_phrases(self, text: str, allowed: np.ndarray | None) -> np.ndarray | None:
        """The allowed rows of documents that have every quoted phrase.

        Raises NothingToSearch where no document that passes has them.
        """
        typed = typed_words(text)
        if not typed.phrases:
            return allowed
        kept = self._kept_phrases
        if kept is None or kept[0] != text or kept[1] is not allowed:
            ids = self._word_search().with_phrases(typed)
            passes = np.isin(self._engine.vectors.document_ids, ids)
            if allowed is not None:
                passes &= allowed
            kept = self._kept_phrases = (text, allowed, passes)
        if not kept[2].any():
            quoted = " and ".join(f"“{phrase}”" for phrase in typed.phrases)
            raise NothingToSearch(
                f"No document that passes has {quoted} word for word. "
                "Take the quotation marks away."
            )
        return kept[2]

    def _notes_of_phrases(self, text: str, allowed: np.ndarray | None) -> tuple[str, ...]:
        """That every result has the quoted phrases, and how many documents do."""
        typed = typed_words(text)
        passing = self._with_phrases(text, allowed)
        if not typed.phrases or passing is None:
            return ()
        quoted = " and ".join(f"“{phrase}”" for phrase in typed.phrases)
        all_of_them = len(passing) if allowed is None else int(allowed.sum())
        many = int(passing.sum())
        have = "has" if many == 1 else "have"
        told = f"{many:,} of the {all_of_them:,} documents that pass"
        if not self._word_search().is_word_for_word(typed):
            return (
                f"{told} {have} {quoted} with these or other endings of the words: too many to "
                "look at each of them, or too long.",
            )
        return (f"Every result has {quoted}, these words one after the other, as {have} {told}.",)

    def _word_search(self) -> WordSearch:
        if self._words is None:
            self._words = WordSearch(self._project.database)
        return self._words


class _NoWord(NothingToSearch):
    """A text without a word."""
