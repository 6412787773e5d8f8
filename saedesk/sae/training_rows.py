"""Which rows train, which are held out, and in which order they come: a function of the seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import BadInput
from saedesk.sae.input_normalisation import InputNormalisation

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_HELD_OUT = 8192
"""More held-out documents would not make the FVU noticeably surer."""
FEWEST_ROWS = 8
ROWS_OF_NORMALISATION = 50_000
"""Mean and spread of the dimensions are measured on this many training rows."""


def split_rows(
    usable: np.ndarray, held_out_share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The held-out and the training rows among the `usable` ones, each ascending."""
    order = np.random.default_rng(seed).permutation(usable)
    held = min(math.ceil(len(usable) * held_out_share), LARGEST_HELD_OUT, len(usable) - 4)
    held = max(held, 2) if held_out_share > 0 else 0
    return np.sort(order[:held]), np.sort(order[held:])


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
        normalisation: str = "none",
    ) -> None:
        self._vectors = vectors
        if vectors.ndim != 2:
            raise BadInput(f"Vectors must be a table of rows; this array has {vectors.ndim} axes.")
        usable = np.arange(len(vectors))
        if excluded is not None and len(excluded):
            usable = np.setdiff1d(usable, excluded)
        if len(usable) < FEWEST_ROWS:
            raise BadInput(
                f"{len(usable)} usable documents are too few to train on; at least {FEWEST_ROWS} "
                "are needed. Import more."
            )
        self.held_out, self.training = split_rows(usable, held_out_share, seed)
        self._seed = seed
        self.batch_size = min(batch_size, len(self.training))
        self.device = device
        self.normalisation = InputNormalisation()
        self._held_out: Tensor | None = None
        self._resident = self._make_resident()
        self._epoch = -1
        self._order = self.training
        sample = self.rows(self.training[:ROWS_OF_NORMALISATION])
        self.normalisation = InputNormalisation.fit(normalisation, sample)

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
        """Rows of the vectors, normalised: (len(rows), d) float32 on the device."""
        import torch

        if self._resident is not None:
            index = torch.from_numpy(rows).to(self._resident.device)
            return self.normalisation.apply(self._resident[index].float())
        taken = np.ascontiguousarray(self._vectors[rows], dtype=np.float32)
        return self.normalisation.apply(torch.from_numpy(taken).to(str(self.device)))

    def held_out_rows(self) -> Tensor:
        """All held-out rows; kept on the device after the first call."""
        if self._held_out is None:
            self._held_out = self.rows(self.held_out)
        return self._held_out

    def examples(self, steps: int) -> int:
        """Rows seen after so many steps, counted with repetition."""
        epochs, rest = divmod(steps, self.steps_per_epoch)
        return epochs * len(self.training) + rest * self.batch_size

    def _make_resident(self) -> Tensor | None:
        """The whole corpus on the GPU when it takes less than half of the free memory."""
        import torch

        device = torch.device(str(self.device))
        if device.type != "cuda":
            return None
        free, _ = torch.cuda.mem_get_info(device)
        if self._vectors.size * 4 > free / 2:
            return None
        return torch.from_numpy(np.ascontiguousarray(self._vectors, dtype=np.float32)).to(device)
