"""SAELens 6.54: `SAETrainer.step` with a TopK SAE, with its defaults."""

from __future__ import annotations

import torch
from method import BATCH, LEARNING_RATE, Setup
from torch import Tensor

MORE_STEPS_THAN_ANYBODY_TRAINS = 1_000_000


class SaeLens:
    """Dense scatter, dense decode, decoder norms free; dead after 1,000 idle steps."""

    def __init__(self, setup: Setup) -> None:
        from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
        from sae_lens.config import SAETrainerConfig
        from sae_lens.training.sae_trainer import SAETrainer

        shape = setup.shape
        torch.manual_seed(setup.seed)
        sae = TopKTrainingSAE(
            TopKTrainingSAEConfig(
                d_in=shape.d_in, d_sae=shape.n_latents, k=shape.k, device=setup.device
            )
        )
        config = SAETrainerConfig(
            total_training_samples=MORE_STEPS_THAN_ANYBODY_TRAINS * BATCH,
            train_batch_size_samples=BATCH,
            lr=LEARNING_RATE,
            lr_end=LEARNING_RATE,
            device=setup.device,
        )
        self.trainer = SAETrainer(config, sae, data_provider=iter(()))

    def step(self, x: Tensor) -> None:
        self.trainer.maybe_reset_sparsity()
        self.trainer.step(x)
        self.trainer.n_training_steps += 1

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        sae = self.trainer.sae
        codes = sae.encode(x)
        return sae.decode(codes), (codes > 0).any(0)
