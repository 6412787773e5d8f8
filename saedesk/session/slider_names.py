"""Which slider is meant, and the ways in which one is turned."""

from __future__ import annotations

from collections.abc import Sequence
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


def counted(slids: Sequence[Slid]) -> str:
    """“4 features and 1 family”; "" for none."""
    features = sum(slid.kind == "feature" for slid in slids)
    families = len(slids) - features
    told = [f"{features} feature{'s' if features > 1 else ''}"] if features else []
    told += [f"{families} {'families' if families > 1 else 'family'}"] if families else []
    return " and ".join(told)
