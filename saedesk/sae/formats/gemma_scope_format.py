"""Gemma Scope's SAEs (Lieberum et al. 2024): params.npz, or params.safetensors of the second one.

    a = x W_enc + b_enc                                  W_enc (d, n), W_dec (n, d)
    z = a where a > threshold, else 0                    x̂ = z W_dec + b_dec

The second release writes w_enc and w_dec, and has transcoders too.
"""

from __future__ import annotations

import dataclasses

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.canonical_weights import (
    converted_sae,
    linear_weights,
    threshold_exponents,
)
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae

TITLE = "Gemma Scope"
_LAYOUT = {"w_enc": "d n", "w_dec": "n d", "b_enc": "n", "b_dec": "d", "threshold": "n"}
_USUAL_NAMES = ("params.npz", "params.safetensors")


def recognises(files: CheckpointFiles) -> bool:
    """Its tensors, or all but one of them, in a file of its name or in its small letters."""
    names = set(files.tensors)
    lower = {name.lower() for name in names}
    has_most = len(_LAYOUT.keys() & lower) >= len(_LAYOUT) - 1
    return has_most and (files.weights.name in _USUAL_NAMES or bool({"w_enc", "w_dec"} & names))


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """A JumpReLU SAE; raises BadCheckpoint."""
    lower = {name.lower(): tensor for name, tensor in files.tensors.items()}
    if any("skip" in name for name in lower):
        raise BadCheckpoint(
            f"{files.weights.name} is a transcoder with a skip connection, which rebuilds other "
            "vectors than it reads. Choose an SAE."
        )
    scaling = lower.get("scaling_factor")
    if scaling is not None and not bool((scaling == 1).all()):
        raise BadCheckpoint(
            f"{files.weights.name} scales its activations by a scaling_factor, which saedesk does "
            "not know. Fold it into the decoder and save it again."
        )
    tensors = check_tensors(dataclasses.replace(files, tensors=lower), _LAYOUT)
    weights = linear_weights(
        tensors["w_enc"].t(),
        tensors["w_dec"],
        tensors["b_enc"],
        input_bias=None,
        output_bias=tensors["b_dec"],
    )
    exponent = threshold_exponents(tensors["threshold"])
    return converted_sae(files, "jump_relu", weights | {"threshold_exponent": exponent})
