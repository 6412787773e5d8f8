"""What can be done to one feature or to several at once, from a menu or a bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.session.feature_book import FeatureBook
from saedesk.session.session import Session
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason


class FeatureActions(QObject):
    """Stars, hides, tags and clears through the session's book; each is one step to undo."""

    new_tag_wanted = Signal()
    """A tag is to be typed for the features last asked about."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._widget = parent

    def toggle_star(self, latents: Sequence[int]) -> None:
        """Star all of them; take the stars away where all have one."""
        book = self._book()
        if book is not None:
            book.set_stars(latents, not all(book.is_starred(latent) for latent in latents))

    def toggle_hidden(self, latents: Sequence[int]) -> None:
        """Hide all of them; show them again where all are hidden."""
        book = self._book()
        if book is not None:
            book.set_hidden(latents, not all(book.mark(latent).hidden for latent in latents))

    def add_tag(self, latents: Sequence[int], tag: str) -> None:
        """Tag all of them."""
        book = self._book()
        if book is not None:
            book.add_tag(latents, tag)

    def remove_tag(self, latents: Sequence[int], tag: str) -> None:
        """Take a tag away from those that have it."""
        book = self._book()
        if book is not None:
            book.remove_tag(latents, tag)

    def clear_labels(self, latents: Sequence[int]) -> None:
        """Take the labels away; they stay in the histories."""
        book = self._book()
        if book is not None:
            book.clear_labels(latents)

    def open_menu(self, latents: Sequence[int], place: QPoint) -> None:
        """What can be done to one feature, or to all that are selected."""
        book = self._session.book
        if book is None or not len(latents):
            return
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(latents) == 1:
            self._add_copies(menu, book, latents[0])
            menu.addSeparator()
        self._add_writers(menu, book, latents)
        if len(latents) == 1:
            menu.addSeparator()
            menu.addAction("Steer a search", partial(self._session.steer_with, latents[0]))
        menu.popup(place)

    def _add_copies(self, menu: QMenu, book: FeatureBook, latent: int) -> None:
        copy = QGuiApplication.clipboard().setText
        if book.has_label(latent):
            menu.addAction("Copy the label", partial(copy, book.text(latent)))
        menu.addAction("Copy the number", partial(copy, str(latent)))

    def _add_writers(self, menu: QMenu, book: FeatureBook, latents: Sequence[int]) -> None:
        refused = read_only_reason(self._session)
        many = "" if len(latents) == 1 else f" {len(latents):,} features"
        starred = all(book.is_starred(latent) for latent in latents)
        hidden = all(book.mark(latent).hidden for latent in latents)
        star = "Take the star away" if not many else f"Take the stars of{many} away"
        entries: list[tuple[str, Callable[[Sequence[int]], None], bool]] = [
            (star if starred else f"Star{many}", self.toggle_star, True),
            (f"Show{many} again" if hidden else f"Hide{many}", self.toggle_hidden, True),
            (
                "Clear the label" if not many else f"Clear the labels of{many}",
                self.clear_labels,
                any(book.has_label(latent) for latent in latents),
            ),
        ]
        for (title, act, possible), key in zip(entries, ("Space", "H", ""), strict=True):
            action = menu.addAction(title, partial(act, latents))
            action.setEnabled(possible and not refused)
            _show_key(action, key)
        self._add_tags(menu, book, latents, bool(refused))
        if refused:
            menu.addSeparator()
            menu.addAction("The project is read-only here").setEnabled(False)

    def _add_tags(
        self, menu: QMenu, book: FeatureBook, latents: Sequence[int], refused: bool
    ) -> None:
        part = menu.addMenu("Tag")
        part.setEnabled(not refused)
        for tag in book.tags():
            has_it = all(tag in book.mark(latent).tags for latent in latents)
            action = part.addAction(tag.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(has_it)
            act = self.remove_tag if has_it else self.add_tag
            action.triggered.connect(partial(_with_tag, act, latents, tag))
        part.addSeparator()
        _show_key(part.addAction("New tag…", self.new_tag_wanted.emit), "T")

    def _book(self) -> FeatureBook | None:
        """The book, where it may be written; else the reason becomes a message."""
        return self._session.book if may_write(self._session) else None


def _show_key(action: QAction, key: str) -> None:
    """Says in the menu which key of the list does the same."""
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)


def _with_tag(
    act: Callable[[Sequence[int], str], None], latents: Sequence[int], tag: str, *_: object
) -> None:
    act(latents, tag)
