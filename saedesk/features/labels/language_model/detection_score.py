"""How well a label lets a language model tell active documents from others: F1 and Pearson.

The two measures are those of O'Neill et al. 2024, section 4, where the prediction of a document is
a number in [-1, 1] and above 0 means active. Both come with intervals, because on six documents, as
there, F1 takes few values and an answer “yes” to everything has an F1 of .67.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np

from saedesk.features.labels.label_score import LabelScore

DETECTION_F1 = "detection F1"
DETECTION_PEARSON = "detection Pearson"

FEWEST = 4
"""Judged documents of each kind below which there is no score."""

_DRAWS = 4000
_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class DetectionScore:
    """What the predictions of one label come to."""

    f1: LabelScore
    """0 to 1; for an answer “yes” to everything 2p / (1 + p) with the share p of active ones."""
    pearson: LabelScore
    """−1 to 1; 0 where all predictions are equal."""
    unanswered: int
    """Documents without a prediction; they count nowhere else."""


def detection_score(
    is_active: Sequence[bool], predictions: Sequence[float | None]
) -> DetectionScore | None:
    """Scores of predictions in [-1, 1]; None with fewer than `FEWEST` judged ones of each kind."""
    pairs = list(zip(is_active, predictions, strict=True))
    judged = [(truth, value) for truth, value in pairs if value is not None]
    truth = np.array([one for one, _ in judged], bool)
    values = np.array([one for _, one in judged], np.float64)
    n_active = int(truth.sum())
    if min(n_active, len(truth) - n_active) < FEWEST:
        return None
    return DetectionScore(_f1(truth, values > 0), _pearson(truth, values), len(pairs) - len(judged))


def _f1(truth: np.ndarray, said: np.ndarray) -> LabelScore:
    """F1 = 2 hits / (2 hits + false alarms + misses), with a 95 % interval.

    Hit rate and false-alarm rate each have Jeffreys' posterior Beta(k + ½, n − k + ½), which does
    not shrink to a point at 0 or n (Goutte and Gaussier 2005, "A probabilistic interpretation of
    precision, recall and F-score"); the numbers of active and inactive documents are as drawn.
    """
    n_active, n_other = int(truth.sum()), int((~truth).sum())
    hits, alarms = int((truth & said).sum()), int((~truth & said).sum())
    generator = np.random.default_rng((n_active, n_other, hits, alarms))
    hit_rate = generator.beta(hits + 0.5, n_active - hits + 0.5, _DRAWS)
    alarm_rate = generator.beta(alarms + 0.5, n_other - alarms + 0.5, _DRAWS)
    drawn = 2 * n_active * hit_rate / (n_active * (1 + hit_rate) + n_other * alarm_rate)
    score = 2 * hits / (n_active + hits + alarms)
    low, high = (float(end) for end in np.quantile(drawn, (0.025, 0.975)))
    return LabelScore(DETECTION_F1, score, min(low, score), max(high, score), len(truth))


def _pearson(truth: np.ndarray, values: np.ndarray) -> LabelScore:
    """Pearson's r of prediction and truth (1 or 0), with Fisher's 95 % interval.

    Equal predictions tell nothing apart: 0. For the interval r keeps 1 / (2 n) away from ±1, where
    Fisher's would have no width.
    """
    n, r = len(truth), 0.0
    if np.ptp(values) > 0:
        r = float(np.clip(np.corrcoef(truth.astype(np.float64), values)[0, 1], -1.0, 1.0))
    inside = max(-1 + 0.5 / n, min(1 - 0.5 / n, r))
    half = _NORMAL_95 / sqrt(n - 3)
    low, high = tanh(atanh(inside) - half), tanh(atanh(inside) + half)
    return LabelScore(DETECTION_PEARSON, r, min(low, r), max(high, r), n)
