"""Which rows train, which are held out, and in which order they come: a function of the seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import BadInput

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_HELD_OUT = 8192
"""More held-out documents would not make the FVU noticeably surer."""
FEWEST_ROWS = 8


class TrainingRows:
    """Serves batches of an (n, d) array or memmap, on the device where they fit."""

    def __init__(
        self,
        vectors: np.ndarray,
        *,
        batch_size: int,
        held_out_share: float,
        seed: int,
        device: object = "cpu",
        excluded: np.ndarray | None = None,
    ) -> None:
        self._vectors = vectors
        usable = np.arange(len(vectors))
        if excluded is not None and len(excluded):
            usable = np.setdiff1d(usable, excluded)
        if len(usable) < FEWEST_ROWS:
            raise BadInput(
                f"{len(usable)} usable documents are too few to train on; at least {FEWEST_ROWS} "
                "are needed. Import more."
            )
        order = np.random.default_rng(seed).permutation(usable)
        held = min(math.ceil(len(usable) * held_out_share), LARGEST_HELD_OUT, len(usable) - 4)
        held = max(held, 2) if held_out_share > 0 else 0
        self.held_out = np.sort(order[:held])
        self.training = np.sort(order[held:])
        self._seed = seed
        self.batch_size = min(batch_size, len(self.training))
        self._device = device
        self._resident = self._make_resident()
        self._epoch = -1
        self._order = self.training

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch; a last batch of one row joins the one before it."""
        whole, rest = divmod(len(self.training), self.batch_size)
        return whole + (1 if rest > 1 else 0)

    def batch(self, step: int) -> Tensor:
        """The batch of a step (from 0): (batch, d) float32 on the device."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch = epoch
            generator = np.random.default_rng((self._seed, epoch))
            self._order = generator.permutation(self.training)
        start = position * self.batch_size
        last = position == self.steps_per_epoch - 1
        return self.rows(self._order[start : None if last else start + self.batch_size])

    def rows(self, rows: np.ndarray) -> Tensor:
        """Rows of the vectors: (len(rows), d) float32 on the device."""
        import torch

        if self._resident is not None:
            return self._resident[torch.from_numpy(rows).to(self._resident.device)]
        taken = np.ascontiguousarray(self._vectors[rows], dtype=np.float32)
        return torch.from_numpy(taken).to(torch.device(str(self._device)))

    def _make_resident(self) -> Tensor | None:
        """The whole corpus on the GPU when it takes less than half of the free memory."""
        import torch

        device = torch.device(str(self._device))
        if device.type != "cuda":
            return None
        free, _ = torch.cuda.mem_get_info(device)
        if self._vectors.size * 4 > free / 2:
            return None
        return torch.from_numpy(np.ascontiguousarray(self._vectors, dtype=np.float32)).to(device)
