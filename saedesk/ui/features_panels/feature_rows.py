"""What the list of features filters, sorts and draws, by latent."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.widgets.row_table_model import sorting

ALL, STARRED, NO_LABEL, NEVER_ACTIVE = "All", "Starred", "No label", "Never active"
KINDS = (ALL, STARRED, NO_LABEL, NEVER_ACTIVE)
DENSITY, STRONGEST, NUMBER, LABEL = "density", "strongest", "number", "label"

SPARK_BARS = 12
_EMPTY_COUNT = 0.7
"""Where the logarithmic scale of a sparkline begins, so that one document is visible."""
_COMMON_DENSITY = 0.3
"""Features denser than this say little about a document."""


class FeatureRows:
    """Labels, stars and statistics of all features of one SAE."""

    def __init__(self, sae: LoadedSae, book: FeatureBook) -> None:
        self.statistics = sae.statistics
        self._book = book
        count = sae.n_latents
        self._texts = [""] * count
        self._folded = [""] * count
        self._labelled = np.zeros(count, bool)
        self._starred = np.zeros(count, bool)
        self._label_ranks: np.ndarray | None = None
        self.update_labels(range(count))
        self.update_stars(range(count))

    def __len__(self) -> int:
        return len(self._texts)

    def label(self, latent: int) -> str:
        """The label, "" where there is none."""
        return self._texts[latent]

    def is_starred(self, latent: int) -> bool:
        """Whether a person starred the feature."""
        return bool(self._starred[latent])

    def update_labels(self, latents: Iterable[int]) -> None:
        """Read some labels again."""
        for latent in latents:
            label = self._book.label(latent)
            text = label.text if label is not None else ""
            self._texts[latent] = text
            self._folded[latent] = text.casefold()
            self._labelled[latent] = bool(text)
        self._label_ranks = None

    def update_stars(self, latents: Iterable[int]) -> None:
        """Read some stars again."""
        starred = self._book.stars
        for latent in latents:
            self._starred[latent] = latent in starred

    def count(self, kind: str) -> int:
        """How many features are of a kind, one of KINDS."""
        return int(self._mask(kind).sum())

    def matching(self, text: str, kind: str) -> np.ndarray:
        """Latents of a kind whose label has all words of `text`, or whose number begins so."""
        mask = self._mask(kind)
        words = text.casefold().split()
        if not words:
            return np.flatnonzero(mask)
        first, *others = words
        found = np.fromiter((first in label for label in self._folded), bool, len(self))
        if not others:
            found |= self._number_begins(first)
        latents = np.flatnonzero(mask & found)
        for word in others:
            has_it = (word in self._folded[latent] for latent in latents.tolist())
            latents = latents[np.fromiter(has_it, bool, len(latents))]
        return latents

    def ordered(self, latents: np.ndarray, by: str, descending: bool) -> np.ndarray:
        """Latents in the order of density, strongest, number or label; no label comes last."""
        if by == NUMBER:
            return latents[::-1] if descending else latents
        key = {
            DENSITY: lambda: self.statistics.count,
            STRONGEST: lambda: self.statistics.maximum,
            LABEL: self._ranks,
        }[by]()
        return latents[sorting(key[latents], descending)]

    def sparkline(self, latent: int) -> np.ndarray:
        """(12,) heights from 0 to 1: the feature's histogram, counts on a logarithmic scale."""
        bins = self.statistics.histogram[latent]
        starts = np.arange(SPARK_BARS) * len(bins) // SPARK_BARS
        counts = np.add.reduceat(bins, starts).astype(np.float64)
        top = max(float(counts.max()), 2.0)
        heights = np.log(np.maximum(counts, _EMPTY_COUNT) / _EMPTY_COUNT)
        return heights / np.log(top / _EMPTY_COUNT)

    def first_to_show(self) -> int:
        """The densest labelled feature that is not in nearly every document."""
        density = self.statistics.density
        for mask in (
            self._labelled & (density <= _COMMON_DENSITY) & (density > 0),
            self._labelled & (density > 0),
            density > 0,
        ):
            if mask.any():
                return int(np.argmax(np.where(mask, density, -1.0)))
        return 0

    def _mask(self, kind: str) -> np.ndarray:
        if kind == STARRED:
            return self._starred
        if kind == NO_LABEL:
            return ~self._labelled
        if kind == NEVER_ACTIVE:
            return self.statistics.never_active
        return np.ones(len(self), bool)

    def _number_begins(self, digits: str) -> np.ndarray:
        """Latents whose decimal number begins with these digits."""
        found = np.zeros(len(self), bool)
        digits = digits.removeprefix("#")
        if not digits.isascii() or not digits.isdigit():
            return found
        first, width = int(digits), 1
        if str(first) != digits:
            return found
        while first * width < len(self):
            found[first * width : (first + 1) * width] = True
            if first == 0:
                break
            width *= 10
        return found

    def _ranks(self) -> np.ndarray:
        if self._label_ranks is None:
            ranks = np.full(len(self), np.nan)
            labelled = np.flatnonzero(self._labelled)
            order = sorted(labelled.tolist(), key=self._folded.__getitem__)
            ranks[order] = np.arange(len(order))
            self._label_ranks = ranks
        return self._label_ranks
