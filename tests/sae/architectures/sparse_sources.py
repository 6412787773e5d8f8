"""Vectors that are sums of few known directions, for trainings in a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from saedesk.sae import sparse_kernels
from saedesk.sae.architectures import architectures
from saedesk.sae.codes import Codes
from saedesk.sae.sae_trainer import SaeTrainer

D_IN = 24
SOURCES = 48
ACTIVE = 3


def sparse_sources(rows: int, *, seed: int = 0) -> Tensor:
    """(rows, D_IN) float32: three of 48 unit directions each, with strengths of .5 to 1.5."""
    generator = torch.Generator().manual_seed(seed)
    directions = torch.randn((SOURCES, D_IN), generator=torch.Generator().manual_seed(99))
    directions /= directions.norm(dim=1, keepdim=True)
    chosen = torch.rand((rows, SOURCES), generator=generator).topk(ACTIVE, dim=1).indices
    strengths = 0.5 + torch.rand((rows, ACTIVE), generator=generator)
    z = torch.zeros((rows, SOURCES)).scatter(1, chosen, strengths)
    return z @ directions


@dataclass
class Trained:
    """An SAE after a short training, and its codes of the vectors."""

    trainer: SaeTrainer
    codes: Codes
    l0: float
    fvu: float


def trained_on_sources(architecture: str, *, steps: int = 150, **settings: Any) -> Trained:
    """64 latents on 2,000 vectors in batches of 128; settings as in the config."""
    x = sparse_sources(2000)
    config = (
        architectures()
        .get(architecture)
        .Config(n_latents=64, learning_rate=3e-3, learning_rate_decay="linear", **settings)
    )
    trainer = SaeTrainer(architecture, config, x, total_steps=steps)
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        trainer.step(x[torch.randint(len(x), (128,), generator=generator)])
    codes = trainer.architecture.encode(trainer.parameters, x)
    rebuilt = sparse_kernels.decode(codes, trainer.parameters["W_dec"])
    error = rebuilt + trainer.parameters["pre_bias"] - x
    fvu = float(error.square().sum() / (x - x.mean(0)).square().sum())
    return Trained(trainer, codes, float(codes.active.sum()) / len(x), fvu)
