"""What the benchmark asks of a library: train one step, rebuild some rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
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


LIBRARIES = {
    "HypotheSAEs": ("method_hypothesaes", "HypotheSaes"),
    "SAELens": ("method_saelens", "SaeLens"),
    "dictionary_learning": ("method_dictionary_learning", "DictionaryLearning"),
    "sparsify": ("method_sparsify", "Sparsify"),
    "saedesk": ("method_saedesk", "Saedesk"),
}
"""Module and class by name, in the order of the table."""
OTHER_WAYS = {
    "sparsify, signum (its defaults)": ("method_sparsify", "SparsifySignum"),
    "saedesk, published start": ("method_saedesk", "SaedeskAsPublished"),
}
"""Other ways to train with the same libraries, for the comparison of quality only."""


def makers(libraries: Sequence[str], *, other_ways: bool = False) -> dict[str, Maker]:
    """The methods of the named libraries; only these are imported."""
    places = LIBRARIES | (OTHER_WAYS if other_ways else {})
    return {
        name: getattr(import_module(module), class_name)
        for name, (module, class_name) in places.items()
        if name.split(",")[0] in libraries
    }
