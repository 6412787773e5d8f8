"""Why a family has no score or no measures, in a sentence that is true at the moment."""

from __future__ import annotations

from saedesk.session.family_book import FamilyBook

ONLY_TRIED = "Not measured: these thresholds are tried, not kept."
BEING_MEASURED = "Being measured; the footer says how far it is."
NOT_YET = "Not measured yet."


def is_tried(book: FamilyBook) -> bool:
    """Whether the families shown are those of settings that are not kept."""
    return (book.settings, book.filter) != (book.kept_settings, book.kept_filter)


def why_not_measured(book: FamilyBook) -> str:
    """Why a number of a family is missing."""
    return ONLY_TRIED if is_tried(book) else why_kept_not_measured(book)


def why_kept_not_measured(book: FamilyBook) -> str:
    """Why the numbers of the families that are kept are missing."""
    return BEING_MEASURED if book.is_measuring else NOT_YET


def measuring_text(book: FamilyBook) -> str:
    """What the foot of the list says of what is missing; "" where all is measured."""
    if not book.is_found:
        return ""
    missing = book.measures_missing
    many = f"{missing:,} famil{'y' if missing == 1 else 'ies'}"
    if book.is_measuring:
        are = "is" if missing == 1 else "are"
        return f"{many} {are} being measured." if missing else "The families are being measured."
    lack = "lacks" if missing == 1 else "lack"
    return f"{many} {lack} a label or measures." if missing else ""
