"""One threshold for all latents: as many as a document needs, instead of k for each.

    a = W_enc (x − pre_bias) + b_enc            z = a · 1[a > θ]

θ is chosen so that documents have a wanted L0 on average, as BatchTopK does at the end of its
training (Bussmann et al. 2024, arXiv:2412.06410). A JumpReLU SAE (Rajamanoharan et al. 2024)
trains one θ for each latent instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from saedesk.sae.codes import Codes
from saedesk.sae.encoders.encoder import NUMBERS_AT_ONCE, EncoderSettings, mean_l0
from saedesk.sae.sae_config import setting

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters


@dataclass(frozen=True)
class ThresholdSettings(EncoderSettings):
    """Settings of the threshold."""

    l0: float = setting(
        0.0,
        "L0",
        "Features of a document on average. 0 takes as many as the SAE’s own encoder gives.",
        low=0,
        high=100_000,
        source="the SAE’s own L0",
    )
    threshold: float = setting(
        -1.0,
        "Threshold",
        "Smallest activation that counts. −1 chooses it so that documents have the wanted L0.",
        low=-1,
        high=1e6,
        source="fitted to a sample",
        advanced=True,
    )


class Threshold:
    """Keeps every pre-activation above θ ≥ 0."""

    name: ClassVar[str] = "threshold"
    title: ClassVar[str] = "Threshold"
    about: ClassVar[str] = (
        "Keeps every feature above one threshold, so that rich documents have more features and "
        "plain ones fewer."
    )
    Settings: ClassVar[type[EncoderSettings]] = ThresholdSettings

    def __init__(self, settings: ThresholdSettings) -> None:
        self.settings = settings

    def fitted(
        self, architecture: Architecture, parameters: Parameters, sample: Tensor
    ) -> Threshold:
        """With the θ that gives the sample the wanted mean L0, or 0 where so many are not > 0."""
        if self.settings.threshold >= 0:
            return self
        l0 = self.settings.l0 or mean_l0(architecture, parameters, sample)
        count = round(min(l0, parameters["W_enc"].shape[0]) * len(sample))
        theta = _threshold_for(parameters, sample, count)
        return Threshold(replace(self.settings, l0=l0, threshold=theta))

    def encode(self, architecture: Architecture, parameters: Parameters, x: Tensor) -> Codes:
        """The pre-activations above the fitted threshold."""
        encoder = self if self.settings.threshold >= 0 else self.fitted(architecture, parameters, x)
        pre = _pre_activations(parameters, x)
        return Codes.of_dense(pre.masked_fill_(~(pre > encoder.settings.threshold), 0.0))


def _pre_activations(parameters: Parameters, x: Tensor) -> Tensor:
    import torch

    centred = x - parameters["pre_bias"]
    if "r_mag" not in parameters:
        return torch.addmm(parameters["b_enc"], centred, parameters["W_enc"].t())
    # A Gated SAE: b_enc belongs to its gates, what decodes are the magnitudes.
    products = centred @ parameters["W_enc"].t()
    return torch.addcmul(parameters["b_mag"], products, parameters["r_mag"].exp())


def _threshold_for(parameters: Parameters, sample: Tensor, count: int) -> float:
    """θ ≥ 0 with exactly `count` pre-activations of the sample above it, but for equal ones."""
    import torch

    n = parameters["W_enc"].shape[0]
    largest = sample.new_zeros(count + 1)
    for part in sample.split(max(1, NUMBERS_AT_ONCE // n)):
        pre = _pre_activations(parameters, part)
        largest = torch.cat([largest, pre[pre > largest.min()]]).topk(count + 1).values
    return float(largest.min())
