"""Which features a person means: all, the unlabelled, the starred, or some by their numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadSetting

UNLABELLED = "unlabelled"
STARRED = "starred"
ALL = "all"
NUMBERS = "numbers"
CHOICES = (UNLABELLED, STARRED, ALL, NUMBERS)
_MOST_IN_A_RANGE = 10_000_000


@dataclass(frozen=True)
class FeatureChoice:
    """A choice of features."""

    which: str = UNLABELLED
    """One of `CHOICES`."""
    latents: tuple[int, ...] = ()
    """With "numbers", these features."""

    def latents_of(
        self, counts: np.ndarray, labelled: Collection[int], starred: Collection[int]
    ) -> list[int]:
        """The chosen latents, ascending; of all and unlabelled ones only those that are active.

        counts: (m,) documents of each latent. Raises BadSetting for a number there is not.
        """
        if self.which == STARRED:
            return sorted(latent for latent in starred if 0 <= latent < len(counts))
        if self.which == NUMBERS:
            for latent in self.latents:
                if not 0 <= latent < len(counts):
                    raise BadSetting(
                        f"There is no feature {latent}; there are 0 to {len(counts) - 1:,}."
                    )
            return sorted(set(self.latents))
        active = [int(latent) for latent in np.flatnonzero(np.asarray(counts) > 0)]
        if self.which == ALL:
            return active
        if self.which == UNLABELLED:
            return [latent for latent in active if latent not in labelled]
        raise BadSetting(f"Features are chosen by {', '.join(CHOICES)}, not “{self.which}”.")


def feature_choice(text: str) -> FeatureChoice:
    """What “unlabelled”, “starred”, “all” or “3,17,20-29” mean; raises BadSetting."""
    said = text.strip().lower()
    if said in (UNLABELLED, STARRED, ALL):
        return FeatureChoice(said)
    latents: list[int] = []
    for part in said.split(","):
        first, dash, last = part.strip().partition("-")
        ends = (first.strip(), last.strip() if dash else first.strip())
        if not all(end.isdecimal() and len(end) < 9 for end in ends):
            raise BadSetting(
                f"“{text}” names no features. Say unlabelled, starred, all, or numbers such as "
                "3,17,20-29."
            )
        low, high = int(ends[0]), int(ends[1])
        if not low <= high < low + _MOST_IN_A_RANGE:
            raise BadSetting(f"“{part.strip()}” is no range of features.")
        latents.extend(range(low, high + 1))
    return FeatureChoice(NUMBERS, tuple(latents))
