"""A folder of ready vectors found by the hash of their text, such as the demo's.

    about.json         model fingerprint, dimensions, number of texts
    text_hashes.npy    (n, 16) uint8, ascending
    vectors.npy        (n, d) float16, row by row of the hashes

Half precision halves the file; a unit vector of 384 values keeps a cosine above 0.9999998.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from saedesk.embedding.text_hashes import (
    HASH_BYTES,
    as_bytes,
    find_rows,
    from_bytes,
    sorting_order,
)
from saedesk.errors import BadInput


@dataclass(frozen=True)
class ShippedAbout:
    """What `about.json` says."""

    model_name: str
    """For people."""
    model_fingerprint: str
    """`ModelFiles.fingerprint` of the model that made the vectors."""
    dimensions: int
    """Length of a vector."""
    texts: int
    """Number of texts."""


class ShippedVectors:
    """Ready vectors of unit norm by text hash, memory-mapped."""

    def __init__(self, about: ShippedAbout, hashes: np.ndarray, vectors: np.ndarray) -> None:
        self.about = about
        self._hashes = hashes
        self._vectors = vectors

    @staticmethod
    def open(folder: Path) -> ShippedVectors:
        """Open `folder`; raises BadInput when its files do not fit together."""
        try:
            about = ShippedAbout(**json.loads((folder / "about.json").read_text("utf-8")))
            rows = np.load(folder / "text_hashes.npy", mmap_mode="r", allow_pickle=False)
            vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, TypeError) as problem:
            raise BadInput(
                f"The ready vectors in “{folder}” cannot be read: install the program again."
            ) from problem
        fit = rows.shape == (about.texts, HASH_BYTES) and rows.dtype == np.uint8
        if not fit or vectors.shape != (about.texts, about.dimensions):
            raise BadInput(
                f"The ready vectors in “{folder}” are damaged: {about.texts} texts of "
                f"{about.dimensions} dimensions were expected, {vectors.shape} is there. Install "
                "the program again."
            )
        return ShippedVectors(about, from_bytes(rows), vectors)

    def lookup(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For (n,) HASH_DTYPE: which are there, (n,) bool, and (n, d) float32 unit vectors.

        Rows that are not there are zero.
        """
        rows = find_rows(self._hashes, hashes)
        found = rows >= 0
        vectors = np.zeros((len(rows), self.about.dimensions), dtype=np.float32)
        stored = self._vectors[rows[found]].astype(np.float32)
        norms = np.linalg.norm(stored, axis=1, keepdims=True)
        vectors[found] = stored / np.maximum(norms, np.finfo(np.float32).tiny)
        return found, vectors


def write_shipped_vectors(
    folder: Path,
    model_name: str,
    model_fingerprint: str,
    hashes: np.ndarray,
    vectors: np.ndarray,
) -> ShippedAbout:
    """Write (n,) HASH_DTYPE `hashes` and their (n, d) `vectors`; of equal hashes one is kept."""
    order = sorting_order(hashes)
    ordered = hashes[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    kept = order[first]
    about = ShippedAbout(model_name, model_fingerprint, int(vectors.shape[1]), len(kept))
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "text_hashes.npy", as_bytes(hashes[kept]), allow_pickle=False)
    np.save(folder / "vectors.npy", vectors[kept].astype(np.float16), allow_pickle=False)
    text = json.dumps(asdict(about), indent=2, ensure_ascii=False) + "\n"
    (folder / "about.json").write_text(text, encoding="utf-8")
    return about
