"""Which documents of a feature are shown, page by page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.activation_thresholds import quantiles_of_sorted
from saedesk.features.document_pages import (
    DocumentPage,
    band_around,
    band_page,
    range_page,
    strongest_page,
)
from saedesk.features.near_misses import MOST_NEAR_MISSES, NearMisses
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.task_control import TaskControl
from saedesk.ui.features_panels.number_texts import activation_text, documents_text

STRONGEST, BY_QUANTILE, AT_RANDOM = "Strongest", "By quantile", "At random"
SILENT, NEAR_MISSES = "Silent", "Near misses"
WAYS = (STRONGEST, BY_QUANTILE, AT_RANDOM, SILENT, NEAR_MISSES)
ABOUT_WAYS = {
    STRONGEST: "Its documents from the strongest activation down",
    BY_QUANTILE: "A tenth of its documents, from the weakest to the strongest",
    AT_RANDOM: "Its documents in random order, strong and weak ones alike",
    SILENT: "Documents in which it does not fire, drawn at random: its label should not fit them",
    NEAR_MISSES: (
        "Documents in which it does not fire though they lie closest to those in which it does: "
        "they show where the feature ends"
    ),
}
"""What each of WAYS shows."""
PAGE = 20
"""Documents that are read and shown at once."""
EVERYTHING = 1 << 40
"""More documents than any corpus has."""


@dataclass(frozen=True)
class DocumentChoice:
    """A way to choose documents of one feature, and the place in them."""

    way: str = STRONGEST
    """One of WAYS."""
    position: float = 0.5
    """Middle of the band for BY_QUANTILE, 0 weakest … 1 strongest."""
    bin: tuple[float, float] | None = None
    """Ends of a bin of the histogram, for STRONGEST; None for all documents."""
    seed: int = 0
    """For AT_RANDOM and SILENT."""
    offset: int = 0
    """Documents before the page."""

    @property
    def is_at_hand(self) -> bool:
        """Whether a page is only cut out of what is stored, without drawing or searching."""
        return self.way in (STRONGEST, BY_QUANTILE)

    def page(self, activations: SparseActivations, latent: int, count: int = PAGE) -> DocumentPage:
        """A page of a choice that is at hand, strongest first."""
        if self.way == BY_QUANTILE:
            low, high = band_around(self.position)
            return band_page(activations, latent, low, high, self.offset, count)
        if self.bin is not None:
            return range_page(activations, latent, *self.bin, self.offset, count)
        return strongest_page(activations, latent, self.offset, count)

    def band_text(self, activations: SparseActivations, latent: int) -> str:
        """ "45 – 55 %, 0.081 to 0.094"."""
        ends = band_around(self.position)
        low, high = quantiles_of_sorted(activations.latent(latent)[1], ends)
        percent = " – ".join(f"{100 * end:.0f}" for end in ends)
        return f"{percent} %, {activation_text(low)} to {activation_text(high)}"


@dataclass(frozen=True, eq=False)
class ChosenPage:
    """The answer to a choice."""

    latent: int
    choice: DocumentChoice
    page: DocumentPage
    near: NearMisses | None = None
    """For NEAR_MISSES."""


@dataclass(frozen=True)
class PageQuestion:
    """Draws or searches a page in the query lane."""

    latent: int
    choice: DocumentChoice

    def __call__(self, details: FeatureDetails, control: TaskControl) -> ChosenPage:
        latent, choice = self.latent, self.choice
        if choice.way == NEAR_MISSES:
            near = details.near_misses(latent, control)
            part = slice(choice.offset, choice.offset + PAGE)
            rows = near.rows[part]
            silent = np.zeros(len(rows), np.float32)
            page = DocumentPage(rows, silent, choice.offset, len(near.rows))
            return ChosenPage(latent, choice, page, near)
        draw = details.random_inactive if choice.way == SILENT else details.random_active
        return ChosenPage(latent, choice, draw(latent, choice.offset, PAGE, choice.seed))


def bin_text(low: float, high: float) -> str:
    """A bin of the histogram: “0.100 to 0.125”."""
    return f"{activation_text(low)} to {activation_text(high)}"


def place_text(page: DocumentPage, choice: DocumentChoice, near: NearMisses | None) -> str:
    """Where a page stands: "21 – 40 of 1,337 documents", and what it was drawn from."""
    shown = len(page.rows)
    if near is not None:
        return _near_text(page, near)
    words = documents_text(page.total)
    if shown < page.total:
        words = f"{page.offset + 1:,} – {page.offset + shown:,} of {words}"
    if choice.way == AT_RANDOM:
        words += ", in random order"
    elif choice.way == SILENT:
        words += " in which it is silent, in random order"
    return words


def _near_text(page: DocumentPage, near: NearMisses) -> str:
    if not page.total:
        return "No document in which it is silent lies near those in which it fires"
    first, last = page.offset + 1, page.offset + len(page.rows)
    closest = f"closest {page.total:,}" if page.total == MOST_NEAR_MISSES else f"{page.total:,}"
    among = f"among the {documents_text(near.searched)} searched"
    if near.searched < near.silent:
        among += f" of {near.silent:,} in which it is silent"
    return f"{first:,} – {last:,} of the {closest} {among}"
