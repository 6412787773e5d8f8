"""Sparse products for a GPU, written in Triton. Importing this module needs the package `triton`.

Two kernels carry all of them. One adds up weighted rows of a matrix for each segment of a list of
entries: the decoder's rows for a document, or the documents' rows for a latent. The other takes
the dot product of a segment's own row with the row that each entry names.

Every number is written by one program that adds in a fixed order, so results do not depend on the
scheduling of a GPU, not in a bit. Sums are float32. Row numbers are int64: n · d may exceed 2³¹.

Lengths differ. A document's entries are a few dozen, taken in tiles of many entries and few
columns. A latent's are mostly a handful, where waiting for memory is all the time: a program takes
whole rows, two entries at once. A latent that most documents of a batch use is left to a second
launch, whose programs find such segments by themselves.

`TRITON_INTERPRET=1`, set before the import, runs all this on CPU tensors; the tests do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import triton
import triton.language as tl
from triton.errors import TritonError as TritonError  # Raised where a kernel does not compile.

if TYPE_CHECKING:
    from torch import Tensor

_LONG_SEGMENT = 64
"""Entries above which a segment among mostly short ones is taken in the second launch."""
_MANY = 24
"""Mean entries of a segment from which all are taken alike, in tall tiles."""
_TALL_TILE, _TALL_BLOCK = 16, 128
_LONG_TILE, _LONG_BLOCK = 32, 128
_WIDE_TILE, _WIDE_BLOCK = 2, 512
"""Entries and columns of a tile: of documents, of long and of short segments of latents. All
segments take the first columns, then the next: such a slice of a matrix stays in a GPU's cache.
The wide tile compiles to 32 registers a thread on sm_80 and sm_90, the most that leaves a
multiprocessor full."""
_PRODUCT_TILE, _PRODUCT_BLOCK = 16, 128
_PRODUCT_PROGRAMS = 4
"""Programs that share the entries of one segment in `segment_products`."""
_SUMMED_AT_ONCE = 128


@triton.jit
def _weighted_sum(
    first,
    last,
    index,
    entry,
    weights,
    matrix,
    d,
    columns,
    inside,
    PERMUTED: tl.constexpr,
    TILE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Σ weights · matrix[index] over the entries first … last − 1, for some columns: (BLOCK,)."""
    total = tl.zeros((TILE, BLOCK), dtype=tl.float32)
    for start in range(first, last, TILE):
        at = start + tl.arange(0, TILE)
        exists = at < last
        row = tl.load(index + at, mask=exists, other=0)
        if PERMUTED:
            at = tl.load(entry + at, mask=exists, other=0)
        weight = tl.load(weights + at, mask=exists, other=0.0)
        values = tl.load(
            matrix + row[:, None] * d + columns[None, :],
            # Entries of weight 0, as all of AuxK's are while no latent is dead, cost nothing.
            mask=(exists & (weight != 0.0))[:, None] & inside[None, :],
            other=0.0,
        )
        total += weight[:, None] * values
    return tl.sum(total, 0)


@triton.jit
def _write(
    total,
    is_mine,
    segment,
    out,
    orthogonal_to,
    along,
    d,
    columns,
    OVERWRITE: tl.constexpr,
    PROJECTED: tl.constexpr,
):
    """out[s] = or += total − along[s] · orthogonal_to[s], if the segment is this program's."""
    place = segment * d + columns
    inside = columns < tl.where(is_mine, d, 0)
    if PROJECTED:
        direction = tl.load(orthogonal_to + place, mask=inside, other=0.0)
        total -= tl.load(along + segment) * direction
    if not OVERWRITE:
        total += tl.load(out + place, mask=inside, other=0.0)
    tl.store(out + place, total, mask=inside)


