"""What an SAE does to a vector before it takes it apart, in words."""

from __future__ import annotations

_TEXTS = {
    "none": "the vectors as they are",
    "unit": "the vectors at length 1",
    "centred": "the vectors without their mean",
    "per-dimension": "the vectors without their mean, every dimension with a spread of 1",
    "standardised": "every vector with mean 0 and spread 1",
    "fixed length": "every vector at the length √d",
}


def input_text(kind: str) -> str:
    """For a kind of input normalisation, by its name in the settings."""
    return _TEXTS.get(kind, kind)
