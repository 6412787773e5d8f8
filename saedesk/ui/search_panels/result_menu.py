"""What can be done with the chosen results, as a menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from saedesk.session.more_like_this import AND_LIKE_THIS, LESS_LIKE_THIS, MORE_LIKE_THIS
from saedesk.ui.widgets.plain_tooltip import escaped

if TYPE_CHECKING:
    from saedesk.ui.search_panels.result_list import ResultList


def fill_result_menu(menu: QMenu, results: ResultList, several: bool, is_like: bool) -> None:
    """The lines for one chosen document or several; `is_like` while some are searched with.

    Their tooltips say what becomes of what is searched for now.
    """
    menu.setToolTipsVisible(True)
    what = "these documents" if several else "this document"
    if not several:
        menu.addAction("Open in Corpus", results.open_selected)
    more = "More like these" if several else MORE_LIKE_THIS
    action = menu.addAction(more, partial(results.like_wanted.emit, False))
    _explain(action, f"Search with {what} instead of what is searched for now")
    if is_like:
        again = "And like these" if several else AND_LIKE_THIS
        action = menu.addAction(again, partial(results.like_wanted.emit, True))
        _explain(action, f"Search with {what} beside those that are searched with now (+)")
    less = "Less like these" if several else LESS_LIKE_THIS
    action = menu.addAction(less, results.unlike_wanted.emit)
    _explain(action, f"Keep what is searched for, and go away from {what} (\u2212)")
    menu.addSeparator()
    titles = "Copy the titles" if several else "Copy the title"
    menu.addAction(titles, partial(results.copy_wanted.emit, "titles"))
    menu.addAction("Copy the results", partial(results.copy_wanted.emit, "results"))


def _explain(action: QAction, words: str) -> None:
    action.setToolTip(escaped(words))
