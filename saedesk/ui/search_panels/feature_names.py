"""All features by their labels, found while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_SHOWN = 8
"""Features found at once; more letters bring the others."""


@dataclass(frozen=True)
class NamedFeature:
    """A feature that can be found."""

    latent: int
    label: str
    density: float
    """Share of documents in which it is active, 0 to 1."""


class FeatureNames:
    """All features by their labels, folded once so that every letter is answered at once."""

    def __init__(self, features: Sequence[NamedFeature]) -> None:
        self._features = sorted(features, key=lambda feature: -feature.density)
        self._folded = [feature.label.casefold() for feature in self._features]

    def find(self, text: str, count: int = MOST_SHOWN) -> list[NamedFeature]:
        """Features whose labels hold every word, labels that begin with the text first."""
        words = text.casefold().split()
        if not words:
            return []
        begins, holds = [], []
        for at, label in enumerate(self._folded):
            if all(word in label for word in words):
                (begins if label.startswith(words[0]) else holds).append(self._features[at])
                if len(begins) >= count:
                    break
        return [*begins, *holds][:count]
