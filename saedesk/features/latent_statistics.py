"""What is counted and measured of every latent over a whole corpus."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from saedesk.errors import DamagedArtifact
from saedesk.features.sparse_activations import (
    ENTRIES_AT_ONCE,
    SparseActivations,
    group_boundaries,
)
from saedesk.task_control import Progress, TaskControl, Unattended

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
"""Which quantiles of the active values are kept."""

HISTOGRAM_BINS = 40
"""Bins of the histogram kept for every latent."""

BANDS = (0.5, 0.9, 0.99)
"""Quantiles at which the bands of an activation histogram begin."""


@dataclass(frozen=True)
class LatentStatistics:
    """Statistics of all m latents; "active values" are the activations > 0."""

    n_documents: int
    """Documents the statistics were taken over."""
    density: np.ndarray
    """(m,) float64: share of the documents in which the latent fires."""
    count: np.ndarray
    """(m,) int64: number of those documents."""
    mean: np.ndarray
    """(m,) float32: mean of the active values; 0 where it never fires."""
    minimum: np.ndarray
    """(m,) float32: smallest active value; 0 where it never fires."""
    maximum: np.ndarray
    """(m,) float32: largest active value; 0 where it never fires."""
    quantiles: np.ndarray
    """(m, 9) float32: active values at `QUANTILES`, interpolated; NaN where it never fires."""
    histogram: np.ndarray
    """(m, 40) int32: active values in equal bins from `minimum` to `maximum`; all of them in the
    last bin where the two are equal."""

    @property
    def n_latents(self) -> int:
        """How many latents there are (m)."""
        return len(self.count)

    @property
    def never_active(self) -> np.ndarray:
        """(m,) bool: latents that fire in no document."""
        return self.count == 0

    def save(self, folder: Path) -> None:
        """Write one .npy file for each field into `folder`, which is made when it is absent."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            array = np.asarray(getattr(self, field.name))
            np.save(folder / f"{field.name}.npy", array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> LatentStatistics:
        """Read what `save` wrote; raises DamagedArtifact when a file is missing or cut off."""
        read: dict[str, np.ndarray] = {}
        for field in fields(cls):
            try:
                array = np.load(folder / f"{field.name}.npy", allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                raise DamagedArtifact(
                    f"The statistics in {folder} cannot be read ({field.name}.npy: {error}). "
                    "Analyse the corpus again."
                ) from error
            array.flags.writeable = False
            read[field.name] = array
        n_documents = int(read.pop("n_documents"))
        if len({len(array) for array in read.values()}) != 1:
            raise DamagedArtifact(
                f"The statistics in {folder} are incomplete. Analyse the corpus again."
            )
        return cls(n_documents=n_documents, **read)


@dataclass(frozen=True)
class ActivationCounts:
    """The histogram of one latent's active values."""

    edges: np.ndarray
    """(bins + 1,) float64, ascending."""
    counts: np.ndarray
    """(bins,) int64; a value on an edge belongs to the bin above it, the maximum to the last."""
    n_active: int
    """Documents in which the latent fires."""
    bands: np.ndarray
    """(3,) float64: active values at the 50, 90 and 99 % quantiles; NaN where it never fires."""


def latent_statistics(
    activations: SparseActivations, control: TaskControl | None = None
) -> LatentStatistics:
    """Statistics of every latent from the activations ordered by latent, in bounded memory."""
    control = control or Unattended()
    m, offsets = activations.n_latents, activations.latent_offsets
    count = np.diff(offsets).astype(np.int64)
    mean = np.zeros(m, np.float32)
    minimum, maximum = np.zeros(m, np.float32), np.zeros(m, np.float32)
    histogram = np.zeros((m, HISTOGRAM_BINS), np.int32)
    for start, stop in group_boundaries(offsets, ENTRIES_AT_ONCE):
        control.checkpoint()
        active = start + np.flatnonzero(count[start:stop])
        values = np.asarray(activations.latent_values[offsets[start] : offsets[stop]])
        if len(active):
            first = offsets[active] - offsets[start]
            mean[active] = np.add.reduceat(values, first, dtype=np.float64) / count[active]
            maximum[active] = values[first]
            minimum[active] = values[first + count[active] - 1]
            histogram[active] = _histograms(values, count[active], minimum[active], maximum[active])
        control.report(Progress(stop, m, "features", "statistics"))
    return LatentStatistics(
        n_documents=activations.n_documents,
        density=count / max(activations.n_documents, 1),
        count=count,
        mean=mean,
        minimum=minimum,
        maximum=maximum,
        quantiles=_quantiles(activations, count),
        histogram=histogram,
    )


def activation_histogram(
    activations: SparseActivations, latent: int, bins: int = HISTOGRAM_BINS
) -> ActivationCounts:
    """The active values of one latent in equal bins from the smallest to the largest.

    Where all values are equal the bins run from 0 to that value.
    """
    values = np.asarray(activations.latent(latent)[1], np.float64)
    if len(values) == 0:
        edges, bands = np.linspace(0.0, 1.0, bins + 1), np.full(len(BANDS), np.nan)
        return ActivationCounts(edges, np.zeros(bins, np.int64), 0, bands)
    low, high = float(values[-1]), float(values[0])
    edges = np.linspace(low if low < high else 0.0, high, bins + 1)
    counts, _ = np.histogram(values, edges)
    return ActivationCounts(edges, counts, len(values), np.quantile(values, BANDS))


def _quantiles(activations: SparseActivations, count: np.ndarray) -> np.ndarray:
    """(m, 9): linear interpolation in values that are stored from strongest to weakest."""
    quantiles = np.full((len(count), len(QUANTILES)), np.nan, np.float32)
    active = np.flatnonzero(count)
    if len(active) == 0:
        return quantiles
    last = activations.latent_offsets[active + 1][:, None] - 1
    position = np.asarray(QUANTILES)[None, :] * (count[active][:, None] - 1)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, count[active][:, None] - 1)
    low = activations.latent_values[last - below].astype(np.float64)
    high = activations.latent_values[last - above].astype(np.float64)
    quantiles[active] = low + (high - low) * (position - below)
    return quantiles


def _histograms(
    values: np.ndarray, count: np.ndarray, minimum: np.ndarray, maximum: np.ndarray
) -> np.ndarray:
    """(groups, bins) counts of consecutive groups of values, each between its own bounds."""
    group = np.repeat(np.arange(len(count)), count)
    low = minimum.astype(np.float64)
    step = (maximum.astype(np.float64) - low) / HISTOGRAM_BINS
    value, group_low, group_step = values.astype(np.float64), low[group], step[group]
    last = HISTOGRAM_BINS - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.floor((value - group_low) / group_step)
    # All values equal: 0 / 0, and all belong to the last bin.
    bins = np.clip(np.nan_to_num(place, nan=last, posinf=last), 0, last).astype(np.int64)
    # Division rounds; the edges decide, as in numpy.histogram.
    bins -= (value < group_low + bins * group_step) & (bins > 0)
    bins += (value >= group_low + (bins + 1) * group_step) & (bins < last)
    flat = np.bincount(group * HISTOGRAM_BINS + bins, minlength=len(count) * HISTOGRAM_BINS)
    return flat.reshape(len(count), HISTOGRAM_BINS)
