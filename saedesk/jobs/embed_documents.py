"""Texts to vectors, in chunks that survive a kill; texts seen before are not embedded again."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, ModelFiles, resolve_model
from saedesk.embedding.model_folders import remember_folder, remembered_folder
from saedesk.embedding.text_hashes import from_bytes
from saedesk.embedding.text_model import precision_named
from saedesk.embedding.vector_faults import find_bad_rows
from saedesk.errors import BadInput, ModelProblem
from saedesk.jobs.embedded_chunks import EmbeddedChunk, EmbeddedChunks, finished_chunks
from saedesk.jobs.known_vectors import KnownVectors
from saedesk.jobs.vectors_precision import (
    precision_counts,
    precision_in_words,
    precision_inputs,
    same_but_for_precision,
)
from saedesk.project.artifact_readers import (
    BAD_ROWS_NAME,
    DOCUMENT_IDS_NAME,
    PRECISIONS_NAME,
    TEXT_HASHES_NAME,
    VECTORS_NAME,
)
from saedesk.project.atomic_files import (
    create_array,
    require_room,
    write_array,
)
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import ArtifactDraft, Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.embedding.sentence_encoder import SentenceEncoder
    from saedesk.embedding.text_model import Precision

ALGORITHM_VERSION = 1
CHUNK = 512
"""Documents in a chunk: the most that a kill can lose."""
_COPY_ROWS = 65_536


@dataclass(frozen=True)
class EmbedRequest:
    """Which model embeds, and where."""

    model: str = DEFAULT_MODEL
    device: str = "auto"
    allow_download: bool = False
    """Whether a model that is not on this computer may be fetched from the hub."""
    ready_vectors: Path | None = None
    """A folder of ready vectors by text hash (the demo's), used where the model matches."""
    precision: Precision | Literal["auto"] = "auto"
    """Number format for the texts that have no vectors yet; “auto” goes on in that of an
    interrupted run, and else takes the fastest one that keeps the vectors' directions."""


@dataclass(frozen=True)
class EmbedResult:
    """What the vectors were made of."""

    record: ArtifactRecord
    embedded: int
    """Texts that the model read this time."""
    reused: int
    """Texts whose vectors were there already."""
    seconds: float


def run(project: Project, request: EmbedRequest, control: TaskControl) -> EmbedResult:
    """Embed what is new and make the vectors artifact the one in use."""
    project.check_writable()
    started = time.monotonic()
    control.report(Progress(0, None, "documents", "Looking for the model"))
    model = _find_model(project, request)
    ids, hash_rows = project.documents.embedding_rows()
    if not len(ids):
        raise BadInput(_nothing_to_embed(project))
    inputs = vectors_inputs(project, model)
    work = _work_inputs(model)
    finished = _find_intact(project, inputs)
    if finished is not None:
        project.discard_work("vectors", work)
        project.use(finished)
        return EmbedResult(finished, 0, len(ids), time.monotonic() - started)
    hashes = from_bytes(hash_rows)
    chunks = project.work_folder("vectors", work, resume=True)
    embedded = finished_chunks(chunks)
    known = KnownVectors.collect(project, model, request.ready_vectors)
    known.add(embedded)
    missing = known.missing(hashes)
    precision = request.precision
    if precision == "auto":
        precision = embedded.precision or _damaged_precision(project, inputs) or "auto"
    load = partial(_load_encoder, model, request.device, precision)
    fresh = _embed_missing(project, load, model, chunks, embedded, ids[missing], control)
    known.add(fresh)
    codes = known.precision_codes(hashes)
    inputs |= precision_inputs(codes)
    with project.new_artifact("vectors", inputs, use=True) as draft:
        _assemble(draft, known, ids, hashes, codes, control)
        draft.summary |= {
            "model": inputs["model"],
            "embedded": embedded.rows + fresh.rows,
            "seconds": round(time.monotonic() - started, 1),
            "precision": precision_in_words(codes),
            "precisions": precision_counts(codes),
            "truncated": embedded.truncated + fresh.truncated,
        }
    shutil.rmtree(chunks)
    record = project.find("vectors", inputs)
    assert record is not None
    seconds = time.monotonic() - started
    return EmbedResult(record, len(missing), len(ids) - len(missing), seconds)


def _nothing_to_embed(project: Project) -> str:
    if project.current("vectors") is not None and project.documents.count():
        return (
            f"The documents of {project.name} have no texts to embed. The vectors that were "
            "imported stay in use."
        )
    return f"{project.name} has no document with a text. Import documents first."


def what_embedding_replaces(project: Project) -> str:
    """A sentence for before an embedding that takes imported vectors out of use, or ""."""
    vectors = project.current("vectors")
    if vectors is None or "imported" not in vectors.inputs:
        return ""
    return (
        f"The vectors imported from {vectors.summary['imported']['file']} are in use. Embedding "
        "puts new ones in their place; the imported ones and their SAEs stay in the project."
    )


def _find_model(project: Project, request: EmbedRequest) -> ModelFiles:
    """The model asked for; one in a folder is found again by the name in the project alone."""
    try:
        model = resolve_model(request.model)
    except ModelProblem:
        vectors = project.current("vectors")
        folder = None
        asked = request.model.strip()
        if vectors is not None and asked and vectors.inputs["model"] == asked:
            folder = remembered_folder(str(vectors.inputs["model_fingerprint"]))
        if folder is not None:
            model = resolve_model(str(folder))
        elif request.allow_download:
            model = resolve_model(request.model, allow_download=True)
        else:
            raise
    if model.source == "folder":
        # Where it cannot be noted, searching will ask for the folder; the vectors are good.
        with contextlib.suppress(OSError):
            remember_folder(model.fingerprint, model.folder)
    return model


def vectors_inputs(project: Project, model: ModelFiles) -> dict[str, Any]:
    """What is to be embedded with what; the precision joins once it is known."""
    return {
        "corpus": project.documents.corpus_hash(),
        "model": name_in_project(project, model),
        "model_fingerprint": model.fingerprint,
        "algorithm": ALGORITHM_VERSION,
    }


def _find_intact(project: Project, inputs: dict[str, Any]) -> ArtifactRecord | None:
    """Finished vectors of these documents and this model, in any precision; those in use first."""
    found = [r for r in project.artifacts("vectors") if same_but_for_precision(r, inputs)]
    current = project.current("vectors")
    found.sort(key=lambda record: record != current)
    return next((record for record in found if project.is_intact(record)), None)


def _damaged_precision(project: Project, inputs: dict[str, Any]) -> Precision | None:
    """That of damaged vectors to be made again, so that they become what they were."""
    for record in project.artifacts("vectors"):
        if same_but_for_precision(record, inputs) and PRECISIONS_NAME not in record.files:
            return precision_named(record.inputs.get("precision"))
    return None


def name_in_project(project: Project, model: ModelFiles) -> str:
    """The name that the same model has there already, wherever it lies now."""
    for record in project.artifacts("vectors"):
        name = str(record.inputs["model"])
        is_path = PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute()
        if record.inputs["model_fingerprint"] == model.fingerprint and not is_path:
            return name
    return model.title


def _work_inputs(model: ModelFiles) -> dict[str, Any]:
    """Names the folder of unfinished chunks: one for a model, whatever documents come or go."""
    return {
        "model_fingerprint": model.fingerprint,
        "algorithm": ALGORITHM_VERSION,
        "chunks": CHUNK,
    }


def _embed_missing(
    project: Project,
    load: Callable[[], SentenceEncoder],
    model: ModelFiles,
    folder: Path,
    before: EmbeddedChunks,
    ids: np.ndarray,
    control: TaskControl,
) -> EmbeddedChunks:
    """Embed chunk by chunk, after the finished ones of an interrupted run.

    Chunks are cut from the front of the list of missing texts, so after a kill the rest of the
    list is cut in the same places, and every text has the same neighbours in its batch: the
    vectors are the same bit for bit.
    """
    fresh = EmbeddedChunks()
    if not len(ids):
        return fresh
    total = before.rows + len(ids)
    control.report(Progress(before.rows, total, "documents", f"Loading {model.title}"))
    encoder = load()
    require_room(folder, 3 * total * encoder.dimensions * 4)
    following = _texts(project, ids[:CHUNK])
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        texts, following = following, _texts(project, ids[start + CHUNK : start + 2 * CHUNK])
        shifted = _Shifted(control, before.rows + start, total)
        encoded = encoder.encode(texts, shifted, following)
        chunk = EmbeddedChunk(folder, len(before) + len(fresh))
        hashes = project.documents.hashes_of(part)
        chunk.write(hashes, encoded.vectors, encoded.truncated, encoder.precision)
        fresh.add(chunk)
        control.report(Progress(before.rows + start + len(part), total, "documents"))
    return fresh


def _texts(project: Project, ids: np.ndarray) -> list[str]:
    """What the model reads of some documents."""
    if not len(ids):
        return []
    return [text_to_embed(row.title, row.text) for row in project.documents.rows(ids)]


def _load_encoder(
    model: ModelFiles, device: str, precision: Precision | Literal["auto"]
) -> SentenceEncoder:
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    return SentenceEncoder.load(model, device, precision)


@dataclass(frozen=True)
class _Shifted:
    """A control for one chunk that reports progress over all chunks."""

    control: TaskControl
    start: int
    total: int

    def checkpoint(self) -> None:
        self.control.checkpoint()

    def finish_early(self) -> bool:
        return self.control.finish_early()

    def report(self, progress: Progress) -> None:
        self.control.report(
            Progress(self.start + progress.done, self.total, "documents", progress.note)
        )

    def publish(self, partial: object) -> None:
        self.control.publish(partial)


def _assemble(
    draft: ArtifactDraft,
    known: KnownVectors,
    ids: np.ndarray,
    hashes: np.ndarray,
    codes: np.ndarray,
    control: TaskControl,
) -> None:
    """Put all vectors into one array, in the order of the documents."""
    dimensions = known.dimensions()
    vectors = create_array(draft.folder / VECTORS_NAME, (len(ids), dimensions), np.float32)
    for start in range(0, len(ids), _COPY_ROWS):
        control.checkpoint()
        part = slice(start, start + _COPY_ROWS)
        known.fill(hashes[part], vectors[part])
    bad = find_bad_rows(vectors)
    bad_rows = np.union1d(bad.zero, bad.not_finite).astype(np.int64)
    draft.summary |= {
        "documents": len(ids),
        "dimensions": dimensions,
        "zero_rows": len(bad.zero),
        "not_finite_rows": len(bad.not_finite),
    }
    if isinstance(vectors, np.memmap):
        vectors.flush()
    write_array(draft.folder / DOCUMENT_IDS_NAME, ids)
    write_array(draft.folder / TEXT_HASHES_NAME, hashes.view(np.uint8).reshape(-1, 16))
    write_array(draft.folder / BAD_ROWS_NAME, bad_rows)
    if len(precision_counts(codes)) > 1:
        write_array(draft.folder / PRECISIONS_NAME, codes)
