"""What an index file says of itself, checked before hnswlib reads a byte of it.

hnswlib's files carry no magic number, width, metric or checksum, and a damaged one crashes the
process when it is loaded or searched. So a description lies beside each, and a file that differs
from it in size, checksum or header is never loaded.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NoReturn

from saedesk.errors import DamagedArtifact

INDEX_FILE = "vectors.hnsw"
DESCRIPTION_FILE = "about.json"
SPACE = "cosine"

HEADER = struct.Struct("<6QiI3QdQ")
"""hnswlib 0.8: level-0 offset, capacity, count, element size, label offset, data offset, highest
level, entry point, M above level 0, M at level 0, M, level factor, ef at construction."""


class DamagedIndex(DamagedArtifact):
    """An index file is missing or is not what was written; building it again mends it."""


@dataclass(frozen=True)
class IndexDescription:
    """The lines of about.json."""

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


def description_text(about: IndexDescription) -> str:
    """The content of about.json."""
    return json.dumps(asdict(about), indent=1, sort_keys=True) + "\n"


def read_description(folder: Path) -> IndexDescription:
    """The description in `folder`; raises DamagedIndex when it is missing or not readable."""
    path = folder / DESCRIPTION_FILE
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        damaged(path, f"cannot be read ({error.strerror or error})", error)
    except (ValueError, RecursionError) as error:
        damaged(path, "is not readable JSON", error)
    kinds = {"int": int, "str": str}
    wanted = {field.name: kinds[str(field.type)] for field in fields(IndexDescription)}
    if not isinstance(content, dict) or set(content) != set(wanted):
        damaged(path, "does not describe an index")
    for name, kind in wanted.items():
        if type(content[name]) is not kind:
            damaged(path, f"does not describe an index: “{name}” is of the wrong kind")
    if Path(content["file"]).name != content["file"] or content["file"] in ("", ".", ".."):
        damaged(path, "names an index file in another folder")
    return IndexDescription(**content)


def check_index_file(folder: Path, about: IndexDescription) -> None:
    """Raise DamagedIndex unless the index file is the one that `about` describes."""
    path = folder / about.file
    try:
        with path.open("rb") as file:
            header = file.read(HEADER.size)
            size = file.seek(0, 2)
            file.seek(0)
            if size != about.bytes:
                damaged(path, f"has {size:,} bytes instead of {about.bytes:,}")
            if hashlib.file_digest(file, "sha256").hexdigest() != about.sha256:
                damaged(path, "has changed since it was written (its checksum differs)")
    except OSError as error:
        damaged(path, f"cannot be read ({error.strerror or error})", error)
    if not _header_holds(header, about):
        damaged(path, "has a header that does not fit its description")


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
    raise DamagedIndex(
        f"The search index file {path} {how}. Build the index again; nothing else is lost."
    ) from cause
