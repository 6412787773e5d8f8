"""The SAEs of Christine8888/saerch and charlieoneill/embedding-saes: a bare state dict.

    a = encoder.weight (x − pre_bias) + latent_bias
    z = ReLU(TopK_k(a))                                  x̂ = decoder.weight z + pre_bias

Four tensors and nothing else; k stands in the file's name alone, as {k}_{n}_{k_aux}: with
“csLG_” or “astroPH_” before it on the hub, with “_auxk…_epoch_50” behind it from the training
script (saerch/topk_sae.py). A name of {k}_{n} and no more is read so too.
"""

from __future__ import annotations

import re
from typing import Any

from saedesk.sae.formats.canonical_weights import converted_sae, k_from, linear_weights
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae

TITLE = "saerch"
_TENSORS = {"pre_bias", "latent_bias", "encoder.weight", "decoder.weight"}
_NAME = re.compile(
    r"(?:[A-Za-z]+_)?(?P<k>\d{1,6})_(?P<n_latents>\d{1,7})(?:_(?P<k_aux>\d{1,6})(?=[_.])|(?=\.))"
)
"""Two numbers only where the name ends with them: among others they could count anything."""


def recognises(files: CheckpointFiles) -> bool:
    """Its four tensors, or all but one of them, and no other."""
    names = set(files.tensors)
    return names <= _TENSORS and len(names) >= len(_TENSORS) - 1


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """k from the file's name where that fits, else `k`; raises BadCheckpoint, MissingK."""
    tensors = check_tensors(
        files,
        {"encoder.weight": "n d", "decoder.weight": "d n", "latent_bias": "n", "pre_bias": "d"},
    )
    named = _numbers_in_name(files.weights.name, len(tensors["latent_bias"]))
    weights = linear_weights(
        tensors["encoder.weight"],
        tensors["decoder.weight"].t(),
        tensors["latent_bias"],
        input_bias=tensors["pre_bias"],
        output_bias=tensors["pre_bias"],
    )
    found = k_from(named.get("k"), k, files.weights.name)
    known: dict[str, Any] = {"k": found}
    if "k_aux" in named and 0.1 <= named["k_aux"] / found <= 64:
        known["aux_k_factor"] = named["k_aux"] / found
    notes = (f"k = {found} was read from the file’s name.",) if "k" in named else ()
    return converted_sae(files, "topk", weights, notes=notes, settings=named, **known)


def _numbers_in_name(name: str, n_latents: int) -> dict[str, int]:
    """k and k_aux, where the name tells the number of latents rightly too."""
    found = _NAME.match(name)
    if found is None:
        return {}
    told = {name: int(number) for name, number in found.groupdict().items() if number}
    return told if told["n_latents"] == n_latents and 0 < told["k"] <= n_latents else {}
