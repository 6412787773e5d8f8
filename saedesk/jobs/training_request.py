"""What a person asks for when training an SAE."""

from __future__ import annotations

from dataclasses import dataclass, field

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_config import SaeConfig


@dataclass(frozen=True)
class TrainRequest:
    """Which SAE to train."""

    config: SaeConfig = field(default_factory=TopKConfig)
    architecture: str = "topk"
    device: str = "auto"
    preset: str = ""
    """Name of the preset it was made from, for the table of runs; "" for none."""
    put_in_use: bool = True
    """Whether the SAE becomes the one in use; the first of a project always does."""
