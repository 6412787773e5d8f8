"""An SAE's weights as other libraries keep them: with the input's normalisation folded in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saedesk.errors import OutOfRoom
from saedesk.sae.input_normalisation import SCALE, SHIFT
from saedesk.sae.sparse_autoencoder import folded

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from saedesk.sae.sparse_autoencoder import SparseAutoencoder


def as_vectors_are(sae: SparseAutoencoder) -> dict[str, Tensor]:
    """Weights for vectors as they are: “centred” and “per-dimension” folded, exactly.

    The other kinds of input change every vector by its own numbers; they are left to be done.
    """
    if sae.config.input_normalisation in {"centred", "per-dimension"}:
        wide = {name: tensor.double() for name, tensor in sae.parameters.items()}
        return {name: tensor.float() for name, tensor in folded(wide).items()}
    return {n: tensor for n, tensor in sae.parameters.items() if n not in {SCALE, SHIFT}}


def for_longer_vectors(weights: dict[str, Tensor], factor: float) -> dict[str, Tensor]:
    """Weights that make of `factor` · x what `weights` make of x, and rebuild `factor` · x̂."""
    return {
        **weights,
        "W_enc": weights["W_enc"] / factor,
        "W_dec": weights["W_dec"] * factor,
        "pre_bias": weights["pre_bias"] * factor,
    }


def write_tensors(tensors: dict[str, Any], path: Path) -> None:
    """As a safetensors file; raises OutOfRoom."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
    try:
        save_file(plain, path)
    except SafetensorError as error:
        raise OutOfRoom(
            f"{path.name} could not be written ({error}). Make room and export it again."
        ) from error
