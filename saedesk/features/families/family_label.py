"""The label of a family, and how well it tells the family's documents from others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyLabel:
    """What somebody or something calls a family."""

    root: int
    text: str
    author: str
    """“you”, or which program version made it."""
    score: float | None
    """Area under the ROC curve on documents nobody labelled from, 0 to 1; None where not known."""
    low: float | None
    """Lower end of its 95 % interval."""
    high: float | None
    """Upper end of its 95 % interval."""
    documents: int
    """Documents the score was measured on; 0 without one."""
