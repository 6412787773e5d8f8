"""What the architectures share that pay for active latents: weight, target, start, dead latents.

The loss is nMSE(x̂, x) + λ · penalty, both free of the vectors' scale: activations are divided by
s = √mean‖x − mean of the batch‖², so one λ suits unit vectors and standardised ones alike.

With a target the weight is steered in the logarithm by what the L0 of the last batch missed:

    e   = log(L0 / target), cut to ±1
    ē  += (e − ē) / (c T)                       T total steps, c = `_RESPONSE_SHARE`
    I  += (e + `_LEAD` (e − ē), cut to ±1) / (c T)
    λ   = exp(I + e)                            I starts at log(`sparsity_weight`)

from the end of the warm-up on. L0 falls roughly like 1/λ, but only after a while: the lead stops
the weight from growing on while L0 is falling already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from saedesk.sae import sparse_kernels
from saedesk.sae.architectures.architecture import Moment, Parameters
from saedesk.sae.architectures.initialisation import best_factor
from saedesk.sae.architectures.linear_sae import LinearSae, normaliser
from saedesk.sae.codes import Codes
from saedesk.sae.pre_activations import PreActivations
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor

_RESPONSE_SHARE = 0.05
_LEAD = 2.0
_START_WIDTH = 3.0
"""A fitted start lets this many times the target be active: enough for every latent to learn."""
_START_ROWS = 2048
_USUAL_L0 = 32.0


def weight_setting(default: float, penalty: str, source: str = "") -> Any:
    """The field `sparsity_weight` of a config, for what it weighs."""
    return setting(
        default,
        "Sparsity weight",
        f"Weight λ of {penalty}. With a number of active features to aim at, only where it starts.",
        low=1e-8,
        high=1e3,
        source=source or "leaves about 30 of 1,024 features active on 6,000 texts",
        advanced=True,
    )


@dataclass(frozen=True)
class SparsityPenalty(SaeConfig):
    """How strongly active latents are paid for."""

    target_l0: float = setting(
        _USUAL_L0,
        "Wanted L0",
        "Features that a document shall have on average; the sparsity weight is steered to it "
        "during the training. 0 keeps the weight as it is.",
        low=0,
        high=4096,
        source="as many as k = 32 of TopK",
    )
    sparsity_weight: float = weight_setting(0.1, "the penalty on active features")
    sparsity_warm_up_share: float = setting(
        0.05,
        "Sparsity warm-up",
        "Share of the training over which the sparsity weight rises from zero.",
        low=0,
        high=1,
        source="Rajamanoharan et al. 2024, in proportion",
        advanced=True,
    )
    aux_k: int = setting(
        64,
        "AuxK features",
        "Dead features used by AuxK for a document.",
        low=1,
        high=4096,
        source="as with k = 32 of TopK",
        advanced=True,
        group="dead",
    )


class PenalisedSae(LinearSae):
    """Base of architectures whose number of active latents follows from a penalty."""

    config: Any

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """`k` as the mean number of active latents to aim at."""
        return {"target_l0": float(k)}

    def state(self, device: Any) -> Parameters:
        """Beside the dead counters `sparsity`, (3,): I, e and ē of the steered weight."""
        import torch

        dtype = torch.float32 if str(device).startswith("mps") else torch.float64
        start = [math.log(self.config.sparsity_weight), 0.0, 0.0]
        steered = torch.tensor(start, dtype=dtype, device=device)
        return super().state(device) | {"sparsity": steered}

    # -- the weight -------------------------------------------------------------------------

    def sparsity_weight(self, state: Parameters, x: Tensor, moment: Moment) -> Tensor:
        """λ at this moment, () in the dtype of `x`."""
        share = self.config.sparsity_warm_up_share
        risen = min(1.0, moment.progress / share) if share > 0 else 1.0
        return (state["sparsity"][:2].sum().exp() * risen).to(x.dtype)

    def steer(self, state: Parameters, fired: Tensor, batch: int, moment: Moment) -> None:
        """Adapt the weight to the L0 of this batch, where a target is set."""
        config = self.config
        if config.target_l0 == 0 or moment.progress < config.sparsity_warm_up_share:
            return
        l0 = fired.sum().to(state["sparsity"].dtype) / batch
        missed = (l0 / config.target_l0).clamp(math.exp(-1), math.exp(1)).log()
        rate = 1 / (_RESPONSE_SHARE * max(1, moment.total_steps))
        steered = state["sparsity"]
        steered[2] += (missed - steered[2]) * min(1.0, rate)
        steered[0] += (missed + _LEAD * (missed - steered[2])).clamp(-1, 1) * rate
        steered[1] = missed

    def error(
        self, parameters: Parameters, x: Tensor, centred: Tensor, codes: Codes
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x̂ − x, its nMSE and the slope ∂nMSE/∂x̂ (batch, d_in); adds the pre-bias' direct part."""
        error = sparse_kernels.decode(codes, parameters["W_dec"]) - centred
        scale = normaliser(x)
        slope = error * (2 * scale / x.numel())
        self.step.add_pre_bias(slope)
        return error, error.square().mean() * scale, slope

    def pre_activations(self, parameters: Parameters, x: Tensor) -> Tensor:
        """W_enc (x − pre_bias) + b_enc, (batch, n_latents), exact."""
        centred = x - parameters["pre_bias"]
        return self.product.of(parameters["W_enc"], parameters["b_enc"], centred).exact()

    # -- the start --------------------------------------------------------------------------

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """As every SAE; a fitted start also silences each latent for all but its best documents.

        Without a latent bias half of all latents would be active for every document.
        """
        parameters = super().initialise(first_rows, generator)
        if self.config.initialisation == "fitted":
            centred = first_rows[:_START_ROWS] - parameters["pre_bias"]
            self.fit_start(parameters, centred)
        return parameters

    def fit_start(self, parameters: Parameters, centred: Tensor) -> None:
        """b_enc so that each latent is active for its share of `centred` (rows, d_in)."""
        lowest = self.lowest_active(parameters, centred)
        parameters["b_enc"].copy_(-lowest)
        pre = self.product.of(parameters["W_enc"], parameters["b_enc"], centred).exact()
        factor = best_factor(Codes.of_dense(pre.relu()), parameters["W_dec"], centred)
        parameters["W_enc"] *= factor
        parameters["b_enc"] *= factor

    def lowest_active(self, parameters: Parameters, centred: Tensor) -> Tensor:
        """(n,) which product W_enc x a row must exceed for the share of rows of the start."""
        products = centred @ parameters["W_enc"].t()
        width = _START_WIDTH * (self.config.target_l0 or _USUAL_L0)
        density = min(0.5, width / self.config.n_latents)
        rank = min(products.shape[0], max(1, round((1 - density) * products.shape[0])))
        return products.kthvalue(rank, dim=0).values

    # -- dead latents -----------------------------------------------------------------------

    def add_auxk_without_bias(
        self, parameters: Parameters, state: Parameters, pre: PreActivations, error: Tensor
    ) -> None:
        """AuxK for latents that a bias keeps silent: dead ones are read without their bias.

        ê decodes ReLU of the `aux_k` largest W_enc (x − pre_bias) among the dead latents, which
        in a ReLU SAE have no positive pre-activation. The bias learns as if it had been there.
        """
        config = self.config
        if config.revival != "auxk" or config.aux_coefficient == 0:
            return
        latents = (state["idle_steps"] > config.dead_after_steps).nonzero()[:, 0]
        if latents.numel() == 0:
            return
        products = pre.centred @ pre.W_enc[latents].t()
        top = products.topk(min(config.aux_k, latents.numel()), dim=1, sorted=False)
        codes = Codes.rectangular(top.values.relu(), latents[top.indices])
        rebuilt = sparse_kernels.decode(codes, parameters["W_dec"])
        scale = 2 * config.aux_coefficient / error.numel() * normaliser(error)
        self.step.add_reconstruction(codes, (rebuilt + error) * scale)


def spread(x: Tensor) -> Tensor:
    """s = √mean‖x − mean of the batch‖², (), in the vectors' unit."""
    return (x.shape[1] / normaliser(x)).sqrt()
