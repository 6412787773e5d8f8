"""dictionary_learning 0.1.0: `TopKTrainer.update`, without its warm-up of 1,000 steps."""

from __future__ import annotations

import sys
import types

import torch
from method import LEARNING_RATE, Setup
from torch import Tensor

MORE_STEPS_THAN_ANYBODY_TRAINS = 1_000_000


class DictionaryLearning:
    """Dense scatter, dense decode; dead after 10,000,000 idle examples."""

    def __init__(self, setup: Setup) -> None:
        _stand_in_for_nnsight()
        from dictionary_learning.trainers.top_k import TopKTrainer

        shape = setup.shape
        self.trainer = TopKTrainer(
            steps=MORE_STEPS_THAN_ANYBODY_TRAINS,
            activation_dim=shape.d_in,
            dict_size=shape.n_latents,
            k=shape.k,
            layer=0,
            lm_name="",
            lr=LEARNING_RATE,
            warmup_steps=0,
            seed=setup.seed,
            device=setup.device,
        )
        self.steps = 0

    def step(self, x: Tensor) -> None:
        self.trainer.update(self.steps, x)
        self.steps += 1

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        rebuilt, codes = self.trainer.ae(x, output_features=True)
        return rebuilt, (codes > 0).any(0)


def _stand_in_for_nnsight() -> None:
    """The package imports nnsight to read activations of language models; nothing else uses it."""
    if "nnsight" not in sys.modules:
        module = types.ModuleType("nnsight")
        module.LanguageModel = None  # type: ignore[attr-defined]
        sys.modules["nnsight"] = module
