"""Which sentences of a result match what was asked: by the vector it was found by, or by words."""

from __future__ import annotations

import numpy as np

from saedesk.errors import ModelProblem
from saedesk.jobs.query_sentences import (
    MatchingSentences,
    sentences_near,
    sentences_with_words,
    with_phrases,
)
from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import Match
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.task_control import TaskControl

NO_MEASURE = (
    "Sentences are measured with an SAE and the encoder of the vectors. Train an SAE first."
)


def looks_for_words(answer: SearchAnswer, match: Match, evidence: EvidenceEngine | None) -> bool:
    """Whether sentences are found by the words of the text, because nothing else can find them."""
    is_measured = evidence is not None and not evidence.text_problem and answer.query.vector.any()
    return bool(answer.text) and (match == "words" or not is_measured)


def vector_behind(
    engine: SearchEngine, answer: SearchAnswer, plan: SteeringPlan, place_of: Target | None
) -> np.ndarray:
    """What a result was found by, (d,): of one that was given a place, the giver's direction."""
    if place_of is None:
        return engine.steering.vector(answer.query, plan)
    moves = ((place_of, 1.0),) if isinstance(place_of, int) else place_of.moves
    rows = engine.decoder[[latent for latent, _ in moves]]
    direction: np.ndarray = np.array([weight for _, weight in moves]) @ rows
    return direction


def matching_sentences(
    engine: SearchEngine,
    evidence: EvidenceEngine | None,
    answer: SearchAnswer,
    match: Match,
    result: ResultRow,
    control: TaskControl,
) -> MatchingSentences:
    """The sentences of a result of the steered query that match it.

    Raises ModelProblem where they can be found neither by the vectors nor by words.
    """
    document = result.document
    if not (document.title.strip() or document.text.strip()):
        return MatchingSentences(document.id, ())
    if looks_for_words(answer, match, evidence):
        return sentences_with_words(document.id, document.title, document.text, answer.text)
    if evidence is None:
        raise ModelProblem(NO_MEASURE)
    vector = vector_behind(engine, answer, answer.plan, result.place_of)
    near = sentences_near(evidence, document.id, document.title, document.text, vector, control)
    typed = answer.text if match == "both" else ""
    return with_phrases(near, document.title, document.text, typed)
