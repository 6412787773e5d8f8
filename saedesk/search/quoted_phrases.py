"""Phrases in quotation marks, looked for word for word.

The full-text index keeps words without their endings: asked for “gravitational waves” it also gives
documents that say “gravitation wave”. What it gives is therefore looked at here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = r"[\W_]+"
_BEGIN, _END = r"(?<![^\W_])", r"(?![^\W_])"


class QuotedPhrases:
    """Tells where some phrases stand; capital letters, accents and what is between words do not
    count."""

    def __init__(self, phrases: Sequence[str]) -> None:
        told = [_WORD.findall(_plain(phrase)) for phrase in phrases]
        self._phrases = [
            (max(words, key=len), re.compile(_BEGIN + _BETWEEN.join(words) + _END))
            for words in told
            if words
        ]

    def all_in(self, *texts: str) -> bool:
        """Whether each of the phrases stands in one of the texts."""
        plain = [_plain(text) for text in texts]
        return all(any(_stands(one, text) for text in plain) for one in self._phrases)

    def any_in(self, text: str) -> bool:
        """Whether one of the phrases stands in a text."""
        return self.count_in(text) > 0

    def count_in(self, text: str) -> int:
        """How many of the phrases stand in a text."""
        plain = _plain(text)
        return sum(_stands(one, plain) for one in self._phrases)


def _stands(phrase: tuple[str, re.Pattern[str]], plain: str) -> bool:
    longest, pattern = phrase
    # Most texts without the phrase are without its longest word; that is found out much sooner.
    return longest in plain and pattern.search(plain) is not None


def _plain(text: str) -> str:
    """A text in small letters without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
