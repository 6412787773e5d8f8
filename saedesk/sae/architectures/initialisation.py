"""How the parameters of an SAE start."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from saedesk.sae.architectures.architecture import Parameters
from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor


def initialise(
    config: SaeConfig, d_in: int, first_rows: Tensor, generator: Generator
) -> Parameters:
    """W_enc, W_dec (n_latents, d_in), b_enc (n_latents,), pre_bias (d_in,), all float32 on the CPU.

    "published": coordinate-wise median as pre-bias, Xavier-uniform decoder with unit rows, encoder
    tied to it, no latent bias (O'Neill et al. 2024, released code).
    """
    import torch

    n = config.n_latents
    bound = math.sqrt(6.0 / (n + d_in))
    decoder = torch.rand((n, d_in), generator=generator) * (2 * bound) - bound
    decoder /= decoder.norm(dim=1, keepdim=True)
    return {
        "W_enc": decoder.clone(),
        "W_dec": decoder,
        "b_enc": torch.zeros(n),
        "pre_bias": first_rows.median(dim=0).values.clone(),
    }
