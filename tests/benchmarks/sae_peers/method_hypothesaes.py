"""HypotheSAEs 2.0.1: the calls of `SparseAutoencoder.fit`, with its defaults."""

from __future__ import annotations

import torch
from method import LEARNING_RATE, Setup
from torch import Tensor


class HypotheSaes:
    """Dense scatter, dense decode; AuxK computed in every step, dead after 256 idle steps."""

    def __init__(self, setup: Setup) -> None:
        from hypothesaes.sae import SparseAutoencoder

        shape = setup.shape
        torch.manual_seed(setup.seed)
        self.sae = SparseAutoencoder(shape.d_in, shape.n_latents, shape.k, device=setup.device)
        self.sae.initialize_weights_(setup.rows)
        self.optimizer = torch.optim.Adam(self.sae.parameters(), lr=LEARNING_RATE)
        self.losses: list[float] = []

    def step(self, x: Tensor) -> None:
        sae = self.sae
        rebuilt, about = sae(x)
        loss = sae.compute_loss(x, rebuilt, about, 1 / 32, 0.0)
        self.optimizer.zero_grad()
        loss.backward()
        sae.adjust_decoder_gradient_()
        torch.nn.utils.clip_grad_norm_(sae.parameters(), 1.0)
        self.optimizer.step()
        sae.normalize_decoder_()
        self.losses.append(loss.item())

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        idle = self.sae.steps_since_activation.clone()
        rebuilt, about = self.sae(x)
        # Looking must not count as training.
        self.sae.steps_since_activation.copy_(idle)
        return rebuilt, (about["activations"] > 0).any(0)
