"""The score of a result in a sentence: before and after steering, and beside a given place."""

from __future__ import annotations

from saedesk.jobs.search_documents import ResultRow
from saedesk.ui.search_panels.shown_result import own_score


def score_told(result: ResultRow, is_steered: bool, places: str, decimals: int) -> str:
    """What the line under the text says where there are features.

    `places` says what given places did to it. The score is the one that the document has by
    itself: with a given place it would be a number that stands nowhere else.
    """
    if result.place_of is not None:
        return f"{_before_and_after(result, decimals)}; it was given {places or 'its place'}"
    score = number_told(result.score, decimals)
    if not is_steered:
        return f"Score {score} with the query as typed"
    if result.score_before is None:
        return f"Score {score}; without steering it has none"
    if not result.change:
        return f"Score {score}, nothing is steered"
    told = f"Score {number_told(result.score_before, decimals)} before steering, {score} after"
    return f"{told}; it {places}" if places else told


def number_told(value: float, decimals: int) -> str:
    """A number with so many decimals and a real minus sign."""
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def _before_and_after(result: ResultRow, decimals: int) -> str:
    own = number_told(own_score(result), decimals)
    if result.score_before is None:
        return f"Score {own}"
    before = number_told(result.score_before, decimals)
    return f"Score {own}" if before == own else f"Score {before} before steering, {own} after"
