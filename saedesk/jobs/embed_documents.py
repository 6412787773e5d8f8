"""Texts to vectors, in chunks that survive a kill; texts seen before are not embedded again."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, ModelFiles, resolve_model
from saedesk.embedding.shipped_vectors import ShippedVectors
from saedesk.embedding.text_hashes import find_rows, from_bytes, sorting_order
from saedesk.embedding.vector_faults import find_bad_rows
from saedesk.errors import BadInput
from saedesk.project.artifact_readers import (
    BAD_ROWS_NAME,
    DOCUMENT_IDS_NAME,
    TEXT_HASHES_NAME,
    VECTORS_NAME,
)
from saedesk.project.atomic_files import (
    create_array,
    open_array,
    require_room,
    write_array,
    write_json,
)
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import ArtifactDraft, Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.embedding.sentence_encoder import SentenceEncoder

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
    model = resolve_model(request.model, allow_download=request.allow_download)
    ids, hash_rows = project.documents.embedding_rows()
    if not len(ids):
        raise BadInput(f"{project.name} has no document with a text. Import documents first.")
    inputs = _inputs(project, model)
    work = _work_inputs(model)
    finished = project.find_intact("vectors", inputs)
    if finished is not None:
        project.discard_work("vectors", work)
        project.use(finished)
        return EmbedResult(finished, 0, len(ids), time.monotonic() - started)
    hashes = from_bytes(hash_rows)
    chunks = project.work_folder("vectors", work, resume=True)
    embedded = _finished_chunks(chunks)
    known = _KnownVectors.collect(project, model, request.ready_vectors)
    known.add(embedded)
    missing = known.missing(hashes)
    fresh = _embed_missing(project, request, model, chunks, embedded, ids[missing], control)
    known.add(fresh)
    with project.new_artifact("vectors", inputs, use=True) as draft:
        _assemble(draft, known, ids, hashes, control)
        draft.summary |= {
            "model": model.name,
            "embedded": embedded.rows + fresh.rows,
            "seconds": round(time.monotonic() - started, 1),
            "precision": fresh.precision or embedded.precision or "float32",
            "truncated": embedded.truncated + fresh.truncated,
        }
    shutil.rmtree(chunks)
    record = project.find("vectors", inputs)
    assert record is not None
    seconds = time.monotonic() - started
    return EmbedResult(record, len(missing), len(ids) - len(missing), seconds)


def _inputs(project: Project, model: ModelFiles) -> dict[str, Any]:
    return {
        "corpus": project.documents.corpus_hash(),
        "model": model.name,
        "model_fingerprint": model.fingerprint,
        "algorithm": ALGORITHM_VERSION,
    }


def _work_inputs(model: ModelFiles) -> dict[str, Any]:
    """Names the folder of unfinished chunks: one for a model, whatever documents come or go."""
    return {
        "model_fingerprint": model.fingerprint,
        "algorithm": ALGORITHM_VERSION,
        "chunks": CHUNK,
    }


@dataclass
class _Embedded:
    """Finished chunks of an embedding."""

    hashes: list[np.ndarray] = field(default_factory=list)
    vectors: list[np.ndarray] = field(default_factory=list)
    precision: str = ""
    truncated: int = 0

    @property
    def rows(self) -> int:
        """Texts in all chunks."""
        return sum(map(len, self.hashes))

    def add(self, chunk: _Chunk) -> None:
        """Count a finished chunk in."""
        about = chunk.about()
        self.truncated += int(about["truncated"])
        self.precision = str(about["precision"])
        self.hashes.append(from_bytes(chunk.hashes()))
        self.vectors.append(open_array(chunk.vectors_path))

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Vectors of rows counted over all chunks, (len(rows), d) float32."""
        starts = np.cumsum([0, *map(len, self.hashes)])
        chunks = np.searchsorted(starts, rows, side="right") - 1
        inside = rows - starts[chunks]
        out = np.empty((len(rows), self.vectors[0].shape[1]), np.float32)
        for chunk in np.unique(chunks):
            here = chunks == chunk
            out[here] = self.vectors[chunk][inside[here]]
        return out


@dataclass(frozen=True)
class _Source:
    """Vectors that can be looked up by the hash of their text."""

    hashes: np.ndarray
    """(n,) HASH_DTYPE, sorted."""
    order: np.ndarray
    """(n,) row of each sorted hash."""
    take: Callable[[np.ndarray], np.ndarray]
    """Rows to vectors."""
    dimensions: int


