"""Matching pursuit on the decoder: feature after feature, each seeing what the others left.

See `saedesk.sae.pursuit`. Costa et al. 2025 (arXiv:2506.03093) use it as the encoder of an SAE;
here it runs on a dictionary trained with any encoder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from saedesk.sae.codes import Codes
from saedesk.sae.encoders.encoder import EncoderSettings, mean_l0
from saedesk.sae.pursuit import Pursuit
from saedesk.sae.sae_config import setting

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters


@dataclass(frozen=True)
class MatchingPursuitSettings(EncoderSettings):
    """Settings of matching pursuit."""

    steps: int = setting(
        0,
        "Steps",
        "Features of a document at most, one for each step. 0 takes as many as the SAE’s own "
        "encoder gives on average.",
        low=0,
        high=10_000,
        source="the SAE’s own L0",
    )
    residual_bound: float = setting(
        0.0,
        "Residual",
        "A document is finished once what is left of its vector is shorter than this share of "
        "it. 0 takes every step.",
        low=0,
        high=1,
        source="off",
    )


class MatchingPursuit:
    """Greedy, non-negative, on the decoder alone; the trained encoder is not used."""

    name: ClassVar[str] = "matching_pursuit"
    title: ClassVar[str] = "Matching pursuit"
    about: ClassVar[str] = (
        "Takes one feature after the other, each time the one that explains most of what is left; "
        "slower, and free of near-duplicates."
    )
    Settings: ClassVar[type[EncoderSettings]] = MatchingPursuitSettings

    def __init__(self, settings: MatchingPursuitSettings) -> None:
        self.settings = settings
        self._decoder: Tensor | None = None
        self._lengths: Tensor | None = None
        self._pursuit: Pursuit | None = None

    def fitted(
        self, architecture: Architecture, parameters: Parameters, sample: Tensor
    ) -> MatchingPursuit:
        """With the number of steps that the SAE's own mean L0 asks for."""
        if self.settings.steps:
            return self
        steps = max(1, round(mean_l0(architecture, parameters, sample)))
        return MatchingPursuit(replace(self.settings, steps=steps))

    def encode(self, architecture: Architecture, parameters: Parameters, x: Tensor) -> Codes:
        """Codes with at most `steps` entries in a row."""
        if not self.settings.steps:
            return self.fitted(architecture, parameters, x).encode(architecture, parameters, x)
        if self._pursuit is None or self._decoder is not parameters["W_dec"]:
            self._decoder = parameters["W_dec"]
            self._lengths = self._decoder.norm(dim=1)
            self._pursuit = Pursuit(self._decoder / self._lengths[:, None])
        codes = self._pursuit.codes(
            x - parameters["pre_bias"],
            min(self.settings.steps, len(self._decoder)),
            residual_bound=self.settings.residual_bound,
        )
        assert self._lengths is not None
        return codes.with_values(codes.values / self._lengths[codes.latents])
