"""Vectors that are sums of few known directions, for trainings in a second."""

from __future__ import annotations

import torch
from torch import Tensor

D_IN = 24
SOURCES = 48
ACTIVE = 3


def sparse_sources(rows: int, *, seed: int = 0) -> Tensor:
    """(rows, D_IN) float32: three of 48 unit directions each, with strengths of .5 to 1.5."""
    generator = torch.Generator().manual_seed(seed)
    directions = torch.randn((SOURCES, D_IN), generator=torch.Generator().manual_seed(99))
    directions /= directions.norm(dim=1, keepdim=True)
    chosen = torch.rand((rows, SOURCES), generator=generator).topk(ACTIVE, dim=1).indices
    strengths = 0.5 + torch.rand((rows, ACTIVE), generator=generator)
    z = torch.zeros((rows, SOURCES)).scatter(1, chosen, strengths)
    return z @ directions
