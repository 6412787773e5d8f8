"""The TopK SAE of O'Neill et al. 2024 (section 3 and released code), after Gao et al. 2024.

    a  = W_enc (x − pre_bias) + b_enc           pre-activations
    z  = ReLU(TopK_k(a))                        TopK first, so L0 can lie below k
    x̂  = W_decᵀ z + pre_bias
    loss = nMSE(x̂, x) + m · nMSE(x̂_4k, x) + α · nMSE(ê, x − x̂)

where nMSE(y, x) = mean((y − x)²) / mean((mean over the batch of x − x)²) and ê decodes, without
pre-bias, the k_aux largest pre-activations of the dead latents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.linear_sae import LinearSae
from saedesk.sae.architectures.number_of_latents import NumberOfLatents
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import PAPER, SaeConfig, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class TopKConfig(NumberOfLatents):
    """Settings of the TopK SAE."""

    multi_k_coefficient: float = setting(
        0.0,
        "Weight of 4k",
        "Weight m of a second reconstruction with 4k features.",
        low=0,
        high=10,
        source=f"{PAPER}, released code: switched off in every published run",
        advanced=True,
    )


class TopK(LinearSae):
    """Gradients and encoding of the TopK SAE."""

    name: ClassVar[str] = "topk"
    takes_largest: ClassVar[bool] = True
    title: ClassVar[str] = "TopK"
    about: ClassVar[str] = "Exactly k features for every document; the published architecture."
    Config: ClassVar[type[SaeConfig]] = TopKConfig
    config: TopKConfig

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """`k` itself."""
        return {"k": k}

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients, written out by hand so that they stay sparse."""
        config = self.config
        k = config.k_at(moment)
        centred, pre = self.start(parameters, x)
        codes = pre.largest(k)
        fired = self.note_fired(state, codes)
        error, loss = self.add_error(parameters, x, centred, codes)
        if config.multi_k_coefficient > 0:
            wide = pre.largest(min(4 * k, config.n_latents))
            self.add_error(parameters, x, centred, wide, weight=config.multi_k_coefficient)
        self.add_auxk(parameters, state, pre, error, k_aux=config.k_aux)
        return StepResult(self.step.finish(), loss, fired)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """ReLU of the k largest pre-activations of each row."""
        centred = x - parameters["pre_bias"]
        encoder = parameters["W_enc"], parameters["b_enc"]
        pre = self.product.of(*encoder, centred, steady=True)
        return pre.largest(min(self.config.k, self.config.n_latents))
