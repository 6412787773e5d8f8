"""Which character separates the cells of a CSV file."""

from __future__ import annotations

import csv
import io

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_ROWS = 200


def guess_delimiter(sample: str) -> str:
    """The separator under which the rows of `sample` are most alike; a comma if none separates.

    Not csv.Sniffer: it takes a letter's regularity for a separator's when cells hold prose,
    and fails on one column.
    """
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        score = alike + min(widths[0], 50) / 1000  # of two that fit, the one with more columns
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                widths.append(len(row))
            if len(widths) == _ROWS:
                return widths
    except csv.Error:
        pass  # an overlong cell: the rows before it tell enough
    return widths[:-1] if len(widths) > 2 else widths  # the sample cuts the last row
