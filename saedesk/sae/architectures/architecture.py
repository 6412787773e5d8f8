"""What the training loop and the encoder ask of an architecture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor

Parameters = dict[str, Any]
"""Tensors by name: `W_enc`, `W_dec` (n_latents, d_in), `b_enc` (n_latents,), `pre_bias` (d_in,)."""


@dataclass
class StepResult:
    """What one forward and backward pass gives; tensors stay on the device."""

    gradients: Parameters
    """By parameter name, same shapes."""
    reconstruction_loss: Tensor
    """() normalised MSE of the batch, without auxiliary terms."""
    active: Tensor
    """() number of code values > 0 in the batch."""
    selected: Tensor
    """(n_selected,) int64 latents in anyone's code, each once."""


class Architecture(Protocol):
    """One kind of SAE: how it starts, learns and encodes."""

    name: ClassVar[str]
    """Name in files, on the command line and in the registry."""
    title: ClassVar[str]
    """Name for a person."""
    Config: ClassVar[type[SaeConfig]]

    def __init__(self, config: Any, d_in: int) -> None: ...

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Parameters before training; `first_rows` (n, d_in) gives the pre-bias."""

    def state(self, device: Any) -> Parameters:
        """Tensors beside the parameters that training carries along (and checkpoints)."""

    def gradients(self, parameters: Parameters, state: Parameters, x: Tensor) -> StepResult:
        """One forward and backward pass for the batch `x` (batch, d_in) float32."""

    def constrain_gradients(self, parameters: Parameters, result: StepResult) -> None:
        """Change the gradients in place before clipping."""

    def constrain_parameters(self, parameters: Parameters) -> None:
        """Change the parameters in place after the optimiser's step."""

    def encode(self, parameters: Parameters, x: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of `x` (batch, d_in): values (batch, width) float32 >= 0, latents int64."""
