"""Checkpoints of dictionary_learning, made by its trainers and read by its `load_dictionary`."""

from __future__ import annotations

import json
import sys
import types
from functools import partial
from pathlib import Path
from typing import Any

import torch
from golden_form import D_IN, N_LATENTS, K
from torch import Tensor
from write_golden_files import Rebuild, Variant

for name in ("nnsight", "datasets", "zstandard"):
    # For activations of language models; nothing here uses them.
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules["nnsight"].LanguageModel = None  # type: ignore[attr-defined]
sys.modules["datasets"].load_dataset = None  # type: ignore[attr-defined]

from dictionary_learning.dictionary import AutoEncoderNew  # noqa: E402
from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer  # noqa: E402
from dictionary_learning.trainers.gdm import GatedSAETrainer  # noqa: E402
from dictionary_learning.trainers.jumprelu import JumpReluTrainer  # noqa: E402
from dictionary_learning.trainers.matryoshka_batch_top_k import (  # noqa: E402
    MatryoshkaBatchTopKTrainer,
)
from dictionary_learning.trainers.standard import (  # noqa: E402
    StandardTrainer,
    StandardTrainerAprilUpdate,
)
from dictionary_learning.trainers.top_k import TopKTrainer  # noqa: E402
from dictionary_learning.utils import load_dictionary  # noqa: E402

STEPS, BATCH, LEARNING_RATE = 400, 256, 3e-3
WARM_UP = {"warmup_steps": 10}
THRESHOLD = {"k": K, "threshold_start_step": 50, "threshold_beta": 0.95}


def trained(trainer_class: Any, folder: Path, rows: Tensor, **settings: Any) -> Rebuild:
    """As `trainSAE` writes it: ae.pt and config.json."""
    trainer = trainer_class(
        steps=STEPS,
        activation_dim=D_IN,
        dict_size=N_LATENTS,
        layer=0,
        lm_name="none",
        device="cpu",
        seed=0,
        **{"lr": LEARNING_RATE} | WARM_UP | settings,
    )
    for step in range(STEPS):
        trainer.update(step, rows[torch.randint(len(rows), (BATCH,))])
    return saved(trainer.ae, trainer.config, folder)


def without_trainer(folder: Path, rows: Tensor) -> Rebuild:
    """AutoEncoderNew, for which the library has no trainer any more."""
    sae = AutoEncoderNew(D_IN, N_LATENTS)
    optimizer = torch.optim.Adam(sae.parameters(), lr=LEARNING_RATE)
    for _ in range(STEPS):
        x = rows[torch.randint(len(rows), (BATCH,))]
        rebuilt, features = sae(x, output_features=True)
        loss = (rebuilt - x).square().sum(1).mean() + 0.2 * features.sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    config = {"dict_class": "AutoEncoderNew", "activation_dim": D_IN, "dict_size": N_LATENTS}
    return saved(sae, config, folder)


def saved(sae: torch.nn.Module, config: dict[str, Any], folder: Path) -> Rebuild:
    """What the library makes of the folder."""
    state = {name: tensor.cpu() for name, tensor in sae.state_dict().items()}
    torch.save(state, folder / "ae.pt")
    text = json.dumps({"trainer": config, "buffer": {"d_submodule": D_IN}}, indent=4)
    (folder / "config.json").write_text(text, "utf-8")
    loaded, _ = load_dictionary(str(folder), device="cpu")

    def rebuild(x: Tensor) -> tuple[Tensor, Tensor]:
        codes = loaded.encode(x)
        return codes, loaded.decode(codes)

    return rebuild


PENALTY = {"l1_penalty": 0.2, "sparsity_warmup_steps": 20}

VARIANTS: dict[str, Variant] = {
    "standard": partial(trained, StandardTrainer, **PENALTY),
    "standard_decoder_not_normalised": partial(trained, StandardTrainerAprilUpdate, **PENALTY),
    "standard_new": without_trainer,
    "gated": partial(trained, GatedSAETrainer, **PENALTY),
    "jumprelu": partial(
        trained, JumpReluTrainer, target_l0=6.0, bandwidth=0.05, sparsity_warmup_steps=20
    ),
    "topk": partial(trained, TopKTrainer, **THRESHOLD),
    "batch_topk": partial(trained, BatchTopKTrainer, **THRESHOLD),
    "batch_topk_without_threshold": partial(
        trained, BatchTopKTrainer, k=K, threshold_start_step=10 * STEPS
    ),
    "matryoshka_batch_topk": partial(
        trained, MatryoshkaBatchTopKTrainer, group_fractions=[0.125, 0.25, 0.625], **THRESHOLD
    ),
}
