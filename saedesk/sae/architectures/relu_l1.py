"""The ReLU SAE with an L1 penalty (Bricken et al. 2023; baseline of O'Neill et al. 2024).

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = ReLU(a)
    x̂  = W_decᵀ z + pre_bias                    rows of W_dec of unit length
    loss = nMSE(x̂, x) + λ · mean over rows of Σ z / s + α · nMSE(ê, x − x̂)

s and λ: `sparsity_penalty`. ê decodes dead latents read without their bias. The penalty pulls at
every activation, so they come out too small (shrinkage): it is the baseline for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.sparsity_penalty import (
    PenalisedSae,
    SparsityPenalty,
    spread,
    weight_setting,
)
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import PAPER, SaeConfig

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class ReluL1Config(SparsityPenalty):
    """Settings of the ReLU SAE."""

    sparsity_weight: float = weight_setting(
        0.15,
        "the summed activations, in units of the vectors’ spread",
        source=f"{PAPER}, released baseline: .05, with eight times as many features as dimensions",
    )


class ReluL1(PenalisedSae):
    """Gradients and encoding of the ReLU SAE."""

    name: ClassVar[str] = "relu_l1"
    title: ClassVar[str] = "ReLU + L1"
    about: ClassVar[str] = (
        "A penalty on the sum of the activations keeps them few; the classic, for comparison."
    )
    Config: ClassVar[type[SaeConfig]] = ReluL1Config
    config: ReluL1Config

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients, written out by hand so that they stay sparse."""
        centred, pre = self.start(parameters, x)
        codes = Codes.of_dense(pre.exact().relu())
        fired = self.note_fired(state, codes)
        price = self.sparsity_weight(state, x, moment) / (spread(x) * x.shape[0])
        error, loss = self.add_error(
            parameters, x, centred, codes, code_slope=price.expand(codes.values.shape)
        )
        self.add_auxk_without_bias(parameters, state, pre, error)
        self.steer(state, fired, x.shape[0], moment)
        return StepResult(self.step.finish(), loss, fired)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The positive pre-activations."""
        return Codes.of_dense(self.pre_activations(parameters, x).relu())
