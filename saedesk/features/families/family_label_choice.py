"""Which of several texts a family is called: what a person would write, and no two alike.

Candidates are the keyword label of its documents, the first phrase of that, the label of the root
and the first phrase of that: a general family is well told by one phrase, to which the keyword
labeler adds a second that only one of its branches is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

AS_GOOD = 0.01
"""A shorter text is taken when its score is at most so much below the best: the scores of two
labels that a person takes for equal differ that much from one draw of documents to the next."""

_NUMBER = re.compile(r" \(\d+\)$")


def label_candidates(keywords: str, root: str) -> tuple[str, ...]:
    """Texts a family may be called, each once; either may be "" where there is none."""
    texts = [text for whole in (keywords, root) for text in _with_first_phrase(whole)]
    return tuple(dict.fromkeys(text for text in texts if text))


def choose_texts(
    candidates: Sequence[Sequence[str]],
    scores: Sequence[Mapping[str, float]],
    given: Iterable[str] = (),
) -> dict[int, str]:
    """A text for every family (by its place) that has a candidate; earlier families choose first.

    scores: of the candidates of each family, as far as they were measured; a text without a score
    comes after all others, in the order of the candidates. given: texts that other families have.
    """
    taken = {text.casefold() for text in given}
    chosen: dict[int, str] = {}
    for number, (texts, known) in enumerate(zip(candidates, scores, strict=True)):
        free = [text for text in texts if text.casefold() not in taken] or list(texts)
        if not free:
            continue
        best = max(known.get(text, -1.0) for text in free)
        equal = [text for text in free if known.get(text, -1.0) >= best - AS_GOOD]
        chosen[number] = min(equal, key=lambda text: len(text.split())) if best >= 0 else free[0]
        taken.add(chosen[number].casefold())
    return chosen


def _with_first_phrase(label: str) -> tuple[str, str]:
    # A number tells equal labels of features apart; families are told apart here.
    text = _NUMBER.sub("", label.strip())
    return text, text.split(",")[0].strip()
