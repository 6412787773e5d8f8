"""Builds the search index of a large corpus, or adds documents to one.

Compact codes are always built: a scan of them finds plain and steered queries alike, and is built
many times faster than a graph. Where the scan, measured, finds too little, they are built twice as
wide, and again. Where it is slow or still finds too little, hnswlib's graph is built as well,
unasked only where that takes minutes; for plain and steered queries apart that is used which is
quicker among those that find enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from saedesk.errors import BadInput
from saedesk.search.compact_codes import (
    MOST_SCANNED_BYTES,
    CompactCodes,
    Storage,
    encode,
    head_width,
    wider_than,
)
from saedesk.search.exact_scores import ExactScores
from saedesk.search.hnsw_index import GuardedHnswIndex, build_index
from saedesk.search.index_description import (
    ABOUT_FILE,
    CODES_FILE,
    DESCRIPTION_FILE,
    INDEX_FILE,
    DamagedIndex,
    SearchIndexDescription,
    description_text,
    read_about,
)
from saedesk.search.index_files import replace_file, require_room_beside
from saedesk.search.index_measurement import Quality, Sample, candidates_needed, quality, samples
from saedesk.search.search_index import SearchIndex, codes_content
from saedesk.task_control import Progress, TaskControl

ENOUGH_RECALL = 0.98
SLOW = 8.0
"""Milliseconds from a query to ranked rows by a scan from which on a graph is worth building."""
UNASKED_GRAPH = 200_000 * 384
"""Vectors of no more numbers get a graph unasked, in minutes of one core. 1,000,000 x 384 took it
1,136 s (tests/benchmarks/large_search.py), and the graph found too little to be used."""
LOST_BY_ADDING = 0.01
"""Documents are added to an index while its recall stays within this of what it was."""
OUTGROWN = 1.5
"""Codes this many times wider than new ones would be are not added to."""
FAR = 0.5
"""The cosine with the query before that measured steered queries stand for."""
DIGESTED_ROWS = 4_096
NEIGHBOURS, NEIGHBOURS_OF_MANY, MANY_ROWS = 16, 24, 2_000_000
"""M of hnswlib, and what it is from so many rows on, where 16 links lose recall."""


USES = {
    (False, False): "nothing",
    (True, False): "plain",
    (False, True): "steered",
    (True, True): "both",
}
"""What the graph is used for: queries as typed, steered ones."""


@dataclass(frozen=True)
class IndexSettings:
    """How an index is built."""

    storage: Storage = "int8"
    """Number format of the codes; float16 is a little closer, twice as large and slower."""
    graph: bool | None = None
    """Whether hnswlib's graph is built too, and used wherever it finds enough; None leaves both to
    the measurement."""
    threads: int = 1


def build_search_index(
    vectors: np.ndarray,
    folder: Path,
    control: TaskControl,
    *,
    vectors_hash: str,
    excluded_rows: Iterable[int] = (),
    settings: IndexSettings | None = None,
    before: Path | None = None,
) -> SearchIndexDescription:
    """Index the rows of `vectors` (n, d) into `folder`; about.json is written last.

    `before` is the folder of an index: where it was built over the first rows of these very
    vectors, its codes and its graph are kept and the others are added; where it was not, is
    damaged, or finds less with what was added, the index is built anew. Raises BadInput where no
    row has a vector to search by.
    """
    settings = settings or IndexSettings()
    exact = ExactScores(vectors, excluded_rows)
    if not exact.searchable.any():
        raise BadInput("There is nothing to index: no document has a vector to search by.")
    old = None if before is None else _index_of_first_rows(exact, before, settings, control)
    drawn = samples(exact, control)
    scan = None
    if old is not None:
        codes = encode(exact, control, storage=settings.storage, before=old.codes)
        scan = codes, _measured(codes, exact, drawn, control)
        if _finds_less(scan[1], old.about):
            old = scan = None
    codes, measured = scan or _wide_enough(exact, drawn, settings.storage, control)
    ways = _with_graph(folder, control, exact, drawn, measured, settings, old, vectors_hash)
    return _write(folder, codes, ways, vectors_hash, _digest(vectors, control))


def _write(
    folder: Path, codes: CompactCodes, ways: _Measured, vectors_hash: str, digest: str
) -> SearchIndexDescription:
    """Write the codes, then about.json, without which they are no index."""
    content = codes_content(codes)
    require_room_beside(folder / CODES_FILE, len(content))
    replace_file(folder / CODES_FILE, content)
    about = SearchIndexDescription(
        file=CODES_FILE,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        rows=codes.rows,
        dim=codes.dim,
        head=codes.head.shape[1],
        tail=codes.tail.shape[1],
        storage=codes.storage,
        candidates=ways.candidates,
        recall_plain=ways.plain.recall,
        recall_steered=ways.steered.recall,
        milliseconds=max(ways.plain.milliseconds, ways.steered.milliseconds),
        graph_for=ways.graph_for,
        vectors=vectors_hash,
        vectors_sha256=digest,
    )
    replace_file(folder / ABOUT_FILE, description_text(about).encode())
    return about


@dataclass(frozen=True)
class _Measured:
    """What candidates find, plain and steered."""

    plain: Quality
    steered: Quality
    candidates: int
    graph_for: str = "nothing"

    @property
    def recall(self) -> float:
        """The lower of plain and steered."""
        return min(self.plain.recall, self.steered.recall)


def _measured(
    codes: CompactCodes, exact: ExactScores, drawn: tuple[Sample, Sample], control: TaskControl
) -> _Measured:
    count = candidates_needed(codes, drawn, control)
    propose = partial(codes.propose, count=count)
    plain, steered = (quality(propose, exact, sample, control) for sample in drawn)
    return _Measured(plain, steered, count)


def _wide_enough(
    exact: ExactScores, drawn: tuple[Sample, Sample], storage: Storage, control: TaskControl
) -> tuple[CompactCodes, _Measured]:
    """Codes as wide as is usual, or twice as wide and again until a scan of them finds enough."""
    codes = encode(exact, control, storage=storage)
    measured = _measured(codes, exact, drawn, control)
    while measured.recall < ENOUGH_RECALL and (width := wider_than(codes)) is not None:
        del codes  # Not the narrow ones and the wide ones at once.
        codes = encode(exact, control, storage=storage, width=width)
        measured = _measured(codes, exact, drawn, control)
    return codes, measured


def _finds_less(now: _Measured, before: SearchIndexDescription) -> bool:
    lost = max(before.recall_plain - now.plain.recall, before.recall_steered - now.steered.recall)
    return lost > LOST_BY_ADDING or now.recall < ENOUGH_RECALL


def _with_graph(
    folder: Path,
    control: TaskControl,
    exact: ExactScores,
    drawn: tuple[Sample, Sample],
    scan: _Measured,
    settings: IndexSettings,
    old: SearchIndex | None,
    vectors_hash: str,
) -> _Measured:
    """Build the graph where it is wanted, and choose between it and the scan by measurement."""
    rows, dim = exact.vectors.shape
    slow = max(scan.plain.milliseconds, scan.steered.milliseconds) > SLOW
    wanted = (slow or scan.recall < ENOUGH_RECALL) and rows * dim <= UNASKED_GRAPH
    before = None if old is None else old.graph
    if settings.graph is False or not (settings.graph or wanted or before is not None):
        return scan
    build_index(
        exact.vectors,
        folder / INDEX_FILE,
        control,
        M=NEIGHBOURS if rows < MANY_ROWS else NEIGHBOURS_OF_MANY,
        excluded_rows=np.flatnonzero(~exact.searchable),
        threads=settings.threads,
        vectors_hash=vectors_hash,
        before=before,
    )
    graph = GuardedHnswIndex.open(folder, dim=dim, rows=rows, vectors_hash=vectors_hash)
    plain = quality(lambda q: graph.candidates(q, 10), exact, drawn[0], control)
    far = quality(lambda q: graph.candidates(q, 10, cosine=FAR), exact, drawn[1], control)
    at_any_speed = settings.graph is True
    for_plain = _is_better(plain, scan.plain, at_any_speed)
    for_steered = _is_better(far, scan.steered, at_any_speed)
    if not (for_plain or for_steered):
        (folder / INDEX_FILE).unlink()
        (folder / DESCRIPTION_FILE).unlink()
    return _Measured(
        plain if for_plain else scan.plain,
        far if for_steered else scan.steered,
        scan.candidates,
        USES[for_plain, for_steered],
    )


def _is_better(graph: Quality, scan: Quality, at_any_speed: bool) -> bool:
    """The quicker of those that find enough; where neither does, the one that finds more."""
    if graph.recall >= ENOUGH_RECALL and scan.recall >= ENOUGH_RECALL:
        return at_any_speed or graph.milliseconds < scan.milliseconds
    return graph.recall > scan.recall


def _index_of_first_rows(
    exact: ExactScores, folder: Path, settings: IndexSettings, control: TaskControl
) -> SearchIndex | None:
    """The index in `folder` where it was built over the first rows of these very vectors."""
    rows, dim = exact.vectors.shape
    try:
        about = read_about(folder)
        if about.rows > rows or about.storage != settings.storage or about.dim != dim:
            return None
        if _are_outgrown(about, settings.storage, rows):
            return None
        first = exact.vectors[: about.rows]
        if _digest(first, control) != about.vectors_sha256:
            return None
        old = SearchIndex.open(folder, dim=dim, rows=about.rows, vectors_hash=about.vectors)
    except DamagedIndex:
        return None
    left_out = np.flatnonzero(~exact.searchable[: about.rows])
    return old if np.array_equal(left_out, old.codes.left_out) else None


def _are_outgrown(about: SearchIndexDescription, storage: Storage, rows: int) -> bool:
    """Whether codes are wider than those of so many rows should be."""
    if about.head > OUTGROWN * head_width(about.rows, about.dim, storage):
        # So wide they are only made, twice as wide as usual, where narrower ones found too little.
        return rows * about.head * np.dtype(storage).itemsize > MOST_SCANNED_BYTES
    return about.head > OUTGROWN * head_width(rows, about.dim, storage)


def _digest(vectors: np.ndarray, control: TaskControl) -> str:
    """Checksum of the values of vectors (n, d) and their number format, hexadecimal."""
    digest = hashlib.sha256(f"{vectors.dtype.str} {vectors.shape[1]}".encode())
    for start in range(0, len(vectors), DIGESTED_ROWS):
        control.checkpoint()
        control.report(Progress(start, len(vectors), "documents", "checking the vectors"))
        digest.update(np.ascontiguousarray(vectors[start : start + DIGESTED_ROWS]).data)
    return digest.hexdigest()
