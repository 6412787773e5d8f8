"""The header of a .npy: shape and kind, read without running or allocating anything."""

from __future__ import annotations

import io
import tokenize
import warnings
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadInput

NPY_MAGIC = b"\x93NUMPY"
_WHAT_DAMAGE_RAISES = (
    ValueError, EOFError, TypeError, SyntaxError, OverflowError, RecursionError,
    tokenize.TokenError,
)  # fmt: skip
HEADER_BYTES = 10_240
"""What has to be read of a file; numpy refuses longer headers, but only after reading them."""


@dataclass(frozen=True)
class NpyHeader:
    """What a .npy says of itself."""

    shape: tuple[int, ...]
    by_column: bool
    dtype: np.dtype
    offset: int
    """Bytes before the numbers."""

    @property
    def kind(self) -> str:
        """The name of the kind in whatever byte order: ">f4" is float32."""
        return str(self.dtype.newbyteorder("="))

    @property
    def nbytes(self) -> int:
        """Bytes of the array; a Python integer, so that no claim overflows."""
        total = self.dtype.itemsize
        for length in self.shape:
            total *= length
        return total


def read_npy_header(start: bytes, what: str) -> NpyHeader:
    """The header in the first `HEADER_BYTES` of a file; raises BadInput, about `what`.

    The header is a Python literal of at most 10,000 characters, which numpy parses without
    evaluating it.
    """
    file = io.BytesIO(start)
    try:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise BadInput(
                f"{what} is a .npy of version {version[0]}.{version[1]}, which has no vectors. "
                "Save the array again as floating-point numbers."
            )
        one = version == (1, 0)
        read = np.lib.format.read_array_header_1_0 if one else np.lib.format.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files of Python 2, which are read all the same
            shape, by_column, dtype = read(file)
    except _WHAT_DAMAGE_RAISES as error:
        raise BadInput(f"{what} is a damaged or cut-off .npy file; fetch or save it again.") from (
            error
        )
    if any(type(length) is not int or length < 0 for length in shape):
        raise BadInput(f"{what} is a damaged .npy file: it claims the shape {shape}.")
    return NpyHeader(tuple(shape), bool(by_column), dtype, file.tell())
