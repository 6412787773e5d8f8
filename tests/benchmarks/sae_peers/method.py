"""What the benchmark asks of a library: train one step, rebuild some rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

LEARNING_RATE = 5e-4
BATCH = 1024


@dataclass(frozen=True)
class Shape:
    """Sizes of an SAE."""

    name: str
    d_in: int
    n_latents: int
    k: int

    def __str__(self) -> str:
        return f"{self.name} (d {self.d_in:,}, n {self.n_latents:,}, k {self.k})"


S = Shape("S", 384, 3072, 32)
L = Shape("L", 1536, 9216, 64)
XL = Shape("XL", 1536, 65_536, 64)


@dataclass(frozen=True)
class Setup:
    """What every method starts with."""

    shape: Shape
    rows: Tensor
    """(n, d_in) float32 training rows on the device, for whatever a method takes from them."""
    device: str
    seed: int = 0


class Method(Protocol):
    """One library's TopK SAE with its own training step; learning rate and batches are given."""

    def step(self, x: Tensor) -> None:
        """All that the library does for one batch (batch, d_in) float32 on the device."""

    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstruction (batch, d_in), and which latents are active in any row (n_latents,)."""


Maker = Callable[[Setup], Method]


def makers() -> dict[str, Maker]:
    """The libraries of the table, saedesk last."""
    from method_dictionary_learning import DictionaryLearning
    from method_hypothesaes import HypotheSaes
    from method_saedesk import Saedesk
    from method_saelens import SaeLens
    from method_sparsify import Sparsify

    return {
        "HypotheSAEs": HypotheSaes,
        "SAELens": SaeLens,
        "dictionary_learning": DictionaryLearning,
        "sparsify": Sparsify,
        "saedesk": Saedesk,
    }


def more_makers() -> dict[str, Maker]:
    """Other ways to train with the same libraries, for the comparison of quality only."""
    from method_saedesk import SaedeskAsPublished
    from method_sparsify import SparsifySignum

    return {
        "sparsify, signum (its defaults)": SparsifySignum,
        "saedesk, published start": SaedeskAsPublished,
    }
