"""The Matryoshka SAE of Bussmann et al. 2025 (arXiv:2503.17547), on the codes of BatchTopK.

    x̂_m = W_dec[:m]ᵀ z[:m] + pre_bias                   the first m latents alone
    loss = mean over m_1 < … < m_L = n of nMSE(x̂_m, x) + α · nMSE(ê, x − x̂_n)

The first latents must rebuild every document on their own and become general; the later ones
always have those before them and become specific. So the order of the dictionary has a meaning, and
the first m latents are an SAE themselves. Five sizes from n/16 to n are those of the authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from saedesk.errors import BadSetting
from saedesk.sae import sparse_kernels
from saedesk.sae.architectures.architecture import Parameters
from saedesk.sae.architectures.batch_topk import BatchTopK, BatchTopKConfig
from saedesk.sae.architectures.linear_sae import normaliser
from saedesk.sae.codes import Codes
from saedesk.sae.device_kernels import counting_waits
from saedesk.sae.sae_config import SaeConfig, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class MatryoshkaConfig(BatchTopKConfig):
    """Settings of the Matryoshka SAE."""

    levels: int = setting(
        5,
        "Levels of detail",
        "How many nested parts of the dictionary must rebuild a document on their own, from the "
        "most general features to all of them.",
        low=1,
        high=12,
        source="Bussmann et al. 2025",
    )
    smallest_share: float = setting(
        1 / 16,
        "Smallest part",
        "Share of the features in the first, most general part. The others grow from it by a "
        "constant factor.",
        low=0.0001,
        high=1,
        source="Bussmann et al. 2025",
        advanced=True,
    )

    @property
    def prefixes(self) -> tuple[int, ...]:
        """Sizes m_1 < … < m_L = n_latents of the nested parts."""
        steps = max(1, self.levels - 1)
        shares = [self.smallest_share ** (step / steps) for step in range(self.levels)]
        sizes = {max(1, round(self.n_latents * share)) for share in shares}
        return tuple(sorted(sizes))

    def check(self) -> None:
        """Raise BadSetting for a field out of range, or for parts that are not nested."""
        super().check()
        if len(self.prefixes) != self.levels:
            raise BadSetting(
                f"{self.n_latents:,} features do not make {self.levels} parts of different size "
                f"from a share of {self.smallest_share:g}. Choose fewer levels or a smaller share."
            )


class Matryoshka(BatchTopK):
    """Gradients of the Matryoshka SAE; it encodes as BatchTopK does."""

    name: ClassVar[str] = "matryoshka"
    title: ClassVar[str] = "Matryoshka"
    about: ClassVar[str] = (
        "Features in an order from general to specific, k for a document on average; it splits "
        "general features less and rebuilds a little worse."
    )
    Config: ClassVar[type[SaeConfig]] = MatryoshkaConfig
    config: MatryoshkaConfig  # type: ignore[assignment]

    def add_errors(
        self, parameters: Parameters, x: Tensor, centred: Tensor, codes: Codes
    ) -> tuple[Tensor, Tensor]:
        """Add the mean nMSE of the prefixes. Returns x̂_n − x (batch, d_in) and its nMSE.

        A latent feels the sum of the slopes of all prefixes that contain it, so each group between
        two sizes needs one pass over its own entries: together about one reconstruction's cost.
        """
        scale = normaliser(x)
        to_slope = 2 * scale / (x.numel() * self.config.levels)
        groups = _split(codes, self.config.prefixes)
        error, errors = -centred, []
        for group in groups:
            error = error + sparse_kernels.decode(group, parameters["W_dec"])
            errors.append(error)
        slope = x.new_zeros(())
        for group, part in zip(reversed(groups), reversed(errors), strict=True):
            slope = slope + part * to_slope
            self.step.add_reconstruction(group, slope, only_active=True)
        self.step.add_pre_bias(slope)
        return error, error.square().mean() * scale


def _split(codes: Codes, prefixes: tuple[int, ...]) -> list[Codes]:
    """The entries of each group of latents, from one size up to the next."""
    import torch

    groups = []
    for first, last in zip((0, *prefixes), prefixes, strict=False):
        is_inside = (codes.latents >= first) & (codes.latents < last)
        if counting_waits(is_inside):
            groups.append(codes.with_values(codes.values * is_inside))
            continue
        before = torch.cat([codes.offsets.new_zeros(1), is_inside.cumsum(0)])
        offsets = before[codes.offsets]
        groups.append(Codes(codes.values[is_inside], codes.latents[is_inside], offsets))
    return groups
