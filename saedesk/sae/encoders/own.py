"""The encoder that was trained with the dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from saedesk.sae.encoders.encoder import EncoderSettings

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters
    from saedesk.sae.codes import Codes


@dataclass(frozen=True)
class OwnSettings(EncoderSettings):
    """Nothing to choose."""


class Own:
    """Whatever the architecture does."""

    name: ClassVar[str] = "own"
    title: ClassVar[str] = "The SAE’s own"
    about: ClassVar[str] = "The encoder that was trained with the dictionary; the fastest."
    Settings: ClassVar[type[EncoderSettings]] = OwnSettings

    def __init__(self, settings: OwnSettings) -> None:
        self.settings = settings

    def fitted(self, architecture: Architecture, parameters: Parameters, sample: Tensor) -> Own:
        """Itself: nothing is open."""
        return self

    def encode(self, architecture: Architecture, parameters: Parameters, x: Tensor) -> Codes:
        """The architecture's codes."""
        return architecture.encode(parameters, x)
