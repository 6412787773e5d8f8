"""The TopK SAE written down plainly: dense tensors, autograd, any precision. Slow on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from saedesk.sae.architectures.topk import TopKConfig


def normalised_error(estimate: Tensor, target: Tensor) -> Tensor:
    """mean((y − x)²) / mean((mean over the batch of x − x)²)."""
    return (estimate - target).square().mean() / (target.mean(0) - target).square().mean()


@dataclass
class DenseTopK:
    """Parameters, dead counters and Adam of the published training, step by step."""

    config: TopKConfig
    parameters: dict[str, Tensor]
    idle: Tensor = field(init=False)
    optimiser: torch.optim.Adam = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = {n: p.clone().requires_grad_() for n, p in self.parameters.items()}
        self.idle = torch.zeros(self.config.n_latents, dtype=torch.int64)
        self.optimiser = torch.optim.Adam(
            list(self.parameters.values()),
            lr=self.config.learning_rate,
            betas=(self.config.adam_beta1, self.config.adam_beta2),
            eps=self.config.adam_epsilon,
        )

    def codes(self, x: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
        """Dense codes, indices of the top k, pre-activations."""
        p = self.parameters
        pre = (x - p["pre_bias"]) @ p["W_enc"].T + p["b_enc"]
        top, index = pre.topk(k, dim=1)
        return torch.zeros_like(pre).scatter(1, index, top.relu()), index, pre

    def loss(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Total loss and its reconstruction part; updates the dead counters."""
        p, config = self.parameters, self.config
        z, _, pre = self.codes(x, config.k)
        rebuilt = z @ p["W_dec"] + p["pre_bias"]
        reconstruction = normalised_error(rebuilt, x)
        self.idle += 1
        self.idle[(z > 0).any(0)] = 0
        total = reconstruction
        if config.multi_k_coefficient:
            wide, _, _ = self.codes(x, min(4 * config.k, config.n_latents))
            wider = wide @ p["W_dec"] + p["pre_bias"]
            total = total + config.multi_k_coefficient * normalised_error(wider, x)
        dead = self.idle > config.dead_after_steps
        if config.aux_coefficient and bool(dead.any()):
            k_aux = max(1, round(config.aux_k_factor * config.k))
            masked = pre * dead
            top, chosen = masked.topk(min(k_aux, config.n_latents), dim=1)
            aux = torch.zeros_like(pre).scatter(1, chosen, top.relu()) @ p["W_dec"]
            error = (x - rebuilt).detach()
            total = total + config.aux_coefficient * normalised_error(aux, error)
        return total, reconstruction

    @torch.no_grad()
    def project(self) -> Tensor:
        """Take from the decoder's gradient its part along each row; returns the decoder."""
        decoder = self.parameters["W_dec"]
        assert decoder.grad is not None
        along = (decoder.grad * decoder).sum(1, keepdim=True)
        decoder.grad -= along * decoder
        return decoder

    def step(self, x: Tensor) -> float:
        """One training step; returns the reconstruction loss."""
        self.optimiser.zero_grad()
        total, reconstruction = self.loss(x)
        total.backward()
        decoder = self.project()
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.gradient_clip)
        self.optimiser.step()
        with torch.no_grad():
            decoder /= decoder.norm(dim=1, keepdim=True)
        return float(reconstruction.detach())
