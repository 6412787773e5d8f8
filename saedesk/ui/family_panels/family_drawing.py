"""The drawing of one family or of all, under one head."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.colour_choice import ColourChoice
from saedesk.ui.family_panels.drawing_menu import DrawingMenu
from saedesk.ui.family_panels.families_at_rest import FamiliesAtRest
from saedesk.ui.family_panels.family_overview import FamilyOverview
from saedesk.ui.family_panels.family_tree_view import FamilyTreeView
from saedesk.ui.family_panels.node_colours import NodeColours
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.features_panels.write_permission import may_write
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.segmented import SegmentedControl

THIS_FAMILY, ALL_FAMILIES = "This family", "All families"


class FamilyDrawing(QWidget):
    """The tree of the selected family, or the map of all of them; made when it is looked at."""

    opened = Signal(int)
    """Root of a family that is to be shown as a tree."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, family_book(session)
        self._colours: NodeColours | None = None
        self._drawn_of: LoadedSae | None = None
        """The SAE whose families are drawn all at once."""
        self._texts: dict[int, str] = {}
        """What features are called; looked up once."""
        self._rest = FamiliesAtRest(session, self)
        self._rest.wanted.connect(self._on_rest)
        self._rest.packed.connect(self._on_packed)
        self._is_stale = {THIS_FAMILY: True, ALL_FAMILIES: True}
        self.tree, self.overview = FamilyTreeView(), FamilyOverview()
        self.view = SegmentedControl([THIS_FAMILY, ALL_FAMILIES], THIS_FAMILY, "Drawing")
        self.view.changed.connect(self._on_view)
        self.colour = ColourChoice(session)
        self.colour.changed.connect(self._on_colours)
        self.copy = GhostButton("copy", "Copy the drawing as an image")
        self.copy.clicked.connect(self._on_copy)
        self.save = GhostButton("download", "Save the drawing as PNG or SVG, or its edges as CSV")
        self.save.clicked.connect(self._on_save)
        self._build()
        self._connect()

    def _build(self) -> None:
        space = tokens().space
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space[3])
        row.addWidget(self.view)
        row.addWidget(self.colour)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        self._drawings = QWidget()
        self._stack = QStackedLayout(self._drawings)
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self.overview)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[2])
        column.addLayout(row)
        column.addWidget(self._drawings, 1)
        column.addStretch(0)
        self.setTabOrder(self.view, self.colour)

    def _connect(self) -> None:
        session, book = self._session, self._book
        for drawing in (self.tree, self.overview):
            drawing.feature_chosen.connect(session.select_feature)
            drawing.family_wanted.connect(self.open_family)
            drawing.feature_wanted.connect(session.show_feature)
            drawing.steer_wanted.connect(session.steer_with)
            drawing.split_wanted.connect(self._on_split)
        self.overview.family_chosen.connect(book.select)
        session.feature_selected.connect(self.tree.select)
        book.families_changed.connect(self._on_families)
        book.selected_changed.connect(self._on_selected)
        book.measures_changed.connect(self._on_measures)
        session.sae_changed.connect(self._on_sae)
        self._on_sae()

    # -- what is asked for -------------------------------------------------------------------

    @property
    def shows_all(self) -> bool:
        """Whether all families are drawn."""
        return self.view.current == ALL_FAMILIES

    def show_view(self, view: str) -> None:
        """Draw one family, or all of them."""
        self.view.set_current(view)
        self._on_view(view)

    @Slot(int)
    def open_family(self, root: int) -> None:
        """Draw one family as a tree."""
        self._book.select(root)
        self.show_view(THIS_FAMILY)
        self.opened.emit(root)

    def focus_drawing(self) -> None:
        """Put the keyboard into the drawing."""
        self._stack.currentWidget().setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(int)
    def _on_split(self, latent: int) -> None:
        """The feature becomes a family of its own, with all below it."""
        if self._book.selected is not None and may_write(self._session):
            self._book.split(self._book.selected, latent)

    @Slot(str)
    def set_filter(self, text: str) -> None:
        """Fade what does not fit, in the drawing of all families."""
        self.overview.set_filter(text)

    @Slot(float)
    def set_smallest_density(self, share: float) -> None:
        """Leave features below a density out of both drawings."""
        self.tree.set_smallest_density(share)
        self.overview.set_smallest_density(share, self._moves)

    # -- what changes ------------------------------------------------------------------------

    @Slot(str)
    def _on_view(self, view: str) -> None:
        self._stack.setCurrentWidget(self.overview if view == ALL_FAMILIES else self.tree)
        self._draw()

    @property
    def _is_something_drawn(self) -> bool:
        return bool(self._book.families) if self.shows_all else self._shown_family() is not None

    @property
    def _menu(self) -> DrawingMenu:
        """That of the drawing in view."""
        return self.overview.menu if self.shows_all else self.tree.menu

    @Slot()
    def _on_copy(self) -> None:
        if self._is_something_drawn:
            self._menu.copy_image()

    @Slot()
    def _on_save(self) -> None:
        if self._is_something_drawn:
            self._menu.open_at(self.save.mapToGlobal(QPoint(0, self.save.height())))

    @Slot()
    def _on_sae(self) -> None:
        book = self._session.book
        if book is not None:
            book.labels_changed.connect(self._on_labels)
        self._on_families()

    @Slot(object)
    def _on_labels(self, _: object) -> None:
        if self.sender() is self._session.book:
            self._texts = {}
            self._redraw()

    @Slot()
    def _on_families(self) -> None:
        if self._moves:
            self._rest.move()
        else:
            self._rest.forget()
        self._redraw()

    @property
    def _moves(self) -> bool:
        """Whether somebody sees all families, and so how they change."""
        is_same = self._drawn_of is not None and self._drawn_of is self._session.sae
        return is_same and self.shows_all and self.overview.isVisible()

    @property
    def is_at_rest(self) -> bool:
        """Whether all families lie where they would lie at first sight."""
        return self._rest.is_done

    @Slot()
    def _on_rest(self) -> None:
        self._rest.ask(self.overview.maker.packing)

    @Slot()
    def _on_packed(self) -> None:
        if self._rest.answer is not None:
            self.overview.maker.take_packed(self._rest.answer)
        self._is_stale[ALL_FAMILIES] = True
        self._draw()

    @Slot(object)
    def _on_selected(self, _: object) -> None:
        self._is_stale[THIS_FAMILY] = True
        self.overview.select(self._book.selected)
        self._draw()

    @Slot()
    def _on_measures(self) -> None:
        self._redraw()

    @Slot(object)
    def _on_colours(self, colours: object) -> None:
        assert colours is None or isinstance(colours, NodeColours)
        self._colours = colours
        self._redraw()

    def _redraw(self) -> None:
        self._is_stale = {THIS_FAMILY: True, ALL_FAMILIES: True}
        self._draw()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._draw()

    def _draw(self) -> None:
        # While thresholds are tried, the selected family may be none.
        self._drawings.setVisible(self._is_something_drawn)
        view = self.view.current
        if not self._is_stale[view] or not self.isVisible() or self._session.sae is None:
            return
        self._is_stale[view] = False
        if view == ALL_FAMILIES:
            self._draw_all()
        elif (family := self._shown_family()) is not None:
            self._draw_tree(family)

    def _shown_family(self) -> ShownFamily | None:
        root = self._book.selected
        return None if root is None else self._book.family(root)

    def _draw_tree(self, family: ShownFamily) -> None:
        sae, book = self._session.sae, self._session.book
        if sae is None or book is None:
            return
        self.tree.show_family(
            family,
            {latent: name_in_list(book, latent) for latent in family.members},
            sae.statistics.density,
            self._colours,
            self._book.edge_stability(family.root),
            self._documents_of_both,
            {one.root for one in self._book.families},
        )
        self.tree.select(self._session.feature)

    def _draw_all(self) -> None:
        sae, book, families = self._session.sae, self._session.book, self._book.families
        if sae is None or book is None:
            return
        if self._drawn_of is not sae:
            self._drawn_of, self._texts = sae, {}
        for latent in {i for one in families for i in one.members} - self._texts.keys():
            self._texts[latent] = name_in_list(book, latent)
        names = {one.root: self._book.name(one.root) for one in families}
        self.overview.show_families(
            families,
            names,
            sae.statistics.density,
            self._colours,
            self._rest.links,
            self._texts,
            self._documents_of_both,
            self._rest.is_moving,
        )
        self._rest.drawn()
        if not self._rest.is_moving:
            self.overview.select(self._book.selected)
        if not self._rest.is_asked:
            self._on_rest()

    def _documents_of_both(self, first: int, second: int) -> int:
        """In how many documents two features fire."""
        sae = self._session.sae
        if sae is None:
            return 0
        rows, others = sae.activations.latent(first)[0], sae.activations.latent(second)[0]
        return len(np.intersect1d(rows, others, assume_unique=True))
