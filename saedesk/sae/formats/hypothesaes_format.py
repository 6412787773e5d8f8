"""HypotheSAEs: one .pt file of {config, state_dict}.

a = encoder.weight (x − input_bias) + neuron_bias
z = ReLU(TopK_k(a)), or ReLU(a) where it exceeds the threshold with `use_batch_topk`
x̂ = decoder.weight z + input_bias
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saedesk.sae.formats.canonical_weights import converted_sae, k_from, linear_weights
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae
from saedesk.sae.formats.matryoshka_parts import matryoshka_settings, parts_note
from saedesk.sae.formats.plain_settings import switched_on, whole_number

TITLE = "HypotheSAEs"
_LAYOUT = {
    "encoder.weight": "n d",
    "decoder.weight": "d n",
    "neuron_bias": "n",
    "input_bias": "d",
}


def recognises(files: CheckpointFiles) -> bool:
    """By the names of its biases."""
    return {"input_bias", "neuron_bias"} <= files.tensors.keys()


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """The SAE in saedesk's terms; raises BadCheckpoint and MissingK with one sentence."""
    found = files.settings.get("config")
    settings: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    by_threshold = switched_on(settings, "use_batch_topk")
    tensors = check_tensors(files, _LAYOUT | ({"threshold": ""} if by_threshold else {}))
    bias = tensors["input_bias"]
    weights = linear_weights(
        tensors["encoder.weight"],
        tensors["decoder.weight"].t(),
        tensors["neuron_bias"],
        input_bias=bias,
        output_bias=bias,
    )
    n_latents = len(weights["W_dec"])
    told = settings.get("prefix_lengths")
    prefixes = sorted(p for p in told if isinstance(p, int)) if isinstance(told, list) else []
    fields: dict[str, Any] = {
        "k": k_from(whole_number(settings, "k_active_neurons"), k, files.weights.name)
    }
    kind, note = "topk", parts_note(prefixes) if len(prefixes) > 1 else ""
    if by_threshold:
        weights["threshold"] = tensors["threshold"]
        kind = "batch_topk"
        if len(prefixes) > 1:
            levels, note = matryoshka_settings(prefixes, n_latents)
            kind, fields = "matryoshka", fields | levels
    return converted_sae(files, kind, weights, notes=(note,) if note else (), **fields)
