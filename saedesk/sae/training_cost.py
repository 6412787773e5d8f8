"""How many steps a training has, and how much room it needs."""

from __future__ import annotations

import math

from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.training_rows import LARGEST_HELD_OUT


def training_steps(config: SaeConfig, n_documents: int) -> int:
    """Steps of a whole training; counts rows and batches as `TrainingRows` does."""
    held = min(
        math.ceil(n_documents * config.held_out_share), LARGEST_HELD_OUT, max(0, n_documents - 4)
    )
    held = max(held, 2) if config.held_out_share > 0 else 0
    training = max(1, n_documents - held)
    whole, rest = divmod(training, min(config.batch_size, training))
    return config.epochs * (whole + (1 if rest > 1 else 0))


def sae_bytes(n_latents: int, d_in: int) -> int:
    """Encoder and decoder in float32."""
    return 2 * n_latents * d_in * 4


def training_memory(config: SaeConfig, batch: int, d_in: int) -> int:
    """Weights, gradients, two moments, a best state; pre-activations and what is made of them."""
    kept = 5 if config.early_stopping_epochs else 4
    return kept * sae_bytes(config.n_latents, d_in) + 3 * 4 * batch * config.n_latents
