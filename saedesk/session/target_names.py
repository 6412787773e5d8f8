"""What features and families are called in the window, as far as they can be turned."""

from __future__ import annotations

from saedesk.search.steering_plan import Target
from saedesk.session.family_book import family_book
from saedesk.session.session import Session


class TargetNames:
    """Names by the labels in force; called with a feature or a family."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, target: Target) -> str:
        """Its label, or “Feature 12” where it has none."""
        book = self._session.book
        if isinstance(target, int):
            return f"Feature {target}" if book is None else book.text(target)
        return family_book(self._session).name(target.root)
