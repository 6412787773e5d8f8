"""Column names that are unique and not empty, with a sentence for each that was changed."""

from __future__ import annotations

from collections.abc import Sequence


def visible_column_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names with empties called "column 3" and repeats "name (2)", and notes that say so."""
    taken = {name.strip() for name in names if name.strip()}
    given: list[str] = []
    notes: list[str] = []
    for number, raw in enumerate(names, start=1):
        name = raw.strip()
        if not name:
            new = _free(f"column {number}", taken | set(given))
            notes.append(f"Column {number} has no name; it is called “{new}” here.")
        elif name in given:
            new = _free_repeat(name, taken | set(given))
            notes.append(
                f"More than one column is called “{name}”; column {number} is now “{new}”."
            )
        else:
            new = name
        given.append(new)
    return tuple(given), tuple(notes)


def _free(name: str, taken: set[str]) -> str:
    return _free_repeat(name, taken) if name in taken else name


def _free_repeat(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
