"""What the list of features filters, sorts and draws, by latent."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten

import numpy as np

from saedesk.features.labels.language_model.detection_score import DETECTION_F1
from saedesk.features.labels.shown_score import WELL_LABELLED
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.features_panels.feature_filter import (
    AT_CHANCE,
    DOUBTFUL,
    HIDDEN,
    NEVER_ACTIVE,
    NO_LABEL,
    NOT_SCORED,
    SOURCES,
    STARRED,
    TAGGED,
    VERY_WELL,
    WELL,
    FeatureFilter,
    detection_mask,
    numbers_beginning,
)
from saedesk.ui.features_panels.score_words import score_explanation
from saedesk.ui.widgets.row_table_model import sorting

DENSITY, STRONGEST, NUMBER, LABEL, SCORE = "density", "strongest", "number", "label", "score"

SPARK_BARS = 12
_EMPTY_COUNT = 0.7
"""Where the logarithmic scale of a sparkline begins, so that one document is visible."""
_COMMON_DENSITY = 0.3
"""Features denser than this say little about a document."""
_SOURCE_NUMBERS = {source: number for number, source in enumerate(SOURCES, start=1)}


class FeatureRows:
    """Labels, scores, marks and statistics of all features of one SAE."""

    def __init__(self, sae: LoadedSae, book: FeatureBook) -> None:
        self.statistics = sae.statistics
        self._book = book
        count = sae.n_latents
        self._texts = [""] * count
        self._folded: list[str] | None = None
        self._labelled = np.zeros(count, bool)
        self._sources = np.zeros(count, np.uint8)
        self._scores = np.full(count, np.nan)
        self._lows = np.full(count, np.nan)
        self._starred = np.zeros(count, bool)
        self._hidden = np.zeros(count, bool)
        self._tagged = np.zeros(count, bool)
        self._label_ranks: np.ndarray | None = None
        self._detections: np.ndarray | None = None
        self.update_labels(book.labels)
        self.update_marks(book.marks)

    def __len__(self) -> int:
        return len(self._texts)

    # -- one feature -------------------------------------------------------------------------

    def label(self, latent: int) -> str:
        """The label, "" where there is none."""
        return self._texts[latent]

    def is_starred(self, latent: int) -> bool:
        """Whether a person starred the feature."""
        return bool(self._starred[latent])

    def is_hidden(self, latent: int) -> bool:
        """Whether a person hid the feature."""
        return bool(self._hidden[latent])

    def hidden(self, latents: np.ndarray) -> np.ndarray:
        """Which of some features a person hid, (n,) bool."""
        return self._hidden[latents]

    def labelled_without_score(self) -> np.ndarray:
        """Features with a label that nobody scored, by number."""
        return np.flatnonzero(self._labelled & np.isnan(self._scores))

    def score(self, latent: int) -> float | None:
        """The score of the label in force, None where none was measured."""
        score = float(self._scores[latent])
        return None if np.isnan(score) else score

    def score_explanation(self, latent: int) -> str:
        """What the scores of the label are and what is good."""
        return score_explanation(self._book.scores(latent), bool(self._labelled[latent]))

    def mark_lines(self, latent: int) -> list[str]:
        """What a person marked the feature with, a line for each kind of mark."""
        mark = self._book.mark(latent)
        lines = ["Hidden"] if mark.hidden else []
        if mark.tags:
            lines.append("Tags: " + ", ".join(sorted(mark.tags, key=str.casefold)))
        if mark.note:
            lines.append("Note: " + shorten(mark.note, 200, placeholder=" …"))
        return lines

    def update_labels(self, latents: Iterable[int]) -> None:
        """Read some labels and their scores again."""
        which = _integers(latents)
        self._labelled[which] = False
        self._sources[which] = 0
        self._scores[which] = self._lows[which] = np.nan
        # One look at each of what may be 100,000; arrays are filled by arrays, not by lists.
        labels, shown = self._book.labels, self._book.shown_scores
        sources: dict[int, int] = {}
        scores: dict[int, tuple[float, float]] = {}
        for latent in which.tolist():
            label = labels.get(latent)
            self._texts[latent] = text = "" if label is None else label.text
            if label is None or not text:
                # A label that was taken away may have been scored before.
                continue
            sources[latent] = _SOURCE_NUMBERS.get(label.source, 0)
            score = shown.get(latent)
            if score is not None:
                scores[latent] = score.score, score.low
        labelled, scored = _integers(sources), _integers(scores)
        self._labelled[labelled] = True
        self._sources[labelled] = _integers(sources.values())
        both = np.array([*scores.values()], np.float64).reshape(-1, 2)
        self._scores[scored], self._lows[scored] = both[:, 0], both[:, 1]
        self._folded = self._label_ranks = self._detections = None

    def update_marks(self, latents: Iterable[int]) -> None:
        """Read some stars, tags and what is hidden again."""
        which = _integers(latents)
        marks = [self._book.mark(latent) for latent in which.tolist()]
        self._starred[which] = [mark.starred for mark in marks]
        self._hidden[which] = [mark.hidden for mark in marks]
        self._tagged[which] = [bool(mark.tags) for mark in marks]

    # -- all features ------------------------------------------------------------------------

    def count(self, kind: str) -> int:
        """How many features are of a kind, one of KINDS."""
        return int(self._kind_mask(kind).sum())

    @property
    def n_scored(self) -> int:
        """How many labels have a score."""
        return int(np.isfinite(self._scores).sum())

    @property
    def n_detected(self) -> int:
        """How many labels a language model was judged to detect by, well or not."""
        return int(np.isfinite(self._detection_lows()).sum())

    def n_surely_above(self, level: float) -> int:
        """How many labels have a score whose whole 95 % interval lies above a level."""
        return int((self._lows > level).sum())

    @property
    def n_labelled(self) -> int:
        """How many features have a label."""
        return int(self._labelled.sum())

    @property
    def n_well_labelled(self) -> int:
        """How many labels are surely good."""
        return int((self._lows > WELL_LABELLED).sum())

    def matching(self, wanted: FeatureFilter) -> np.ndarray:
        """Latents that pass a filter, by number."""
        mask = self._mask(wanted)
        words = wanted.text.casefold().split()
        if not words:
            return np.flatnonzero(mask)
        folded = self._folded_texts()
        first, *others = words
        found = np.fromiter((first in label for label in folded), bool, len(self))
        if not others:
            found |= numbers_beginning(first, len(self))
        latents = np.flatnonzero(mask & found)
        for word in others:
            has_it = (word in folded[latent] for latent in latents.tolist())
            latents = latents[np.fromiter(has_it, bool, len(latents))]
        return latents

    def ordered(self, latents: np.ndarray, by: str, descending: bool) -> np.ndarray:
        """Latents in an order; those without a label or score come last.

        Scores are ordered by the lower end of their interval.
        """
        if by == NUMBER:
            return latents[::-1] if descending else latents
        key = {
            DENSITY: lambda: self.statistics.count,
            STRONGEST: lambda: self.statistics.maximum,
            LABEL: self._ranks,
            SCORE: lambda: self._lows,
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
        """The densest labelled feature that is neither hidden nor in nearly every document."""
        density = self.statistics.density
        active = (density > 0) & ~self._hidden
        for mask in (
            self._labelled & (density <= _COMMON_DENSITY) & active,
            self._labelled & active,
            active,
        ):
            if mask.any():
                return int(np.argmax(np.where(mask, density, -1.0)))
        return 0

    # -- masks -------------------------------------------------------------------------------

    def _mask(self, wanted: FeatureFilter) -> np.ndarray:
        mask = self._kind_mask(wanted.kind)
        if wanted.score:
            mask = mask & self._score_mask(wanted.score)
        if wanted.detection:
            mask = mask & detection_mask(wanted.detection, self._detection_lows())
        if wanted.source:
            mask = mask & (self._sources == _SOURCE_NUMBERS[wanted.source])
        if wanted.tag:
            with_tag = np.zeros(len(self), bool)
            for latent, mark in self._book.marks.items():
                with_tag[latent] = wanted.tag in mark.tags
            mask = mask & with_tag
        if wanted.group is not None:
            in_group = np.zeros(len(self), bool)
            in_group[list(wanted.group.latents)] = True
            mask = mask & in_group
        return mask

    def _kind_mask(self, kind: str) -> np.ndarray:
        if kind == HIDDEN:
            return self._hidden
        shown = ~self._hidden
        if kind == STARRED:
            return self._starred & shown
        if kind == NO_LABEL:
            return ~self._labelled & shown
        if kind == NEVER_ACTIVE:
            return self.statistics.never_active & shown
        if kind == TAGGED:
            return self._tagged & shown
        return shown

    def _score_mask(self, score: str) -> np.ndarray:
        lows = self._lows
        masks = {
            WELL: lambda: lows > WELL_LABELLED,
            VERY_WELL: lambda: lows > 0.8,
            DOUBTFUL: lambda: lows <= WELL_LABELLED,
            AT_CHANCE: lambda: lows <= 0.5,
            NOT_SCORED: lambda: np.isnan(lows),
        }
        return np.asarray(masks[score]())

    def _detection_lows(self) -> np.ndarray:
        """(n,) float64: lower end of the interval of each detection F1, NaN where there is none."""
        if self._detections is None:
            self._detections = np.full(len(self), np.nan)
            for latent, score in self._book.scores_by(DETECTION_F1).items():
                if self._labelled[latent]:
                    self._detections[latent] = score.low
        return self._detections

    def _folded_texts(self) -> list[str]:
        if self._folded is None:
            self._folded = [text.casefold() for text in self._texts]
        return self._folded

    def _ranks(self) -> np.ndarray:
        if self._label_ranks is None:
            # Three times as fast as sorting an array of objects.
            order = sorted(range(len(self)), key=self._folded_texts().__getitem__)
            ranks = np.empty(len(self))
            ranks[order] = np.arange(len(self))
            ranks[~self._labelled] = np.nan
            self._label_ranks = ranks
        return self._label_ranks


def _integers(numbers: Iterable[int]) -> np.ndarray:
    return np.fromiter(numbers, np.int64)
