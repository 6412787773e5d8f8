"""Which slider is meant, and the ways in which one is turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["places", "direction", "less"]
WAYS: tuple[Way, ...] = ("places", "direction", "less")


@dataclass(frozen=True)
class Slid:
    """What a slider turns."""

    kind: str
    """"feature" or "family"."""
    latent: int
    """The feature, or the root of the family."""


def feature(latent: int) -> Slid:
    """The slider of a feature."""
    return Slid("feature", int(latent))


def family(root: int) -> Slid:
    """The slider of a family."""
    return Slid("family", int(root))
