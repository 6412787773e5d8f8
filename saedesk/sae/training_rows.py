"""Which rows train, which are held out, and in which order they come: a function of the seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import BadInput
from saedesk.sae.input_normalisation import InputNormalisation

if TYPE_CHECKING:
    from torch import Tensor
    from torch import dtype as torch_dtype

LARGEST_HELD_OUT = 8192
"""More held-out documents would not make the FVU noticeably surer."""
FEWEST_ROWS = 8
_UPLOADED_AT_ONCE = 1 << 24
"""Numbers brought to the GPU in one piece, so that a memmap never lies in memory as a whole."""
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
    """Serves batches of an (n, d) array or memmap, from the GPU's memory where they fit.

    Nothing waits for a GPU: there an epoch's order lies in its memory too, and rows that come from
    the computer's memory are copied from pages that do not move, behind the work already queued.
    """

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
        self._order: np.ndarray | Tensor = self.training
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
            self._order = self._order_of(epoch)
        start = position * self.batch_size
        last = position == self.steps_per_epoch - 1
        return self.rows(self._order[start : None if last else start + self.batch_size])

    def _order_of(self, epoch: int) -> np.ndarray | Tensor:
        """The training rows as an epoch takes them, where their vectors are."""
        import torch

        order = np.random.default_rng((self._seed, epoch)).permutation(self.training)
        if self._resident is None:
            return order
        index = torch.from_numpy(order)
        if self._resident.is_cuda:
            index = index.pin_memory()
        return index.to(self._resident.device, non_blocking=True)

    def rows(self, rows: np.ndarray | Tensor) -> Tensor:
        """Rows of the vectors, normalised: (len(rows), d) float32 on the device."""
        import torch

        if self._resident is not None:
            index = torch.as_tensor(rows, device=self._resident.device)
            taken = self._resident.index_select(0, index)
        else:
            taken = self._from_this_computer(np.asarray(rows))
        return self.normalisation.apply(taken.float())

    def _from_this_computer(self, rows: np.ndarray) -> Tensor:
        """Rows as they are stored, or as float32, on the device."""
        import torch

        device = torch.device(str(self.device))
        stored = _stored_dtype(self._vectors)
        if device.type != "cuda" or stored is None:
            taken = np.ascontiguousarray(self._vectors[rows], dtype=np.float32)
            return torch.from_numpy(taken).to(device)
        # torch does not use such pages again before the copy from them has ended.
        pages = torch.empty((len(rows), self._vectors.shape[1]), dtype=stored, pin_memory=True)
        self._vectors.take(rows, axis=0, out=pages.numpy(), mode="clip")
        return pages.to(device, non_blocking=True)

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
        """All vectors on the GPU when they take less than half of the free memory.

        float16 stays float16 until a batch is taken, which gives the same numbers.
        """
        import torch

        device = torch.device(str(self.device))
        dtype = _stored_dtype(self._vectors) or torch.float32
        if self._vectors.size * dtype.itemsize > free_memory(device) / 2:
            return None
        resident = torch.empty(self._vectors.shape, dtype=dtype, device=device)
        step = max(1, _UPLOADED_AT_ONCE // max(1, self._vectors.shape[1]))
        for first in range(0, len(self._vectors), step):
            # A copy: what is uploaded may be a read-only memmap.
            part = np.array(self._vectors[first : first + step])
            resident[first : first + step].copy_(torch.from_numpy(part))
        return resident


def free_memory(device: object) -> int:
    """Bytes free for vectors that stay on `device`, a torch.device; 0 where they need not.

    What a CPU or an Apple GPU works on is this computer's memory, where a memmap is better.
    """
    import torch

    if torch.device(str(device)).type != "cuda":
        return 0
    return torch.cuda.mem_get_info(torch.device(str(device)))[0]


def _stored_dtype(vectors: np.ndarray) -> torch_dtype | None:
    """float32 or float16, as the vectors are stored; None for another kind."""
    import torch

    return {np.dtype("f4"): torch.float32, np.dtype("f2"): torch.float16}.get(vectors.dtype)
