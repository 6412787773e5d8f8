"""What can be done to one family or to several at once, from a menu, a bar or a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from textwrap import shorten

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.features.families.family_documents import family_documents
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.family_book import family_book
from saedesk.session.family_search import steer_with_family
from saedesk.session.selection import FeatureGroup
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_chooser import FamilyChooser
from saedesk.ui.family_panels.family_files import FamilyFiles
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.widgets.plain_tooltip import escaped

LONGEST_IN_CHIP = 70
"""Characters of a name in a chip over the table of documents."""
_ALONE = "There is no other family."
_NO_BRANCH = "Choose a feature in the tree that has others below it; it becomes a family then."


class FamilyActions(QObject):
    """Merges, splits, pins and hides through the family book; each is one step to undo."""

    compare_wanted = Signal(int, int)
    """Roots of two families that are to be compared."""
    rename_wanted = Signal()
    """The name of the selected family is to be edited."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._book, self._widget = session, family_book(session), parent
        self.files = FamilyFiles(session, parent)
        self.chooser: FamilyChooser | None = None
        """The last one that was opened."""
        self._place = QPoint()

    # -- edits -------------------------------------------------------------------------------

    def merge(self, roots: Sequence[int]) -> None:
        """Make one family of several."""
        if len(roots) > 1 and may_write(self._session):
            self._book.merge(roots)

    def split(self, root: int, child: int) -> None:
        """Make a member, with all below it, a family of its own."""
        if may_write(self._session):
            self._book.split(root, child)

    def restore(self, roots: Sequence[int]) -> None:
        """Take back all merging and splitting of some families."""
        if may_write(self._session):
            self._book.restore(roots)

    def toggle_pinned(self, roots: Sequence[int]) -> None:
        """Pin all of them; none where all are pinned."""
        if may_write(self._session):
            self._book.set_pinned(roots, not self._all(roots, "pinned"))

    def toggle_hidden(self, roots: Sequence[int]) -> None:
        """Hide all of them; show them again where all are hidden."""
        if may_write(self._session):
            self._book.set_hidden(roots, not self._all(roots, "hidden"))

    def _all(self, roots: Sequence[int], mark: str) -> bool:
        families = [self._book.family(root) for root in roots]
        return all(family is not None and getattr(family, mark) for family in families)

    # -- elsewhere ---------------------------------------------------------------------------

    def steer(self, root: int) -> None:
        """Put a slider for the family into Search."""
        steer_with_family(self._session, root)

    def show_documents(self, root: int) -> None:
        """Show its documents in Corpus."""
        sae, family = self._session.sae, self._book.family(root)
        if sae is None or family is None:
            return
        rows = family_documents(sae.activations, root, family.children)
        ids = self._session.document_ids(rows)
        name = f"the family “{shorten(self._book.name(root), LONGEST_IN_CHIP, placeholder=' …')}”"
        ids.sort()
        self._session.show_documents(DocumentFilter(document_ids=ids, documents_of=name))

    def show_features(self, root: int) -> None:
        """Show its members in the list of Features."""
        family = self._book.family(root)
        if family is not None:
            name = self._book.name(root)
            self._session.show_features(FeatureGroup(f"Family: {name}", family.members))

    # -- menus -------------------------------------------------------------------------------

    def open_menu(self, roots: Sequence[int], place: QPoint) -> None:
        """What can be done to one family, or to all that are selected."""
        self._place = place
        self.make_menu(roots).popup(place)

    def make_menu(self, roots: Sequence[int]) -> QMenu:
        """The menu of one family, or of several."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if len(roots) == 1:
            self._add_ways_out(menu, roots[0])
            menu.addSeparator()
        self._add_edits(menu, roots)
        if len(roots) == 1:
            menu.addSeparator()
            copy = QGuiApplication.clipboard().setText
            menu.addAction("Copy the name", partial(copy, self._book.name(roots[0])))
        if read_only_reason(self._session):
            menu.addSeparator()
            menu.addAction("The project is read-only here").setEnabled(False)
        return menu

    def open_file_menu(self, place: QPoint) -> None:
        """Files that the families can become, and those they can be compared with."""
        self.files.make_menu().popup(place)

    def _add_ways_out(self, menu: QMenu, root: int) -> None:
        steer = menu.addAction("Steer a search", partial(self.steer, root))
        steer.setEnabled(self._session.search is not None)
        menu.addAction("Show its documents in Corpus", partial(self.show_documents, root))
        menu.addAction("Show its features in the list", partial(self.show_features, root))
        compare = menu.addAction("Compare with…", partial(self.choose_to_compare, root))
        self._explain(compare, "" if self._others(root) else _ALONE)

    def _add_edits(self, menu: QMenu, roots: Sequence[int]) -> None:
        refused = bool(read_only_reason(self._session))
        many = "" if len(roots) == 1 else f" {len(roots):,} families"
        pinned, hidden = self._all(roots, "pinned"), self._all(roots, "hidden")
        entries: list[tuple[str, Callable[[], None], str]] = []
        if not many:
            entries.append(("Rename", self.rename_wanted.emit, "F2"))
        else:
            entries.append((f"Merge{many}", partial(self.merge, roots), "M"))
        if len(roots) == 2:
            entries.append(("Compare", partial(self.compare_wanted.emit, *roots), ""))
        entries += [
            (f"{'Unpin' if pinned else 'Pin'}{many}", partial(self.toggle_pinned, roots), "P"),
            (f"{'Show' if hidden else 'Hide'}{many}", partial(self.toggle_hidden, roots), "H"),
        ]
        if any(family is not None and family.edited for family in map(self._book.family, roots)):
            entries.append(("Back to as it was found", partial(self.restore, roots), ""))
        if not many:
            self._add_merge_and_split(menu, roots[0])
        for title, act, key in entries:
            action = menu.addAction(title.replace("&", "&&"), act)
            action.setEnabled(not refused or title == "Compare")
            _show_key(action, key)

    def _add_merge_and_split(self, menu: QMenu, root: int) -> None:
        refused = read_only_reason(self._session)
        merge = menu.addAction("Merge with…", partial(self.choose_to_merge, root))
        self._explain(merge, refused or ("" if self._others(root) else _ALONE))
        feature, book = self._session.feature, self._session.book
        if feature is None or book is None or not self._is_inner(root, feature):
            self._explain(menu.addAction("Split here"), refused or _NO_BRANCH)
            return
        words = f"Split off “{book.text(feature)}” and what is below it".replace("&", "&&")
        split = menu.addAction(words, partial(self.split, root, feature))
        self._explain(split, refused)

    def _explain(self, action: QAction, reason: str) -> None:
        """Dim an entry that cannot be used; its tooltip says why."""
        action.setEnabled(not reason)
        action.setToolTip(escaped(reason))

    def _is_inner(self, root: int, feature: int) -> bool:
        """Whether a feature of the family, not its root, has others below it."""
        family = self._book.family(root)
        return family is not None and any(edge.parent == feature != root for edge in family.edges)

    def _others(self, root: int) -> bool:
        return any(one.root != root for one in self._book.families)

    # -- choosing another family -------------------------------------------------------------

    def choose_to_merge(self, root: int) -> None:
        """Ask which family is to become one with this."""
        if may_write(self._session):
            self._choose(root, "Merge", lambda other: self.merge([root, other]))

    def choose_to_compare(self, root: int) -> None:
        """Ask which family this is to be compared with."""
        self._choose(root, "Compare", partial(self.compare_wanted.emit, root))

    def _choose(self, root: int, what: str, take: Callable[[int], None]) -> None:
        title = f"{what} “{self._book.name(root)}” with"
        self.chooser = FamilyChooser(self._session, root, title, take, self._widget)
        self.chooser.open_at(self._place)


def _show_key(action: QAction, key: str) -> None:
    """Says in the menu which key of the list does the same."""
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)
