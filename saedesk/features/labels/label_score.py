"""What a scorer says of a label."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelScore:
    """How well a label tells a feature's documents from others, on documents set aside for it."""

    scorer: str
    """Which scorer, e.g. "embedding" or "lexical"."""
    score: float
    """Area under the ROC curve, 0 to 1: .5 is chance."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    documents: int
    """Documents it was measured on, active and inactive ones together."""
