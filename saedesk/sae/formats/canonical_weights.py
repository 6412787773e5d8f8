"""Other conventions brought into saedesk's by exact foldings.

    a = W_enc (x − pre_bias) + b_enc
    x̂ = W_decᵀ z + pre_bias

with W_enc and W_dec (n_latents, d_in). A bias that is added to the output alone, a decoder whose
rows are not of length 1 and the like change the weights here, never the codes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadCheckpoint, BadSetting, MissingK
from saedesk.sae.formats.foreign_format import CheckpointFiles, ConvertedSae
from saedesk.sae.input_normalisation import BY_ROW, InputNormalisation

if TYPE_CHECKING:
    from torch import Tensor

TINY_THRESHOLD = 1e-30
"""Stands for a threshold of 0 or below: every positive pre-activation passes it."""


def linear_weights(
    W_enc: Tensor,
    W_dec: Tensor,
    b_enc: Tensor | None,
    *,
    input_bias: Tensor | None,
    output_bias: Tensor,
) -> dict[str, Tensor]:
    """Weights of a = W_enc (x − input_bias) + b_enc and x̂ = W_decᵀ z + output_bias.

    W_enc and W_dec (n, d), b_enc (n,), biases (d,); None stands for zeros. Where the two biases
    differ, b_enc takes up W_enc (output_bias − input_bias).
    """
    folded = _folded_bias(W_enc, b_enc, input_bias, output_bias)
    return {"W_enc": W_enc, "W_dec": W_dec, "b_enc": folded, "pre_bias": output_bias}


def gated_weights(
    W_enc: Tensor,
    W_dec: Tensor,
    *,
    b_gate: Tensor,
    b_mag: Tensor,
    r_mag: Tensor,
    input_bias: Tensor | None,
    output_bias: Tensor,
) -> dict[str, Tensor]:
    """Weights of u = W_enc (x − input_bias), 1[u + b_gate > 0] · ReLU(exp(r_mag) u + b_mag)."""
    moved = _folded_bias(W_enc, None, input_bias, output_bias).double()
    return {
        "W_enc": W_enc,
        "W_dec": W_dec,
        "b_enc": (b_gate.double() + moved).float(),
        "b_mag": (b_mag.double() + r_mag.double().exp() * moved).float(),
        "r_mag": r_mag,
        "pre_bias": output_bias,
    }


def _folded_bias(
    W_enc: Tensor, b_enc: Tensor | None, input_bias: Tensor | None, output_bias: Tensor
) -> Tensor:
    kept = W_enc.new_zeros(W_enc.shape[0]) if b_enc is None else b_enc
    if input_bias is output_bias:
        return kept
    moved = output_bias.double() - (0.0 if input_bias is None else input_bias.double())
    return (kept.double() + W_enc.double() @ moved).float()


def scaled_by_decoder_norm(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """For pre-activations that a library multiplies with the length of their decoder rows.

    The codes are the multiplied ones and the decoder divides by it again: rows of length 1.
    """
    norms = weights["W_dec"].double().norm(dim=1)
    factor = norms.clamp_min(1e-300)
    return {
        **weights,
        "W_enc": (weights["W_enc"].double() * factor[:, None]).float(),
        "b_enc": (weights["b_enc"].double() * factor).float(),
        "W_dec": (weights["W_dec"].double() / factor[:, None]).float(),
    }


def threshold_exponents(thresholds: Tensor) -> Tensor:
    """JumpReLU's `threshold_exponent` (n,) for a > θ, θ (n,) or (); 0 and below let all pass."""
    from saedesk.sae.architectures.learned_thresholds import exponents

    return exponents(thresholds.double().clamp_min(TINY_THRESHOLD)).float()


def converted_sae(
    files: CheckpointFiles,
    architecture: str,
    weights: Mapping[str, Tensor],
    *,
    notes: tuple[str, ...] = (),
    settings: Mapping[str, Any] | None = None,
    **config_settings: Any,
) -> ConvertedSae:
    """The finished SAE: `weights` by the names of `architecture`, its config from what is known.

    `config_settings` are fields of the architecture's config (k, input_normalisation, ...); the
    rest has its default. `settings` are told in place of those beside the weights. Raises
    BadCheckpoint where a number is out of range, a decoder row has length zero, or weights are not
    those of the architecture.
    """
    from saedesk.sae.architectures import architectures

    kind = architectures().get(architecture)
    n_latents, d_in = weights["W_dec"].shape
    name = files.weights.name
    try:
        config = dataclasses.replace(kind.Config(), n_latents=int(n_latents), **config_settings)
        config.check()
    except BadSetting as error:
        raise BadCheckpoint(f"{name} cannot be used: {error}") from error
    expected = kind.parameter_shapes(config, int(d_in))
    parameters = {n: t.detach().float().contiguous().clone() for n, t in weights.items()}
    for tensor, shape in expected.items():
        found = tuple(parameters[tensor].shape)
        if found != shape:
            raise BadCheckpoint(f"{tensor} in {name} has the shape {found}; it must be {shape}.")
    _check_values(name, parameters)
    if config.input_normalisation in BY_ROW:
        by_row = InputNormalisation.by_row(config.input_normalisation, int(d_in))
        parameters |= by_row.tensors()
    told = files.settings if settings is None else settings
    return ConvertedSae(architecture, config, int(d_in), parameters, told, notes)


def _check_values(name: str, parameters: Mapping[str, Tensor]) -> None:
    for tensor, values in parameters.items():
        wrong = int((~values.isfinite()).sum())
        if wrong:
            raise BadCheckpoint(f"{wrong:,} numbers of {tensor} in {name} are not finite.")
    empty = int((parameters["W_dec"].norm(dim=1) == 0).sum())
    if empty:
        raise BadCheckpoint(f"{empty:,} features in {name} have a decoder of length zero.")


def k_from(stored: int | None, told: int | None, name: str) -> int:
    """The file's k, or else the one a person gave; raises MissingK naming the way out."""
    found = stored if stored is not None else told
    if found is None:
        raise MissingK(
            f"{name} does not say how many features are active for a document. Say it: “--k 64” on "
            "the command line, or the field in the window."
        )
    return found
