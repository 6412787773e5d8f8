"""What is told to a person, in a sentence, inside the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

SAE, LABELS, DOCUMENTS, VECTORS, FILTER = "sae", "labels", "documents", "vectors", "filter"
WORKSPACE = "workspace"
"""What a sentence may speak about. LABELS are scores and marks too, FILTER is that of Corpus;
WORKSPACE is the one in view, for what only matters there."""


@dataclass(frozen=True)
class Offer:
    """What a person can do about it, with one click."""

    words: str
    act: Callable[[], object]


@dataclass(frozen=True)
class Message:
    """Something to tell a person."""

    kind: Literal["info", "warning", "error"]
    sentence: str
    details: str = ""
    """A traceback to copy; "" for a known error."""
    about: tuple[str, ...] = field(default=(), compare=False)
    """It is over when one of these changes; without any it stays until something else is told."""
    offer: Offer | None = field(default=None, compare=False)
