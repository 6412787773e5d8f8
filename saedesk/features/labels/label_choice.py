"""From candidate phrases to labels: readable, one to four words, no two alike."""

from __future__ import annotations

from collections import Counter
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

EXPLAINED = {1: 0.42, 2: 0.5}
"""A longer phrase takes the place of one or two words when it accounts for this share of them."""

COMPLETED = 0.3
"""The same where the shorter one waits for a noun ("deep neural")."""

DISTINCTIVE_SHARE = 0.45
DISTINCTIVE_LIFT = 12.0
"""A first phrase stands alone when so many of the documents contain it, and it is so many times
as frequent there as in the background."""

SECOND_SCORE = {1: 0.22, 2: 0.35, 3: 0.35}
"""A second phrase must reach this share of the first one's score; less beside a single word."""


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
    taken: Counter[frozenset[int]] = Counter()
    # Those that read well alone choose before those that need a second phrase anyway.
    by_score = sorted(first, key=lambda latent: (-first[latent].score, latent))
    for latent in by_score:
        others = [candidates[other] for other in siblings[first[latent].words] if other != latent]
        further = _further(candidates[latent], first[latent], others)
        used = _free_terms(first[latent], further, bool(others), taken)
        identity = _identity(used)
        taken[identity] += 1
        text = _text(used)
        if taken[identity] > 1:
            text = f"{text} ({taken[identity]})"
        terms = [*used, *(term for term in further if term not in used)]
        chosen[latent] = ChosenLabel(text, tuple(terms[:n_terms]), len(used))
    return {latent: chosen[latent] for latent in sorted(chosen)}


def _first(candidates: Sequence[Candidate]) -> Candidate:
    """The best phrase, or a longer one that accounts for most of it."""
    return _completed(max(candidates, key=_readable_score), candidates)


def _completed(phrase: Candidate, candidates: Sequence[Candidate]) -> Candidate:
    while True:
        longer = [other for other in candidates if _takes_the_place_of(other, phrase)]
        if not longer:
            return phrase
        phrase = max(longer, key=_readable_score)


def _takes_the_place_of(longer: Candidate, shorter: Candidate) -> bool:
    """ "gravitational lens" that of "lens", but not "clustering algorithm" that of "clustering"."""
    if len(longer.words) <= len(shorter.words) or not _contains(longer.words, shorter.words):
        return False
    if reads_as_adjective(shorter.text.split(" ")[-1]):
        return longer.share >= COMPLETED * shorter.share
    first, *_, last = longer.text.split(" ")
    specific = len(shorter.words) > 1 or (stands_alone(first) and stands_alone(last))
    return specific and longer.share >= EXPLAINED[len(shorter.words)] * shorter.share


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
    for found in sorted(candidates, key=lambda c: (-telling(c), c.text)):
        candidate = found if len(found.words) == 1 else _completed(found, candidates)
        if not any(_repeats(candidate, term) for term in [first, *further]):
            further.append(candidate)
    return further


def _repeats(candidate: Candidate, term: Candidate) -> bool:
    return (
        say_the_same(candidate.stems, term.stems)
        or is_short_for(candidate.text, term.text)
        or is_short_for(term.text, candidate.text)
    )


def _free_terms(
    first: Candidate,
    further: Sequence[Candidate],
    has_siblings: bool,
    taken: Counter[frozenset[int]],
) -> list[Candidate]:
    """One or two phrases that no other label is made of; the first alone when all are taken."""
    seconds = [c for c in further if len(first.words) + len(c.words) <= MOST_WORDS]
    least = SECOND_SCORE[len(first.words)] * first.score
    strong = [c for c in seconds if c.score >= least]
    pairs = [[first, second] for second in seconds]
    if has_siblings:
        tries = [*pairs, [first]]
    elif strong and not _distinctive(first):
        tries = [[first, strong[0]], *pairs, [first]]
    else:
        tries = [[first], *pairs]
    return next((terms for terms in tries if not taken[_identity(terms)]), [first])


def _identity(terms: Sequence[Candidate]) -> frozenset[int]:
    """Labels of the same words are alike, whatever their order and inflection."""
    return frozenset(word for term in terms for word in term.words)


def _distinctive(candidate: Candidate) -> bool:
    lift = candidate.share / candidate.background_share
    reads_alone = len(candidate.words) > 1 or not reads_as_adjective(candidate.text)
    return reads_alone and candidate.share >= DISTINCTIVE_SHARE and lift >= DISTINCTIVE_LIFT


def _text(terms: Sequence[Candidate]) -> str:
    text = ", ".join(term.text for term in terms)
    first_word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first_word.rstrip(",").islower() else text


def _contains(longer: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    return any(
        longer[start : start + len(shorter)] == shorter
        for start in range(len(longer) - len(shorter) + 1)
    )
