"""The Gated SAE (Rajamanoharan et al. 2024, arXiv:2404.16014): whether and how much, apart.

    u  = W_enc (x − pre_bias)
    π  = u + b_enc                              the gate: which latents are active
    m  = exp(r_mag) u + b_mag                   their magnitudes
    z  = 1[π > 0] · ReLU(m)
    x̂  = W_decᵀ z + pre_bias                    rows of W_dec of unit length
    loss = nMSE(x̂, x) + λ · mean over rows of Σ ReLU(π) / s
           + nMSE(W_decᵀ ReLU(π) + pre_bias, x) + α · nMSE(ê, x − x̂)

In the third term W_dec and the last pre_bias are constants (section 3.2). The penalty reaches the
gate alone, so the magnitudes are not pulled down. s and λ: `sparsity_penalty`; ê decodes dead
latents read without their bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae import sparse_kernels
from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.linear_sae import normaliser
from saedesk.sae.architectures.sparsity_penalty import (
    PenalisedSae,
    SparsityPenalty,
    spread,
    weight_setting,
)
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True)
class GatedConfig(SparsityPenalty):
    """Settings of the Gated SAE."""

    sparsity_weight: float = weight_setting(
        0.23,
        "the summed gates, in units of the vectors’ spread",
    )


class Gated(PenalisedSae):
    """Gradients and encoding of the Gated SAE."""

    name: ClassVar[str] = "gated"
    title: ClassVar[str] = "Gated"
    about: ClassVar[str] = (
        "One part decides which features are active, another how strongly: truer activations than "
        "with ReLU + L1."
    )
    Config: ClassVar[type[SaeConfig]] = GatedConfig
    config: GatedConfig

    @classmethod
    def parameter_shapes(cls, config: Any, d_in: int) -> dict[str, tuple[int, ...]]:
        """`r_mag` and `b_mag` for each latent; `b_enc` is the gate's."""
        extra = {"r_mag": (config.n_latents,), "b_mag": (config.n_latents,)}
        return super().parameter_shapes(config, d_in) | extra

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Magnitudes start equal to the gates."""
        parameters = super().initialise(first_rows, generator)
        b_enc = parameters["b_enc"]
        return parameters | {"r_mag": b_enc.new_zeros(b_enc.shape), "b_mag": b_enc.clone()}

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients, written out by hand so that they stay sparse."""
        centred, pre = self.start(parameters, x)
        gate = Codes.of_dense(pre.exact().relu())
        codes, products = self._magnitudes(parameters, gate)
        fired = self.note_fired(state, codes)
        error, loss, slope = self.error(parameters, x, centred, codes)
        into_code = self.step.add_reconstruction(codes, slope, reaches_encoder=False)
        into_magnitude = into_code * codes.active
        into_gate = self._gate_slope(parameters, gate, x, centred)
        into_gate += self.sparsity_weight(state, x, moment) / (spread(x) * x.shape[0])
        scaled = into_magnitude * parameters["r_mag"].exp()[gate.latents]
        self.step.add_pre_activations(codes, into_gate + scaled)
        by_name = self.step.by_name
        by_name["b_mag"].index_add_(0, gate.latents, into_magnitude)
        by_name["r_mag"].index_add_(0, gate.latents, scaled * products)
        self.add_auxk_without_bias(parameters, state, pre, error)
        self.steer(state, fired, x.shape[0], moment)
        gradients = self.step.finish()
        # Collected for the pre-bias with the rest of ∂loss/∂u, which b_enc has no part in.
        by_name["b_enc"].index_add_(0, gate.latents, scaled, alpha=-1)
        return StepResult(gradients, loss, fired)

    def _magnitudes(self, parameters: Parameters, gate: Codes) -> tuple[Codes, Tensor]:
        """z and u of the entries of `gate`."""
        products = gate.values - parameters["b_enc"][gate.latents]
        factor = parameters["r_mag"].exp()[gate.latents]
        magnitudes = factor * products + parameters["b_mag"][gate.latents]
        return gate.with_values(magnitudes.relu()), products

    def _gate_slope(
        self, parameters: Parameters, gate: Codes, x: Tensor, centred: Tensor
    ) -> Tensor:
        """∂nMSE/∂π of what the open gates alone rebuild, (n_entries,)."""
        error = sparse_kernels.decode(gate, parameters["W_dec"]) - centred
        slope = error * (2 * normaliser(x) / x.numel())
        return sparse_kernels.sampled_products(gate, slope, parameters["W_dec"])

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The magnitudes of open gates."""
        gate = Codes.of_dense(self.pre_activations(parameters, x).relu())
        return self._magnitudes(parameters, gate)[0]
