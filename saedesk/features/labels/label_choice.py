"""From candidate phrases to labels: readable, one to four words, no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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

WORD_WEIGHTS = {1: 0.75, 2: 1.0, 3: 0.95, 4: 0.95}
"""A single word has to be that much better than a phrase to be preferred to it."""

ADJECTIVE_WEIGHT = 0.6
"""A single word that waits for a noun counts so much less again."""

EXPLAINED = {1: 0.42, 2: 0.5, 3: 0.5}
"""A longer phrase takes the place of a shorter one when it accounts for this share of it."""

COMPLETED = 0.2
"""The same where the shorter one waits for a noun ("deep neural")."""

CONTRAST = 0.5
"""How much it counts that a phrase is rarer in the nearest features, beside the corpus."""

RIVALS = 3
"""Of the nearest features, those that have a phrase most often are its rivals."""

ENOUGH_SHARE = {1: 0.5, 2: 0.25, 3: 0.15, 4: 0.15}
"""A first phrase of so many words stands alone when so many of the documents contain it."""

ENOUGH_LIFT = {1: 20.0, 2: 5.0, 3: 5.0, 4: 5.0}
"""And when it is so many times as frequent there as in the background."""

SECOND_LIFT = 5.0
"""A second phrase must be so many times as frequent as in the background."""

SECOND_SCORE = 0.45
"""And reach this share of the first one's score."""

EQUAL_SCORE = 0.8
"""A second phrase as telling as this belongs to the label even where the first is enough."""


@dataclass(frozen=True)
class ChosenLabel:
    """A label and the phrases it stands on."""

    text: str
    terms: tuple[Candidate, ...]
    """The phrases of the label, then further ones, best first."""
    n_in_text: int
    """How many of `terms` are in the text."""


def choose_labels(
    candidates: Mapping[int, Sequence[Candidate]],
    n_terms: int,
    nearest: Mapping[int, Sequence[int]] | None = None,
) -> dict[int, ChosenLabel]:
    """A label for every latent that has a candidate; texts differ in more than case.

    nearest: the features that each is to be told from.
    """
    near = nearest or {}
    told = {
        latent: _told_from(found, [candidates.get(other, ()) for other in near.get(latent, ())])
        for latent, found in candidates.items()
        if found
    }
    first = {latent: _first(found) for latent, found in told.items()}
    siblings: dict[tuple[int, ...], list[int]] = {}
    for latent, candidate in first.items():
        siblings.setdefault(candidate.words, []).append(latent)
    chosen: dict[int, ChosenLabel] = {}
    taken: Counter[frozenset[int]] = Counter()
    # Those that read well alone choose before those that need a second phrase anyway.
    by_score = sorted(first, key=lambda latent: (-first[latent].score, latent))
    for latent in by_score:
        others = [told[other] for other in siblings[first[latent].words] if other != latent]
        further = _further(told[latent], first[latent], others)
        used = _free_terms(first[latent], further, bool(others), taken)
        identity = _identity(used)
        taken[identity] += 1
        text = _text(used)
        if taken[identity] > 1:
            text = f"{text} ({taken[identity]})"
        terms = [*used, *(term for term in further if term not in used)]
        chosen[latent] = ChosenLabel(text, tuple(terms[:n_terms]), len(used))
    return {latent: chosen[latent] for latent in sorted(chosen)}


def _told_from(
    candidates: Sequence[Candidate], nearest: Sequence[Sequence[Candidate]]
) -> list[Candidate]:
    """The candidates with scores that also count how rare they are in the nearest features."""
    if not nearest:
        return list(candidates)
    own = {candidate.words for candidate in candidates}
    shares: dict[tuple[int, ...], list[float]] = {}
    for other in nearest:
        for candidate in other:
            if candidate.words in own:
                shares.setdefault(candidate.words, []).append(candidate.share)
    found = []
    for candidate in candidates:
        rivals = sorted(shares.get(candidate.words, ()), reverse=True)[:RIVALS]
        p1, p0 = candidate.share, candidate.background_share
        # Features in which the phrase is no candidate have it as often as the corpus.
        rival = max(p0, (sum(rivals) + p0 * (RIVALS - len(rivals))) / RIVALS)
        gain = (1 - CONTRAST) * np.log(p1 / p0) + CONTRAST * np.log(p1 / rival)
        found.append(replace(candidate, score=max(float(p1 * gain), 1e-6)))
    return found


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
    short = [c for c in further if len(first.words) + len(c.words) <= MOST_WORDS]
    # An adjective behind a comma waits for its noun: "Galaxies, galactic".
    seconds = [c for c in short if not reads_as_adjective(c.text.split(" ")[-1])] or short
    strong = [c for c in seconds if _is_strong_beside(c, first)]
    pairs = [[first, second] for second in [*strong, *seconds]]
    equal = any(c.score >= EQUAL_SCORE * first.score for c in strong)
    if has_siblings or equal or (strong and not _is_enough(first)):
        tries = [*pairs, [first]]
    else:
        tries = [[first], *pairs]
    return next((terms for terms in tries if not taken[_identity(terms)]), [first])


def _is_strong_beside(candidate: Candidate, first: Candidate) -> bool:
    lift = candidate.share / candidate.background_share
    return lift >= SECOND_LIFT and candidate.score >= SECOND_SCORE * first.score


def _identity(terms: Sequence[Candidate]) -> frozenset[int]:
    """Labels of the same words are alike, whatever their order and inflection."""
    return frozenset(word for term in terms for word in term.words)


def _is_enough(candidate: Candidate) -> bool:
    lift, n_words = candidate.share / candidate.background_share, len(candidate.words)
    reads_alone = n_words > 1 or not reads_as_adjective(candidate.text)
    return reads_alone and candidate.share >= ENOUGH_SHARE[n_words] and lift >= ENOUGH_LIFT[n_words]


def _text(terms: Sequence[Candidate]) -> str:
    text = ", ".join(term.text for term in terms)
    first_word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first_word.rstrip(",").islower() else text


def _contains(longer: tuple[int, ...], shorter: tuple[int, ...]) -> bool:
    return any(
        longer[start : start + len(shorter)] == shorter
        for start in range(len(longer) - len(shorter) + 1)
    )
