"""How well an SAE in training does on documents it never sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.sae import sparse_kernels
from saedesk.sae.training_curve import DENSITY_EDGES

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters

_ROWS_AT_ONCE = 1024


def measure(architecture: Architecture, parameters: Parameters, x: Tensor) -> dict[str, Any]:
    """FVU, histogram of density and number of latents never active, for rows `x` (n, d_in)."""
    import torch

    n_latents = parameters["W_dec"].shape[0]
    counts = torch.zeros(n_latents, dtype=torch.int64, device=x.device)
    error = 0.0
    for part in x.split(_ROWS_AT_ONCE):
        codes = architecture.encode(parameters, part)
        rebuilt = sparse_kernels.decode(codes, parameters["W_dec"]) + parameters["pre_bias"]
        error += float((rebuilt - part).square().sum())
        counts += codes.fired(n_latents)
    spread = float((x - x.mean(0)).square().sum())
    density = counts.cpu().numpy() / len(x)
    histogram = np.histogram(np.log10(density[density > 0]), DENSITY_EDGES)[0]
    return {
        "fvu": error / spread if spread > 0 else None,
        "density": tuple(int(n) for n in histogram),
        "never_active": int((density == 0).sum()),
    }
