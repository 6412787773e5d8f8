"""What the palette finds: features by label, commands by title, and how a match is ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

MOST_FEATURES = 8
MOST_COMMANDS = 8


@dataclass(frozen=True)
class PaletteRow:
    """One line of the palette."""

    kind: str
    """"head", "feature", "family", "document", "command"."""
    text: str
    icon: str = ""
    key: object = None
    """The latent, the root of the family, the document's id, or the name of the command."""
    value: str = ""
    """At the right: a density, a year."""
    shortcut: str = ""
    starred: bool = False
    typed: str = ""
    """What is underlined where it occurs in the text."""


@dataclass(frozen=True)
class FeatureIndex:
    """Labels of all features, ready to be searched with every letter."""

    texts: tuple[str, ...]
    lowered: tuple[str, ...]
    densities: np.ndarray
    """(n,) share of documents."""

    @classmethod
    def of(cls, texts: Iterable[str], densities: np.ndarray) -> FeatureIndex:
        """Prepare the labels in the order of the latents."""
        made = tuple(texts)
        return cls(made, tuple(text.lower() for text in made), densities)

    def find(self, typed: str, most: int = MOST_FEATURES) -> list[int]:
        """The latents whose label or number fits, best first.

        All typed words must occur; a label that begins with them comes before one with a word
        that does, then before any other; among equals the denser feature is first.
        """
        words = typed.lower().split()
        if not words:
            return []
        found = [i for i, text in enumerate(self.lowered) if all(word in text for word in words)]
        if typed.isdigit() and int(typed) < len(self.texts) and int(typed) not in found:
            found.append(int(typed))
        phrase = " ".join(words)
        found.sort(key=lambda i: (*rank(self.lowered[i], phrase), -float(self.densities[i])))
        if typed.isdigit() and int(typed) in found:
            found.remove(int(typed))
            found.insert(0, int(typed))
        return found[:most]


def rank(text: str, phrase: str) -> tuple[int]:
    """Sorts a text that begins with the phrase before one with a word that does, then others."""
    if text.startswith(phrase):
        return (0,)
    if f" {phrase}" in text:
        return (1,)
    return (2 if phrase in text else 3,)


def matching_commands(
    commands: Sequence[tuple[str, str]], typed: str, most: int = MOST_COMMANDS
) -> list[str]:
    """Names of the (name, title) whose title has all typed words; in order of the table."""
    words = typed.lower().split()
    found = [name for name, title in commands if all(word in title.lower() for word in words)]
    return found[:most]


def underlined(text: str, typed: str) -> list[tuple[int, int]]:
    """Where the typed text, or else its words, stand in a text: (start, length)."""
    low = text.lower()
    if len(low) != len(text):  # a letter whose small form has two: better no line than a wrong one
        return []
    phrase = " ".join(typed.lower().split())
    at = low.find(phrase) if phrase else -1
    if at >= 0:
        return [(at, len(phrase))]
    spans = []
    for word in dict.fromkeys(phrase.split()):
        at = low.find(word)
        if at >= 0:
            spans.append((at, len(word)))
    return sorted(spans)
