"""Take a text apart that is in no project, as its documents were; nothing of it is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import text_to_embed
from saedesk.errors import BadInput, ModelProblem, NothingToSearch
from saedesk.features.reconstruction_error import ReconstructionError
from saedesk.jobs.document_reconstruction import DocumentReconstruction
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_without_vectors import ENCODER_NOT_HERE as NOT_HERE_TO_SEARCH
from saedesk.jobs.search_without_vectors import UNKNOWN_ENCODER as UNKNOWN_TO_SEARCH
from saedesk.project.document_store import DocumentRow
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import TaskControl, Unattended

NEAREST = 5
LONGEST_TEXT = 100_000
"""Characters; encoders here read some thousand at most."""
NO_TEXT = "There is no text yet. Paste or type one."
UNKNOWN_ENCODER = (
    "A text cannot be read here, because nobody has said which encoder made the vectors of these "
    "documents. Bring the vectors again and name the encoder."
)
ENCODER_NOT_HERE = (
    "A text cannot be read here, because the encoder “{}” that made the vectors of these documents "
    "is not on this computer. Bring the vectors again with its folder."
)


@dataclass(frozen=True, eq=False)
class TextReading:
    """What an SAE finds in a text."""

    text: str
    latents: np.ndarray
    """(k,) int32: its active features, strongest first; empty without an SAE."""
    values: np.ndarray
    """(k,) float32: their activations."""
    error: ReconstructionError | None
    """None without an SAE, or where the corpus has nothing to compare with."""
    nearest: tuple[tuple[DocumentRow, float], ...]
    """Documents with the nearest vectors and their cosines, nearest first."""


def read_text(
    engine: SearchEngine,
    reconstruction: DocumentReconstruction | None,
    text: str,
    control: TaskControl | None = None,
) -> TextReading:
    """Embed a text and take it apart; `reconstruction` is that of the engine's SAE.

    Raises BadInput for a text that is empty or too long, ModelProblem where the encoder of the
    vectors is unknown or not on this computer, or makes no vector of this text.
    """
    control = control or Unattended()
    check_text(text)
    try:
        query = engine.take_apart(text_to_embed("", text))
    except ModelProblem as problem:
        raise ModelProblem(text_problem(engine, problem.sentence)) from problem
    control.checkpoint()
    values = query.values * np.float32(query.length)
    error = None
    if reconstruction is not None:
        vector = query.vector * np.float32(query.length)
        error = reconstruction.of_vector(vector, query.latents, values, control)
    control.checkpoint()
    try:
        found = engine.answer("", query, SteeringPlan(), NEAREST).plain
    except NothingToSearch:
        found = ()
    nearest = tuple((result.document, result.score) for result in found)
    return TextReading(text, query.latents, values, error, nearest)


def check_text(text: str) -> None:
    """Raises BadInput, with a sentence, for a text that cannot be read."""
    if not text.strip():
        raise BadInput(NO_TEXT)
    if len(text) > LONGEST_TEXT:
        raise BadInput(too_long(len(text)))


def too_long(characters: int) -> str:
    """Why a text of so many characters is not read, and what to do."""
    return (
        f"This text has {characters:,} characters; at most {LONGEST_TEXT:,} are read here. Take a "
        "part of it, or import it as a document."
    )


def text_problem(engine: SearchEngine, sentence: str | None = None) -> str:
    """Why no text can be read: the search's `sentence`, or what the vectors tell; "" if it can."""
    sentence = engine.text_problem if sentence is None else sentence
    name = engine.vectors.model_name
    told = {
        UNKNOWN_TO_SEARCH: UNKNOWN_ENCODER,
        NOT_HERE_TO_SEARCH.format(name): ENCODER_NOT_HERE.format(name),
    }
    return told.get(sentence, sentence)
