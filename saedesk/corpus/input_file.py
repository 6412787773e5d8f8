"""One file from outside: may it be read, is it compressed, did it change while it was read."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from saedesk.errors import BadInput

SAMPLE_BYTES = 65_536
"""How much of the beginning is looked at to recognise a file."""

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the operating system says about `path` into one sentence (BadInput)."""
    try:
        yield
    except FileNotFoundError as problem:
        raise BadInput(f"{path} is not there (any more).") from problem
    except PermissionError as problem:
        raise BadInput(f"{path.name} may not be read; ask for read permission.") from problem
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BadInput(
            f"{path.name} is a damaged or cut-off gzip file; fetch or compress it again."
        ) from problem
    except OSError as problem:
        reason = problem.strerror or "the device does not answer"
        raise BadInput(f"{path.name} cannot be read: {reason}.") from problem


class InputFile:
    """A regular file, seen through its gzip compression if it has one.

    Raises BadInput when the path is missing, a folder, a pipe or a device, or not readable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path):
            state = os.stat(path)
            self._refuse_what_is_no_file(state.st_mode)
            self._identity = _identity(state)
            self.size_bytes = state.st_size
            with open(path, "rb") as raw:
                self.is_compressed = raw.read(2) == GZIP_MAGIC
        if not self.is_compressed and path.suffix.lower() == ".gz" and self.size_bytes:
            raise BadInput(
                f"{path.name} is called .gz but is not compressed; rename it without .gz."
            )
        self._raw: BinaryIO | None = None

    def _refuse_what_is_no_file(self, mode: int) -> None:
        if stat.S_ISDIR(mode):
            raise BadInput(f"{self.path.name} is a folder; choose the file inside it.")
        if not stat.S_ISREG(mode):
            raise BadInput(
                f"{self.path.name} is a pipe or a device; save its content to a file first."
            )

    @property
    def ending(self) -> str:
        """The lower-case ending without ".gz", e.g. ".csv"."""
        name = self.path.name.lower()
        return Path(name.removesuffix(".gz")).suffix

    @property
    def bytes_done(self) -> int:
        """How far the last opened stream is, in bytes on disk."""
        if self._raw is None or self._raw.closed:
            return 0 if self._raw is None else self.size_bytes
        return self._raw.tell()

    @contextmanager
    def open_bytes(self) -> Iterator[io.BufferedIOBase]:
        """The uncompressed content; what goes wrong underneath is a BadInput."""
        with readable(self.path), open(self.path, "rb") as raw:
            self._raw = raw
            if self.is_compressed:
                with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                    yield unpacked
            else:
                yield raw

    def sample(self) -> bytes:
        """The first 64 KB of the uncompressed content."""
        with self.open_bytes() as stream:
            return stream.read(SAMPLE_BYTES)

    def check_unchanged(self) -> None:
        """Raise BadInput when the file is not the one that was opened, byte for byte."""
        with readable(self.path):
            state = os.stat(self.path)
        if _identity(state) != self._identity:
            raise BadInput(
                f"{self.path.name} changed while it was read; nothing was imported. Try again."
            )


def _identity(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ino
