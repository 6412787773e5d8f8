"""Settings of the architectures that choose a number of latents, k, for a document."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.errors import BadSetting
from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.sae_config import PAPER, SaeConfig, setting


@dataclass(frozen=True)
class NumberOfLatents(SaeConfig):
    """k, how it is reached, and AuxK in proportion to it."""

    k: int = setting(
        32,
        "Active at once, k",
        "How many features may describe one document. Few make clear features, many rebuild the "
        "vector better.",
        low=1,
        high=4096,
        source=f"{PAPER}: 16, 32, 64, 128",
    )
    k_annealing_share: float = setting(
        0.0,
        "k annealing",
        "Share of the training in which k falls from the wider start to its value. 0 keeps it.",
        low=0,
        high=1,
        source="CSRv2 (Guo et al. 2026); off in the published SAEs",
        advanced=True,
    )
    k_annealing_factor: float = setting(
        4.0,
        "k at the start",
        "With k annealing, k starts at this multiple of its value.",
        low=1,
        high=64,
        source="CSRv2 (Guo et al. 2026)",
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
        group="dead",
    )

    @property
    def k_aux(self) -> int:
        """Dead latents that AuxK uses for a row."""
        return max(1, round(self.aux_k_factor * self.k))

    def k_at(self, moment: Moment) -> int:
        """k at a moment of the training, with annealing linear in the steps."""
        if self.k_annealing_share <= 0:
            return self.k
        left = max(0.0, 1 - moment.progress / self.k_annealing_share)
        wanted = self.k * (1 + (self.k_annealing_factor - 1) * left)
        return min(self.n_latents, max(1, round(wanted)))

    def check(self) -> None:
        """Raise BadSetting for a field out of range, or for k above the number of features."""
        super().check()
        if self.k > self.n_latents:
            raise BadSetting(
                f"k is {self.k}, but there are only {self.n_latents} features. Choose a smaller k."
            )
