"""Which of several scores of a label is shown, and when a label counts as good."""

from __future__ import annotations

from collections.abc import Mapping

from saedesk.features.labels.label_score import LabelScore

WELL_LABELLED = 0.7
"""A feature is well labelled when the whole 95 % interval of its score lies above this."""

PREFERRED = ("embedding", "lexical")
"""Scores that are an area under the ROC curve, the one that agrees best with people first."""


def shown_score(scores: Mapping[str, LabelScore]) -> LabelScore | None:
    """The score that stands for a label, by scorer; None where there is none."""
    for scorer in PREFERRED:
        if scorer in scores:
            return scores[scorer]
    return scores[min(scores)] if scores else None


def is_well_labelled(score: LabelScore | None) -> bool:
    """Whether a label is good with 95 % confidence."""
    return score is not None and score.low > WELL_LABELLED
