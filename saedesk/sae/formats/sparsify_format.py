"""Folders of EleutherAI/sparsify, and of enjalot/latent-sae, which began as a copy of it.

    a = encoder.weight (x − b_dec) + encoder.bias
    z = TopK_k(ReLU(a))                                  x̂ = W_decᵀ z + b_dec

cfg.json and sae.safetensors. latent-sae's cfg.json has a `sae_type` for other choices among a, and
where `mean_center` is on a vector input_mean that is taken off x first and added to x̂ at the end.
What it does outside of training counts here (latentsae 0.2.0, sae.py):

- BATCHTOPK: a ≥ batchtopk_threshold, of these the k largest of a vector. A threshold of 0 was never
  learned, and leaves the k largest.
- JUMPRELU: a > exp(log_threshold), the `jumprelu_max_active` largest at most.
- MATRYOSHKA: the k largest of all latents, with the k of its largest size; no threshold is used.
- GATED (k largest gates, weighed with a sigmoid), LISTA, COSINE and ABSTOPK are not SAEs of
  saedesk's kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.canonical_weights import (
    converted_sae,
    k_from,
    linear_weights,
    threshold_exponents,
)
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae
from saedesk.sae.formats.plain_settings import switched_on, whole_number

if TYPE_CHECKING:
    from torch import Tensor

TITLE = "sparsify / latent-sae"
_TENSORS = {"encoder.weight", "encoder.bias", "W_dec", "b_dec"}
_GATED = {"W_gate.weight", "W_gate.bias", "W_mag.weight", "r_mag"}
_READ = ("TOPK", "BATCHTOPK", "JUMPRELU", "MATRYOSHKA")
_MOST_ACTIVE = 512
"""Default of jumprelu_max_active."""


def recognises(files: CheckpointFiles) -> bool:
    """Its tensors, or all but one of them, and not dictionary_learning's settings."""
    names = set(files.tensors)
    has_most = len(_TENSORS & names) >= len(_TENSORS) - 1 and "W_enc" not in names
    is_gated = names >= {"W_gate.weight", "b_dec"}
    return (has_most or is_gated) and "decoder.weight" not in names and _is_not_other(files)


def _is_not_other(files: CheckpointFiles) -> bool:
    return "trainer" not in files.settings and "architecture" not in files.settings


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """As `sae_type` says, TopK where it says nothing; raises BadCheckpoint, MissingK."""
    kind = str(files.settings.get("sae_type", "TOPK")).upper()
    _refuse_other_kinds(files, kind)
    layout = {"encoder.weight": "n d", "encoder.bias": "n", "W_dec": "n d", "b_dec": "d"}
    if "input_mean" in files.tensors:
        layout["input_mean"] = "d"
    if kind == "JUMPRELU":
        layout["log_threshold"] = "n"
    tensors = check_tensors(files, layout)
    _check_width(files, tensors)
    bias = tensors["b_dec"]
    if "input_mean" in tensors:
        bias = (bias.double() + tensors["input_mean"].double()).float()
    encoder = tensors["encoder.weight"], tensors["W_dec"], tensors["encoder.bias"]
    weights = linear_weights(*encoder, input_bias=bias, output_bias=bias)
    if kind == "JUMPRELU":
        return _jump_relu(files, weights, tensors["log_threshold"])
    if kind == "MATRYOSHKA":
        return _matryoshka(files, weights, k)
    found = k_from(whole_number(files.settings, "k"), k, files.weights.name)
    if kind == "BATCHTOPK":
        return _batch_topk(files, weights, found)
    return converted_sae(files, "topk", weights, k=found)


