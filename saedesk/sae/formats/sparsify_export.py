"""An SAE for EleutherAI sparsify: cfg.json + sae.safetensors, TopK alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from saedesk.sae.architectures import architectures
from saedesk.sae.formats.exported_weights import as_vectors_are, for_longer_vectors, write_tensors

if TYPE_CHECKING:
    from saedesk.sae.formats.model_card import ModelCard
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

TITLE = "sparsify"
LOADING = """\
from sparsify import SparseCoder

sae = SparseCoder.load_from_disk({folder})
values, features, _ = sae.encode(vectors)  # torch, float32; both (documents, k)
rebuilt = sae.decode(values, features)"""
_UNIT_TOLERANCE = 1e-4
_LENGTH_ONE = (
    "sparsify leaves vectors as they are. Give it vectors of length 1, for which activations and "
    "reconstructions are the same."
)


def reason_against(sae: SparseAutoencoder) -> str:
    """Why sparsify cannot hold it; "" if it can."""
    if sae.architecture != "topk":
        return f"it has TopK alone, and this is {architectures().get(sae.architecture).title}"
    if sae.config.input_normalisation == "standardised":
        return "it cannot give every vector the mean 0 and the spread 1"
    return ""


def write(sae: SparseAutoencoder, folder: Path, card: ModelCard) -> tuple[str, ...]:
    """The folder as `SparseCoder.load_from_disk` reads it."""
    kind = sae.config.input_normalisation
    weights = as_vectors_are(sae)
    if kind == "fixed length":
        weights = for_longer_vectors(weights, sae.d_in**-0.5)
    tensors = {
        "encoder.weight": weights["W_enc"],
        "encoder.bias": weights["b_enc"],
        "W_dec": weights["W_dec"],
        "b_dec": weights["pre_bias"],
    }
    write_tensors(tensors, folder / "sae.safetensors")
    lengths = weights["W_dec"].norm(dim=1)
    settings = {
        "activation": "topk",
        "expansion_factor": max(1, sae.n_latents // sae.d_in),
        "normalize_decoder": bool(((lengths - 1).abs() < _UNIT_TOLERANCE).all()),
        "num_latents": sae.n_latents,
        "k": min(getattr(sae.config, "k", sae.n_latents), sae.n_latents),
        "multi_topk": False,
        "skip_connection": False,
        "transcode": False,
        "d_in": sae.d_in,
    }
    (folder / "cfg.json").write_text(json.dumps(settings, indent=1) + "\n", "utf-8")
    return (_LENGTH_ONE,) if kind in {"unit", "fixed length"} else ()
