"""The SAEs of bartbussmann/BatchTopK and bartbussmann/matryoshka_sae: sae.pt with config.json.

    a = (x − b_dec) W_enc                                W_enc (d, n), W_dec (n, d)
    z = a choice among ReLU(a)                           x̂ = z W_dec + b_dec

b_enc is added to a where `use_encoder_bias` says so, and always for ReLU ("vanilla") and JumpReLU,
which reads x itself instead of x − b_dec. With `input_unit_norm` every x is standardised by its own
mean and standard deviation and x̂ brought back.

BatchTopK of the first repository chooses the k · B largest of a batch of B vectors, after the
training too: a vector's code depends on those beside it. Here each vector has its k largest then.
The second repository learns a threshold in training, which makes the codes independent.
"""

from __future__ import annotations

import json
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
from saedesk.sae.formats.matryoshka_parts import matryoshka_settings
from saedesk.sae.formats.plain_settings import switched_on, whole_number
from saedesk.sae.input_normalisation import STANDARDISED

if TYPE_CHECKING:
    from torch import Tensor

TITLE = "bartbussmann/BatchTopK"
_TENSORS = {"W_enc", "W_dec", "b_enc", "b_dec"}
_LOG_THRESHOLD = "jumprelu.log_threshold"
_KINDS = ("vanilla", "topk", "batchtopk", "jumprelu", "global-matryoshka-topk")
_TELLING = {"act_size", "dict_size", "sae_type"}
"""Settings that no other library calls so."""


def recognises(files: CheckpointFiles) -> bool:
    """Its tensors beside its settings, or alone."""
    names = set(files.tensors)
    if _TELLING & set(files.settings):
        return len(_TENSORS & names) >= len(_TENSORS) - 1
    is_bare = not files.settings and names - {"threshold", _LOG_THRESHOLD} == _TENSORS
    return is_bare and not ("threshold" in names and files.tensors["threshold"].dim())


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """As `sae_type` says; raises BadCheckpoint, MissingK."""
    kind = _kind_of(files)
    layout = {"W_enc": "d n", "W_dec": "n d", "b_enc": "n", "b_dec": "d"}
    if kind == "jumprelu":
        layout[_LOG_THRESHOLD] = "n"
    if "threshold" in files.tensors:
        layout["threshold"] = ""
    tensors = check_tensors(files, layout)
    _check_what_it_adds(files, kind)
    reads_all = kind in ("vanilla", "jumprelu")
    has_bias = reads_all or switched_on(files.settings, "use_encoder_bias")
    weights = linear_weights(
        tensors["W_enc"].t(),
        tensors["W_enc"].t() if switched_on(files.settings, "tied_weights") else tensors["W_dec"],
        tensors["b_enc"] if has_bias else None,
        input_bias=None if kind == "jumprelu" else tensors["b_dec"],
        output_bias=tensors["b_dec"],
    )
    known: dict[str, Any] = {}
    if switched_on(files.settings, "input_unit_norm"):
        known["input_normalisation"] = STANDARDISED
    if kind == "vanilla":
        return converted_sae(files, "relu_l1", weights, **known)
    if kind == "jumprelu":
        exponent = threshold_exponents(tensors[_LOG_THRESHOLD].double().exp())
        limited = weights | {"threshold_exponent": exponent}
        return converted_sae(files, "jump_relu", limited, **known)
    known["k"] = k_from(whole_number(files.settings, "top_k"), k, files.weights.name)
    if kind == "topk":
        return converted_sae(files, "topk", weights, **known)
    return _of_batches(files, kind, weights, tensors.get("threshold"), known)


def _kind_of(files: CheckpointFiles) -> str:
    kind = files.settings.get("sae_type")
    if kind is None:
        raise BadCheckpoint(
            f"{files.weights.name} lies without the config.json that its library writes beside "
            "it, which says what kind of SAE it is. Put both into one folder."
        )
    if kind not in _KINDS:
        raise BadCheckpoint(
            f"{files.weights.name} is an SAE of the kind {kind!s:.40}, which saedesk does not "
            f"know; of this library it reads {', '.join(_KINDS[:-1])} and {_KINDS[-1]}."
        )
    return str(kind)


def _check_what_it_adds(files: CheckpointFiles, kind: str) -> None:
    activation = files.settings.get("activation", "relu")
    if kind in ("topk", "batchtopk") and activation != "relu":
        raise BadCheckpoint(
            f"{files.weights.name} has the activation {activation!s:.40}, which saedesk does not "
            "know; of this library it reads those with relu."
        )


def _of_batches(
    files: CheckpointFiles,
    kind: str,
    weights: dict[str, Tensor],
    threshold: Tensor | None,
    known: dict[str, Any],
) -> ConvertedSae:
    """BatchTopK, or Matryoshka on its codes."""
    widths = _group_ends(files)
    if threshold is None:
        note = (
            "Its library chooses among the activations of a whole batch, so that a document’s "
            "features depend on those beside it; here each document has its k largest."
        )
        return converted_sae(files, "topk", weights, notes=(note,), **known)
    notes = []
    if float(threshold) <= 0:
        notes.append(
            "Its threshold was never learned; as in its library, every positive activation counts."
        )
    weights = weights | {"threshold": threshold}
    if kind == "batchtopk":
        return converted_sae(files, "batch_topk", weights, notes=tuple(notes), **known)
    levels, note = matryoshka_settings(widths, len(weights["W_dec"]))
    notes += [note] if note else []
    return converted_sae(files, "matryoshka", weights, notes=tuple(notes), **known, **levels)


def _group_ends(files: CheckpointFiles) -> list[int]:
    """Where the groups of a Matryoshka SAE end; config.json has their sizes, at times as text."""
    sizes = files.settings.get("group_sizes")
    if isinstance(sizes, str):
        try:
            sizes = json.loads(sizes)
        except (ValueError, RecursionError):
            sizes = None
    ends: list[int] = []
    for size in sizes if isinstance(sizes, list) else []:
        if not isinstance(size, int) or isinstance(size, bool):
            return []
        ends.append((ends[-1] if ends else 0) + size)
    return ends
