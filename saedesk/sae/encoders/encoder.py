"""What every encoder is, and what they share."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from saedesk.sae.sae_config import check_settings

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters
    from saedesk.sae.codes import Codes

NUMBERS_AT_ONCE = 1 << 24
"""Numbers in one array while encoding: 64 MB of float32."""


@dataclass(frozen=True)
class EncoderSettings:
    """Settings of an encoder, made with `sae_config.setting`."""

    def check(self) -> None:
        """Raise BadSetting with one sentence for the first field out of range."""
        check_settings(self)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values, for files and hashes."""
        return dataclasses.asdict(self)


class Encoder(Protocol):
    """One way to find the codes of documents on a trained dictionary.

    An object serves one SAE, so that it may keep what it derives from the dictionary.
    """

    name: ClassVar[str]
    """Name in files, on the command line and in the registry."""
    title: ClassVar[str]
    """Name for a person."""
    about: ClassVar[str]
    """A sentence for a person: what it does and what it costs."""
    Settings: ClassVar[type[EncoderSettings]]
    settings: Any

    def __init__(self, settings: Any) -> None: ...

    def fitted(self, architecture: Architecture, parameters: Parameters, sample: Tensor) -> Encoder:
        """This encoder with what it leaves open settled on `sample` (n, d_in), as the SAE sees it.

        Its settings then say all: the same settings encode a query as they encoded the corpus.
        """

    def encode(self, architecture: Architecture, parameters: Parameters, x: Tensor) -> Codes:
        """Codes of `x` (batch, d_in), normalised as the SAE's input; each latent once in a row.

        `x` is not written to: it may be somebody's array.
        """


def mean_l0(architecture: Architecture, parameters: Parameters, sample: Tensor) -> float:
    """How many latents the SAE's own encoder makes active for a row of `sample` (n, d_in)."""
    step = max(16, NUMBERS_AT_ONCE // parameters["W_dec"].shape[0])
    active = sum(
        int(architecture.encode(parameters, part).active.sum()) for part in sample.split(step)
    )
    return active / max(1, len(sample))
