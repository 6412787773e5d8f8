"""What the files of a search index say of themselves, checked before a byte of them is used.

hnswlib's files carry no magic number, width, metric or checksum, and a damaged one crashes the
process when it is loaded or searched. So a description lies beside each, and a file that differs
from it in size, checksum or header is never loaded. about.json describes the whole and the
compact codes, graph.json the file of hnswlib where there is one.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from saedesk.errors import DamagedArtifact
from saedesk.search.index_files import file_sha256

INDEX_FILE = "vectors.hnsw"
DESCRIPTION_FILE = "graph.json"
ABOUT_FILE = "about.json"
CODES_FILE = "codes.safetensors"
SPACE = "cosine"

HEADER = struct.Struct("<6QiI3QdQ")
"""hnswlib 0.8: level-0 offset, capacity, count, element size, label offset, data offset, highest
level, entry point, M above level 0, M at level 0, M, level factor, ef at construction."""


WAY_OUT = "Build the index again; nothing else is lost."
"""Ends the sentence of every DamagedIndex."""


class DamagedIndex(DamagedArtifact):
    """An index file is missing or is not what was written; building it again mends it."""


@dataclass(frozen=True)
class IndexDescription:
    """The lines of graph.json."""

    file: str
    """Name of the index file in the same folder."""
    bytes: int
    """Its size."""
    sha256: str
    """Its checksum, hexadecimal."""
    space: str
    """The metric: "cosine"."""
    dim: int
    """Width of the vectors."""
    rows: int
    """How many vectors there are, those left out included."""
    count: int
    """How many are in the index: all but the rows that are zero, not finite or excluded."""
    M: int
    """Links of each vector on the upper levels; twice as many on the lowest."""
    ef_construction: int
    """Candidates looked at for each vector while building."""
    hnswlib: str
    """Version of the library that wrote the file."""
    vectors: str
    """The name of the vectors it was built over, as its maker calls them."""


@dataclass(frozen=True)
class SearchIndexDescription:
    """The lines of about.json."""

    file: str
    """Name of the file of compact codes in the same folder."""
    bytes: int
    """Its size."""
    sha256: str
    """Its checksum, hexadecimal."""
    rows: int
    """How many vectors there are, those left out included."""
    dim: int
    """Width of the vectors."""
    head: int
    """Numbers of each that are scanned."""
    tail: int
    """Numbers of each that are read for the best of the scan."""
    storage: str
    """Number format of a code: "int8" or "float16"."""
    candidates: int
    """How many rows the codes propose for exact scoring."""
    recall_plain: float
    """Share of the true ten best that is found, for queries as typed, measured on a sample."""
    recall_steered: float
    """The same for steered queries."""
    milliseconds: float
    """From a query to its ranked rows, median when the index was built."""
    graph_for: str
    """What the graph is used for: "nothing", "plain", "steered" or "both"."""
    vectors: str
    """The name of the vectors it was built over, as its maker calls them."""
    vectors_sha256: str
    """Checksum of the values of these vectors, so that vectors that begin with them are known."""


def description_text(about: IndexDescription | SearchIndexDescription) -> str:
    """The content of graph.json or about.json."""
    return json.dumps(asdict(about), indent=1, sort_keys=True) + "\n"


def read_description(folder: Path) -> IndexDescription:
    """What graph.json says; raises DamagedIndex when it is missing or not readable."""
    return IndexDescription(**_read(folder / DESCRIPTION_FILE, IndexDescription))


def read_about(folder: Path) -> SearchIndexDescription:
    """What about.json says; raises DamagedIndex when it is missing or not readable."""
    return SearchIndexDescription(**_read(folder / ABOUT_FILE, SearchIndexDescription))


def _read(path: Path, described: type) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        damaged(path, f"cannot be read ({error.strerror or error})", error)
    except (ValueError, RecursionError) as error:
        damaged(path, "is not readable JSON", error)
    kinds = {"int": int, "str": str, "float": float}
    wanted = {field.name: kinds[str(field.type)] for field in fields(described)}
    if not isinstance(content, dict) or set(content) != set(wanted):
        damaged(path, "does not describe an index")
    for name, kind in wanted.items():
        if type(content[name]) is not kind:
            damaged(path, f"does not describe an index: “{name}” is of the wrong kind")
    if Path(content["file"]).name != content["file"] or content["file"] in ("", ".", ".."):
        damaged(path, "names an index file in another folder")
    return content


def check_index_file(folder: Path, about: IndexDescription) -> None:
    """Raise DamagedIndex unless the index file is the one that `about` describes."""
    path = folder / about.file
    try:
        check_size_and_checksum(path, about)
        with path.open("rb") as file:
            header = file.read(HEADER.size)
    except OSError as error:
        damaged(path, f"cannot be read ({error.strerror or error})", error)
    if not _header_holds(header, about):
        damaged(path, "has a header that does not fit its description")


def check_size_and_checksum(path: Path, about: IndexDescription | SearchIndexDescription) -> None:
    """Raise DamagedIndex unless the file has the size and checksum that were written down."""
    try:
        size = path.stat().st_size
        if size != about.bytes:
            damaged(path, f"has {size:,} bytes instead of {about.bytes:,}")
        if file_sha256(path) != about.sha256:
            damaged(path, "has changed since it was written (its checksum differs)")
    except OSError as error:
        damaged(path, f"cannot be read ({error.strerror or error})", error)


def _header_holds(header: bytes, about: IndexDescription) -> bool:
    """Whether all offsets and counts lie where the description puts them."""
    if len(header) != HEADER.size:
        return False
    (
        level0, capacity, count, element, label_at, data_at, top_level, entry,
        upper_links, lowest_links, links, _factor, ef_construction,
    ) = HEADER.unpack(header)  # fmt: skip
    return (
        (level0, links, upper_links, lowest_links) == (0, about.M, about.M, 2 * about.M)
        and 0 < count == about.count <= about.rows
        and count <= capacity <= about.rows
        and entry < count
        and 0 <= top_level < 64
        and data_at == 4 + 4 * lowest_links
        and label_at == data_at + 4 * about.dim
        and element == label_at + 8
        and HEADER.size + count * element <= about.bytes
        and ef_construction == about.ef_construction
    )


def damaged(path: Path, how: str, cause: Exception | None = None) -> NoReturn:
    """Raise DamagedIndex: `path` is damaged in the way `how` says."""
    raise DamagedIndex(f"The search index file {path} {how}. {WAY_OUT}") from cause
