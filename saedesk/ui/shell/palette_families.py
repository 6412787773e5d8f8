"""Families in the palette: found by their names, opened in Families."""

from __future__ import annotations

from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.shell.palette_rows import PaletteRow, rank

MOST_FAMILIES = 4


def family_rows(session: Session, typed: str) -> list[PaletteRow]:
    """The families whose name has all typed words, best first; of equals the larger one."""
    words = typed.lower().split()
    if not words or session.sae is None:
        return []
    book = family_book(session)
    named = [(family, book.name(family.root)) for family in book.families]
    found = [one for one in named if all(word in one[1].lower() for word in words)]
    found.sort(key=lambda one: rank(one[1].lower(), " ".join(words)))
    return [
        PaletteRow(
            "family", name, "network", family.root, value=f"{family.size:,} features", typed=typed
        )
        for family, name in found[:MOST_FAMILIES]
    ]


def open_family(session: Session, row: PaletteRow) -> None:
    """Show the family of a row in Families."""
    assert isinstance(row.key, int)
    family_book(session).select(row.key)
    session.show("families")
