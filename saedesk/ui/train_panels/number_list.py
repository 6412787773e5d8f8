"""Several whole numbers in one field: “768, 1,536”."""

from __future__ import annotations

import re

from saedesk.errors import BadSetting

_GROUPED = re.compile(r"(?<![\d,])(\d{1,3}),(?=\d{3}(?!\d))")
"""The comma between thousands: no space after it, three digits and no more."""


def numbers_in(text: str, label: str, largest: float) -> tuple[int, ...]:
    """The numbers of a list, each once, in its order; () for an empty text.

    A comma with a space after it parts numbers. One without parts them too, unless three digits
    follow and both together are a number up to `largest`. Raises BadSetting naming `label` and
    the part that is no whole number.
    """

    def joined(found: re.Match[str]) -> str:
        rest = found.string[found.end() : found.end() + 3]
        is_one = int(found.group(1) + rest) <= largest
        return found.group(1) if is_one else f"{found.group(1)}, "

    parts = re.split(r"[,;\s]+", _GROUPED.sub(joined, text.strip()))
    numbers: dict[int, None] = {}
    for part in filter(None, parts):
        if not (part.isascii() and part.isdecimal()):
            raise BadSetting(
                f"{label} must be whole numbers with commas and spaces between them, such as "
                f"“16, 32”; “{part}” is none."
            )
        numbers[int(part)] = None
    return tuple(numbers)


def list_text(numbers: tuple[int, ...]) -> str:
    """“768, 1,536”, as `numbers_in` reads it."""
    return ", ".join(f"{number:,}" for number in numbers)
