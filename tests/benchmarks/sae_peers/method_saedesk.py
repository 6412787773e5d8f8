"""saedesk: `SaeTrainer.step`, with its defaults for the TopK SAE but for when a latent is dead."""

from __future__ import annotations

from typing import Any

import torch
from method import BATCH, LEARNING_RATE, Setup
from torch import Tensor

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

MORE_STEPS_THAN_ANYBODY_TRAINS = 1_000_000
DEAD_AFTER_STEPS = 108
"""Four epochs of the abstracts, as in the preset “Balanced”."""


class Saedesk:
    """Sparse gradients by hand."""

    def __init__(self, setup: Setup, **settings: Any) -> None:
        shape = setup.shape
        self.config = TopKConfig(
            n_latents=shape.n_latents,
            k=shape.k,
            learning_rate=LEARNING_RATE,
            batch_size=BATCH,
            seed=setup.seed,
            dead_after_steps=DEAD_AFTER_STEPS,
            **settings,
        )
        self.device = setup.device
        self.trainer = SaeTrainer(
            "topk",
            self.config,
            setup.rows[: self.config.pre_bias_rows],
            total_steps=MORE_STEPS_THAN_ANYBODY_TRAINS,
            device=setup.device,
        )

    def step(self, x: Tensor) -> None:
        self.trainer.step(x)

    def sae(self) -> SparseAutoencoder:
        """What has been trained so far."""
        return SparseAutoencoder("topk", self.config, self.trainer.d_in, self.trainer.weights(), {})

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        sae = self.sae()
        codes = sae.encode(x.cpu().numpy(), device=self.device)
        active = torch.zeros(sae.n_latents, dtype=torch.bool)
        active[torch.from_numpy(codes.indices).long()] = True
        return torch.from_numpy(sae.decode(codes)).to(x.device), active.to(x.device)


class SaedeskAsPublished(Saedesk):
    """With the random dictionary that the released SAEs started with."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, initialisation="published")