@triton.jit
def _segment_sums(
    offsets,
    index,
    entry,
    weights,
    matrix,
    out,
    orthogonal_to,
    along,
    d,
    LONGEST: tl.constexpr,
    PERMUTED: tl.constexpr,
    OVERWRITE: tl.constexpr,
    PROJECTED: tl.constexpr,
    TILE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """All segments; with LONGEST > 0 none that is longer."""
    segment = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = columns < d
    first = tl.load(offsets + segment)
    last = tl.load(offsets + segment + 1)
    is_mine = last >= first
    if LONGEST > 0:
        is_mine = last - first <= LONGEST
        last = tl.where(is_mine, last, first)
    total = _weighted_sum(
        first, last, index, entry, weights, matrix, d, columns, inside, PERMUTED, TILE, BLOCK
    )
    _write(
        total,
        is_mine,
        segment,
        out,
        orthogonal_to,
        along,
        d,
        columns,
        OVERWRITE,
        PROJECTED,
    )


@triton.jit
def _long_segment_sums(
    offsets,
    index,
    entry,
    weights,
    matrix,
    out,
    orthogonal_to,
    along,
    d,
    segments,
    STEPS: tl.constexpr,
    LONGEST: tl.constexpr,
    PERMUTED: tl.constexpr,
    OVERWRITE: tl.constexpr,
    PROJECTED: tl.constexpr,
    TILE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """The segments longer than LONGEST, each of which holds an entry p · LONGEST.

    Program p looks for the segment of that entry, and takes it if no smaller p found it.
    """
    position = tl.program_id(0).to(tl.int64) * LONGEST
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = columns < d
    segment = position * 0
    beyond = segment + segments
    for _ in range(STEPS):  # offsets[segment] <= position < offsets[beyond]
        middle = (segment + beyond) // 2
        is_left = tl.load(offsets + middle) > position
        beyond = tl.where(is_left, middle, beyond)
        segment = tl.where(is_left, segment, middle)
    first = tl.load(offsets + segment)
    last = tl.load(offsets + segment + 1)
    is_mine = (last - first > LONGEST) & (position - first < LONGEST)
    last = tl.where(is_mine, last, first)
    total = _weighted_sum(
        first, last, index, entry, weights, matrix, d, columns, inside, PERMUTED, TILE, BLOCK
    )
    _write(
        total,
        is_mine,
        segment,
        out,
        orthogonal_to,
        along,
        d,
        columns,
        OVERWRITE,
        PROJECTED,
    )


@triton.jit
def _segment_products(
    offsets,
    index,
    own,
    others,
    values,
    out,
    d,
    ONLY_ACTIVE: tl.constexpr,
    PROGRAMS: tl.constexpr,
    TILE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """out[e] = own[s] · others[index[e]] for the entries e of segment s; 0 where values are."""
    segment = tl.program_id(0).to(tl.int64)
    first = tl.load(offsets + segment) + tl.program_id(1) * TILE
    last = tl.load(offsets + segment + 1)
    for start in range(first, last, PROGRAMS * TILE):
        at = start + tl.arange(0, TILE)
        exists = at < last
        row = tl.load(index + at, mask=exists, other=0)
        wanted = exists
        if ONLY_ACTIVE:
            wanted = exists & (tl.load(values + at, mask=exists, other=0.0) != 0.0)
        total = tl.zeros((TILE, BLOCK), dtype=tl.float32)
        for column in range(0, d, BLOCK):
            columns = column + tl.arange(0, BLOCK)
            inside = columns < d
            mine = tl.load(own + segment * d + columns, mask=inside, other=0.0)
            theirs = tl.load(
                others + row[:, None] * d + columns[None, :],
                mask=wanted[:, None] & inside[None, :],
                other=0.0,
            )
            total += mine[None, :] * theirs
        tl.store(out + at, tl.sum(total, 1), mask=exists)


@triton.jit
def _segment_weight_sums(offsets, entry, weights, out, TILE: tl.constexpr):
    """out[s] += Σ_e weights[entry[e]]."""
    segment = tl.program_id(0)
    first = tl.load(offsets + segment)
    last = tl.load(offsets + segment + 1)
    total = tl.zeros((TILE,), dtype=tl.float32)
    for start in range(first, last, TILE):
        at = start + tl.arange(0, TILE)
        exists = at < last
        chosen = tl.load(entry + at, mask=exists, other=0)
        total += tl.load(weights + chosen, mask=exists, other=0.0)
    tl.store(out + segment, tl.load(out + segment) + tl.sum(total, 0))


def segment_sums(
    offsets: Tensor,
    index: Tensor,
    weights: Tensor,
    matrix: Tensor,
    out: Tensor,
    *,
    entry: Tensor | None = None,
    overwrite: bool = True,
    orthogonal_to: Tensor | None = None,
    along: Tensor | None = None,
) -> None:
    """out[s] = Σ_e weight_e · matrix[index[e]] for each segment s, in place; nothing sums to zero.

    offsets (S + 1,), index (E,) int64; matrix (m, d), out (S, d) float32, contiguous. The weight
    of an entry is weights[e], or weights[entry[e]] with `entry` (E,) int64. Without `overwrite`
    the sums are added to `out`. `orthogonal_to` (S, d) and `along` (S,): see `add_row_sums`.
    """
    segments, d = out.shape
    entries = index.numel()
    if segments == 0:
        return
    projected = orthogonal_to is not None and along is not None
    arguments = (
        offsets,
        index,
        index if entry is None else entry,
        weights,
        matrix,
        out,
        orthogonal_to if projected else out,
        along if projected else weights,
        d,
    )
    switches = {
        "PERMUTED": entry is not None,
        "OVERWRITE": overwrite,
        "PROJECTED": projected,
        "num_warps": 4,
        "enable_fp_fusion": True,
    }
    if entries >= _MANY * segments:
        block = _block(d, _TALL_BLOCK)
        _segment_sums[(segments, triton.cdiv(d, block))](
            *arguments, LONGEST=0, TILE=_TALL_TILE, BLOCK=block, **switches
        )
        return
    block = _block(d, _WIDE_BLOCK)
    _segment_sums[(segments, triton.cdiv(d, block))](
        *arguments, LONGEST=_LONG_SEGMENT, TILE=_WIDE_TILE, BLOCK=block, **switches
    )
    if entries <= _LONG_SEGMENT:
        return
    block = _block(d, _LONG_BLOCK)
    _long_segment_sums[(triton.cdiv(entries, _LONG_SEGMENT), triton.cdiv(d, block))](
        *arguments,
        segments,
        STEPS=segments.bit_length(),
        LONGEST=_LONG_SEGMENT,
        TILE=_LONG_TILE,
        BLOCK=block,
        **switches,
    )


def segment_products(
    offsets: Tensor,
    index: Tensor,
    own: Tensor,
    others: Tensor,
    out: Tensor,
    *,
    only_where: Tensor | None = None,
) -> None:
    """out[e] = own[s] · others[index[e]] for the entries e of each segment s, in place.

    offsets (S + 1,), index (E,) int64; own (S, d), others (m, d), out (E,) float32, contiguous.
    With `only_where` (E,) float32 the product is 0, and costs nothing, where that is 0.
    """
    segments, d = own.shape
    if segments == 0:
        return
    _segment_products[(segments, _PRODUCT_PROGRAMS)](
        offsets,
        index,
        own,
        others,
        out if only_where is None else only_where,
        out,
        d,
        ONLY_ACTIVE=only_where is not None,
        PROGRAMS=_PRODUCT_PROGRAMS,
        TILE=_PRODUCT_TILE,
        BLOCK=_block(d, _PRODUCT_BLOCK),
        num_warps=4,
        enable_fp_fusion=True,
    )


def segment_weight_sums(offsets: Tensor, entry: Tensor, weights: Tensor, out: Tensor) -> None:
    """out[s] += Σ_e weights[entry[e]] for each segment s, in place: (S + 1,), (E,), (E,), (S,)."""
    if out.numel():
        _segment_weight_sums[(out.numel(),)](
            offsets,
            entry,
            weights,
            out,
            TILE=_SUMMED_AT_ONCE,
            num_warps=1,
            enable_fp_fusion=True,
        )


def _block(d: int, widest: int) -> int:
    """Columns of a program: a power of two."""
    return min(widest, max(16, triton.next_power_of_2(d)))
