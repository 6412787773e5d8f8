"""Codes times a query, in the way that this processor is fast at."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

CONVERTED_AT_ONCE = 8_192
"""Codes turned into single precision at once, where they are not multiplied as they are: so many
stay in the processor's cache."""


def in_bytes(codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Codes (m, k) int8 times whole numbers (k,) up to 127: (m,) int32."""
    import torch

    query = torch.from_numpy(turned.astype(np.int8))[:, None]
    products: np.ndarray = torch._int_mm(torch.from_numpy(codes), query)[:, 0].numpy()
    return products


def converted(codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Codes (m, k) of any format times a query (k,): (m,) float32."""
    import torch

    query = torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32))
    part = torch.empty((min(len(codes), CONVERTED_AT_ONCE), len(query)))
    scores = torch.empty(len(codes))
    for start in range(0, len(codes), CONVERTED_AT_ONCE):
        piece = torch.from_numpy(codes[start : start + CONVERTED_AT_ONCE])
        torch.mv(part[: len(piece)].copy_(piece), query, out=scores[start : start + len(piece)])
    result: np.ndarray = scores.numpy()
    return result


def bytes_are_faster(codes: np.ndarray, turned: np.ndarray) -> bool:
    """Whether this processor multiplies bytes faster than it converts them."""
    few = codes[: 4 * CONVERTED_AT_ONCE]
    try:
        own = _fastest(lambda: in_bytes(few, turned))
    except (RuntimeError, AttributeError):
        return False  # not every build of torch has this product
    return own < _fastest(lambda: converted(few, turned))


def _fastest(call: Any) -> float:
    """Seconds of the fastest of a few calls."""
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)
