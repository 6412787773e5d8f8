"""From candidate phrases to labels: readable, one to four words, no two alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.labels.phrase_candidates import Candidate
from saedesk.features.labels.word_forms import (
    is_short_for,
    reads_as_adjective,
    say_the_same,
    stands_alone,
)

MOST_WORDS = 4
"""Words of a label in all."""

WORD_WEIGHTS = {1: 0.75, 2: 1.0, 3: 0.95}
"""A single word has to be that much better than a phrase to be preferred to it."""

ADJECTIVE_WEIGHT = 0.6
"""A single word that waits for a noun counts so much less again."""

EXPLAINED = {1: 0.38, 2: 0.6}
"""A longer phrase takes the place of one or two words when it accounts for this share of them."""

DISTINCTIVE_SHARE = 0.45
DISTINCTIVE_LIFT = 12.0
"""A first phrase stands alone when so many of the documents contain it, and it is so many times
as frequent there as in the background."""

SECOND_SCORE = 0.35
"""A second phrase must reach this share of the first one's score."""


@dataclass(frozen=True)
class ChosenLabel:
    """A label and the phrases it stands on."""

    text: str
    terms: tuple[Candidate, ...]
    """The phrases of the label, then further ones, best first."""
    n_in_text: int
    """How many of `terms` are in the text."""


def choose_labels(
    candidates: Mapping[int, Sequence[Candidate]], n_terms: int
) -> dict[int, ChosenLabel]:
    """A label for every latent that has a candidate; texts differ in more than case."""
    first = {latent: _first(found) for latent, found in candidates.items() if found}
    siblings: dict[tuple[int, ...], list[int]] = {}
    for latent, candidate in first.items():
        siblings.setdefault(candidate.words, []).append(latent)
    chosen: dict[int, ChosenLabel] = {}
    taken: set[str] = set()
    # Those that read well alone choose before those that need a second phrase anyway.
    by_score = sorted(first, key=lambda latent: (-first[latent].score, latent))
    for latent in by_score:
        others = [candidates[other] for other in siblings[first[latent].words] if other != latent]
        terms = [first[latent], *_further(candidates[latent], first[latent], others)]
        text, n_in_text = _free_text(terms, bool(others), taken)
        taken.add(text.lower())
        if n_in_text == 2:
            # The phrase that was used goes behind the first.
            used = next(term for term in terms[1:] if _joined([terms[0], term]) == text)
            terms = [terms[0], used, *(t for t in terms[1:] if t is not used)]
        chosen[latent] = ChosenLabel(text, tuple(terms[:n_terms]), n_in_text)
    return {latent: chosen[latent] for latent in sorted(chosen)}


def _first(candidates: Sequence[Candidate]) -> Candidate:
    """The best phrase, or a longer one that accounts for most of it."""
    best = max(candidates, key=_readable_score)
    while True:
        longer = [
            other
            for other in candidates
            if len(other.words) > len(best.words)
            and _contains(other.words, best.words)
            and other.share >= EXPLAINED[len(best.words)] * best.share
            and _adds_meaning(other, best)
        ]
        if not longer:
            return best
        best = max(longer, key=_readable_score)


def _adds_meaning(longer: Candidate, shorter: Candidate) -> bool:
    """ "gravitational lens" for "lens", but not "clustering algorithm" for "clustering"."""
    first, *_, last = longer.text.split(" ")
    waits = len(shorter.words) == 1 and reads_as_adjective(shorter.text)
    return waits or (stands_alone(first) and stands_alone(last))


def _readable_score(candidate: Candidate) -> tuple[float, str]:
    return candidate.score * _readability(candidate), candidate.text


def _readability(candidate: Candidate) -> float:
    weight = WORD_WEIGHTS[len(candidate.words)]
    alone = len(candidate.words) == 1
    return weight * ADJECTIVE_WEIGHT if alone and reads_as_adjective(candidate.text) else weight


def _further(
    candidates: Sequence[Candidate], first: Candidate, others: Sequence[Sequence[Candidate]]
) -> list[Candidate]:
    """Phrases beside the first that repeat nothing, those that tell it from `others` first."""
    shares = [{c.words: c.share for c in other} for other in others]

    def telling(candidate: Candidate) -> float:
        if not shares:
            return _readable_score(candidate)[0]
        elsewhere = max(share.get(candidate.words, 0.0) for share in shares)
        rival = max(elsewhere, candidate.background_share)
        contrast = float(np.log(max(candidate.share / rival, 1.01)))
        return candidate.share * contrast * _readability(candidate)

    further: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-telling(c), c.text)):
        if not any(_repeats(candidate, term) for term in [first, *further]):
            further.append(candidate)
    return further


def _repeats(candidate: Candidate, term: Candidate) -> bool:
    return (
        say_the_same(candidate.stems, term.stems)
        or is_short_for(candidate.text, term.text)
        or is_short_for(term.text, candidate.text)
    )


def _free_text(terms: Sequence[Candidate], has_siblings: bool, taken: set[str]) -> tuple[str, int]:
    """The first text that no other label has, and how many terms it is made of."""
    first = terms[0]
    alone = _joined([first])
    pairs = [
        _joined([first, second])
        for second in terms[1:]
        if len(first.words) + len(second.words) <= MOST_WORDS
    ]
    strong = [
        second
        for second in terms[1:]
        if second.score >= SECOND_SCORE * first.score
        and len(first.words) + len(second.words) <= MOST_WORDS
    ]
    wants_second = has_siblings or (bool(strong) and not _distinctive(first))
    preferred = _joined([first, strong[0]]) if strong and not has_siblings else ""
    tries = [preferred, *pairs, alone] if wants_second else [alone, *pairs]
    for text in tries:
        if text and text.lower() not in taken:
            return text, 1 if text == alone else 2
    number = 2
    while f"{alone} ({number})".lower() in taken:
        number += 1
    return f"{alone} ({number})", 1


def _distinctive(candidate: Candidate) -> bool:
    lift = candidate.share / candidate.background_share
    reads_alone = len(candidate.words) > 1 or not reads_as_adjective(candidate.text)
    return reads_alone and candidate.share >= DISTINCTIVE_SHARE and lift >= DISTINCTIVE_LIFT


def _joined(terms: Sequence[Candidate]) -> str:
    text = ", ".join(term.text for term in terms)
    first_word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first_word.rstrip(",").islower() else text


def _contains(longer: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    return any(
        longer[start : start + len(shorter)] == shorter
        for start in range(len(longer) - len(shorter) + 1)
    )
