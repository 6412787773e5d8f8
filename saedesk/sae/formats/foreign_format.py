"""What saedesk asks of a reader of another library's SAE files.

A format is a module with the names of `ForeignFormat`. It is recognised by content, and nothing in
a file is ever run: JSON, safetensors, and `torch.load(weights_only=True)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.sae_config import SaeConfig


@dataclass(frozen=True)
class CheckpointFiles:
    """What lies at a path, read as far as recognising it needs."""

    path: Path
    """The file or folder a person named."""
    weights: Path
    """The file of the tensors."""
    settings: Mapping[str, Any]
    """Content of cfg.json or config.json beside the tensors, or the values beside the tensors in
    a .pt file; empty where there are none."""
    tensors: Mapping[str, Tensor]
    """On the CPU, as stored: any float type, not yet checked. Mapped where the format allows."""


@dataclass(frozen=True)
class SaeDescription:
    """What a file of another library (or of saedesk) holds, for a person to decide on."""

    path: Path
    format: str
    """Title of the format, e.g. “SAELens”."""
    architecture: str
    """Name in the registry of architectures."""
    d_in: int
    n_latents: int
    k: int | None
    """None where the architecture has none, or the file does not say."""
    asks_for_k: bool
    """Whether a person has to say k, because the file does not."""
    size_bytes: int
    input_normalisation: str = "none"
    """What is done to a vector before it is taken apart, by its name in saedesk's settings."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings as the library wrote them, plain JSON values."""
    notes: tuple[str, ...] = ()
    """Sentences a person should know, e.g. what was folded into the weights."""


@dataclass(frozen=True)
class ConvertedSae:
    """Another library's SAE in saedesk's terms: codes and reconstructions are the library's."""

    architecture: str
    config: SaeConfig
    """What the file does not say has its default."""
    d_in: int
    parameters: dict[str, Tensor]
    """float32 on the CPU, by the names and shapes of the architecture."""
    settings: Mapping[str, Any]
    notes: tuple[str, ...]


class ForeignFormat(Protocol):
    """A module that reads the files of one library."""

    TITLE: str
    """Name of the library or format, for a person."""

    def recognises(self, files: CheckpointFiles) -> bool:
        """Whether names and settings are those of this format. Never raises."""

    def convert(self, files: CheckpointFiles, k: int | None) -> ConvertedSae:
        """The SAE in saedesk's terms.

        `k` is used where the file does not say it; the format raises MissingK where it is needed
        and neither says it, and BadCheckpoint with one sentence for whatever cannot be used.
        """
