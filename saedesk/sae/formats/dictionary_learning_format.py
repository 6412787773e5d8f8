"""saprmarks/dictionary_learning: ae.pt + config.json, one class a kind of SAE.

config.json has {"trainer": {"dict_class", "k", ...}, "buffer": {...}}; where it is missing, the
class is told from the names of the tensors. Linear layers are kept as (outputs, inputs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.canonical_weights import (
    converted_sae,
    gated_weights,
    k_from,
    linear_weights,
    scaled_by_decoder_norm,
    threshold_exponents,
)
from saedesk.sae.formats.checkpoint_files import check_tensors
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae
from saedesk.sae.formats.matryoshka_parts import matryoshka_settings
from saedesk.sae.formats.plain_settings import whole_number

if TYPE_CHECKING:
    from torch import Tensor

TITLE = "dictionary_learning"
_CODER = {"encoder.weight": "n d", "decoder.weight": "d n"}
_ROWS = {"W_enc": "d n", "W_dec": "n d", "b_enc": "n", "b_dec": "d"}
_NAMES = {
    "AutoEncoder": {"bias", "encoder.weight", "encoder.bias", "decoder.weight"},
    "AutoEncoderNew": {"encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"},
    "GatedAutoEncoder": {"decoder_bias", "r_mag", "gate_bias", "mag_bias", *_CODER},
    "JumpReluAutoEncoder": {"threshold", *_ROWS},
    "AutoEncoderTopK": {"b_dec", "k", "encoder.bias", *_CODER},
    "BatchTopKSAE": {"b_dec", "k", "threshold", "encoder.bias", *_CODER},
    "MatryoshkaBatchTopKSAE": {"k", "threshold", "group_sizes", *_ROWS},
}
"""Tensors by class; AutoEncoderTopK of today has all names of BatchTopKSAE."""
_UNIT_TOLERANCE = 1e-5
"""How near to 1 the library takes the length of a decoder row to be 1 (`torch.allclose`)."""
_NORMALISED = (
    "Its decoder rows are not of length 1. As the library does when it loads the file, they were "
    "divided by their lengths and the activations multiplied with them."
)
_NO_THRESHOLD = (
    "Its training ended before a threshold was measured; as in the library, every positive "
    "activation counts, which is more than its k."
)


def recognises(files: CheckpointFiles) -> bool:
    """By the trainer in config.json, or by names of tensors that no other library has."""
    trainer = files.settings.get("trainer")
    if isinstance(trainer, Mapping) and "dict_class" in trainer:
        return True
    return files.weights.name == "ae.pt" or _class_of_tensors(files) is not None


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """The SAE in saedesk's terms; raises BadCheckpoint and MissingK with one sentence."""
    trainer = files.settings.get("trainer")
    told = trainer.get("dict_class") if isinstance(trainer, Mapping) else None
    name = _class_of_tensors(files) if told is None else str(told)
    if name is None:
        raise BadCheckpoint(
            f"{files.weights.name} lies without its config.json, which says what kind of SAE it "
            "is. Put both into one folder."
        )
    reader = _READERS.get(name)
    if reader is None:
        raise BadCheckpoint(
            f"{files.weights.name} is a “{name[:60]}” of dictionary_learning, which saedesk cannot "
            f"use. It reads {', '.join(_READERS)}."
        )
    kind, weights, fields, notes = reader(files, k)
    return converted_sae(files, kind, weights, notes=tuple(n for n in notes if n), **fields)


def _class_of_tensors(files: CheckpointFiles) -> str | None:
    """The class that alone has these tensors; None where several could."""
    names = set(files.tensors)
    for class_name in ("AutoEncoder", "AutoEncoderNew", "GatedAutoEncoder"):
        if names == _NAMES[class_name]:
            return class_name
    return "MatryoshkaBatchTopKSAE" if names == _NAMES["MatryoshkaBatchTopKSAE"] else None


Read = tuple[str, dict[str, Any], dict[str, Any], list[str]]
"""Our architecture, its tensors, fields of its config, and notes."""


def _standard(files: CheckpointFiles, k: int | None) -> Read:
    tensors = check_tensors(files, _CODER | {"encoder.bias": "n", "bias": "d"})
    weights = _with_input_bias(tensors, tensors["bias"])
    lengths = weights["W_dec"].norm(dim=1)
    if bool(((lengths - 1).abs() <= _UNIT_TOLERANCE).all()):
        return "relu_l1", weights, {}, []
    return "relu_l1", scaled_by_decoder_norm(weights), {}, [_NORMALISED]


def _with_input_bias(tensors: Mapping[str, Tensor], bias: Tensor) -> dict[str, Tensor]:
    return linear_weights(
        tensors["encoder.weight"],
        tensors["decoder.weight"].t(),
        tensors["encoder.bias"],
        input_bias=bias,
        output_bias=bias,
    )


