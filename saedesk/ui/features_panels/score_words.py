"""What a label's score is, in words for a person."""

from __future__ import annotations

from collections.abc import Mapping

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.language_model.detection_score import DETECTION_F1, DETECTION_PEARSON
from saedesk.features.labels.shown_score import WELL_LABELLED, shown_score

ABOUT_SCORE = (
    "How well the label tells the documents of its feature from others, on documents that nobody "
    "labelled from: .5 is chance, 1 is always. From .80 a label is good; below .60 it says little."
)
ABOUT_DETECTION = (
    "Detection: a language model is shown the label and documents, and says in which the feature "
    "is active. An F1 of .67 is what “yes” to everything has where half of them are active, and 1 "
    "is without a mistake; a Pearson correlation of 0 is chance."
)
HIGHER_LEVELS = (0.8, 0.9)
ABOUT_SURELY = (
    "“Surely above” a level: the whole 95 % interval of the score lies above it, not only the "
    "score itself. A score of .84 between .74 and .94 is surely above .7, but not above .8."
)
ABOUT_LEVELS = (
    f"{ABOUT_SURELY} A label surely above .8 is good; one surely above .9 says nearly all there "
    "is to say. Labels of features with few documents stay without a score."
)
ABOUT_WELL_LABELLED = (
    f"A feature is well labelled where the score of its label is surely above "
    f"{f'{WELL_LABELLED:.1f}'.lstrip('0')}. {ABOUT_SURELY}\n{ABOUT_SCORE}"
)
NOT_MEASURED = (
    "No score was measured for this label. A feature of few documents has none to spare for one."
)
NO_LABEL_NO_SCORE = "There is no label to score."
BEING_SCORED = "being scored"
ABOUT_BEING_SCORED = "The label was edited and is being scored on documents nobody labelled from."

_SCORERS = {
    "embedding": "By meaning (embedding scorer)",
    "lexical": "By words (lexical scorer)",
    DETECTION_F1: "By a language model (detection, F1)",
    DETECTION_PEARSON: "By a language model (detection, Pearson)",
}
DETECTION = (DETECTION_F1, DETECTION_PEARSON)


def score_explanation(scores: Mapping[str, LabelScore], has_label: bool = True) -> str:
    """Every scorer with its interval and number of documents, the one that is shown first."""
    shown = shown_score(scores)
    if shown is None or not has_label:
        return NOT_MEASURED if has_label else NO_LABEL_NO_SCORE
    others = [scores[name] for name in sorted(scores) if name != shown.scorer]
    lines = [_line(score) for score in (shown, *others)]
    if any(name not in DETECTION for name in scores):
        lines.append(ABOUT_SCORE)
    if any(name in DETECTION for name in scores):
        lines.append(ABOUT_DETECTION)
    return "\n".join(lines)


def interval_text(score: LabelScore) -> str:
    """ "0.88 – 0.96"."""
    return f"{_number(score.low)} – {_number(score.high)}"


def well_labelled_text(well: int, features: int) -> str:
    """The sentence of the list."""
    return (
        f"{well:,} of {features:,} features well labelled (score surely "
        f"above\u00a0{_level(WELL_LABELLED)}, with 95\u00a0% confidence)"
    )


def levels_text(above: Mapping[float, int], labelled: int, scored: int) -> str:
    """“12 surely above .8, 3 surely above .9; 40 labels without a score”."""
    parts = [f"{many:,} surely above {_level(level)}" for level, many in above.items()]
    told = ", ".join(parts)
    left = labelled - scored
    if not left:
        return told
    return f"{told}; {left:,} " + ("label" if left == 1 else "labels") + " without a score"


def _level(level: float) -> str:
    return f"{level:.1f}".lstrip("0")


def _line(score: LabelScore) -> str:
    name = _SCORERS.get(score.scorer, score.scorer.capitalize())
    return (
        f"{name}: {_number(score.score)}, between {_number(score.low)} and {_number(score.high)} "
        f"with 95 % confidence, on {score.documents:,} documents."
    )


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
