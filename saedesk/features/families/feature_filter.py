"""Which features may be in families at all, by their labels; without a filter every one may.

The released code of O'Neill et al. 2024 makes families only of features with a clean label that
scores well, and of equal labels takes one. Here that is a choice: families are made of what fires
together, for which nothing needs a label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from saedesk.sae.sae_config import PAPER, check_settings, setting


@dataclass(frozen=True)
class FeatureFilter:
    """Raises BadSetting when `check` finds one out of range."""

    labels: Literal["all", "clean"] = setting(
        "all",
        "Labels",
        "“clean” leaves out features without a label and those whose label has a quoted single "
        "letter or one of the vague words; “all” asks for no label.",
        choices=("all", "clean"),
        source=f"decided here, as features fire together without labels; {PAPER}: clean",
    )
    vague_words: str = setting(
        "keyword, topic, concept, presence",
        "Vague words",
        "Words of labels about the wording and not about a subject, separated by commas.",
        source=f"{PAPER}, released code",
        advanced=True,
    )
    field_words: str = setting(
        "astronomy, astrophysics, physics, computer science",
        "Fields",
        "What a label may end with after “in” and still be equal to one without, separated by "
        "commas.",
        source=f"{PAPER}, released code",
        advanced=True,
    )
    equal_labels: Literal["all", "best"] = setting(
        "all",
        "Equal labels",
        "Of features with equal labels “best” lets in the one whose label scores best.",
        choices=("all", "best"),
        source=f"decided here, as split features are worth seeing in a family; {PAPER}: best",
    )
    least_score: float = setting(
        0.0,
        "Least score",
        "Features whose label scores less, or has no score, are left out. .5 is chance; 0 asks for "
        "no score.",
        low=0.0,
        high=1.0,
        source=f"decided here; {PAPER}: .8 of F1 and of Pearson, other scores than these",
    )

    @property
    def lets_all_in(self) -> bool:
        """Whether there is nothing to filter."""
        return self.labels == self.equal_labels == "all" and self.least_score == 0

    def check(self) -> None:
        """Raise BadSetting with one sentence for the first setting out of range."""
        check_settings(self)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for files and hashes."""
        return asdict(self)


def features_let_in(
    wanted: FeatureFilter,
    counts: np.ndarray,
    labels: Mapping[int, str],
    scores: Mapping[int, float],
) -> np.ndarray | None:
    """(n_latents,) bool, for `find_families`; None where all are let in.

    counts: (n_latents,) documents of each latent; labels, scores: by latent, where there are any.
    """
    wanted.check()
    if wanted.lets_all_in:
        return None
    allowed = np.ones(len(counts), bool)
    if wanted.least_score > 0:
        good = [latent for latent, score in scores.items() if score >= wanted.least_score]
        allowed[:] = False
        allowed[good] = True
    if wanted.labels == "clean":
        vague = _any_word_of(wanted.vague_words)
        clean = [latent for latent, text in labels.items() if is_clean(text, vague)]
        allowed &= np.isin(np.arange(len(counts)), clean)
    if wanted.equal_labels == "best":
        allowed[_worse_of_equal(wanted, allowed, counts, labels, scores)] = False
    return allowed


def is_clean(label: str, vague: re.Pattern[str] | None) -> bool:
    """Whether a label names a subject: there is one, with no quoted letter and no vague word."""
    if not label.strip() or _QUOTED_LETTER.search(label):
        return False
    return vague is None or not vague.search(label)


def without_field(label: str, field_words: str) -> str:
    """A label in small letters without a field at its end: “Dark matter in physics”."""
    plain = " ".join(label.casefold().split()).rstrip(" .")
    fields = [word.strip().casefold() for word in field_words.split(",") if word.strip()]
    for field in sorted(fields, key=len, reverse=True):
        plain = plain.removesuffix(f" in {field}")
    return plain


_QUOTED_LETTER = re.compile(r"(?<!\w)([\"'“‘`])\w[\"'”’`](?!\w)")


def _any_word_of(words: str) -> re.Pattern[str] | None:
    some = [re.escape(word.strip()) for word in words.split(",") if word.strip()]
    return re.compile(rf"\b(?:{'|'.join(some)})s?\b", re.IGNORECASE) if some else None


def _worse_of_equal(
    wanted: FeatureFilter,
    allowed: np.ndarray,
    counts: np.ndarray,
    labels: Mapping[int, str],
    scores: Mapping[int, float],
) -> list[int]:
    """The features whose label another one has that scores better, or fires more often."""
    best: dict[str, int] = {}
    worse = []

    def rank(latent: int) -> tuple[float, int, int]:
        return scores.get(latent, -1.0), int(counts[latent]), -latent

    for latent, text in labels.items():
        if not allowed[latent] or not text.strip():
            continue
        other = best.setdefault(without_field(text, wanted.field_words), latent)
        if other == latent:
            continue
        better, lost = (latent, other) if rank(latent) > rank(other) else (other, latent)
        best[without_field(text, wanted.field_words)] = better
        worse.append(lost)
    return worse
