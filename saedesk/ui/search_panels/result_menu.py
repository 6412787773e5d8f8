"""What can be done with the chosen results, as a menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from saedesk.session.more_like_this import AND_LIKE_THIS, LESS_LIKE_THIS, MORE_LIKE_THIS

if TYPE_CHECKING:
    from saedesk.ui.search_panels.result_list import ResultList


def fill_result_menu(menu: QMenu, results: ResultList, several: bool, is_like: bool) -> None:
    """The lines for one chosen document or several; `is_like` while some are searched with."""
    if not several:
        menu.addAction("Open in Corpus", results.open_selected)
    more = "More like these" if several else MORE_LIKE_THIS
    menu.addAction(more, partial(results.like_wanted.emit, False))
    if is_like:
        again = "And like these" if several else AND_LIKE_THIS
        menu.addAction(again, partial(results.like_wanted.emit, True))
    less = "Less like these" if several else LESS_LIKE_THIS
    menu.addAction(less, results.unlike_wanted.emit)
    menu.addSeparator()
    titles = "Copy the titles" if several else "Copy the title"
    menu.addAction(titles, partial(results.copy_wanted.emit, "titles"))
    menu.addAction("Copy the results", partial(results.copy_wanted.emit, "results"))