class _KnownVectors:
    """Vectors that exist already, by the hash of their text."""

    def __init__(self) -> None:
        self._sources: list[_Source] = []
        self._shipped: ShippedVectors | None = None

    @classmethod
    def collect(cls, project: Project, model: ModelFiles, ready: Path | None) -> _KnownVectors:
        """What earlier vectors artifacts of the same model, and a ready folder, offer."""
        known = cls()
        for record in project.artifacts("vectors"):
            is_same_model = record.inputs.get("model_fingerprint") == model.fingerprint
            if is_same_model and project.is_intact(record):
                vectors = open_array(project.path_of(record, VECTORS_NAME))
                hashes = open_array(project.path_of(record, TEXT_HASHES_NAME))
                known._add(from_bytes(np.asarray(hashes)), vectors.__getitem__, vectors.shape[1])
        if ready is not None:
            shipped = ShippedVectors.open(ready)
            if shipped.about.model_fingerprint == model.fingerprint:
                known._shipped = shipped
        return known

    def _add(
        self, hashes: np.ndarray, take: Callable[[np.ndarray], np.ndarray], dimensions: int
    ) -> None:
        order = sorting_order(hashes)
        self._sources.append(_Source(hashes[order], order, take, dimensions))

    def add(self, embedded: _Embedded) -> None:
        """Count finished chunks among the known vectors."""
        if embedded.vectors:
            hashes = np.concatenate(embedded.hashes)
            self._add(hashes, embedded.take, embedded.vectors[0].shape[1])

    def missing(self, hashes: np.ndarray) -> np.ndarray:
        """Rows of `hashes` that nobody has, each text once, in order."""
        unknown = np.ones(len(hashes), bool)
        for source in self._sources:
            unknown &= find_rows(source.hashes, hashes) < 0
        if self._shipped is not None:
            unknown &= ~self._shipped.lookup(hashes)[0]
        rows = np.flatnonzero(unknown)
        _, first = np.unique(hashes[rows], return_index=True)
        return rows[np.sort(first)]

    def dimensions(self) -> int:
        """Length of a vector."""
        if self._sources:
            return self._sources[0].dimensions
        assert self._shipped is not None
        return self._shipped.about.dimensions

    def fill(self, hashes: np.ndarray, into: np.ndarray) -> None:
        """Write the vector of each hash into the same row of `into`."""
        left = np.arange(len(hashes))
        for source in self._sources:
            found = find_rows(source.hashes, hashes[left])
            hit = found >= 0
            into[left[hit]] = source.take(source.order[found[hit]])
            left = left[~hit]
        if self._shipped is not None and len(left):
            there, vectors = self._shipped.lookup(hashes[left])
            into[left[there]] = vectors[there]
            left = left[~there]
        assert not len(left)


def _finished_chunks(folder: Path) -> _Embedded:
    """What an interrupted run embedded already."""
    done = _Embedded()
    while (chunk := _Chunk(folder, len(done.vectors))).is_finished():
        done.add(chunk)
    return done


def _embed_missing(
    project: Project,
    request: EmbedRequest,
    model: ModelFiles,
    folder: Path,
    before: _Embedded,
    ids: np.ndarray,
    control: TaskControl,
) -> _Embedded:
    """Embed chunk by chunk, after the finished ones of an interrupted run.

    Chunks are cut from the front of the list of missing texts, so after a kill the rest of the
    list is cut in the same places, and every text has the same neighbours in its batch: the
    vectors are the same bit for bit.
    """
    fresh = _Embedded()
    if not len(ids):
        return fresh
    total = before.rows + len(ids)
    control.report(Progress(before.rows, total, "documents", f"Loading {model.name}"))
    encoder = _load_encoder(model, request.device)
    require_room(folder, 3 * total * encoder.dimensions * 4)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        texts = [text_to_embed(row.title, row.text) for row in project.documents.rows(part)]
        shifted = _Shifted(control, before.rows + start, total)
        encoded = encoder.encode(texts, shifted)
        chunk = _Chunk(folder, len(before.vectors) + len(fresh.vectors))
        hashes = project.documents.hashes_of(part)
        chunk.write(hashes, encoded.vectors, encoded.truncated, encoder.precision)
        fresh.add(chunk)
        control.report(Progress(before.rows + start + len(part), total, "documents"))
    return fresh


class _Chunk:
    """One finished chunk on disk; it counts once its vectors, written last, are there."""

    def __init__(self, folder: Path, number: int) -> None:
        self.vectors_path = folder / f"chunk-{number:06d}.npy"
        self._hashes_path = folder / f"chunk-{number:06d}.hashes.npy"
        self._about_path = folder / f"chunk-{number:06d}.json"

    def is_finished(self) -> bool:
        """Whether vectors, hashes and the note about them are there and fit together."""
        if not self.vectors_path.is_file():
            return False
        try:
            self.about()
            return len(self.hashes()) == len(open_array(self.vectors_path))
        except (OSError, ValueError, EOFError):
            # A power cut may keep the rename of one file and lose that of another.
            return False

    def hashes(self) -> np.ndarray:
        """(n, 16) uint8 text hashes."""
        loaded: np.ndarray = np.load(self._hashes_path, allow_pickle=False)
        return loaded

    def write(
        self, hashes: np.ndarray, vectors: np.ndarray, truncated: np.ndarray, precision: str
    ) -> None:
        """Store a finished chunk."""
        self.vectors_path.unlink(missing_ok=True)
        write_json(self._about_path, {"truncated": int(truncated.sum()), "precision": precision})
        write_array(self._hashes_path, hashes)
        write_array(self.vectors_path, vectors)

    def about(self) -> dict[str, Any]:
        """How many texts were longer than the model reads, and the precision."""
        content: dict[str, Any] = json.loads(self._about_path.read_text("utf-8"))
        return content


def _load_encoder(model: ModelFiles, device: str) -> SentenceEncoder:
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    return SentenceEncoder.load(model, device)


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
    known: _KnownVectors,
    ids: np.ndarray,
    hashes: np.ndarray,
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
