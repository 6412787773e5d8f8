"""Which features the list shows: a kind, and what else is asked of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.labels.shown_score import WELL_LABELLED
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON
from saedesk.session.selection import FeatureGroup

ALL, STARRED, NO_LABEL, NEVER_ACTIVE = "All", "Starred", "No label", "Never active"
TAGGED, HIDDEN = "Tagged", "Hidden"
KINDS = (ALL, STARRED, NO_LABEL, NEVER_ACTIVE, TAGGED, HIDDEN)
"""All but HIDDEN leave hidden features out."""
ALWAYS_OFFERED = (ALL, STARRED, NO_LABEL, NEVER_ACTIVE)
"""The other kinds are offered while there are such features."""

WELL, VERY_WELL, DOUBTFUL, AT_CHANCE, NOT_SCORED = "well", "very well", "doubtful", "chance", "none"
SCORES = {
    WELL: "Score surely above .7",
    VERY_WELL: "Score surely above .8",
    DOUBTFUL: "Score not surely above .7",
    AT_CHANCE: "Score not surely above chance",
    NOT_SCORED: "No score",
}
"""“Surely” is by the lower end of the 95 % interval."""

DETECTED, NOT_DETECTED, NOT_ASKED = "detected", "not detected", "not asked"
DETECTIONS = {
    DETECTED: "F1 surely above .7",
    NOT_DETECTED: "F1 not surely above .7",
    NOT_ASKED: "Not judged by a language model",
}
"""By the F1 of detection: a language model tells from the label where the feature is active."""

SOURCES = {
    PERSON: "Named by a person",
    KEYWORDS: "Named by keywords",
    LANGUAGE_MODEL: "Named by a language model",
}


@dataclass(frozen=True)
class FeatureFilter:
    """What is asked; everything has to hold."""

    text: str = ""
    """Words of the label, or the beginning of the number."""
    kind: str = ALL
    """One of KINDS."""
    score: str = ""
    """One of SCORES; "" for any."""
    detection: str = ""
    """One of DETECTIONS; "" for any."""
    source: str = ""
    """One of SOURCES; "" for any."""
    tag: str = ""
    """"" for any."""
    group: FeatureGroup | None = None
    """Only these features; None for any."""

    def sentence_for_none(self) -> str:
        """What to say where no feature passes."""
        if self.text.strip():
            return "No feature has this label or number."
        if self.score or self.detection or self.source or self.tag or self.group:
            return "No feature passes the filters."
        return {
            STARRED: "Nothing is starred yet.",
            NO_LABEL: "Every feature has a label.",
            NEVER_ACTIVE: "Every feature is active somewhere.",
            TAGGED: "Nothing is tagged yet.",
            HIDDEN: "Nothing is hidden.",
        }.get(self.kind, "Every feature is hidden.")


def detection_mask(detection: str, lows: np.ndarray) -> np.ndarray:
    """(n,) bool by the lower ends of the intervals of F1, NaN where nobody was asked."""
    if detection == NOT_ASKED:
        return np.asarray(np.isnan(lows))
    return np.asarray(lows > WELL_LABELLED if detection == DETECTED else lows <= WELL_LABELLED)


def numbers_beginning(digits: str, count: int) -> np.ndarray:
    """(count,) bool: the numbers whose decimal digits begin with these, “#12” too."""
    found = np.zeros(count, bool)
    digits = digits.removeprefix("#")
    if not digits.isascii() or not digits.isdigit():
        return found
    first, width = int(digits), 1
    if str(first) != digits:
        return found
    while first * width < count:
        found[first * width : (first + 1) * width] = True
        if first == 0:
            break
        width *= 10
    return found
