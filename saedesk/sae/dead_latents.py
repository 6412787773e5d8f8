"""Revival of dead latents by resampling (Bricken et al. 2023, "Towards Monosemanticity", A.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saedesk.sae import sparse_kernels

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.codes import Codes

_ENCODER_LENGTH = 0.2
"""Encoder rows of revived latents, as a share of the mean length of the others."""


def resample(
    parameters: dict[str, Tensor], codes: Codes, x: Tensor, dead: Tensor, *, seed: tuple[int, int]
) -> None:
    """Give the latents `dead` (m,) the directions of badly rebuilt rows of `x`, in place.

    Rows are drawn with a probability proportional to their squared loss; more dead latents than
    rows take each row once and leave the rest for the next time.
    """
    import torch

    target = x - parameters["pre_bias"]
    error = target - sparse_kernels.decode(codes, parameters["W_dec"])
    weight = error.square().sum(1).square().cpu().double().numpy()
    usable = int((weight > 0).sum())
    if usable == 0:
        return
    dead = dead[:usable]
    generator = np.random.default_rng(seed)
    rows = generator.choice(len(weight), dead.numel(), replace=False, p=weight / weight.sum())
    directions = error[torch.from_numpy(rows).to(x.device)]
    directions = directions / directions.norm(dim=1, keepdim=True).clamp_min(1e-12)
    parameters["W_dec"][dead] = directions
    if "W_enc" in parameters:
        alive = torch.ones(parameters["W_enc"].shape[0], dtype=torch.bool, device=x.device)
        alive[dead] = False
        lengths = parameters["W_enc"].norm(dim=1)
        mean = lengths[alive].mean() if bool(alive.any()) else lengths.mean()
        parameters["W_enc"][dead] = directions * (_ENCODER_LENGTH * mean)
    if "b_enc" in parameters:
        parameters["b_enc"][dead] = 0.0