def _standard_new(files: CheckpointFiles, k: int | None) -> Read:
    tensors = check_tensors(files, _CODER | {"encoder.bias": "n", "decoder.bias": "d"})
    weights = linear_weights(
        tensors["encoder.weight"],
        tensors["decoder.weight"].t(),
        tensors["encoder.bias"],
        input_bias=None,
        output_bias=tensors["decoder.bias"],
    )
    return "relu_l1", weights, {}, []


def _gated(files: CheckpointFiles, k: int | None) -> Read:
    biases = {"decoder_bias": "d", "gate_bias": "n", "mag_bias": "n", "r_mag": "n"}
    tensors = check_tensors(files, _CODER | biases)
    weights = gated_weights(
        tensors["encoder.weight"],
        tensors["decoder.weight"].t(),
        b_gate=tensors["gate_bias"],
        b_mag=tensors["mag_bias"],
        r_mag=tensors["r_mag"],
        input_bias=tensors["decoder_bias"],
        output_bias=tensors["decoder_bias"],
    )
    return "gated", weights, {}, []


def _jumprelu(files: CheckpointFiles, k: int | None) -> Read:
    tensors = check_tensors(files, _ROWS | {"threshold": "n"})
    weights = linear_weights(
        tensors["W_enc"].t(),
        tensors["W_dec"],
        tensors["b_enc"],
        input_bias=None,
        output_bias=tensors["b_dec"],
    )
    weights["threshold_exponent"] = threshold_exponents(tensors["threshold"])
    return "jump_relu", weights, {}, []


def _topk(files: CheckpointFiles, k: int | None) -> Read:
    tensors = check_tensors(files, _CODER | {"encoder.bias": "n", "b_dec": "d"})
    weights = _with_input_bias(tensors, tensors["b_dec"])
    return "topk", weights, {"k": k_from(_k_of(files), k, files.weights.name)}, []


def _batch_topk(files: CheckpointFiles, k: int | None) -> Read:
    layout = _CODER | {"encoder.bias": "n", "b_dec": "d", "threshold": ""}
    tensors = check_tensors(files, layout)
    weights = _with_input_bias(tensors, tensors["b_dec"])
    return _with_threshold(files, k, "batch_topk", weights, tensors["threshold"])


def _with_threshold(
    files: CheckpointFiles, k: int | None, kind: str, weights: dict[str, Tensor], threshold: Tensor
) -> Read:
    """One threshold for all; a negative one was never measured and lets all that is positive by."""
    notes = [_NO_THRESHOLD] if float(threshold) < 0 else []
    weights["threshold"] = threshold.clamp_min(0)
    return kind, weights, {"k": k_from(_k_of(files), k, files.weights.name)}, notes


def _matryoshka(files: CheckpointFiles, k: int | None) -> Read:
    tensors = check_tensors(files, _ROWS | {"threshold": ""})
    bias = tensors["b_dec"]
    weights = linear_weights(
        tensors["W_enc"].t(), tensors["W_dec"], tensors["b_enc"], input_bias=bias, output_bias=bias
    )
    read = _with_threshold(files, k, "matryoshka", weights, tensors["threshold"])
    sizes = files.tensors.get("group_sizes")
    widths = [] if sizes is None or sizes.dim() != 1 else sizes.cumsum(0).long().tolist()
    levels, note = matryoshka_settings(widths, len(weights["W_dec"]))
    kind, weights, fields, notes = read
    return kind, weights, fields | levels, [*notes, note]


def _k_of(files: CheckpointFiles) -> int | None:
    """k of the weights file, else of config.json; raises BadCheckpoint where they differ."""
    stored = files.tensors.get("k")
    is_number = stored is not None and stored.numel() == 1 and not stored.is_floating_point()
    in_weights = int(stored) if stored is not None and is_number else None
    trainer = files.settings.get("trainer")
    in_settings = whole_number(trainer, "k") if isinstance(trainer, Mapping) else None
    if in_weights is not None and in_settings is not None and in_weights != in_settings:
        raise BadCheckpoint(
            f"{files.weights.name} says that k is {in_weights:,}, config.json says "
            f"{in_settings:,}; one of the two belongs to another SAE."
        )
    return in_settings if in_weights is None else in_weights


_READERS: dict[str, Callable[[CheckpointFiles, int | None], Read]] = {
    "AutoEncoder": _standard,
    "AutoEncoderNew": _standard_new,
    "GatedAutoEncoder": _gated,
    "JumpReluAutoEncoder": _jumprelu,
    "AutoEncoderTopK": _topk,
    "BatchTopKSAE": _batch_topk,
    "MatryoshkaBatchTopKSAE": _matryoshka,
}
