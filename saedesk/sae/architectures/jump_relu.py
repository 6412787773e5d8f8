"""The JumpReLU SAE (Rajamanoharan et al. 2024, arXiv:2407.14435): a threshold for every latent.

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = a · 1[a > θ]                           θ = exp(log_threshold)
    x̂  = W_decᵀ z + pre_bias
    loss = nMSE(x̂, x) + λ · mean over rows of L0
           + β · mean over rows of Σ_dead ReLU(θ − a) / s + α · nMSE(ê, x − x̂)

The jump has no slope; θ learns through a rectangle of width ε s around it (section 3):

    ∂z/∂θ ≈ −(θ / ε s) 1[|a − θ| < ε s / 2]     ∂L0/∂θ ≈ −(1 / ε s) 1[|a − θ| < ε s / 2]

for a > 0. s and λ: `sparsity_penalty`. The third term lets dead latents wake (Anthropic, January
2025 update); AuxK, which reads dead latents below their threshold, gives them a direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.sparsity_penalty import (
    PenalisedSae,
    SparsityPenalty,
    best_factor,
    spread,
)
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor

PUBLISHED_THRESHOLD = 0.05
"""Of the vectors' spread."""


@dataclass(frozen=True)
class JumpReluConfig(SparsityPenalty):
    """Settings of the JumpReLU SAE."""

    sparsity_weight: float = setting(
        0.003,
        "Sparsity weight",
        "Weight λ of the number of active features. With a number of active features to aim at, "
        "only where it starts.",
        low=1e-8,
        high=1e3,
        advanced=True,
    )
    bandwidth: float = setting(
        0.03,
        "Bandwidth ε",
        "How near a threshold a document must be to move it, in units of the vectors' spread.",
        low=1e-6,
        high=10,
        advanced=True,
    )
    waking_weight: float = setting(
        1e-3,
        "Waking weight",
        "Weight β of the loss that brings dead features back to their threshold.",
        low=0,
        high=10,
        source="term of Anthropic, January 2025 update",
        advanced=True,
        group="dead",
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
        """One `log_threshold` for each latent."""
        return super().parameter_shapes(config, d_in) | {"log_threshold": (config.n_latents,)}

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Thresholds at `PUBLISHED_THRESHOLD`; a fitted start finds one for every latent."""
        parameters = super().initialise(first_rows, generator)
        lowest = PUBLISHED_THRESHOLD * spread(first_rows)
        log_threshold = lowest.log().expand(self.config.n_latents).clone()
        return {"log_threshold": log_threshold} | parameters

    def fit_start(self, parameters: Parameters, centred: Tensor) -> None:
        """Thresholds so that each latent is active for its share of `centred` (rows, d_in)."""
        lowest = self.lowest_active(parameters, centred).clamp_min(1e-3 * float(spread(centred)))
        products = centred @ parameters["W_enc"].t()
        codes = Codes.of_dense(products * (products > lowest))
        factor = best_factor(codes, parameters["W_dec"], centred)
        parameters["W_enc"] *= factor
        parameters["log_threshold"] = (lowest * factor).log()

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its gradients, exact but for the thresholds' rectangle."""
        centred, pre = self.start(parameters, x)
        threshold = parameters["log_threshold"].exp()
        half = spread(x) * (self.config.bandwidth / 2)
        dense = pre.exact()
        near = Codes.of_dense(dense * (dense > (threshold - half).clamp_min(0)))
        lowest = threshold[near.latents]
        codes = near.with_values(near.values * (near.values > lowest))
        fired = self.note_fired(state, codes)
        error, loss, slope = self.error(parameters, x, centred, codes)
        into_code = self.step.add_reconstruction(codes, slope)
        price = self.sparsity_weight(state, x, moment) / x.shape[0]
        is_near = (near.values - lowest).abs() < half
        into_threshold = (lowest * into_code + price) * is_near / (-2 * half)
        into_log = self.step.by_name["log_threshold"]
        into_log.index_add_(0, near.latents, into_threshold * lowest)
        self.add_auxk(parameters, state, pre, error, k_aux=self.config.aux_k)
        self.steer(state, fired, x.shape[0], moment)
        return StepResult(self.step.finish(), loss, fired)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The pre-activations above their latents' thresholds."""
        centred = x - parameters["pre_bias"]
        pre = self.product.of(parameters["W_enc"], parameters["b_enc"], centred).exact()
        return Codes.of_dense(pre * (pre > parameters["log_threshold"].exp()))
