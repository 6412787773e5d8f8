"""SAELens: cfg.json + sae_weights.safetensors, the layout since 6.0 and those before it.

    u = (x as normalised) − b_dec if `apply_b_dec_to_input`
    a = u W_enc + b_enc                         W_enc (d, n), W_dec (n, d)
    a · ‖rows of W_dec‖ if `rescale_acts_by_decoder_norm`, and z divided by it again to decode
    x̂ = z W_dec + b_dec, the normalisation undone

SAEs with BatchTopK are saved for inference as "jumprelu", to be trained on with one threshold.
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
from saedesk.sae.formats.plain_settings import switched_on, whole_number
from saedesk.sae.formats.sae_lens_settings import (
    NORMALISATIONS,
    check_supported,
    sentence_for_unknown,
    since_6_0,
)

if TYPE_CHECKING:
    from torch import Tensor

TITLE = "SAELens"
WEIGHTS_NAME, SETTINGS_NAME = "sae_weights.safetensors", "cfg.json"
_LINEAR = {"W_enc": "d n", "W_dec": "n d", "b_enc": "n", "b_dec": "d"}
_GATED = {"W_enc": "d n", "W_dec": "n d", "b_dec": "d", "b_gate": "n", "b_mag": "n", "r_mag": "n"}
_USUAL_BATCH_K = 100
"""Where cfg.json of an SAE with BatchTopK has no k, SAELens takes this one."""
_FOLDED_BIAS = "Its encoder takes no bias away from the vectors; folded into the weights exactly."
_FOLDED_NORMS = (
    "It multiplies activations with the lengths of the decoder’s rows; folded into the weights "
    "exactly."
)
_AVERAGE_LENGTH = (
    "Its training gave the vectors a mean length of √d. As in SAELens, vectors are used as they "
    "are; if hardly any or nearly all features are active, that factor is missing in the weights."
)


def recognises(files: CheckpointFiles) -> bool:
    """By the file's name, or by names in cfg.json that only SAELens has beside W_dec and b_dec."""
    if files.weights.name == WEIGHTS_NAME:
        return True
    has_tensors = {"W_dec", "b_dec"} <= files.tensors.keys()
    return has_tensors and {"d_in", "d_sae"} <= files.settings.keys()


def convert(files: CheckpointFiles, k: int | None) -> ConvertedSae:
    """The SAE in saedesk's terms; raises BadCheckpoint and MissingK with one sentence."""
    if not files.settings:
        raise BadCheckpoint(
            f"{files.weights.name} lies without its {SETTINGS_NAME}, which says what kind of SAE "
            "it is. Put both into one folder."
        )
    settings = since_6_0(files.settings)
    architecture = str(settings.get("architecture", "standard"))
    reader = _READERS.get(architecture)
    if reader is None:
        raise BadCheckpoint(sentence_for_unknown(files, architecture, settings, _READERS))
    check_supported(files, settings)
    kind, weights, fields, notes = reader(files, settings, k)
    _check_sizes(files, settings, weights)
    if not switched_on(settings, "apply_b_dec_to_input", True):
        notes.append(_FOLDED_BIAS)
    fields |= _normalisation(settings, weights, notes)
    notes = [note for note in notes if note]
    return converted_sae(files, kind, weights, notes=tuple(notes), **fields)


def _check_sizes(
    files: CheckpointFiles, settings: Mapping[str, Any], weights: Mapping[str, Tensor]
) -> None:
    for name, size in zip(("d_sae", "d_in"), weights["W_dec"].shape, strict=True):
        told = whole_number(settings, name)
        if told is not None and told != size:
            raise BadCheckpoint(
                f"{SETTINGS_NAME} says that {name} is {told:,}; the weights in "
                f"{files.weights.name} have {size:,}."
            )


def _normalisation(
    settings: Mapping[str, Any], weights: dict[str, Tensor], notes: list[str]
) -> dict[str, Any]:
    """The field of the config; adds the tensors that it needs to `weights`."""
    from saedesk.sae.input_normalisation import BY_ROW, InputNormalisation

    name = str(settings.get("normalize_activations", "none"))
    if name == "expected_average_only_in":
        notes.append(_AVERAGE_LENGTH)
    kind = NORMALISATIONS[name]
    if kind in BY_ROW:
        d_in = int(weights["W_dec"].shape[1])
        weights |= InputNormalisation.by_row(kind, d_in).tensors()
    return {"input_normalisation": kind}


# -- weights ---------------------------------------------------------------------------------

Read = tuple[str, dict[str, Any], dict[str, Any], list[str]]
"""Our architecture, its tensors, fields of its config, and notes."""


