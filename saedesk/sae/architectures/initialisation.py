"""How the parameters of an SAE start."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.architectures.architecture import Parameters
from saedesk.sae.codes import Codes
from saedesk.sae.pre_activations import EncoderProduct
from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor

_NOISE = 0.01
"""Length of the random part of a fitted start: latents that began as the same document part."""
_ROWS_FOR_SCALE = 2048
_USUAL_K = 32


def initialise(config: SaeConfig, d_in: int, sample: Tensor, generator: Generator) -> Parameters:
    """W_enc, W_dec (n_latents, d_in), b_enc (n_latents,), pre_bias (d_in,), all float32 on the CPU.

    "published": coordinate-wise median as pre-bias, Xavier-uniform decoder with unit rows, encoder
    tied to it, no latent bias (O'Neill et al. 2024, released code).

    "fitted": each latent starts as the direction of a document of `sample` (n, d_in) from the
    pre-bias, and the encoder is the decoder times the one factor that rebuilds the sample best:
    the sum of many strong overlapping directions overshoots otherwise. On 28,000 abstracts at
    (384, 3072, 32) the held-out FVU after 60 steps is .336, against .425 with the factor alone
    and .464 as published, and it stays ahead (after 540 steps .257, .297 with the factor alone).
    """
    import torch

    pre_bias = sample.median(dim=0).values.clone()
    decoder = _random_directions(config.n_latents, d_in, generator)
    encoder = decoder.clone()
    if config.initialisation == "fitted":
        decoder = _unit(_document_directions(sample - pre_bias, config.n_latents, generator))
        decoder = _unit(decoder + _NOISE * encoder)
        k = min(getattr(config, "k", _USUAL_K), config.n_latents)
        centred = sample[:_ROWS_FOR_SCALE] - pre_bias
        product = EncoderProduct().of(decoder, torch.zeros(config.n_latents), centred)
        encoder = decoder * best_factor(product.largest(k), decoder, centred)
    return {
        "W_enc": encoder,
        "W_dec": decoder,
        "b_enc": torch.zeros(config.n_latents),
        "pre_bias": pre_bias,
    }


def best_factor(codes: Codes, decoder: Tensor, centred: Tensor) -> float:
    """The factor on the codes that brings their reconstruction closest to `centred` (rows, d)."""
    rebuilt = sparse_kernels.decode(codes, decoder)
    length = float(rebuilt.square().sum())
    return float((rebuilt * centred).sum()) / length if length > 0 else 1.0


def _random_directions(n: int, d_in: int, generator: Generator) -> Tensor:
    import torch

    bound = math.sqrt(6.0 / (n + d_in))
    return _unit(torch.rand((n, d_in), generator=generator) * (2 * bound) - bound)


def _document_directions(centred: Tensor, n: int, generator: Generator) -> Tensor:
    """(n, d_in): documents, each once, then differences between two."""
    import torch

    rows = centred.shape[0]
    first = centred[torch.randperm(rows, generator=generator)[:n]]
    pairs = torch.randint(rows, (2, max(0, n - rows)), generator=generator)
    return torch.cat([first, centred[pairs[0]] - centred[pairs[1]]])


def _unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-12)
