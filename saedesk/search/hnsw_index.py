"""An HNSW index over unit vectors (Malkov and Yashunin 2018), for corpora too large to scan.

The index only proposes candidates: `VectorSearch` scores them exactly. Its file is a cache that
can be built again from the vectors at any time. Every call that would crash hnswlib (a damaged
file, a query of another width, more neighbours than vectors) is refused here first.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.errors import BadInput, BadSetting, NothingToSearch, OutOfRoom
from saedesk.search.exact_scores import inverse_norms
from saedesk.search.index_description import (
    DESCRIPTION_FILE,
    INDEX_FILE,
    SPACE,
    DamagedIndex,
    IndexDescription,
    check_index_file,
    damaged,
    description_text,
    read_description,
)
from saedesk.search.index_files import (
    file_sha256,
    partial_of,
    replace_file,
    require_room_beside,
)
from saedesk.search.query_parts import Parts
from saedesk.task_control import Progress, TaskControl

__all__ = [
    "DESCRIPTION_FILE", "EXACT_LIMIT", "INDEX_FILE", "DamagedIndex", "GuardedHnswIndex",
    "IndexDescription", "IndexFellShort", "build_index", "needs_index",
]  # fmt: skip

EXACT_LIMIT = 100_000
"""Up to this many rows of width 384 (in proportion for others) an exact scan needs no index.

tests/benchmarks/search_speed.py: a product with 100,000 rows takes about 11 ms on one core, and
is needed once for a query and once for a slider that moves for the first time; dragging it on
takes under 1 ms, less than the index."""

USUAL_WIDTH = 384

FEW_LEFT_OUT = 50
"""A filter that leaves out no more rows than this is answered by the graph: so many more
candidates make up for them. The library's own filter calls Python for every row it passes: it
took 6 ms where 10 % of 50,000 pass, 37 ms where 0.1 % do, and more the fewer."""

ROWS_AT_ONCE = 500
SEED = 0


def needs_index(rows: int, dim: int) -> bool:
    """Whether vectors (rows, dim) are so many that an exact scan would be felt."""
    return rows * dim > EXACT_LIMIT * USUAL_WIDTH


class IndexFellShort(Exception):
    """The graph could not reach as many neighbours as were asked for; scan instead."""


def build_index(
    vectors: np.ndarray,
    file: Path,
    control: TaskControl,
    *,
    vectors_hash: str,
    threads: int,
    M: int = 16,
    ef_construction: int = 200,
    excluded_rows: Iterable[int] = (),
    before: GuardedHnswIndex | None = None,
) -> IndexDescription:
    """Index the rows of `vectors` (n, d) into `file`, with graph.json beside it.

    Rows that are excluded, zero or not finite are left out. With one thread the file is the
    same every time. Nothing is written before the index is complete, so a cancel leaves what
    was there. `vectors_hash` names the vectors for `GuardedHnswIndex.open`. `before` is an index
    over the first rows of the same vectors: it is taken over and only the others are added; it
    must not be used afterwards.
    """
    if before is not None:
        M, ef_construction = before.about.M, before.about.ef_construction
    _check_settings(M, ef_construction, threads)
    searchable = inverse_norms(vectors) > 0.0
    searchable[np.fromiter(excluded_rows, dtype=np.int64)] = False
    rows = np.flatnonzero(searchable)
    if not len(rows):
        raise BadInput("There is nothing to index: no document has a vector to search by.")
    if before is None:
        index = _new_index(vectors.shape[1])
        index.init_index(
            max_elements=len(rows), M=M, ef_construction=ef_construction, random_seed=SEED
        )
    else:
        index = before.make_room(rows)
    for start in range(0 if before is None else before.about.count, len(rows), ROWS_AT_ONCE):
        control.checkpoint()
        control.report(Progress(start, len(rows), "documents", "building the search index"))
        chunk = rows[start : start + ROWS_AT_ONCE]
        index.add_items(np.asarray(vectors[chunk], np.float32), chunk, num_threads=threads)
    control.checkpoint()
    size, checksum = _save(index, file)
    about = IndexDescription(
        file=file.name,
        bytes=size,
        sha256=checksum,
        space=SPACE,
        dim=int(vectors.shape[1]),
        rows=len(vectors),
        count=len(rows),
        M=M,
        ef_construction=ef_construction,
        hnswlib=_library_version(),
        vectors=vectors_hash,
    )
    replace_file(file.with_name(DESCRIPTION_FILE), description_text(about).encode())
    control.report(Progress(len(rows), len(rows), "documents", "building the search index"))
    return about


class GuardedHnswIndex:
    """A loaded index that answers or raises, and does not crash."""

    SMALLEST_EF = 200
    """Candidates looked at for a query that lies among the documents."""
    STEERED_EF = 1_000
    """The same for a steered query. Steering leads off the documents, where the graph finds less:
    recall at 10 among 100,000 clustered rows was 0.89 with 200, 1.00 with 1,000."""
    FAR_EF = 4_000
    """The same for a query steered below `FAR_COSINE`: five features at 0.7 found 0.69 with 200,
    0.98 with 1,000 and 1.00 with 4,000, in 10 ms."""
    FAR_COSINE = 0.8
    MOST_CANDIDATES = 1_000
    """Longer lists are scanned for."""

    def __init__(self, index: Any, about: IndexDescription) -> None:
        self._index = index
        self.about = about

    @classmethod
    def open(cls, folder: Path, *, dim: int, rows: int, vectors_hash: str) -> GuardedHnswIndex:
        """Load the index in `folder` when it is the one built over these vectors.

        Raises DamagedIndex when a file is missing or changed, or belongs to other vectors; the
        caller builds it again and searches exactly meanwhile.
        """
        about = read_description(folder)
        path = folder / about.file
        expected = (dim, rows, vectors_hash, SPACE)
        if (about.dim, about.rows, about.vectors, about.space) != expected:
            damaged(path, "was built over other vectors than those of this project")
        check_index_file(folder, about)
        index = _new_index(dim)
        try:
            index.load_index(str(path), max_elements=about.count)
        except (RuntimeError, MemoryError) as error:
            damaged(path, f"cannot be loaded ({error})", error)
        if index.get_current_count() != about.count:
            damaged(path, "does not hold as many vectors as its description says")
        return cls(index, about)

    def make_room(self, rows: np.ndarray) -> Any:
        """The graph itself, ready to take what of `rows` it does not hold yet.

        Raises ValueError when it holds others than the first of `rows`, or is wider.
        """
        held = np.sort(np.array(self._index.get_ids_list(), np.int64))
        if not np.array_equal(held, rows[: len(held)]):
            raise ValueError("the index holds other rows than the first of those wanted")
        self._index.resize_index(len(rows))
        return self._index

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self.about.dim

    @property
    def rows(self) -> int:
        """How many vectors it was built over, those left out included."""
        return self.about.rows

    def query(self, q: np.ndarray, k: int, ef: int = SMALLEST_EF) -> tuple[np.ndarray, np.ndarray]:
        """Up to k rows near q (d,) and 1 − cosine of each, nearest first: int64, float32.

        Raises BadInput for another width, NothingToSearch for a query without direction,
        IndexFellShort when the graph does not reach that many.
        """
        q = np.ascontiguousarray(q, dtype=np.float32)
        if q.shape != (self.dim,):
            raise BadInput(
                f"The query has the shape {q.shape} but the search index has vectors of width "
                f"{self.dim}. Encode the query with the model that encoded the documents."
            )
        if not inverse_norms(q[None])[0] > 0.0:
            raise NothingToSearch("There is nothing to search for: the query has no direction.")
        if k < 0:
            raise BadSetting(f"{k} results cannot be shown; ask for 1 or more.")
        k = min(k, self.about.count)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        self._index.set_ef(max(ef, k, self.SMALLEST_EF))
        try:
            labels, distances = self._index.knn_query(q[None], k=k, num_threads=1)
        except RuntimeError as error:
            raise IndexFellShort(str(error)) from error
        return labels[0].astype(np.int64), distances[0]

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

        `cosine` of q with the query before steering decides how many are looked at.
        `allowed_rows` (n,) bool is a filter; `parts` are not looked at. None when the list is
        longer than the index is good for, the filter leaves out more than `FEW_LEFT_OUT`, or the
        graph falls short.
        """
        left_out = 0 if allowed_rows is None else len(allowed_rows) - int(allowed_rows.sum())
        if count > self.MOST_CANDIDATES or left_out > FEW_LEFT_OUT:
            return None
        ef = self.SMALLEST_EF
        if cosine < 1.0:
            ef = self.STEERED_EF if cosine >= self.FAR_COSINE else self.FAR_EF
        wanted = min(self.MOST_CANDIDATES, max(100, 2 * (count + left_out)))
        try:
            rows, _ = self.query(q, k=wanted, ef=ef)
        except IndexFellShort:
            return None
        rows = np.sort(rows)
        return rows if allowed_rows is None else rows[allowed_rows[rows]]


