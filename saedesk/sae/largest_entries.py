"""The m largest entries of each row of a wide matrix, several times faster than top-k.

The bits of a positive number, read as an integer, have the order of its value, and integer maxima
run at memory speed. A row is seen as groups of 4, 16, … entries, each with its maximum: the m
groups of largest maximum hold the m largest entries. So the search goes from few large groups to
many small ones, and looks only inside the m it kept. What is left at each level are rows of a few
hundred 32-bit integers (maximum and position packed together), which numpy partitions with vector
instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

_SPLIT = 4
"""Parts of a group at the next level (measured: faster than 2 and 8 at 768 to 9,216 columns)."""
_MOST_LEVELS = 3
_WIDEST_PACKED = 1 << 16
"""A position takes 16 bits."""


def largest_entries(matrix: Tensor, m: int) -> Tensor:
    """Columns of the m largest entries of each row: (rows, n) on a CPU -> (rows, m) int64.

    `matrix` is bfloat16, or float32 of which the 16 bits are compared that bfloat16 has too. Among
    entries of equal value, and among those that are not positive, any may be chosen; the order of
    the columns is arbitrary.
    """
    import torch

    bits = matrix.view(torch.int16 if matrix.dtype == torch.bfloat16 else torch.int32)
    levels = _maxima(bits, m)
    if levels[-1].shape[1] > _WIDEST_PACKED:
        return matrix.topk(m, dim=1, sorted=False).indices
    return _found(levels, m, 16 if bits.dtype == torch.int32 else 0, 16)[0]


def largest_and_rest(matrix: Tensor, m: int, most: int) -> tuple[Tensor, Tensor]:
    """Columns of the m largest entries, (rows, m) int64, and what no other entry exceeds, (rows,).

    For int32 (rows, n) on a CPU with no entry farther from 0 than `most`. Entries that differ in
    their last bits only count as equal where there is no room for all bits beside the position.
    """
    levels = _maxima(matrix, m)
    width = max(levels[-1].shape[1], _SPLIT * m)
    position_bits = (width - 1).bit_length()
    dropped = max(0, most.bit_length() + position_bits - 31)
    columns, smallest = _found(levels, m, dropped, position_bits)
    return columns, ((smallest + 1) << dropped) - 1


def _maxima(matrix: Tensor, m: int) -> list[Tensor]:
    """The matrix and its group maxima, finest first, as long as enough groups are left."""
    levels = [matrix]
    while len(levels) <= _MOST_LEVELS:
        groups, rest = divmod(levels[-1].shape[1], _SPLIT)
        if rest or groups < 1.5 * m:
            break
        levels.append(levels[-1].view(matrix.shape[0], _SPLIT, groups).amax(1))
    return levels


def _found(levels: list[Tensor], m: int, dropped: int, position_bits: int) -> tuple[Tensor, Tensor]:
    """Columns of the m largest, and the smallest of their entries without its `dropped` bits."""
    import torch

    best, smallest = _largest(levels[-1], m, dropped, position_bits)
    for finer in reversed(levels[:-1]):
        # Of G groups, group c holds the groups c, c + G, … of the finer level.
        groups = finer.shape[1] // _SPLIT
        firsts = torch.arange(0, finer.shape[1], groups)
        children = (best[:, None, :] + firsts[:, None]).view(best.shape[0], -1)
        chosen, smallest = _largest(finer.gather(1, children), m, dropped, position_bits)
        best = children.gather(1, chosen)
    return best, smallest


def _largest(keys: Tensor, m: int, dropped: int, position_bits: int) -> tuple[Tensor, Tensor]:
    """Columns of the m largest of each row, (rows, m) int64, and the smallest of these, (rows,)."""
    import torch

    width = keys.shape[1]
    keys = keys.int() >> dropped if dropped else keys.int()
    positions = torch.arange(width, dtype=torch.int32)
    array = torch.add(positions, keys, alpha=1 << position_bits).numpy()
    array.partition(width - m, axis=1)
    kept = array[:, width - m :]
    columns = np.bitwise_and(kept, (1 << position_bits) - 1, dtype=np.int64)
    return torch.from_numpy(columns), torch.from_numpy(kept[:, 0] >> position_bits)
