"""The JumpReLU SAE (Rajamanoharan et al. 2024, arXiv:2407.14435): a threshold for every latent.

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = a · 1[a > θ]                           θ = exp(log_threshold)
    x̂  = W_decᵀ z + pre_bias
    loss = nMSE(x̂, x) + λ · mean over rows of L0 + α · nMSE(ê, x − x̂)
           + β · mean over rows of Σ_dead ReLU(θ − a) / s

The jump has no slope; θ learns through a rectangle of width ε s around it (section 3):

    ∂z/∂θ ≈ −(θ / ε s) 1[|a − θ| < ε s / 2]     ∂L0/∂θ ≈ −(1 / ε s) 1[|a − θ| < ε s / 2]

for a > 0. θ = exp(c · threshold_exponent): Adam moves every parameter by about the learning rate,
which would take thousands of steps to halve a threshold; with c = `SPEED` a hundred do. s and λ:
`sparsity_penalty`. Dead latents get a direction from AuxK, which reads them below their
threshold, and come back to it by the last term (Anthropic, January 2025 update), in which
W_enc (x − pre_bias) is a constant: their thresholds fall, their biases rise.
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
SPEED = 20.0
"""On 6,000 vectors 10 to 60 lead to the same FVU; at 1 the thresholds do not arrive."""
WAKING_WEIGHT = 1e-3
"""β; any small one, because for a dead latent Adam makes up for it."""


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
        exponent = (lowest.log() / SPEED).expand(self.config.n_latents).clone()
        return {"threshold_exponent": exponent} | parameters

    def fit_start(self, parameters: Parameters, centred: Tensor) -> None:
        """Thresholds so that each latent is active for its share of `centred` (rows, d_in)."""
        lowest = self.lowest_active(parameters, centred).clamp_min(1e-3 * float(spread(centred)))
        products = centred @ parameters["W_enc"].t()
        codes = Codes.of_dense(products * (products > lowest))
        factor = best_factor(codes, parameters["W_dec"], centred)
        parameters["W_enc"] *= factor
        parameters["threshold_exponent"] = (lowest * factor).log() / SPEED

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its gradients, exact but for the thresholds' rectangle."""
        centred, pre = self.start(parameters, x)
        threshold = thresholds(parameters)
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
        into_exponent = self.step.by_name["threshold_exponent"]
        into_exponent.index_add_(0, near.latents, into_threshold * lowest * SPEED)
        self.add_auxk(parameters, state, pre, error, k_aux=self.config.aux_k)
        self.steer(state, fired, x.shape[0], moment)
        gradients = self.step.finish()
        self._add_waking(state, dense, threshold, WAKING_WEIGHT / spread(x))
        return StepResult(gradients, loss, fired)

    def _add_waking(
        self, state: Parameters, dense: Tensor, threshold: Tensor, weight: Tensor
    ) -> None:
        if self.config.revival != "auxk":
            return
        dead = (state["idle_steps"] > self.config.dead_after_steps).nonzero()[:, 0]
        below = (dense[:, dead] < threshold[dead]).to(dense.dtype).mean(0) * weight
        self.step.by_name["b_enc"].index_add_(0, dead, below, alpha=-1)
        into_exponent = self.step.by_name["threshold_exponent"]
        into_exponent.index_add_(0, dead, below * threshold[dead] * SPEED)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The pre-activations above their latents' thresholds."""
        pre = self.pre_activations(parameters, x)
        return Codes.of_dense(pre * (pre > thresholds(parameters)))


def thresholds(parameters: Parameters) -> Tensor:
    """θ (n_latents,)."""
    return (SPEED * parameters["threshold_exponent"]).exp()
