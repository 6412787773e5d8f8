"""The matching pursuit SAE (MP-SAE, Costa et al. 2025, arXiv:2506.03093).

    r_0 = x − pre_bias
    j   = argmax_i d_i · r_t        v = ReLU(d_j · r_t)        r_{t+1} = r_t − v d_j        k times
    z_i = Σ v over the steps that chose i
    x̂   = Σ z_i d_i + pre_bias                  rows d_i of W_dec of unit length
    loss = nMSE(x̂, x) + α · nMSE(ê, x − x̂)

Encoder and decoder are one dictionary: `W_enc` is kept equal to W_dec, `b_enc` zero, for whoever
reads an SAE's encoder. ê goes on from the last residual with the dead latents alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.linear_sae import LinearSae, normaliser
from saedesk.sae.architectures.number_of_latents import NumberOfLatents
from saedesk.sae.codes import Codes
from saedesk.sae.pursuit import KeptPursuit
from saedesk.sae.pursuit_gradients import add_rest
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True)
class MatchingPursuitConfig(NumberOfLatents):
    """Settings of the matching pursuit SAE; k is the number of steps."""

    aux_k_factor: float = setting(
        0.25,
        "AuxK steps per k",
        "Steps that the dead features go on from what is left, as a multiple of k.",
        low=0.01,
        high=64,
        advanced=True,
        group="dead",
    )
    residual_bound: float = setting(
        0.0,
        "Residual to stop at",
        "A document’s pursuit ends once so small a share of its length is left. 0 takes k steps.",
        low=0,
        high=1,
        source="Costa et al. 2025: k steps or a bound",
        advanced=True,
    )


class MatchingPursuit(LinearSae):
    """Gradients and encoding of the matching pursuit SAE."""

    name: ClassVar[str] = "matching_pursuit"
    title: ClassVar[str] = "Matching pursuit"
    about: ClassVar[str] = "Takes a document apart feature by feature, each from what is left."
    Config: ClassVar[type[SaeConfig]] = MatchingPursuitConfig
    untrained: ClassVar[frozenset[str]] = frozenset({"W_enc", "b_enc"})
    config: MatchingPursuitConfig

    def __init__(self, config: MatchingPursuitConfig, d_in: int) -> None:
        super().__init__(config, d_in)
        self._kept = KeptPursuit()

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """`k` steps; a latent chosen twice counts once."""
        return {"k": k}

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """Parameters before training, the encoder tied."""
        parameters = super().initialise(first_rows, generator)
        self.constrain_parameters(parameters)
        return parameters

    def constrain_parameters(self, parameters: Parameters) -> None:
        """Dictionary rows back to unit norm; the encoder follows."""
        super().constrain_parameters(parameters)
        parameters["W_enc"].copy_(parameters["W_dec"])
        parameters["b_enc"].zero_()

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients through the steps of the pursuit."""
        config, decoder = self.config, parameters["W_dec"]
        centred = x - parameters["pre_bias"]
        weight = normaliser(x) / x.numel()
        into_decoder = decoder.new_zeros(decoder.shape)
        k, bound = config.k_at(moment), config.residual_bound
        codes, left, slope = add_rest(decoder, centred, k, weight, into_decoder, bound)
        fired = self.note_fired(state, codes)
        self._add_auxk(decoder, state, left, into_decoder)
        along = (into_decoder * decoder).sum(1, keepdim=True)
        into_decoder.addcmul_(along, decoder, value=-1)
        gradients = {"W_dec": into_decoder, "pre_bias": -slope.sum(0)}
        return StepResult(gradients, left.square().sum() * weight, fired)

    def _add_auxk(
        self, decoder: Tensor, state: Parameters, residual: Tensor, into_decoder: Tensor
    ) -> None:
        """Dead latents learn to go on from the residual, a constant for the gradients."""
        config = self.config
        dead = (state["idle_steps"] > config.dead_after_steps).nonzero()[:, 0]
        if config.revival != "auxk" or dead.numel() == 0:
            return
        rows = decoder[dead]
        weight = config.aux_coefficient * normaliser(residual) / residual.numel()
        into_rows = rows.new_zeros(rows.shape)
        add_rest(rows, residual, config.k_aux, weight, into_rows)
        into_decoder.index_add_(0, dead, into_rows)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The latents of k steps, each with the sum of its values."""
        pursuit, centred = self._kept.on(parameters["W_dec"]), x - parameters["pre_bias"]
        return pursuit.codes(centred, self.config.k, residual_bound=self.config.residual_bound)
