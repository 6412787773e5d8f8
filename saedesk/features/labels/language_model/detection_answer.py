"""From a model's answer to one number for each document it was asked about."""

from __future__ import annotations

import re

from saedesk.features.labels.language_model.detection_prompt import MARKER
from saedesk.features.labels.language_model.label_answer import UnusableAnswer, without_thoughts

_MARKER = re.compile(re.escape(MARKER), re.IGNORECASE)
_NUMBER = r"([+\-−–]?(?:\d{1,3}(?:\.\d{1,12})?|\.\d{1,12}))"
_NUMBERED = re.compile(
    r"^[\s>*\-]*(?:document\s*)?(\d{1,4})[\s*]*[:=).][\s*]*" + _NUMBER + r"[\s*,;]*$", re.I
)
_ALONE = re.compile(r"^[\s*]*" + _NUMBER + r"[\s*.]*$")


def read_detection_answer(answer: str, documents: int) -> list[float | None]:
    """For each of `documents` a number in [-1, 1], or None where the answer has none.

    What stands after the last marker counts; a document named twice has none. Raises
    UnusableAnswer where there is no number for any document: no answer is not the answer 0.
    """
    parts = _MARKER.split(without_thoughts(answer))
    if len(parts) < 2:
        raise UnusableAnswer(f"The model’s answer had no line “{MARKER}” with numbers.")
    lines = [line for line in parts[-1].splitlines() if line.strip()]
    if documents == 1 and lines and (alone := _ALONE.match(lines[0])):
        found: list[float | None] = [_in_range(alone[1])]
    else:
        found = _numbered(lines, documents)
    if all(number is None for number in found):
        raise UnusableAnswer("The model’s answer had no number from -1 to 1 for any document.")
    return found


def _numbered(lines: list[str], documents: int) -> list[float | None]:
    found: list[float | None] = [None] * documents
    named: set[int] = set()
    for match in map(_NUMBERED.match, lines):
        if match is None or not 1 <= (place := int(match[1])) <= documents:
            continue
        found[place - 1] = None if place in named else _in_range(match[2])
        named.add(place)
    return found


def _in_range(number: str) -> float | None:
    value = float(number.replace("−", "-").replace("–", "-"))
    return value if -1.0 <= value <= 1.0 else None
