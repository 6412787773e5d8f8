"""Files of a search index, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from saedesk.errors import OutOfRoom


def file_sha256(path: Path) -> str:
    """The checksum of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_room_beside(file: Path, size: int) -> None:
    """Raise OutOfRoom unless `size` bytes fit on the disk of `file`."""
    free = shutil.disk_usage(file.parent).free
    if free < size:
        raise OutOfRoom(
            f"There is not enough room on the disk of {file.parent} for the search index: "
            f"{size / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free."
        )


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` to `path`; what was there before stays until all of it has arrived."""
    with partial_of(path) as partial:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)


@contextlib.contextmanager
def partial_of(path: Path) -> Iterator[Path]:
    """A name beside `path` to write under; what is left there afterwards is removed."""
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    try:
        yield partial
    except OSError as error:
        raise OutOfRoom(
            f"Writing to {path.parent} failed ({error.strerror or error}). "
            "What was there before is unchanged."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
