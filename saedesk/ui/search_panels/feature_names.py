"""All features by their labels, found while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from saedesk.session.family_book import family_book
from saedesk.session.session import Session

MOST_SHOWN = 8
"""Features found at once; more letters bring the others."""


@dataclass(frozen=True)
class NamedFeature:
    """A feature that can be found."""

    latent: int
    label: str
    density: float
    """Share of documents in which it is active, 0 to 1."""


@dataclass(frozen=True)
class NamedFamily:
    """A family that can be found."""

    root: int
    label: str
    size: int
    """Features in it."""


def named_features(session: Session) -> list[NamedFeature]:
    """All features of the SAE in use; none without one."""
    sae, book = session.sae, session.book
    if sae is None or book is None:
        return []
    density = sae.statistics.density
    return [NamedFeature(i, book.text(i), float(density[i])) for i in range(sae.n_latents)]


def named_families(session: Session) -> list[NamedFamily]:
    """All families in use."""
    book = family_book(session)
    return [NamedFamily(one.root, book.name(one.root), one.size) for one in book.families]


Named = TypeVar("Named", NamedFeature, NamedFamily)


class Names(Generic[Named]):
    """Features or families by their labels, folded once so that every letter is answered at once.

    They are given in the order in which they are found.
    """

    def __init__(self, named: Sequence[Named]) -> None:
        self._named = list(named)
        self._folded = [one.label.casefold() for one in self._named]

    def find(self, text: str, count: int = MOST_SHOWN) -> list[Named]:
        """Those whose labels hold every word, labels that begin with the text first."""
        words = text.casefold().split()
        if not words:
            return []
        begins: list[Named] = []
        holds: list[Named] = []
        for at, label in enumerate(self._folded):
            if all(word in label for word in words):
                (begins if label.startswith(words[0]) else holds).append(self._named[at])
                if len(begins) >= count:
                    break
        return [*begins, *holds][:count]
