"""What the meter of the distance says."""

from __future__ import annotations

TITLE = "How far the query has moved"
NONE = "\u2013"
"""Stands for a number where no result is left to count."""

EXPLANATION = (
    "The cosine between the query as typed and the steered one: 1.00 is unchanged.\n"
    "At 0.90 about six of ten results are kept, at 0.80 three, at 0.70 one.\n"
    "Drag the handle at the right end to cap the distance: what would move the query further is "
    "scaled until it does not. With the keyboard: arrows, Enter switches the cap on and off."
)


def cosine_text(cosine: float | None) -> str:
    """“0.82”; a dash where there is none."""
    return NONE if cosine is None else f"{cosine:.2f}".replace("-", "\u2212")


def kept_text(cosine: float | None, kept: int, results: int, why_none: str) -> str:
    """“keeps 7 of 10”, or why there is nothing to keep."""
    if cosine is None:
        return why_none or f"keeps {NONE} of {NONE}"
    return f"keeps {kept} of {results}"
