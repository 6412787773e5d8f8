"""Rows to train on, the held-out rows, and batches in an order that is the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from method import BATCH, Shape
from torch import Tensor

ARXIV = "arxiv/arxiv_ml_astro_30k.minilm.f16.npy"
HELD_OUT = 2_000


@dataclass(frozen=True)
class Rows:
    """Training and held-out rows (n, d_in) float32 on the device."""

    training: Tensor
    held_out: Tensor
    source: str


def arxiv_rows(data: Path, device: str) -> Rows:
    """28,000 abstracts to train on, 2,000 held out; their order in the file is random."""
    stored = np.load(data / ARXIV, allow_pickle=False)
    vectors = torch.from_numpy(stored.astype(np.float32)).to(device)
    return Rows(vectors[:-HELD_OUT], vectors[-HELD_OUT:], "arXiv abstracts")


def synthetic_rows(count: int, d_in: int, seed: int = 0) -> Tensor:
    """(count, d_in) float32 of length 1 around random centres, on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn((200, d_in), generator=generator)
    rows = torch.randn((count, d_in), generator=generator)
    rows += centres[torch.randint(len(centres), (count,), generator=generator)]
    return rows / rows.norm(dim=1, keepdim=True)


def rows_for_speed(shape: Shape, data: Path | None, device: str) -> Tensor:
    """The arXiv vectors where they fit the shape, else synthetic ones."""
    if shape.d_in == 384 and data is not None:
        return arxiv_rows(data, device).training
    return synthetic_rows(8 * BATCH, shape.d_in).to(device)


def batches(rows: Tensor, seed: int = 0) -> Iterator[Tensor]:
    """Batches of shuffled rows, epoch after epoch; the incomplete last one is left out."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(rows), generator=generator)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            yield rows[order[start : start + BATCH].to(rows.device)]
