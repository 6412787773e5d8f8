"""Finished chunks of an embedding: what a killed run keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.embedding.text_hashes import from_bytes
from saedesk.embedding.text_model import PRECISIONS, Precision, precision_named
from saedesk.project.atomic_files import open_array, write_array, write_json


@dataclass
class EmbeddedChunks:
    """Finished chunks of an embedding."""

    hashes: list[np.ndarray] = field(default_factory=list)
    """(n,) HASH_DTYPE of each chunk."""
    dimensions: int = 0
    precisions: list[Precision] = field(default_factory=list)
    """Of the model in each chunk."""
    truncated: int = 0
    """Texts of which the model saw only the beginning."""
    _paths: list[Path] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._paths)

    @property
    def rows(self) -> int:
        """Texts in all chunks."""
        return sum(map(len, self.hashes))

    def add(self, chunk: EmbeddedChunk) -> None:
        """Count a finished chunk in."""
        about = chunk.about()
        self.truncated += int(about["truncated"])
        self.precisions.append(precision_named(about["precision"]))
        self.hashes.append(from_bytes(chunk.hashes()))
        self.dimensions = int(open_array(chunk.vectors_path).shape[1])
        self._paths.append(chunk.vectors_path)

    @property
    def precision(self) -> Precision | None:
        """Of the last chunk, to go on with; None where there is no chunk."""
        return self.precisions[-1] if self.precisions else None

    def precision_codes(self, rows: np.ndarray) -> np.ndarray:
        """(len(rows),) uint8: place in PRECISIONS of the precision of each row."""
        codes = [PRECISIONS.index(precision) for precision in self.precisions]
        every_row = np.repeat(np.array(codes, np.uint8), list(map(len, self.hashes)))
        return np.asarray(every_row[rows])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Vectors of rows counted over all chunks, (len(rows), d) float32.

        A chunk is opened when it is needed: a million documents have two thousand chunks, more
        than a process may have files open.
        """
        starts = np.cumsum([0, *map(len, self.hashes)])
        chunks = np.searchsorted(starts, rows, side="right") - 1
        inside = rows - starts[chunks]
        out = np.empty((len(rows), self.dimensions), np.float32)
        for chunk in np.unique(chunks):
            here = chunks == chunk
            out[here] = open_array(self._paths[chunk])[inside[here]]
        return out


class EmbeddedChunk:
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
        self, hashes: np.ndarray, vectors: np.ndarray, truncated: np.ndarray, precision: Precision
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


def finished_chunks(folder: Path) -> EmbeddedChunks:
    """What an interrupted run embedded already."""
    done = EmbeddedChunks()
    while (chunk := EmbeddedChunk(folder, len(done))).is_finished():
        done.add(chunk)
    return done
