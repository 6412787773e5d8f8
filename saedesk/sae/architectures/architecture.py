"""What the trainer and the encoder ask of an architecture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from saedesk.sae.codes import Codes
    from saedesk.sae.product_choice import Precision
    from saedesk.sae.quantised_product import RoundedWeights

Parameters = dict[str, Any]
"""Tensors by name: `W_enc`, `W_dec` (n_latents, d_in), `b_enc` (n_latents,), `pre_bias` (d_in,),
and what else an architecture learns."""


@dataclass(frozen=True)
class Moment:
    """Where in its training a step stands."""

    step: int
    """Steps done before this one."""
    total_steps: int

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return self.step / max(1, self.total_steps)


@dataclass
class StepResult:
    """What one forward and backward pass gives; tensors stay on the device.

    The gradients lie in buffers that the next step uses again.
    """

    gradients: Parameters
    """By name of every trained parameter, same shapes."""
    reconstruction_loss: Tensor
    """() normalised MSE of the batch, without further terms."""
    fired: Tensor
    """(n_latents,) int64: in how many rows of the batch each latent is active."""


class Architecture(Protocol):
    """One kind of SAE: how it starts, learns and encodes."""

    name: ClassVar[str]
    """Name in files, on the command line and in the registry."""
    title: ClassVar[str]
    """Name for a person."""
    about: ClassVar[str]
    """A sentence for a person: what is special about it and whom it suits."""
    Config: ClassVar[type[SaeConfig]]
    untrained: ClassVar[frozenset[str]]
    """Names of parameters that are kept with the others but set by `gradients` itself."""
    takes_largest: ClassVar[bool]
    """Whether `encode` begins with the largest pre-activations of each row."""
    precision: Precision
    """In which the encoder product is searched; the trainer sets it."""
    rounded: RoundedWeights
    """The encoder rounded for that; several of the same weights may share it."""

    def __init__(self, config: Any, d_in: int) -> None: ...

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """Settings that make about `k` latents active, to compare architectures."""

    @classmethod
    def parameter_shapes(cls, config: Any, d_in: int) -> dict[str, tuple[int, ...]]:
        """Shapes of all parameters by name; a loader accepts no others for them."""

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Parameters before training; `first_rows` (n, d_in) are a sample of the data."""

    def state(self, device: Any) -> Parameters:
        """Tensors beside the parameters that training carries along (and checkpoints)."""

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """One forward and backward pass for the batch `x` (batch, d_in) float32."""

    def constrain_parameters(self, parameters: Parameters) -> None:
        """Change the parameters in place after the optimiser's step."""

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """Codes of `x` (batch, d_in), which is not written to: it may be somebody's array."""
