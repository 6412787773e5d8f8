"""Where the sentences of a text begin and end.

Rules, not a model: they hold for abstracts (abbreviations, initials, numbers, formulas, lists, no
capital after a full stop) and for scripts without spaces, need nothing to be installed, and split
an abstract in a fraction of a millisecond. A wrong boundary makes a mark longer or shorter, never
wrong, because every piece is measured by itself.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from itertools import pairwise

LONGEST_SENTENCE = 400
"""Characters; a longer sentence is split between its clauses."""
SHORTEST_CLAUSE = 40
"""Characters that a piece of a long sentence has at least, where there is a choice."""
LONGEST_TEXT = 200_000
"""Characters that are looked at; no encoder reads as many."""

_ENDS = re.compile(
    r"""(?P<wide>[。！？｡]+[」』”’）)\]]*)              # no space follows in these scripts
      | (?P<stop>[.!?…؟۔।։]+)[\"'”’»)\]}$]*(?=\s|$)
      | (?P<gap>\n[ \t\r]*\n)                            # a paragraph
      | (?P<item>\n(?=[ \t]*(?:[-*•–]|\(?(?:\d{1,3}|[a-z])[.)])[ \t]))""",
    re.VERBOSE,
)
_FORMULA = re.compile(r"\$\$?[^$\n]{1,300}\$\$?|\\\([^\n]{1,300}?\\\)|\\\[[^\n]{1,300}?\\\]")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER_ENDS = _words(
    "e.g i.e eg ie cf vs viz fig figs eq eqs ref refs def thm lem pp eds dr mr mrs ms prof mt "
    "resp approx ca w.r.t wrt incl esp avg dept univ assn bzw z.b d.h u.a vgl abb bd hrsg p.ex"
)
"""Abbreviations that something follows."""
_NEVER_ENDS_BEFORE_NUMBERS = _words(
    "no nos nr vol sec secs ch chap prop cor tab app art ex st ed p jan feb mar apr jun jul aug "
    "sep sept oct nov dec"
)
"""Abbreviations that are words too, or end a sentence otherwise."""
_SELDOM_ENDS = _words("al etc inc ltd co corp jr sr u.s u.k u.s.a a.m p.m ph.d d.c usw")
"""Abbreviations that may end a sentence: a capital after them says that they do."""
_INITIAL = re.compile(r"\s*\w\.")
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòù]", re.IGNORECASE)
_CLAUSES = (
    re.compile(r"[;；](?=\s|[^\x00-\x7f])\s*"),
    re.compile(r"(?::|,|\s[–—-])\s+|[，、：]"),
    re.compile(r"\s+"),
)
"""Where a long sentence is split: the first kind that leaves pieces long enough."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence in `text`, in order, without the white space around them.

    Everything but white space belongs to exactly one of them, up to LONGEST_TEXT characters; none
    is longer than LONGEST_SENTENCE.
    """
    text = text[:LONGEST_TEXT]
    spans: list[tuple[int, int]] = []
    for start, end in _stripped(text, _boundaries(text)):
        if spans and not any(sign.isalnum() for sign in text[start:end]):
            # Stray dots and brackets go with the sentence before.
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    formulas = [match.span() for match in _FORMULA.finditer(text)]
    return [piece for span in spans for piece in _clauses(text, *span, formulas)]


def _boundaries(text: str) -> list[int]:
    formulas = [match.span() for match in _FORMULA.finditer(text)]
    found = [0]
    for match in _ENDS.finditer(text):
        is_end = match["stop"] is None or (
            not _is_inside(formulas, match.end()) and _ends_sentence(text, found[-1], match)
        )
        if is_end:
            found.append(match.end())
    return [*found, len(text)]


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop, question or exclamation mark before white space ends a sentence."""
    following = text[match.end() : match.end() + 40].lstrip()[:1]
    if match["stop"] != ".":
        # “Yahoo! was” and “what...” go on.
        return not following.islower() or match["stop"] in "?؟।"
    before = text[max(start, match.start() - 40) : match.start()].split()
    word = before[-1].lstrip("([{\"'“‘«") if before else ""
    low = word.lower()
    # “the price of DR. The” has no doctor in it.
    is_acronym = len(word) > 1 and word.isupper() and following.isalpha()
    if low in _NEVER_ENDS and not is_acronym:
        return False
    if len(before) == 1 and _is_number_of_item(word):
        return False
    if low in _NEVER_ENDS_BEFORE_NUMBERS and following.isdecimal():
        return False
    # “J. Smith” and “z. B.”, but “as a function of x. We”
    is_letter = len(word) == 1 and word.isalpha() and following.isalpha()
    if is_letter and (word.isupper() or _INITIAL.match(text, match.end())):
        return False
    if not following.islower():
        return low not in _SELDOM_ENDS or following.isupper()
    is_word = len(word) >= 3 and word.isalpha() and bool(_VOWEL.search(word))
    return is_word and low not in _SELDOM_ENDS


def _is_number_of_item(word: str) -> bool:
    """Whether the only word so far is the number of a list's item: “1”, “iv”, “a”."""
    word = word.rstrip(")")
    return len(word) <= 3 and (word.isdecimal() or len(word) == 1 or set(word) <= set("ivx"))


def _stripped(text: str, boundaries: list[int]) -> Iterator[tuple[int, int]]:
    for start, end in pairwise(boundaries):
        piece = text[start:end]
        left, right = len(piece) - len(piece.lstrip()), len(piece.rstrip())
        if left < right:
            yield start + left, start + right


def _clauses(
    text: str, start: int, end: int, formulas: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """A sentence as pieces of at most LONGEST_SENTENCE characters, split near the middle.

    Not inside a formula, where there is another place.
    """
    if end - start <= LONGEST_SENTENCE:
        return [(start, end)]
    middle = (start + end) // 2
    for kind in _CLAUSES:
        cuts = [match.end() for match in kind.finditer(text, start, end)]
        cuts = [cut for cut in cuts if min(cut - start, end - cut) >= SHORTEST_CLAUSE]
        cuts = [cut for cut in cuts if not _is_inside(formulas, cut)]
        if cuts:
            middle = min(cuts, key=lambda cut: abs(cut - middle))
            break
    halves = _stripped(text, [start, middle, end])
    return [piece for half in halves for piece in _clauses(text, *half, formulas)]


def _is_inside(formulas: list[tuple[int, int]], place: int) -> bool:
    at = bisect.bisect_left(formulas, (place,)) - 1
    return at >= 0 and place < formulas[at][1]
