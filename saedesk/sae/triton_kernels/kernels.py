"""Sparse products for a GPU, written in Triton. Importing this module needs the package `triton`.

Two kernels carry all of them. One adds up weighted rows of a matrix for each segment of a list of
entries: the decoder's rows for a document, or the documents' rows for a latent. The other takes
the dot product of a segment's own row with the row that each entry names.

Every number is written by one program that adds in a fixed order, so results do not depend on the
scheduling of a GPU, not in a bit. Sums are float32. A segment belongs to one document or to one
latent of a batch, so it is at most as long as a row has entries or a batch has documents; a long
one is taken in wider tiles, which keep more loads in flight. Row numbers are int64: n · d may
exceed 2³¹.

`TRITON_INTERPRET=1`, set before the import, runs all this on CPU tensors; the tests do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import triton
import triton.language as tl
from triton.errors import TritonError as TritonError  # Raised where a kernel does not compile.

if TYPE_CHECKING:
    from torch import Tensor

_SHORT_TILE = 8
_LONG_TILE = 32
"""Entries taken at once, of short segments and of those longer than this."""
_PRODUCT_TILE = 16
_PRODUCT_PROGRAMS = 4
"""Programs that share the entries of one segment in `segment_products`."""
_WIDEST_BLOCK = 128
"""Columns of a program. All segments take the first 128 columns, then the next: at 9,216 latents
such a slice of the matrix (4.7 MB) stays in the cache of a GPU while 7 documents each read it."""
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
    PERMUTED: tl.constexpr,
    OVERWRITE: tl.constexpr,
    PROJECTED: tl.constexpr,
    SHORT: tl.constexpr,
    LONG: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """out[s] = or += Σ_e weights[e] · matrix[index[e]] − along[s] · orthogonal_to[s]."""
    segment = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = columns < d
    first = tl.load(offsets + segment)
    last = tl.load(offsets + segment + 1)
    if last - first > LONG:
        total = _weighted_sum(
            first, last, index, entry, weights, matrix, d, columns, inside, PERMUTED, LONG, BLOCK
        )
    else:
        total = _weighted_sum(
            first, last, index, entry, weights, matrix, d, columns, inside, PERMUTED, SHORT, BLOCK
        )
    place = segment * d + columns
    if PROJECTED:
        direction = tl.load(orthogonal_to + place, mask=inside, other=0.0)
        total -= tl.load(along + segment) * direction
    if not OVERWRITE:
        total += tl.load(out + place, mask=inside, other=0.0)
    tl.store(out + place, total, mask=inside)


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
    if segments == 0:
        return
    projected = orthogonal_to is not None and along is not None
    block = _block(d)
    _segment_sums[(segments, triton.cdiv(d, block))](
        offsets,
        index,
        index if entry is None else entry,
        weights,
        matrix,
        out,
        orthogonal_to if projected else out,
        along if projected else weights,
        d,
        PERMUTED=entry is not None,
        OVERWRITE=overwrite,
        PROJECTED=projected,
        SHORT=_SHORT_TILE,
        LONG=_LONG_TILE,
        BLOCK=block,
        num_warps=4,
        enable_fp_fusion=True,
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
        BLOCK=_block(d),
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


def _block(d: int) -> int:
    return min(_WIDEST_BLOCK, max(16, triton.next_power_of_2(d)))
