"""An SAE for SAELens (6 and later): cfg.json + sae_weights.safetensors, to be used, not trained on.

BatchTopK and Matryoshka become "jumprelu" with one threshold for all, as SAELens saves its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.sae.architectures import architectures
from saedesk.sae.formats.exported_weights import as_vectors_are, for_longer_vectors, write_tensors
from saedesk.sae.formats.matryoshka_parts import parts_note
from saedesk.sae.formats.sae_lens_format import SETTINGS_NAME, WEIGHTS_NAME

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.formats.model_card import ModelCard
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

TITLE = "SAELens"
LOADING = """\
from sae_lens import SAE

sae = SAE.load_from_disk({folder})
codes = sae.encode(vectors)  # torch, float32 (documents, features)
rebuilt = sae.decode(codes)"""
LAYOUT_OF = "6.54.12"
"""The version whose layout this is; SAELens reads files without one as older than 6.0."""
_ARCHITECTURES = {
    "topk": "topk",
    "batch_topk": "jumprelu",
    "matryoshka": "jumprelu",
    "jump_relu": "jumprelu",
    "relu_l1": "standard",
    "gated": "gated",
}
"""SAELens' name by ours."""
_NORMALISATIONS = {
    "none": "none",
    "centred": "none",
    "per-dimension": "none",
    "unit": "constant_norm_rescale",
    "fixed length": "constant_norm_rescale",
    "standardised": "layer_norm",
}
_AS_THRESHOLDS = (
    "SAELens keeps it as JumpReLU with the same threshold for every feature, as it does with "
    "{title} of its own; the activations are the same."
)
_LENGTHS = (
    "SAELens gives reconstructions the length of their vector; saedesk gives those of the vector "
    "brought to length 1."
)


def reason_against(sae: SparseAutoencoder) -> str:
    """Why SAELens cannot hold it; "" if it can."""
    if sae.architecture not in _ARCHITECTURES:
        title = architectures().get(sae.architecture).title
        return f"it has no SAE that chooses features as {title} does"
    if sae.config.input_normalisation not in _NORMALISATIONS:
        return f"it has no input of the kind “{sae.config.input_normalisation}”"
    return ""


def write(sae: SparseAutoencoder, folder: Path, card: ModelCard) -> tuple[str, ...]:
    """The folder as `SAE.load_from_disk` reads it."""
    kind = _ARCHITECTURES[sae.architecture]
    weights = as_vectors_are(sae)
    if sae.config.input_normalisation == "unit":
        # x · √d / ‖x‖ is √d times what this SAE sees.
        weights = for_longer_vectors(weights, sae.d_in**0.5)
    write_tensors(_tensors(kind, sae, weights), folder / WEIGHTS_NAME)
    text = json.dumps(_settings(kind, sae, card), indent=1) + "\n"
    (folder / SETTINGS_NAME).write_text(text, "utf-8")
    return _notes(kind, sae)


def _tensors(kind: str, sae: SparseAutoencoder, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {
        "W_enc": weights["W_enc"].t(),
        "W_dec": weights["W_dec"],
        "b_dec": weights["pre_bias"],
    }
    if kind == "gated":
        of_gates = {"b_gate": "b_enc", "b_mag": "b_mag", "r_mag": "r_mag"}
        return tensors | {theirs: weights[ours] for theirs, ours in of_gates.items()}
    tensors["b_enc"] = weights["b_enc"]
    if kind == "jumprelu":
        tensors["threshold"] = _thresholds(sae)
    return tensors


def _thresholds(sae: SparseAutoencoder) -> Tensor:
    """(n_latents,), the very numbers that the SAE compares with."""
    from saedesk.sae.architectures.learned_thresholds import Thresholds

    if sae.architecture == "jump_relu":
        return Thresholds.of(sae.parameters["threshold_exponent"]).values
    threshold: Tensor = sae.parameters["threshold"]
    return threshold.clamp_min(0).expand(sae.n_latents)


def _settings(kind: str, sae: SparseAutoencoder, card: ModelCard) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "d_in": sae.d_in,
        "d_sae": sae.n_latents,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": _NORMALISATIONS[sae.config.input_normalisation],
        "reshape_activations": "none",
        "metadata": {
            "sae_lens_version": LAYOUT_OF,
            "sae_lens_training_version": None,
            "exported_by": card.program,
            "trained_as": sae.architecture,
        },
        "architecture": kind,
    }
    if kind == "topk":
        k = min(getattr(sae.config, "k", sae.n_latents), sae.n_latents)
        settings |= {"k": k, "rescale_acts_by_decoder_norm": False}
    return settings


def _notes(kind: str, sae: SparseAutoencoder) -> tuple[str, ...]:
    from saedesk.sae.architectures.matryoshka import MatryoshkaConfig

    notes = []
    if kind == "jumprelu" and sae.architecture != "jump_relu":
        title = architectures().get(sae.architecture).title
        notes.append(_AS_THRESHOLDS.format(title=title))
    # Of a loaded SAE they are only about known.
    if isinstance(sae.config, MatryoshkaConfig) and not sae.origin.get("loaded"):
        notes.append(parts_note(sae.config.prefixes))
    if sae.config.input_normalisation == "unit":
        notes.append(_LENGTHS)
    return tuple(notes)
