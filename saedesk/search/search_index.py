"""The search index of a large corpus: compact codes to scan, hnswlib's graph where it is better.

`index_building` writes it and says when there is a graph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.search.compact_codes import STORAGES, CompactCodes
from saedesk.search.hnsw_index import GuardedHnswIndex
from saedesk.search.index_description import (
    ABOUT_FILE,
    SearchIndexDescription,
    check_size_and_checksum,
    damaged,
    read_about,
)
from saedesk.search.principal_turning import Turning
from saedesk.search.query_parts import Parts

GRAPH_RESULTS = 100
"""Longer lists are scanned for in the codes, which hold a few thousand candidates anyway."""


class SearchIndex:
    """Proposes rows that hold the best with high probability; not for two threads at once."""

    MOST_CANDIDATES = 1_000
    """Longer lists are scanned for exactly."""

    def __init__(
        self,
        codes: CompactCodes,
        about: SearchIndexDescription,
        graph: GuardedHnswIndex | None = None,
    ) -> None:
        self.codes, self.about, self.graph = codes, about, graph

    @classmethod
    def open(cls, folder: Path, *, dim: int, rows: int, vectors_hash: str) -> SearchIndex:
        """Load the index in `folder` when it is the one built over these vectors.

        Raises DamagedIndex when a file is missing or changed, or belongs to other vectors; the
        caller builds it again and searches exactly meanwhile.
        """
        about = read_about(folder)
        if (about.dim, about.rows, about.vectors) != (dim, rows, vectors_hash):
            damaged(folder / ABOUT_FILE, "was built over other vectors than those of this project")
        codes = _read_codes(folder / about.file, about)
        graph = None
        if about.graph_for != "nothing":
            graph = GuardedHnswIndex.open(folder, dim=dim, rows=rows, vectors_hash=vectors_hash)
        return cls(codes, about, graph)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self.about.dim

    @property
    def rows(self) -> int:
        """How many vectors it was built over, those left out included."""
        return self.about.rows

    @property
    def recall(self) -> float:
        """Share of the true ten best that it finds, the lower of plain and steered, measured."""
        return min(self.about.recall_plain, self.about.recall_steered)

    def candidates(
        self,
        q: np.ndarray,
        count: int,
        *,
        cosine: float = 1.0,
        allowed_rows: np.ndarray | None = None,
        parts: Parts | None = None,
    ) -> np.ndarray | None:
        """Rows that hold the best `count` for q (d,) with high probability, ascending.

        `cosine` of q with the query before steering tells whether it was steered. `allowed_rows`
        (n,) bool is a filter. `parts` are what q is the sum of, where that is known. None when the
        list is longer than the index is good for.
        """
        if count > self.MOST_CANDIDATES:
            return None
        kind = "steered" if cosine < 1.0 else "plain"
        if self.graph is not None and self.about.graph_for in (kind, "both"):
            found = None
            if count <= GRAPH_RESULTS:
                found = self.graph.candidates(q, count, cosine=cosine, allowed_rows=allowed_rows)
            if found is not None:
                return found
        # One list serves every count, so that a search and the ranks after it share it.
        wanted = max(self.about.candidates, 2 * self.MOST_CANDIDATES)
        return self.codes.propose(q, wanted, allowed_rows, parts)


def codes_content(codes: CompactCodes) -> bytes:
    """What is written to the file of the codes."""
    from safetensors.numpy import save

    content: bytes = save(
        {
            "head": codes.head,
            "tail": codes.tail,
            "left_out": codes.left_out,
            "basis": codes.turning.basis,
            "mean": codes.turning.mean,
            "scale": np.array([codes.turning.scale]),
        }
    )
    return content


def _read_codes(path: Path, about: SearchIndexDescription) -> CompactCodes:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    check_size_and_checksum(path, about)
    try:
        parts = load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        damaged(path, f"cannot be loaded ({error})", error)
    rows, dim = about.rows, about.dim
    wanted = {
        "head": ((rows, about.head), about.storage),
        "tail": ((rows, about.tail), about.storage),
        "left_out": (parts["left_out"].shape if "left_out" in parts else (), "int64"),
        "basis": ((dim, about.head + about.tail), "float32"),
        "mean": ((dim,), "float32"),
        "scale": ((1,), "float64"),
    }
    held = {name: (part.shape, part.dtype.name) for name, part in parts.items()}
    left_out = parts.get("left_out", np.zeros(0, np.int64))
    inside = left_out.ndim == 1 and ((left_out >= 0) & (left_out < rows)).all()
    if held != wanted or about.storage not in STORAGES or not inside:
        damaged(path, "holds other codes than its description says")
    turning = Turning(parts["mean"], parts["basis"], float(parts["scale"][0]))
    # numpy asks for large pages where it allocates, safetensors does not: scans are faster so.
    return CompactCodes(turning, np.array(parts["head"]), np.array(parts["tail"]), left_out)
