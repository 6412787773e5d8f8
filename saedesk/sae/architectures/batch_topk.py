"""The BatchTopK SAE of Bussmann et al. 2024 (arXiv:2412.06410).

    a  = W_enc (x − pre_bias) + b_enc
    z  = ReLU(a) where it is among the k · B largest of the batch of B rows, else 0    in training
    z  = a where a > θ, else 0                                                         afterwards
    loss = nMSE(x̂, x) + α · nMSE(ê, x − x̂)                                           as in TopK

θ is a running mean of the smallest positive activation kept in a step, θ ← θ + r (min − θ), as in
SAELens (r = .01) and dictionary_learning (.001), which train for 100,000 steps. On small corpora it
must follow faster: after 100 steps on 4,000 sentences at k = 12, θ kept 17.6 features of a training
document with r = .01 and 12.4 with .1; after 1,200 steps 11.8 and 12.1. In step t the rate is at
least 1 / (t + 1), so θ is at first a plain mean and never remembers where it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from saedesk.sae.architectures.architecture import Moment, Parameters, StepResult
from saedesk.sae.architectures.linear_sae import LinearSae
from saedesk.sae.architectures.number_of_latents import NumberOfLatents
from saedesk.sae.batch_selection import above, largest_of_batch
from saedesk.sae.codes import Codes
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Generator, Tensor

ROW_LIMIT = "row_limit"
"""(), with SAEs of libraries that also allow a row no more latents than this (latent-sae: k)."""
_ROWS_FOR_START = 256
"""Rows that the threshold before the first step is measured on."""


@dataclass(frozen=True)
class BatchTopKConfig(NumberOfLatents):
    """Settings of the BatchTopK SAE; k is a mean over the documents."""

    threshold_rate: float = setting(
        0.1,
        "Rate of the threshold",
        "How fast the activation that a feature must exceed follows the training. Its inverse is "
        "the number of steps that it remembers.",
        low=1e-5,
        high=1,
        source="measured on 4,000 sentences; SAELens: .01, for far longer trainings",
        advanced=True,
    )


class BatchTopK(LinearSae):
    """Gradients and encoding of the BatchTopK SAE."""

    name: ClassVar[str] = "batch_topk"
    takes_largest: ClassVar[bool] = True
    title: ClassVar[str] = "BatchTopK"
    about: ClassVar[str] = (
        "k features for a document on average: rich documents get more, plain ones fewer."
    )
    Config: ClassVar[type[SaeConfig]] = BatchTopKConfig
    untrained: ClassVar[frozenset[str]] = frozenset({"threshold"})
    config: BatchTopKConfig

    @staticmethod
    def settings_for_sparsity(k: int) -> dict[str, Any]:
        """`k` itself, as a mean over the documents."""
        return {"k": k}

    @classmethod
    def parameter_shapes(cls, config: Any, d_in: int) -> dict[str, tuple[int, ...]]:
        """With `threshold` ()."""
        return super().parameter_shapes(config, d_in) | {"threshold": ()}

    def initialise(self, first_rows: Tensor, generator: Generator) -> Parameters:
        """With `threshold` (), the smallest activation that some of the rows would keep."""
        parameters = super().initialise(first_rows, generator)
        rows = first_rows[:_ROWS_FOR_START]
        centred = rows - parameters["pre_bias"]
        pre = self.product.of(parameters["W_enc"], parameters["b_enc"], centred)
        codes = largest_of_batch(pre, self.config.k_at(Moment(0, 1)) * rows.shape[0])
        parameters["threshold"] = rows.new_zeros(())
        _move(parameters["threshold"], codes, 1.0)
        return parameters

    def gradients(
        self, parameters: Parameters, state: Parameters, x: Tensor, moment: Moment
    ) -> StepResult:
        """Loss and its exact gradients; moves the threshold."""
        config = self.config
        centred, pre = self.start(parameters, x)
        codes = largest_of_batch(pre, config.k_at(moment) * x.shape[0])
        _move(parameters["threshold"], codes, max(config.threshold_rate, 1 / (moment.step + 1)))
        fired = self.note_fired(state, codes)
        error, loss = self.add_errors(parameters, x, centred, codes)
        self.add_auxk(parameters, state, pre, error, k_aux=config.k_aux)
        return StepResult(self.step.finish(), loss, fired)

    def add_errors(
        self, parameters: Parameters, x: Tensor, centred: Tensor, codes: Codes
    ) -> tuple[Tensor, Tensor]:
        """Add the loss of the reconstruction. Returns x̂ − x (batch, d_in) and its nMSE."""
        return self.add_error(parameters, x, centred, codes)

    def encode(self, parameters: Parameters, x: Tensor) -> Codes:
        """The pre-activations above the threshold, of the largest where a row's are limited."""
        centred = x - parameters["pre_bias"]
        pre = self.product.of(parameters["W_enc"], parameters["b_enc"], centred)
        if ROW_LIMIT not in parameters:
            return above(pre, parameters["threshold"])
        codes = pre.largest(int(parameters[ROW_LIMIT]))
        kept = codes.values * (codes.values > parameters["threshold"])
        return codes.with_values(kept).only_active()


def _move(threshold: Tensor, codes: Codes, rate: float) -> None:
    """Towards the smallest positive value of `codes`; left alone where there is none."""
    import torch

    none = threshold.new_full((1,), float("inf"))
    smallest = torch.cat([torch.where(codes.active, codes.values, none), none]).amin()
    moved = threshold + rate * (smallest - threshold)
    threshold.copy_(torch.where(smallest.isfinite(), moved, threshold))
