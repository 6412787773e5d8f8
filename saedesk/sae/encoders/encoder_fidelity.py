"""How faithfully an encoder's codes rebuild vectors, and what it costs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.task_control import TaskControl, Unattended

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.encoders.encoder import Encoder
    from saedesk.sae.sparse_autoencoder import SaeOnDevice, SparseAutoencoder

_ROWS_AT_ONCE = 256
"""Between two checkpoints; slow encoders take a tenth of a second for so many."""
_TRIALS = 3
"""The fastest counts; the first also warms up."""


@dataclass(frozen=True)
class EncoderFidelity:
    """One encoder on some rows."""

    encoder: str
    """Name in the registry of encoders."""
    title: str
    settings: dict[str, Any]
    """With what was open settled."""
    rows: int
    """Rows it was measured on."""
    fvu: float | None
    """Σ‖x − x̂‖² / Σ‖x − mean‖² over the rows; None where all rows are equal."""
    cosine: float
    """Mean cos(x, x̂)."""
    l0: float
    """Mean number of values > 0 in a row."""
    seconds_per_1000: float
    """Time to encode 1,000 rows here, without decoding them."""


def encoder_fidelity(
    sae: SparseAutoencoder,
    encoder: Encoder,
    vectors: np.ndarray,
    *,
    device: str = "cpu",
    control: TaskControl | None = None,
) -> EncoderFidelity:
    """Measure a fitted encoder on `vectors` (n ≥ 1, d_in), all finite and not zero.

    x is the vector itself, or its direction for an SAE that sees only that ("unit").
    """
    import torch

    control = control or Unattended()
    with torch.inference_mode():
        working = sae.on_device(device, len(vectors))
        x = working.rows(vectors)
        seen = working.normalisation.apply(x)
        seconds = _seconds_per_row(working, encoder, seen)
        active, error, cosine = 0, 0.0, 0.0
        target = working.target(x, seen)
        for start in range(0, len(x), _ROWS_AT_ONCE):
            control.checkpoint()
            part = slice(start, start + _ROWS_AT_ONCE)
            codes = encoder.encode(working.architecture, working.parameters, seen[part])
            active += int(codes.active.sum())
            rebuilt = working.rebuilt(codes, x[part])
            # Sums in float64 on the CPU; Apple's GPUs have none.
            error += float((rebuilt - target[part]).cpu().double().square().sum())
            cosine += float(torch.cosine_similarity(rebuilt, target[part]).cpu().double().sum())
        wide = target.cpu().double()
        spread = float((wide - wide.mean(0)).square().sum())
    return EncoderFidelity(
        encoder.name,
        encoder.title,
        encoder.settings.as_json(),
        len(x),
        error / spread if spread > 0 else None,
        cosine / len(x),
        active / len(x),
        1000 * seconds,
    )


def _seconds_per_row(working: SaeOnDevice, encoder: Encoder, seen: Tensor) -> float:
    """Of a corpus: a few rows are repeated to a batch, and what is made once is not counted."""
    repeats = max(1, _ROWS_AT_ONCE // len(seen))
    batch = seen[:_ROWS_AT_ONCE].repeat(repeats, 1)
    seconds = float("inf")
    for _ in range(_TRIALS):
        started = time.perf_counter()
        codes = encoder.encode(working.architecture, working.parameters, batch)
        int(codes.active.sum())  # Waits for the device.
        seconds = min(seconds, time.perf_counter() - started)
    return seconds / len(batch)
