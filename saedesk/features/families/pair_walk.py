"""Every pair of latents in every document, met once: from the rarer latent to the denser one.

The latents of each document are put in order from the rarest to the densest. What then stands
behind a latent in its documents are the denser ones it fires with, so that half of all pairs are
never looked at; and as the latents are walked in the same order, one cursor per document says
where that begins. Memory: one number (and, where asked for, one value) per activation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from saedesk.features.sparse_activations import SparseActivations, group_boundaries
from saedesk.task_control import Progress, TaskControl

ENTRIES_AT_ONCE = 1 << 20
"""Pairs gathered, and activations sorted, at once: bounds memory to some 30 MB. From 2¹⁵ to 2²²
the time is the same."""
_LATENTS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Tails:
    """What stands behind a latent in each of its documents."""

    latent: int
    rows: np.ndarray
    """(documents,) int32, ascending: the documents of the latent."""
    starts: np.ndarray
    """(documents,) int64: where the denser latents begin in `PairWalk.places`; the latent itself
    stands right before."""
    lengths: np.ndarray
    """(documents,) int64: how many there are."""

    def slots(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Which of the rows, and (entries,) int64 all their places in `PairWalk.places`."""
        longest = max(1, int(self.lengths.max(initial=1)))
        at_once = max(1, ENTRIES_AT_ONCE // longest)
        for first in range(0, len(self.rows), at_once):
            part = slice(first, first + at_once)
            lengths = self.lengths[part]
            ends = np.cumsum(lengths)
            slots = np.repeat(self.starts[part] - ends + lengths, lengths)
            slots += np.arange(len(slots))
            yield part, slots


class PairWalk:
    """The activations of chosen latents, document by document from the rarest to the densest."""

    def __init__(
        self,
        activations: SparseActivations,
        ordered: np.ndarray,
        control: TaskControl,
        *,
        with_values: bool = False,
    ) -> None:
        """`ordered` (m,): the latents to walk, from the rarest to the densest; others are left out.

        Raises Cancelled.
        """
        self.ordered = np.asarray(ordered, np.int64)
        self._activations = activations
        self._control = control
        self.place = np.full(activations.n_latents, -1, np.int64)
        """(n_latents,) int64: place of each latent in `ordered`, −1 where it is left out."""
        self.place[self.ordered] = np.arange(len(self.ordered))
        kept = int(np.diff(np.asarray(activations.latent_offsets))[self.ordered].sum())
        # A place fits into two bytes in all but the largest dictionaries; half the memory to read.
        small = np.uint16 if len(self.ordered) <= 1 << 16 else np.int32
        self.places = np.empty(kept, small)
        """(kept,): places of the latents of each document, ascending within the document."""
        self.values = np.empty(kept if with_values else 0, np.float32)
        """(kept,) float32: their activations, or nothing."""
        self.offsets = np.zeros(activations.n_documents + 1, np.int64)
        """(n_documents + 1,) int64: where each document begins."""
        self._sort(with_values)

    def _sort(self, with_values: bool) -> None:
        source = self._activations
        m, stop = max(1, len(self.ordered)), 0
        for first, last in group_boundaries(source.document_offsets, ENTRIES_AT_ONCE):
            self._control.checkpoint()
            part = slice(source.document_offsets[first], source.document_offsets[last])
            counts = np.diff(source.document_offsets[first : last + 1])
            places = self.place[source.document_latents[part]]
            rows = np.repeat(np.arange(last - first), counts)
            kept = places >= 0
            keys = (rows * m + places)[kept]
            start, stop = stop, stop + len(keys)
            if with_values:
                order = np.argsort(keys)
                keys = keys[order]
                self.values[start:stop] = source.document_values[part][kept][order]
            else:
                keys.sort()
            self.places[start:stop] = keys % m
            ends = np.cumsum(np.bincount(rows[kept], minlength=last - first))
            self.offsets[first + 1 : last + 1] = start + ends

    def __iter__(self) -> Iterator[Tails]:
        """The latents in their order; those that are active nowhere too. Raises Cancelled."""
        cursor = self.offsets[:-1].copy()
        ends = self.offsets[1:]
        for number, latent in enumerate(self.ordered.tolist()):
            if number % _LATENTS_AT_ONCE == 0:
                self._control.checkpoint()
                self._control.report(
                    Progress(number, len(self.ordered), "features", "Counting what fires together")
                )
            rows = np.sort(np.asarray(self._activations.latent(latent)[0]))
            starts = cursor[rows] + 1
            cursor[rows] = starts
            yield Tails(latent, rows, starts, ends[rows] - starts)

    def counts(self, tails: Tails) -> np.ndarray:
        """(m,) int64, by place: documents of the latent in which each denser one is active."""
        together = np.zeros(len(self.ordered), np.int64)
        for _, slots in tails.slots():
            together += np.bincount(self.places[slots], minlength=len(together))
        return together