def _refuse_other_kinds(files: CheckpointFiles, kind: str) -> None:
    settings, name = files.settings, files.weights.name
    if switched_on(settings, "transcode"):
        raise BadCheckpoint(
            f"{name} is a transcoder: it rebuilds other vectors than it reads, which features of "
            "documents cannot be told from. Choose an SAE."
        )
    has_skip = any(tensor.startswith("W_skip") for tensor in files.tensors)
    if has_skip or switched_on(settings, "skip_connection") or switched_on(settings, "use_skip"):
        raise BadCheckpoint(
            f"{name} has a skip connection, which rebuilds vectors past the features; saedesk "
            "reads SAEs without one."
        )
    activation = settings.get("activation", "topk")
    if activation != "topk":
        raise BadCheckpoint(
            f"{name} has the activation {activation!s:.40}, which saedesk does not know; of this "
            "library it reads those with topk."
        )
    is_signed = switched_on(settings, "signed")
    if kind not in _READ or is_signed or _GATED & set(files.tensors):
        shown = "signed" if is_signed else kind if kind not in _READ else "GATED"
        raise BadCheckpoint(
            f"{name} is an SAE of the kind {shown:.40}, which saedesk does not know; of this "
            f"library it reads {', '.join(_READ[:-1])} and {_READ[-1]}."
        )


def _check_width(files: CheckpointFiles, tensors: Mapping[str, Tensor]) -> None:
    n_latents, d_in = tensors["encoder.weight"].shape
    for setting, found in (("d_in", d_in), ("num_latents", n_latents)):
        stated = whole_number(files.settings, setting)
        # 0 latents stand for expansion_factor times d_in.
        if stated and stated != found:
            raise BadCheckpoint(
                f"encoder.weight in {files.weights.name} has the shape {(n_latents, d_in)}, but "
                f"its settings say that {setting} is {stated}."
            )


def _batch_topk(files: CheckpointFiles, weights: dict[str, Tensor], k: int) -> ConvertedSae:
    threshold = check_tensors(files, {"batchtopk_threshold": ""})["batchtopk_threshold"]
    if float(threshold) <= 0:
        note = (
            "Its threshold was never learned; as in its library, each document has its k largest "
            "activations."
        )
        return converted_sae(files, "topk", weights, notes=(note,), k=k)
    note = f"As in its library, a document has {k} features at most, and each above the threshold."
    limited = weights | {"threshold": threshold, "row_limit": threshold.new_tensor(float(k))}
    return converted_sae(files, "batch_topk", limited, notes=(note,), k=k)


def _jump_relu(
    files: CheckpointFiles, weights: dict[str, Tensor], log_threshold: Tensor
) -> ConvertedSae:
    most = whole_number(files.settings, "jumprelu_max_active") or _MOST_ACTIVE
    note = (
        f"Its library cuts a document to its {most} strongest features; here all above their "
        "thresholds count."
    )
    notes = (note,) if most < len(log_threshold) else ()
    exponent = threshold_exponents(log_threshold.double().exp())
    return converted_sae(
        files, "jump_relu", weights | {"threshold_exponent": exponent}, notes=notes
    )


def _matryoshka(files: CheckpointFiles, weights: dict[str, Tensor], k: int | None) -> ConvertedSae:
    sizes = _numbers(files.settings, "matryoshka_sizes")
    ks = _numbers(files.settings, "matryoshka_ks")
    stored = ks[-1] if ks else whole_number(files.settings, "k")
    found = k_from(stored, k, files.weights.name)
    nested = f": the first {', '.join(f'{size:,}' for size in sizes[:-1])}" if sizes[1:] else ""
    note = (
        "Its features are in an order from general to specific"
        f"{nested} were trained to rebuild a document on their own. As in its library, each "
        "document has its k largest activations."
    )
    if not nested:
        note = "As in its library, each document has its k largest activations."
    return converted_sae(files, "topk", weights, notes=(note,), k=found)


def _numbers(settings: Mapping[str, Any], name: str) -> list[int]:
    """Of a text such as “256,1024,4096”; none where it is not one."""
    parts = [part.strip() for part in str(settings.get(name) or "").split(",")]
    return [int(part) for part in parts if part.isdecimal() and len(part) < 8]
