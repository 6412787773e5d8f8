"""Whether imported vectors come from the model that a person names."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import islice

import numpy as np

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.model_catalogue import ModelFiles, resolve_model
from saedesk.embedding.model_folders import remember_folder
from saedesk.embedding.vector_files.vector_file import VectorFile
from saedesk.errors import BadInput
from saedesk.jobs.documents_beside_vectors import DocumentsBeside
from saedesk.jobs.known_vectors import SURE_FROM
from saedesk.jobs.vector_matching import RowMatch
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

TEXTS_COMPARED = 8
WRONG_BELOW = 0.5
"""Mean cosine; another model of the same width gives about 0."""
_ROWS_LOOKED_AT = 1_000


@dataclass(frozen=True)
class ModelCheck:
    """What comparing with the model found."""

    cosine: float | None
    """Mean over the texts compared; None where there was no text."""
    texts: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence where the vectors are near but not the same."""
        if self.cosine is None or self.cosine >= SURE_FROM:
            return ()
        return (
            f"The model gives vectors with a cosine of {self.cosine:.2f} to those of the file on "
            f"{self.texts} documents. Perhaps the texts were prepared differently, such as cut or "
            "with a prompt; searches may be less sharp.",
        )


def model_named(name: str, dimensions: int) -> ModelFiles | None:
    """The model called `name`, or None for ""; raises ModelProblem, or BadInput for the width."""
    if not name.strip():
        return None
    model = resolve_model(name)
    _check_width(model, model.dimensions, dimensions)
    return model


def _check_width(model: ModelFiles, of_model: int | None, dimensions: int) -> None:
    if of_model is not None and of_model != dimensions:
        raise BadInput(
            f"{model.title} makes vectors of {of_model:,} numbers; these have {dimensions:,}. "
            "Name the model that made them, or none."
        )


def remember(model: ModelFiles) -> None:
    """Take note of where a model in a folder lies, for queries."""
    if model.source == "folder":
        # Where it cannot be noted, searching will ask for the folder; the vectors are good.
        with contextlib.suppress(OSError):
            remember_folder(model.fingerprint, model.folder)


def compare_with_model(
    project: Project,
    model: ModelFiles,
    file: VectorFile,
    match: RowMatch,
    usable: np.ndarray,
    control: TaskControl,
) -> ModelCheck:
    """Embed up to 8 texts and compare with their vectors; raises BadInput for another model.

    `usable`: rows that have a document and a vector that is neither zero nor not finite.
    """
    looked_at = usable[usable < _ROWS_LOOKED_AT]
    texts = _texts(project, file, match, looked_at)
    rows = sorted(texts)
    if len(rows) > TEXTS_COMPARED:
        at = np.linspace(0, len(rows) - 1, TEXTS_COMPARED).astype(int)
        rows = [rows[i] for i in at]
    if not rows:
        return ModelCheck(None)
    control.report(Progress(0, None, "documents", f"Comparing with {model.title}"))
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    encoder = SentenceEncoder.load(model, "cpu")
    _check_width(model, encoder.dimensions, file.table.dimensions)
    made = encoder.encode([texts[row] for row in rows], control).vectors
    cosine = float(np.mean(_cosines(made, _vectors(file, rows))))
    if cosine < WRONG_BELOW:
        count = f"{len(rows)} documents" if len(rows) > 1 else "1 document"
        raise BadInput(
            f"{model.title} does not give these vectors (cosine {cosine:.2f} on {count}). Name the "
            "model that made them, or none; if they are matched by order, look whether it is right."
        )
    return ModelCheck(cosine, len(rows))


def _texts(project: Project, file: VectorFile, match: RowMatch, rows: np.ndarray) -> dict[int, str]:
    """What the model reads of the documents of some rows, where it is not empty."""
    if match.match == "new documents":
        wanted = set(rows.tolist())
        beside = DocumentsBeside(file, match, "")
        made = enumerate(islice(beside.documents(), _ROWS_LOOKED_AT))
        found = {row: text_to_embed(d.title, d.text) for row, d in made if row in wanted}
    else:
        ids = match.document_ids[rows]
        row_of = dict(zip(ids.tolist(), rows.tolist(), strict=True))
        stored = project.documents.rows(ids)
        found = {row_of[d.id]: text_to_embed(d.title, d.text) for d in stored}
    return {row: text for row, text in found.items() if text}


def _vectors(file: VectorFile, rows: list[int]) -> np.ndarray:
    """(len(rows), d) float32: some rows, ascending, near the beginning of the file."""
    taken, start = [], 0
    for chunk in file.chunks():
        end = start + len(chunk.values)
        taken.append(chunk.values[[row - start for row in rows if start <= row < end]])
        start = end
        if rows[-1] < end:
            break
    return np.concatenate(taken)


def _cosines(made: np.ndarray, given: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(made, axis=1) * np.linalg.norm(given, axis=1)
    return np.asarray((made * given).sum(axis=1) / np.maximum(norms, np.finfo(np.float32).tiny))
