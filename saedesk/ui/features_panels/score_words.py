"""What a label's score is, in words for a person."""

from __future__ import annotations

from collections.abc import Mapping

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import WELL_LABELLED, shown_score

ABOUT_SCORE = (
    "How well the label tells the documents of its feature from others, on documents that nobody "
    "labelled from: .5 is chance, 1 is always. From .80 a label is good; below .60 it says little."
)
NOT_MEASURED = "No score was measured for this label yet."

_SCORERS = {
    "embedding": "By meaning (embedding scorer)",
    "lexical": "By words (lexical scorer)",
}


def score_explanation(scores: Mapping[str, LabelScore]) -> str:
    """Every scorer with its interval and number of documents, the one that is shown first."""
    shown = shown_score(scores)
    if shown is None:
        return NOT_MEASURED
    others = [scores[name] for name in sorted(scores) if name != shown.scorer]
    return "\n".join([*(_line(score) for score in (shown, *others)), ABOUT_SCORE])


def interval_text(score: LabelScore) -> str:
    """ "0.88 – 0.96"."""
    return f"{score.low:.2f} – {score.high:.2f}"


def well_labelled_text(well: int, features: int) -> str:
    """The sentence of the list."""
    level = f"{WELL_LABELLED:.1f}".lstrip("0")
    return (
        f"{well:,} of {features:,} features well labelled (score above\u00a0{level} with "
        "95\u00a0% confidence)"
    )


def _line(score: LabelScore) -> str:
    name = _SCORERS.get(score.scorer, score.scorer.capitalize())
    return (
        f"{name}: {score.score:.2f}, between {score.low:.2f} and {score.high:.2f} with 95 % "
        f"confidence, on {score.documents:,} documents."
    )
