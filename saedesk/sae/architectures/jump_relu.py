"""The JumpReLU SAE (Rajamanoharan et al. 2024, arXiv:2407.14435): a threshold for every latent.

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = a · 1[a > θ]
    x̂  = W_decᵀ z + pre_bias
    loss = nMSE(x̂, x) + λ · mean over rows of L0 + α · nMSE(ê, x − x̂)
           + β · mean over rows of Σ_dead ReLU(θ − a) / s

s and λ: `sparsity_penalty`; how θ learns: `learned_thresholds`. Dead latents get a direction from
AuxK, which reads them below their threshold, and come back to it by the last term (Anthropic,
January 2025 update), in which W_enc (x − pre_bias) is a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.initialisation import best_factor
from saedesk.sae.architectures.learned_thresholds import Thresholds, exponents
from saedesk.sae.architectures.sparsity_penalty import (
    PenalisedSae,
    SparsityPenalty,
    spread,
    weight_setting,
)
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor

PUBLISHED_THRESHOLD = 0.05
"""Of the vectors' spread."""
WAKING_WEIGHT = 1e-3
"""β; any small one, because for a dead latent Adam makes up for it."""


@dataclass(frozen=True)
class JumpReluConfig(SparsityPenalty):
    """Settings of the JumpReLU SAE."""

    sparsity_weight: float = weight_setting(0.002, "the number of active features")
    bandwidth: float = setting(
        0.03,
        "Bandwidth ε",
        "How near a threshold a document must be to move it, in units of the vectors’ spread.",
        low=1e-6,
        high=10,
        advanced=True,
    )


class JumpRelu(PenalisedSae):
    """Gradients and encoding of the JumpReLU SAE."""

    name: ClassVar[str] = "jump_relu"
    title: ClassVar[str] = "JumpReLU"
    about: ClassVar[str] = (
        "Every feature has its own threshold; documents use as many features as they need."
    )
    Config: ClassVar[type[SaeConfig]] = JumpReluConfig
    config: JumpReluConfig

    @classmethod
    def parameter_shapes(cls, config: Any, d_in: int) -> dict[str, tuple[int, ...]]:
        """One `threshold_exponent` for each latent."""
        return super().parameter_shapes(config, d_in) | {"threshold_exponent": (config.n_latents,)}

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Thresholds at `PUBLISHED_THRESHOLD`; a fitted start finds one for every latent."""
        parameters = super().initialise(first_rows, generator)
        lowest = PUBLISHED_THRESHOLD * spread(first_rows)
        exponent = exponents(lowest.expand(self.config.n_latents)).clone()
        return {"threshold_exponent": exponent} | parameters

    def fit_start(self, parameters: Parameters, centred: Tensor) -> None:
        """Thresholds so that each latent is active for its share of `centred` (rows, d_in)."""
        lowest = self.lowest_active(parameters, centred).clamp_min(1e-3 * float(spread(centred)))
        products = centred @ parameters["W_enc"].t()
        codes = Codes.of_dense(products * (products > lowest))
        factor = best_factor(codes, parameters["W_dec"], centred)
        parameters["W_enc"] *= factor
        parameters["threshold_exponent"] = exponents(lowest * factor)

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its gradients, exact but for the thresholds' rectangle."""
        centred, pre = self.start(parameters, x)
        thresholds = Thresholds.of(parameters["threshold_exponent"])
        scale = spread(x)
        width = scale * self.config.bandwidth
        codes, is_near = thresholds.passed_and_near(pre.exact(), width)
        fired = self.note_fired(state, codes)
        error, loss, slope = self.error(parameters, x, centred, codes)
        into_code = self.step.add_reconstruction(codes, slope)
        price = self.sparsity_weight(state, x, moment) / x.shape[0]
        into_exponent = self.step.by_name["threshold_exponent"]
        thresholds.add_jumps(
            codes, is_near, width, into_code=into_code, price=price, out=into_exponent
        )
        self.add_auxk(parameters, state, pre, error, k_aux=self.config.aux_k)
        self.steer(state, fired, x.shape[0], moment)
        gradients = self.step.finish()
        if self.config.revival == "auxk":
            dead = (state["idle_steps"] > self.config.dead_after_steps).nonzero()[:, 0]
            into_bias, weight = self.step.by_name["b_enc"], WAKING_WEIGHT / scale
            thresholds.add_waking(pre.exact(), dead, weight, into_bias=into_bias, out=into_exponent)
        return StepResult(gradients, loss, fired)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The pre-activations above their latents' thresholds."""
        thresholds = Thresholds.of(parameters["threshold_exponent"])
        return thresholds.passed(self.pre_activations(parameters, x))
