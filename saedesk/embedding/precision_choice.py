"""Which number format a model works in: the fastest one here that keeps its vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from saedesk.embedding.linear_products import Measure
from saedesk.embedding.text_model import Device, Precision, TextModel

SHORT_PRECISIONS: dict[Device, tuple[Precision, ...]] = {
    "cpu": ("bfloat16",),
    "cuda": ("float16", "bfloat16"),
    "mps": ("float16",),
}
"""What may be faster than float32; float16 is no CPU's road: it is ten times slower there."""

WORTH_IT = 1.3
"""Times as fast as float32 that a short format must be; below, it is another rounding for little.

Processors with bfloat16 products are at 1.8 to 3, others at 1 or less, so that noise in the
measurement does not change the choice."""

LOWEST_COSINE = 0.9999
"""Between a text's vectors in a short format and in float32."""


def choose_precision(
    model: TextModel,
    wanted: Precision | Literal["auto"],
    encode: Callable[[], np.ndarray],
    in_float32: np.ndarray,
    measure: Measure,
) -> None:
    """Set the precision of `model`, which is float32 so far.

    `encode` gives the vectors of the texts whose float32 vectors are `in_float32` (n, d).
    A format that is asked for by name passed the check when it was chosen first.
    """
    offered = SHORT_PRECISIONS[model.device]
    if wanted == "float32":
        return
    if wanted in offered:
        model.use_precision(wanted)
        return
    seconds = measure(model.device, model.product_shape, ("float32", *offered))
    for precision in sorted(offered, key=lambda name: seconds[name]):
        if seconds[precision] * WORTH_IT > seconds["float32"]:
            break
        model.use_precision(precision)
        if _is_faithful(encode, in_float32):
            return
    model.use_precision("float32")


def _is_faithful(encode: Callable[[], np.ndarray], in_float32: np.ndarray) -> bool:
    try:
        vectors = encode()
    except RuntimeError:
        # A part of the model that torch has in float32 only.
        return False
    return lowest_cosine(vectors, in_float32) >= LOWEST_COSINE


def lowest_cosine(vectors: np.ndarray, others: np.ndarray) -> float:
    """The smallest cosine between rows of two (n, d) arrays; -1 where one has no direction."""
    first, second = vectors.astype(np.float64), others.astype(np.float64)
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = np.einsum("nd,nd->n", first, second) / norms
    return float(np.nan_to_num(cosines, nan=-1.0).min())
