"""The SAEs of openai/sparse_autoencoder: one .pt state dict that also names the activation.

    a = encoder.weight (x − pre_bias) + latent_bias
    z = ReLU(a), or ReLU(TopK_k(a))                      x̂ = decoder.weight z + pre_bias

With TopK x is standardised by its own mean and standard deviation first, and x̂ brought back by
them (its model.py: `normalize = activation_class_name == "TopK"`). A tied SAE has no decoder but
the encoder, stored as decoder.linear.weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.canonical_weights import converted_sae, k_from, linear_weights
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae
from saedesk.sae.formats.plain_settings import whole_number
from saedesk.sae.input_normalisation import STANDARDISED

TITLE = "openai/sparse_autoencoder"
_OF_ITS_OWN = {"stats_last_nonzero", "latents_activation_frequency", "latents_mean_square"}
_TIED = "decoder.linear.weight"


def recognises(files: CheckpointFiles) -> bool:
    """Its two biases, and its statistics or its activation's name."""
    names = set(files.tensors)
    has_biases = {"pre_bias", "latent_bias"} & names and "encoder.weight" in names
    return bool(has_biases and (_OF_ITS_OWN & names or "activation" in files.settings))


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """A TopK or ReLU SAE; raises BadCheckpoint, MissingK."""
    decoder = _TIED if _TIED in files.tensors else "decoder.weight"
    shape = "n d" if decoder == _TIED else "d n"
    tensors = check_tensors(
        files, {"encoder.weight": "n d", decoder: shape, "latent_bias": "n", "pre_bias": "d"}
    )
    weights = linear_weights(
        tensors["encoder.weight"],
        tensors[decoder] if decoder == _TIED else tensors[decoder].t(),
        tensors["latent_bias"],
        input_bias=tensors["pre_bias"],
        output_bias=tensors["pre_bias"],
    )
    activation = files.settings.get("activation", "ReLU")
    if activation == "ReLU":
        return converted_sae(files, "relu_l1", weights)
    inner = _activation_settings(files.settings)
    if activation != "TopK" or inner.get("postact_fn", "ReLU") != "ReLU":
        shown = activation if activation != "TopK" else f"TopK with {inner['postact_fn']}"
        raise BadCheckpoint(
            f"{files.weights.name} has the activation {shown}, which saedesk does not know; it "
            "reads those with TopK and ReLU."
        )
    found = k_from(whole_number(inner, "k"), k, files.weights.name)
    note = "Every vector is standardised by its own numbers first, as this library does for TopK."
    return converted_sae(
        files, "topk", weights, notes=(note,), k=found, input_normalisation=STANDARDISED
    )


def _activation_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """k and postact_fn; the library's own state dict has them twice, under two spellings."""
    prefix = "activation."
    found = {n.removeprefix(prefix): v for n, v in settings.items() if n.startswith(prefix)}
    inner = settings.get("activation_state_dict")
    return found | dict(inner if isinstance(inner, Mapping) else {})