def _linear(
    files: CheckpointFiles, settings: Mapping[str, Any], **further: str
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The linear weights in our form, and all tensors in SAELens'."""
    tensors = check_tensors(files, _LINEAR | further)
    decoder = _finetuned(files, tensors["W_dec"])
    bias = tensors["b_dec"]
    input_bias = bias if switched_on(settings, "apply_b_dec_to_input", True) else None
    weights = linear_weights(
        tensors["W_enc"].t(), decoder, tensors["b_enc"], input_bias=input_bias, output_bias=bias
    )
    return weights, tensors


def _finetuned(files: CheckpointFiles, decoder: Tensor) -> Tensor:
    """W_dec (n, d) times the factors by which SAELens before 6.0 multiplied activations."""
    for name in ("finetuning_scaling_factor", "scaling_factor"):
        if name in files.tensors:
            factor = check_tensors(files, {name: "n"})[name]
            if len(factor) != len(decoder):
                raise BadCheckpoint(
                    f"{name} in {files.weights.name} has {len(factor):,} numbers for "
                    f"{len(decoder):,} features."
                )
            is_one = bool(((factor - 1).abs() < 1e-5).all())
            if not is_one and not files.settings.get("finetuning_scaling_factor"):
                raise BadCheckpoint(
                    f"{files.weights.name} has the tensor {name}, but {SETTINGS_NAME} says that it "
                    "is not used; one of the two is wrong."
                )
            return decoder if is_one else (decoder.double() * factor.double()[:, None]).float()
    return decoder


def _standard(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    return "relu_l1", _linear(files, settings)[0], {}, []


def _topk(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    weights, _ = _linear(files, settings)
    notes: list[str] = []
    weights = _rescaled(settings, weights, notes)
    k = k_from(whole_number(settings, "k"), k, files.weights.name)
    return "topk", weights, {"k": k}, notes


def _rescaled(
    settings: Mapping[str, Any], weights: dict[str, Any], notes: list[str]
) -> dict[str, Any]:
    if not switched_on(settings, "rescale_acts_by_decoder_norm"):
        return weights
    notes.append(_FOLDED_NORMS)
    return scaled_by_decoder_norm(weights)


def _jumprelu(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    name = "log_threshold" if "log_threshold" in files.tensors else "threshold"
    weights, tensors = _linear(files, settings, **{name: "n"})
    threshold = tensors[name].double()
    if name == "log_threshold":
        threshold = threshold.exp()
    weights["threshold_exponent"] = threshold_exponents(threshold)
    return "jump_relu", weights, {}, [_how_it_was_trained(settings)]


def _how_it_was_trained(settings: Mapping[str, Any]) -> str:
    metadata = settings.get("metadata")
    name = metadata.get("training_architecture") if isinstance(metadata, Mapping) else None
    title = {"batchtopk": "BatchTopK", "matryoshka_batchtopk": "Matryoshka"}.get(str(name))
    return f"Trained as {title}; SAELens saves such SAEs with thresholds." if title else ""


def _batch_topk(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    weights, tensors = _linear(files, settings, topk_threshold="")
    notes: list[str] = []
    weights = _rescaled(settings, weights, notes)
    weights["threshold"] = tensors["topk_threshold"]
    fields = {"k": _mean_k(settings, len(weights["W_dec"]))}
    return "batch_topk", weights, fields, notes


def _mean_k(settings: Mapping[str, Any], n_latents: int) -> int:
    """A mean over documents, which SAELens keeps as a fraction; codes do not depend on it."""
    told = settings.get("k")
    if isinstance(told, bool) or not isinstance(told, int | float):
        told = _USUAL_BATCH_K
    return max(1, min(n_latents, round(told)))


def _matryoshka(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    _, weights, fields, notes = _batch_topk(files, settings, k)
    told = settings.get("matryoshka_widths")
    widths = [w for w in told if isinstance(w, int)] if isinstance(told, list) else []
    levels, note = matryoshka_settings(widths, len(weights["W_dec"]))
    return "matryoshka", weights, fields | levels, [*notes, note]


def _gated(files: CheckpointFiles, settings: Mapping[str, Any], k: int | None) -> Read:
    tensors = check_tensors(files, _GATED)
    bias = tensors["b_dec"]
    weights = gated_weights(
        tensors["W_enc"].t(),
        _finetuned(files, tensors["W_dec"]),
        b_gate=tensors["b_gate"],
        b_mag=tensors["b_mag"],
        r_mag=tensors["r_mag"],
        input_bias=bias if switched_on(settings, "apply_b_dec_to_input", True) else None,
        output_bias=bias,
    )
    return "gated", weights, {}, []


_READERS: dict[str, Callable[[CheckpointFiles, Mapping[str, Any], int | None], Read]] = {
    "standard": _standard,
    "topk": _topk,
    "jumprelu": _jumprelu,
    "gated": _gated,
    "batchtopk": _batch_topk,
    "matryoshka_batchtopk": _matryoshka,
}
