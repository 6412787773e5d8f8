"""The TopK SAE of O'Neill et al. 2024 (section 3 and released code), after Gao et al. 2024.

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = ReLU(TopK_k(a))                        TopK first, so L0 can lie below k
    x̂  = W_decᵀ z + pre_bias
    loss = nMSE(x̂, x) + m · nMSE(x̂_4k, x) + α · nMSE(ê, x − x̂)

where nMSE(y, x) = mean((y − x)²) / mean((mean over the batch of x − x)²) and ê decodes, without
pre-bias, the k_aux largest pre-activations of the dead latents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from saedesk.errors import BadSetting
from saedesk.sae import sparse_kernels
from saedesk.sae.architectures.architecture import Parameters, StepResult
from saedesk.sae.sae_config import PAPER, SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True)
class TopKConfig(SaeConfig):
    """Settings of the TopK SAE."""

    k: int = setting(
        32,
        "Active at once, k",
        "How many features may describe one document. Few make clear features, many rebuild the "
        "vector better.",
        low=1,
        high=4096,
        source=f"{PAPER}: 16, 32, 64, 128",
    )
    multi_k_coefficient: float = setting(
        0.0,
        "Weight of 4k",
        "Weight m of a second reconstruction with 4k features.",
        low=0,
        high=10,
        source=f"{PAPER}, released code: switched off in every published run",
        advanced=True,
    )
    aux_coefficient: float = setting(
        1 / 32,
        "Weight of AuxK",
        "Weight α of the loss that teaches dead features to rebuild what the others miss.",
        low=0,
        high=10,
        source=f"{PAPER}, released code; Gao et al. 2024, A.2",
        advanced=True,
    )
    aux_k_factor: float = setting(
        2.0,
        "AuxK features per k",
        "Dead features used by AuxK, as a multiple of k.",
        low=0.1,
        high=64,
        source=f"{PAPER}, released code: k_aux = 2k",
        advanced=True,
    )
    dead_after_steps: int = setting(
        266,
        "Dead after",
        "A feature that no document selected for more than this many steps counts as dead.",
        low=1,
        high=10_000_000,
        unit="steps",
        source=f"{PAPER}, released code: one epoch of the astronomy corpus",
        advanced=True,
    )

    def check(self) -> None:
        """Raise BadSetting for a field out of range, or for k above the number of features."""
        super().check()
        if self.k > self.n_latents:
            raise BadSetting(
                f"k is {self.k}, but there are only {self.n_latents} features. Choose a smaller k."
            )


class TopK:
    """Initialisation, gradients and encoding of the TopK SAE."""

    name: ClassVar[str] = "topk"
    title: ClassVar[str] = "TopK"
    Config: ClassVar[type[SaeConfig]] = TopKConfig

    def __init__(self, config: TopKConfig, d_in: int) -> None:
        config.check()
        self.config = config
        self.d_in = d_in
        self.k_aux = max(1, round(config.aux_k_factor * config.k))

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Median pre-bias, Xavier decoder with unit rows, encoder tied to it, zero latent bias."""
        import torch

        n, d = self.config.n_latents, self.d_in
        bound = math.sqrt(6.0 / (n + d))
        decoder = torch.rand((n, d), generator=generator) * (2 * bound) - bound
        decoder /= decoder.norm(dim=1, keepdim=True)
        return {
            "W_enc": decoder.clone(),
            "W_dec": decoder,
            "b_enc": torch.zeros(n),
            "pre_bias": first_rows.median(dim=0).values.clone(),
        }

    def state(self, device: object) -> Parameters:
        """`idle_steps` (n_latents,): steps since a latent was last in anyone's top k."""
        import torch

        return {
            "idle_steps": torch.zeros(self.config.n_latents, dtype=torch.int64, device=device)  # type: ignore[call-overload]
        }

    def gradients(self, parameters: Parameters, state: Parameters, x: Tensor) -> StepResult:
        """Loss and its exact gradients, written out by hand so that they stay sparse."""
        k = self.config.k
        centred = x - parameters["pre_bias"]
        pre = _pre_activations(parameters, centred)
        top, latents = pre.topk(k, dim=1, sorted=False)
        values = top.relu()
        rebuilt = sparse_kernels.decode(values, latents, parameters["W_dec"])
        error = rebuilt - centred
        scale = _normaliser(x)
        order = sparse_kernels.order_by_latent(latents)
        state["idle_steps"] += 1
        state["idle_steps"][order.latents] = 0

        gradients = {name: tensor.new_zeros(tensor.shape) for name, tensor in parameters.items()}
        slope = error * (2 * scale / x.numel())
        self._add_branch(gradients, parameters, centred, values, latents, slope, order)
        gradients["pre_bias"] += slope.sum(0)
        if self.config.multi_k_coefficient > 0:
            self._add_multi_k(gradients, parameters, pre, centred, scale)
        if self.config.aux_coefficient > 0:
            self._add_aux(gradients, parameters, state, pre, centred, error)
        # The encoder sees x − pre_bias, so the pre-bias also gets −Σ_i (∂loss/∂a_i) W_enc,i.
        gradients["pre_bias"] -= gradients["b_enc"] @ parameters["W_enc"]
        loss = error.square().mean() * scale
        return StepResult(gradients, loss, (values > 0).sum(), order.latents)

    def _add_branch(
        self,
        gradients: Parameters,
        parameters: Parameters,
        centred: Tensor,
        values: Tensor,
        latents: Tensor,
        slope: Tensor,
        order: sparse_kernels.LatentOrder,
    ) -> None:
        """Add the gradients of one reconstruction; `slope` (batch, d_in) is ∂loss/∂x̂."""
        into_code = sparse_kernels.sampled_products(slope, latents, parameters["W_dec"])
        into_code = into_code * (values > 0)
        used = order.latents
        gradients["W_dec"].index_add_(
            0, used, sparse_kernels.weighted_row_sums(order, values, slope)
        )
        gradients["W_enc"].index_add_(
            0, used, sparse_kernels.weighted_row_sums(order, into_code, centred)
        )
        gradients["b_enc"].index_add_(0, used, sparse_kernels.weight_sums(order, into_code))

    def _add_multi_k(
        self,
        gradients: Parameters,
        parameters: Parameters,
        pre: Tensor,
        centred: Tensor,
        scale: Tensor,
    ) -> None:
        width = min(4 * self.config.k, self.config.n_latents)
        top, latents = pre.topk(width, dim=1, sorted=False)
        values = top.relu()
        error = sparse_kernels.decode(values, latents, parameters["W_dec"]) - centred
        slope = error * (2 * self.config.multi_k_coefficient * scale / centred.numel())
        order = sparse_kernels.order_by_latent(latents)
        self._add_branch(gradients, parameters, centred, values, latents, slope, order)
        gradients["pre_bias"] += slope.sum(0)

    def _add_aux(
        self,
        gradients: Parameters,
        parameters: Parameters,
        state: Parameters,
        pre: Tensor,
        centred: Tensor,
        error: Tensor,
    ) -> None:
        """AuxK: dead latents learn to rebuild the error; it is a constant for the gradients.

        The released code multiplies live pre-activations by 0, which then lose to positive dead
        ones and add nothing after ReLU; taking the dead columns alone gives the same values.
        """
        dead = (state["idle_steps"] > self.config.dead_after_steps).nonzero()[:, 0]
        if dead.numel() == 0:
            return
        top, chosen = pre[:, dead].topk(min(self.k_aux, dead.numel()), dim=1, sorted=False)
        values, latents = top.relu(), dead[chosen]
        target = -error
        rebuilt = sparse_kernels.decode(values, latents, parameters["W_dec"])
        scale = _normaliser(target)
        slope = (rebuilt - target) * (2 * self.config.aux_coefficient * scale / target.numel())
        order = sparse_kernels.order_by_latent(latents)
        self._add_branch(gradients, parameters, centred, values, latents, slope, order)

    def constrain_gradients(self, parameters: Parameters, result: StepResult) -> None:
        """Take from the decoder gradient its part along each decoder row (unit norm)."""
        gradient, decoder = result.gradients["W_dec"], parameters["W_dec"]
        along = (gradient * decoder).sum(1, keepdim=True)
        gradient.addcmul_(along, decoder, value=-1.0)

    def constrain_parameters(self, parameters: Parameters) -> None:
        """Decoder rows back to unit norm."""
        decoder = parameters["W_dec"]
        decoder /= decoder.norm(dim=1, keepdim=True)

    def encode(self, parameters: Parameters, x: Tensor) -> tuple[Tensor, Tensor]:
        """ReLU of the k largest pre-activations: values (batch, k), latents (batch, k)."""
        pre = _pre_activations(parameters, x - parameters["pre_bias"])
        top, latents = pre.topk(min(self.config.k, pre.shape[1]), dim=1, sorted=True)
        return top.relu(), latents


def _pre_activations(parameters: Parameters, centred: Tensor) -> Tensor:
    """W_enc (x − pre_bias) + b_enc: (batch, n_latents)."""
    import torch

    return torch.addmm(parameters["b_enc"], centred, parameters["W_enc"].t())


def _normaliser(target: Tensor) -> Tensor:
    """1 / mean((mean over the batch of target − target)²), a constant for the gradients."""
    spread = (target - target.mean(0)).square().mean()
    return 1.0 / spread.clamp_min(1e-30)