def _check_settings(M: int, ef_construction: int, threads: int) -> None:
    # hnswlib takes M below 2 and crashes; the upper ends keep the file within reason.
    for name, value, least, most in (
        ("M", M, 2, 256),
        ("ef_construction", ef_construction, 10, 10_000),
        ("threads", threads, 1, 1_024),
    ):
        if not least <= value <= most:
            raise BadSetting(
                f"The search index cannot be built with {name} = {value}; "
                f"it has to be between {least} and {most:,}."
            )


def _new_index(dim: int) -> Any:
    import hnswlib

    return hnswlib.Index(space=SPACE, dim=dim)


def _library_version() -> str:
    try:
        return importlib.metadata.version("hnswlib")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"  # a frozen program need not carry the metadata of its parts


def _save(index: Any, file: Path) -> tuple[int, str]:
    """Write the index and make sure it arrived, because hnswlib does not; (size, sha256)."""
    size = int(index.index_file_size())
    with partial_of(file) as partial:
        require_room_beside(file, size)
        index.save_index(str(partial))
        written = partial.stat().st_size if partial.exists() else 0
        if written != size:
            raise OutOfRoom(
                f"Writing the search index to {file.parent} failed: {written:,} of {size:,} "
                "bytes arrived. Make room on the disk and build it again."
            )
        with partial.open("rb+") as content:
            os.fsync(content.fileno())
        checksum = file_sha256(partial)
        os.replace(partial, file)
    return size, checksum
