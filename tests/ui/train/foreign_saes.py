"""SAE files as other libraries lay them out, written for a test."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.ui.train.conftest import DIMENSIONS

FEATURES = 24


def dictionary(features: int, dimensions: int, seed: int = 0) -> torch.Tensor:
    """(features, dimensions) float32, rows of length 1."""
    made = torch.randn(features, dimensions, generator=torch.Generator().manual_seed(seed))
    return made / made.norm(dim=1, keepdim=True)


def write_saerch(path: Path, dimensions: int = DIMENSIONS, **changes: torch.Tensor) -> Path:
    """A bare state dict of four tensors; k stands nowhere in it."""
    directions = dictionary(FEATURES, dimensions)
    tensors = {
        "encoder.weight": directions.clone(),
        "decoder.weight": directions.t().contiguous(),
        "latent_bias": torch.zeros(FEATURES),
        "pre_bias": torch.zeros(dimensions),
    }
    torch.save(tensors | changes, path)
    return path


def write_sparsify(folder: Path, k: int, seed: int = 0) -> Path:
    """A folder with cfg.json and sae.safetensors."""
    folder.mkdir(parents=True)
    directions = dictionary(FEATURES, DIMENSIONS, seed)
    tensors = {
        "encoder.weight": directions.clone(),
        "encoder.bias": torch.zeros(FEATURES),
        "W_dec": directions.clone(),
        "b_dec": torch.zeros(DIMENSIONS),
    }
    save_file(tensors, folder / "sae.safetensors")
    config = {"expansion_factor": 1, "num_latents": FEATURES, "k": k, "d_in": DIMENSIONS}
    (folder / "cfg.json").write_text(json.dumps(config), "utf-8")
    return folder


def write_jump_relu(folder: Path) -> Path:
    """A SAELens folder whose features have thresholds of their own."""
    folder.mkdir(parents=True)
    directions = dictionary(FEATURES, DIMENSIONS)
    tensors = {
        "W_enc": directions.t().contiguous(),
        "W_dec": directions.clone(),
        "b_enc": torch.zeros(FEATURES),
        "b_dec": torch.zeros(DIMENSIONS),
        "threshold": torch.full((FEATURES,), 0.2),
    }
    save_file(tensors, folder / "sae_weights.safetensors")
    config = {
        "architecture": "jumprelu",
        "d_in": DIMENSIONS,
        "d_sae": FEATURES,
        "dtype": "float32",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "metadata": {"sae_lens_version": "6.12.0", "model_name": "made-up"},
    }
    (folder / "cfg.json").write_text(json.dumps(config), "utf-8")
    return folder
