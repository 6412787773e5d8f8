"""Checkpoints of SAELens: trained with its own losses, saved by its own methods."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import torch
from golden_form import D_IN, N_LATENTS, K
from sae_lens.registry import get_sae_training_class
from sae_lens.saes.sae import SAE, TrainingSAE, TrainStepInput
from torch import Tensor
from write_golden_files import Rebuild, Variant

STEPS, BATCH, LEARNING_RATE = 300, 256, 3e-3
SPARSITY = {
    "standard": {"l1_coefficient": 0.3},
    "gated": {"l1_coefficient": 0.3},
    "jumprelu": {"l0_coefficient": 0.01, "jumprelu_init_threshold": 0.05},
    "topk": {"k": K},
    "batchtopk": {"k": float(K), "topk_threshold_lr": 0.05},
    "matryoshka_batchtopk": {
        "k": float(K),
        "topk_threshold_lr": 0.05,
        "matryoshka_widths": [8, 24, N_LATENTS],
    },
    "matching_pursuit": {},
}


def trained(architecture: str, rows: Tensor, **settings: Any) -> TrainingSAE[Any]:
    """An SAE after some steps of Adam."""
    sae_class, config_class = get_sae_training_class(architecture)
    settings = SPARSITY[architecture] | settings
    sae = sae_class(config_class(**{"d_in": D_IN, "d_sae": N_LATENTS} | settings))
    optimizer = torch.optim.Adam(sae.parameters(), lr=LEARNING_RATE)
    weights = {
        name: value if isinstance(value, float) else value.value
        for name, value in sae.get_coefficients().items()
    }
    for step in range(STEPS):
        x = rows[torch.randint(len(rows), (BATCH,))]
        output = sae.training_forward_pass(TrainStepInput(x, weights, None, step, False))
        optimizer.zero_grad()
        output.loss.backward()
        optimizer.step()
    return sae


def loaded(folder: Path) -> Rebuild:
    """What SAELens makes of the folder at inference."""
    sae = SAE.load_from_disk(folder)

    def rebuild(x: Tensor) -> tuple[Tensor, Tensor]:
        codes = sae.encode(x)
        return codes, sae.decode(codes)

    return rebuild


def inference(architecture: str, folder: Path, rows: Tensor, **settings: Any) -> Rebuild:
    """As saved for inference."""
    trained(architecture, rows, **settings).save_inference_model(folder)
    return loaded(folder)


def in_training(architecture: str, folder: Path, rows: Tensor, **settings: Any) -> Rebuild:
    """As saved to train on; the codes are those of the same SAE saved for inference."""
    sae = trained(architecture, rows, **settings)
    sae.save_model(folder)
    with tempfile.TemporaryDirectory() as other:
        sae.save_inference_model(other)
        return loaded(Path(other))


def before_6_0(folder: Path, rows: Tensor, **changes: Any) -> Rebuild:
    """The weights of today beside a config as SAELens wrote it before 6.0."""
    architecture = "topk" if "activation_fn_kwargs" in changes else "standard"
    settings = {"rescale_acts_by_decoder_norm": False} if architecture == "topk" else {}
    trained(architecture, rows, **settings).save_inference_model(folder)
    config = {
        "d_in": D_IN,
        "d_sae": N_LATENTS,
        "dtype": "torch.float32",
        "device": "cpu",
        "model_name": "gpt2-small",
        "hook_point": "blocks.8.hook_resid_pre",
        "hook_point_layer": 8,
        "activation_fn_str": "relu",
        "normalize_activations": False,
        "context_size": 128,
        "finetuning_scaling_factor": False,
    }
    (folder / "cfg.json").write_text(json.dumps(config | changes), "utf-8")
    return loaded(folder)


def refused(architecture: str, folder: Path, rows: Tensor, **settings: Any) -> None:
    """What can be loaded by SAELens alone."""
    trained(architecture, rows, d_sae=D_IN, **settings).save_inference_model(folder)


VARIANTS: dict[str, Variant] = {
    "standard": partial(inference, "standard"),
    "standard_layer_norm": partial(inference, "standard", normalize_activations="layer_norm"),
    "standard_constant_norm_rescale": partial(
        inference, "standard", normalize_activations="constant_norm_rescale"
    ),
    "standard_expected_average_only_in": partial(
        inference, "standard", normalize_activations="expected_average_only_in"
    ),
    "standard_no_input_bias": partial(inference, "standard", apply_b_dec_to_input=False),
    "standard_before_6_0": before_6_0,
    "topk": partial(inference, "topk", rescale_acts_by_decoder_norm=False),
    "topk_rescaled": partial(inference, "topk", rescale_acts_by_decoder_norm=True),
    "topk_rescaled_in_training": partial(
        in_training, "topk", rescale_acts_by_decoder_norm=True, apply_b_dec_to_input=False
    ),
    "topk_layer_norm": partial(inference, "topk", normalize_activations="layer_norm"),
    "topk_before_6_0": partial(before_6_0, activation_fn_str="topk", activation_fn_kwargs={"k": K}),
    "jumprelu": partial(inference, "jumprelu"),
    "jumprelu_no_input_bias": partial(inference, "jumprelu", apply_b_dec_to_input=False),
    "gated": partial(inference, "gated"),
    "gated_no_input_bias": partial(inference, "gated", apply_b_dec_to_input=False),
    "gated_constant_norm_rescale": partial(
        inference, "gated", normalize_activations="constant_norm_rescale", l1_coefficient=2.0
    ),
    "batchtopk": partial(inference, "batchtopk"),
    "batchtopk_in_training": partial(in_training, "batchtopk"),
    "batchtopk_in_training_not_rescaled": partial(
        in_training, "batchtopk", rescale_acts_by_decoder_norm=False, apply_b_dec_to_input=False
    ),
    "matryoshka_batchtopk": partial(inference, "matryoshka_batchtopk"),
    "matryoshka_batchtopk_in_training": partial(in_training, "matryoshka_batchtopk"),
    "matching_pursuit": partial(refused, "matching_pursuit"),
    "covariance_whitening": partial(
        refused, "standard", normalize_activations="covariance_whitening"
    ),
}
