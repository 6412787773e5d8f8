"""The Top-AFA SAE of Lee et al. 2025 (arXiv:2503.24277 and released code): k from the norms.

    f  = ReLU(W_enc (x − pre_bias) + b_enc)
    z  = f of the k >= 1 latents with the largest (f_i ‖d_i‖)² whose root sum is closest to
         ‖x − pre_bias‖
    loss = nMSE(x̂, x) + α · nMSE(ê, x − x̂) + λ · mean over the batch of (‖z‖ − ‖x‖)² · nMSE's scale

Nearly orthogonal latents have the norm of what they add up to, so the norm of the vector says how
many are needed. Rows of the decoder have unit norm, which leaves f_i² to sort by. ‖x − pre_bias‖
in the choice and ‖x‖ in the loss are as published, where both errors are absolute; here both are
divided by the spread of the batch, which keeps their ratio. The authors give each vector mean 0 and
deviation 1; "centred" input brings the two norms together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.linear_sae import LinearSae, normaliser
from saedesk.sae.codes import Codes
from saedesk.sae.device_kernels import counting_waits
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.pre_activations import PreActivations


@dataclass(frozen=True)
class TopAfaConfig(SaeConfig):
    """Settings of the Top-AFA SAE, which has no k."""

    most_latents: int = setting(
        64,
        "Most features",
        "No document gets more features than this, even if more would come closer to its length. "
        "Without a bound, sentences took 190 to 255 of 512 features.",
        low=1,
        high=4096,
        source="as k of the largest published SAE; unbounded in Lee et al. 2025",
    )
    afa_coefficient: float = setting(
        1 / 32,
        "Weight of the lengths",
        "Weight λ of the loss that gives a document’s activations the length of its vector.",
        low=0,
        high=10,
        source="Lee et al. 2025: 1/128 to 1/16",
    )
    aux_latents: int = setting(
        512,
        "AuxK features",
        "Dead features used by AuxK.",
        low=1,
        high=4096,
        source="Lee et al. 2025, released code",
        advanced=True,
        group="dead",
    )


class TopAfa(LinearSae):
    """Gradients and encoding of the Top-AFA SAE."""

    name: ClassVar[str] = "top_afa"
    takes_largest: ClassVar[bool] = True
    title: ClassVar[str] = "Top-AFA"
    about: ClassVar[str] = (
        "Each document gets as many features as its length asks for, usually many, up to a bound."
    )
    Config: ClassVar[type[SaeConfig]] = TopAfaConfig
    config: TopAfaConfig

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """At most `k`; below that the architecture chooses."""
        return {"most_latents": k}

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients; the number of latents counts as a constant."""
        centred, pre = self.start(parameters, x)
        codes = self._chosen(pre)
        fired = self.note_fired(state, codes)
        slope = self.config.afa_coefficient * normaliser(x) * _length_slope(codes, x)
        error, loss = self.add_error(parameters, x, centred, codes, code_slope=slope)
        self.add_auxk(parameters, state, pre, error, k_aux=self.config.aux_latents)
        return StepResult(self.step.finish(), loss, fired)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """As in training."""
        centred = x - parameters["pre_bias"]
        return self._chosen(self.product.of(parameters["W_enc"], parameters["b_enc"], centred))

    def _chosen(self, pre: PreActivations) -> Codes:
        """Of the largest, strongest first, those up to the closest length."""
        import torch

        found = pre.largest(min(self.config.most_latents, self.config.n_latents))
        values, order = found.values.view(found.batch, -1).sort(dim=1, descending=True)
        lengths = values.square().cumsum(1).sqrt()
        target = torch.linalg.vector_norm(pre.centred, dim=1, keepdim=True)
        last = (lengths - target).abs().argmin(1, keepdim=True)
        is_kept = torch.arange(values.shape[1], device=values.device) <= last
        latents = found.latents.view(found.batch, -1).gather(1, order)
        codes = Codes.rectangular(values * is_kept, latents)
        return codes if counting_waits(values) else codes.only_active()


def _length_slope(codes: Codes, x: Tensor) -> Tensor:
    """∂/∂z of mean over the batch of (‖z‖ − ‖x‖)² for each entry; 0 in rows without any."""
    import torch

    length = x.new_zeros(codes.batch).index_add_(0, codes.rows, codes.values.square()).sqrt()
    share = 1 - torch.linalg.vector_norm(x, dim=1) / length.clamp_min(1e-30)
    return (2 / codes.batch * share)[codes.rows] * codes.values
