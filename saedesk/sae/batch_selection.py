"""Choices among all pre-activations of a batch at once, which give rows of unequal length.

Only the entries that may be chosen are read exactly; the rest is looked at once, in the precision
of the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes
from saedesk.sae.device_kernels import counting_waits

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.pre_activations import PreActivations

_STRIDE = 61
"""One entry in so many is sampled to guess the bound; a prime, so that all columns are met."""
_SMALLEST_SAMPLED = 1 << 18
"""Entries of a batch below which the guess saves nothing."""
_MORE = 1.25
"""Candidates aimed at, as a multiple of those wanted. The sample's count of 500 and more strays by
about 5 %, and bfloat16 moves an entry by less than lies between the wanted and the last one."""
_ROUNDING = 1 / 128
"""Share of ‖x‖ ‖w‖ by which a product in bfloat16 may be wrong: both factors are rounded by 1/256
at most. That all these errors point the same way does not happen, so there is room for the
rounding of the product."""


def largest_of_batch(pre: PreActivations, count: int) -> Codes:
    """The `count` largest positive pre-activations of the whole batch, or all when fewer are."""
    if counting_waits(pre.searched):
        return _largest_without_waiting(pre, count)
    flat = pre.searched.view(-1)
    candidates = _above(flat, _guessed_bound(flat, count))
    if candidates.numel() < count:
        candidates = _above(flat, 0.0)
    values = _exact(pre, candidates)
    if candidates.numel() > count:
        # int32, because Apple's GPUs sorted int64 wrongly for a while (pytorch issue 155560).
        chosen = values.topk(count, sorted=False).indices.int().sort().values.long()
        candidates, values = candidates[chosen], values[chosen]
    return _codes(pre, candidates, values.relu())


def above(pre: PreActivations, threshold: Tensor) -> Codes:
    """The positive pre-activations greater than `threshold`, (). Waits for a device."""
    threshold = threshold.clamp_min(0)
    if pre.is_exact:
        return _above_in(pre.searched, threshold, pre)
    bound = threshold - _ROUNDING * _largest_product(pre)
    if not bound > 0:
        # Near zero lie so many that all would have to be made good; and where a row is no number,
        # neither is the bound.
        return _above_in(pre.exact(), threshold, pre)
    positions = _above(pre.searched.view(-1), bound)
    values = _exact(pre, positions)
    is_above = values > threshold
    return _codes(pre, positions[is_above], values[is_above])


def _above_in(exact: Tensor, threshold: Tensor, pre: PreActivations) -> Codes:
    positions = _above(exact.view(-1), threshold)
    return _codes(pre, positions, exact.view(-1)[positions])


def _largest_product(pre: PreActivations) -> Tensor:
    """(): the largest ‖x‖ ‖w‖ + |b| of the batch, more than any pre-activation in it."""
    import torch

    rows = torch.linalg.vector_norm(pre.centred, dim=1).amax()
    weights = torch.linalg.vector_norm(pre.W_enc, dim=1).amax()
    return rows * weights + pre.b_enc.abs().amax()


def _guessed_bound(flat: Tensor, count: int) -> float:
    """A value that somewhat more than `count` entries exceed, probably; 0 where all may count."""
    if flat.numel() < _SMALLEST_SAMPLED:
        return 0.0
    sample = flat[::_STRIDE].float()
    rank = int(_MORE * count / _STRIDE) + 1
    if rank >= sample.numel():
        return 0.0
    return max(0.0, float(sample.topk(rank, sorted=False).values.min()))


def _above(flat: Tensor, bound: float | Tensor) -> Tensor:
    """Positions of the entries greater than `bound` >= 0, ascending: (entries,) -> (m,) int64.

    On a CPU by numpy, which takes a fifth of torch's time. The bits of bfloat16, read as integers,
    have the order of the values among those that are positive.
    """
    import torch

    if flat.device.type != "cpu":
        return (flat > bound).nonzero()[:, 0]
    lowest = torch.as_tensor(bound).to(flat.dtype)
    if flat.dtype == torch.bfloat16:
        flat, lowest = flat.view(torch.int16), lowest.view(torch.int16)
    return torch.from_numpy(np.flatnonzero(flat.numpy() > lowest.numpy()))


def _largest_without_waiting(pre: PreActivations, count: int) -> Codes:
    """On a GPU a number of entries that is known beforehand spares the wait for their count."""
    flat = pre.searched.view(-1)
    wanted = min(flat.numel(), count if pre.is_exact else int(_MORE * count))
    positions = flat.topk(wanted, sorted=False).indices.sort().values
    values = _exact(pre, positions)
    if wanted > count:
        chosen = values.topk(count, sorted=False).indices.sort().values
        positions, values = positions[chosen], values[chosen]
    return _codes(pre, positions, values.relu())


def _exact(pre: PreActivations, positions: Tensor) -> Tensor:
    """Pre-activations at flat `positions` (m,), in the parameters' precision."""
    if pre.is_exact:
        return pre.searched.view(-1)[positions]
    entries = _codes(pre, positions, positions)
    products = sparse_kernels.sampled_products(entries, pre.centred, pre.W_enc)
    return products + pre.b_enc[entries.latents]


def _codes(pre: PreActivations, positions: Tensor, values: Tensor) -> Codes:
    """From ascending flat positions among (batch, n_latents)."""
    import torch

    batch, n = pre.searched.shape
    starts = torch.arange(0, (batch + 1) * n, n, device=positions.device)
    return Codes(values, positions % n, torch.searchsorted(positions, starts))
