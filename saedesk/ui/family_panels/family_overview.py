"""All families at once: what belongs together lies together; one finds, filters, walks, opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.ui.family_panels.drawing_menu import DrawingMenu
from saedesk.ui.family_panels.family_cards import CountOf, FamilyFacts, family_card
from saedesk.ui.family_panels.family_drawing_export import FamilySheet, edge_rows
from saedesk.ui.family_panels.family_legend import FamilyLegend, groups_for
from saedesk.ui.family_panels.family_scene import FamilyCanvas
from saedesk.ui.family_panels.family_search import FamilyTexts, neighbour_towards
from saedesk.ui.family_panels.node_colours import NodeColours
from saedesk.ui.family_panels.node_menu import FeatureDrawing
from saedesk.ui.family_panels.overview_drawing import (
    GROWS_UNTIL,
    OverviewDrawing,
    OverviewHit,
)
from saedesk.ui.family_panels.overview_head import OverviewHead
from saedesk.ui.family_panels.overview_layout import Links
from saedesk.ui.family_panels.overview_making import OverviewMaker
from saedesk.ui.family_panels.view_glide import SearchView
from saedesk.ui.family_panels.viewing import Viewing
from saedesk.ui.family_panels.zoom_buttons import ZoomButtons
from saedesk.ui.widgets.hover_card import HoverCard

FIRST_SCALES = (0.0, 1.5)
NEAR_SCALE = 1.6
"""A family that one looks for is shown at least this large."""


class FamilyOverview(FeatureDrawing):
    """Shows all families as discs with their trees; names come with the zoom.

    The wheel and plus, minus and 0 zoom, dragging pans, arrow keys walk from family to family,
    Enter or a double click opens one.
    """

    family_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._families: tuple[ShownFamily, ...] = ()
        self._facts = FamilyFacts({}, np.zeros(0))
        self._names: Mapping[int, str] = {}
        self._links: Links = ()
        self._found: FamilyTexts | None = None
        self._smallest, self._filter, self._selected = 0.0, "", None
        self._is_stale, self._is_moving, self.maker = False, False, OverviewMaker()
        # A slider moves faster than thousands of features are laid out: the last move counts.
        self._grow_soon = QTimer(self, singleShot=True, interval=0)
        self._grow_soon.timeout.connect(self._grow)
        self.drawing: OverviewDrawing | None = None
        self.canvas = FamilyCanvas("All families", False, FIRST_SCALES)
        self._head = OverviewHead(self.canvas)
        self.search, self.note = self._head.search, self._head.note
        self._search_view = SearchView(self.canvas, NEAR_SCALE)
        self.buttons = ZoomButtons(self.canvas, always=True)
        self.legend = FamilyLegend()
        self._card = HoverCard(self.canvas)
        self.menu = DrawingMenu(self, self.sheet, self.fit)
        self._lay_out()
        self.search.text_changed.connect(self.set_filter)
        self.search.submitted.connect(self._on_submit)
        self.canvas.hovered.connect(self._on_hover)
        self.canvas.clicked.connect(self._on_click)
        self.canvas.double_clicked.connect(self._on_double_click)
        self.canvas.walked.connect(self._on_walk)
        self.canvas.menu_wanted.connect(self._on_menu)
        self.canvas.viewing_changed.connect(self._on_viewing)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.legend)
        self.setFocusProxy(self.canvas)

    def show_families(
        self,
        families: Sequence[ShownFamily],
        names: Mapping[int, str],
        densities: np.ndarray,
        colours: NodeColours | None = None,
        links: Links = (),
        texts: Mapping[int, str] | None = None,
        count_of: CountOf | None = None,
        is_moving: bool = False,
    ) -> None:
        """Shows families; the part in view stays where it is unless it is the whole.

        names: of each family, by root; densities: (n_latents,) share of all documents; links:
        pairs of roots with the share of documents in common, 0 to 1; texts: label of each
        feature, without it the names; count_of: as in the tree; is_moving: families and names
        that are still there stay where they are, until families are shown that do not move.
        """
        self._grow_soon.stop()
        self._is_moving = is_moving
        self._families, self._names, self._links = tuple(families), names, links
        self._facts = FamilyFacts(
            names if texts is None else texts, densities, colours, {}, count_of
        )
        self._grow()

    def set_smallest_density(self, share: float, is_moving: bool = False) -> None:
        """Hides rarer features and all that is below them; `is_moving`: as for families."""
        if share != self._smallest:
            self._smallest, self._is_moving = share, is_moving
            self._grow_soon.start()

    def set_filter(self, text: str) -> None:
        """Leaves only a dot of families that have `text` neither in their name nor in a feature’s
        label, and moves to the others; without a text, back to where one was."""
        if self.search.text() != text:
            self.search.setText(text)
            return
        self._filter = text
        self._apply_filter()
        if self.drawing is not None and self._families:
            around = self.drawing.kept_rect() if text.strip() else None
            self._search_view.show_matches(around)

    def select(self, root: int | None) -> None:
        """Marks a family without telling anybody, and brings it into view."""
        self._selected = root
        if self.drawing is None:
            return
        self.drawing.selected = root
        at = self.drawing.number_of(root)
        if root is not None and at is not None:
            self.canvas.reveal(self.drawing.disc_rect(root))
            size = int(np.count_nonzero(self.drawing.layout.families == at))
            self.canvas.setAccessibleDescription(f"{self._names.get(root, '')}, {size:,} features")
        self.canvas.redraw()

    @property
    def selected(self) -> int | None:
        """Root of the family that is marked."""
        return self._selected

    @property
    def matching(self) -> tuple[int, ...]:
        """Roots of the families that the filter leaves, largest first."""
        drawing = self.drawing
        return (
            () if drawing is None else tuple(drawing.layout.roots[drawing.kept_families].tolist())
        )

    def fit(self) -> None:
        """Shows all families."""
        self.canvas.fit_whole()

    def go_to(self, root: int) -> None:
        """Marks a family and moves it into the middle, near enough to read its features."""
        self.select(root)
        if self.drawing is None or self.drawing.number_of(root) is None:
            return
        scale = max(NEAR_SCALE, self.canvas.viewing.scale)
        middle, room = self.drawing.disc_rect(root).center(), self.canvas.viewport().size()
        left, top = middle.x() - room.width() / scale / 2, middle.y() - room.height() / scale / 2
        self.canvas.look(Viewing(scale, left, top))

    def sheet(self) -> FamilySheet:
        """All families as a page to be copied or saved."""
        assert self.drawing is not None
        self.drawing.hovered = None
        rows = edge_rows(self._families, self._names, self._facts.texts, self._facts.densities)
        return FamilySheet(self._count_text(), self.drawing, self.legend, rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._grow()

    def _family(self, root: int) -> ShownFamily:
        return next(one for one in self._families if one.root == root)

    def _grow(self) -> None:
        """Lays all families out anew, or does so when they are looked at."""
        self._is_stale = self.drawing is not None and not self.isVisible()
        if self._is_stale:
            return
        self._card.hide()
        families = [one.family for one in self._families]
        before = (self.drawing, self.canvas.viewing) if self._is_moving and self.drawing else None
        shape = self._smallest, self.canvas.viewport().size(), before
        self.drawing = self.maker.drawing(families, self._names, self._facts, self._links, *shape)
        self.drawing.selected = self._selected
        self._found = FamilyTexts(self.drawing.layout, self._names, self._facts.texts)
        self._apply_filter()
        self.canvas.set_drawing(self.drawing, keep_view=True)
        weights = self.drawing.layout.weights
        weights = weights[np.isfinite(weights)]
        self.legend.set_groups(groups_for(weights, self._facts.colours))
        self._on_viewing()
        self.buttons.refresh()

    def _apply_filter(self) -> None:
        if self.drawing is None or self._found is None:
            return
        families, nodes = self._found.matches(self._filter)
        self.drawing.keep(families, nodes)
        self._count_text()
        self.canvas.redraw()

    def _count_text(self) -> str:
        return self._head.show_count(len(self._families), len(self.matching), self._filter)

    def _on_viewing(self) -> None:
        self._card.hide()
        self.legend.set_scale(min(GROWS_UNTIL, self.canvas.viewing.scale))

    def _choose(self, root: int) -> None:
        self.select(root)
        self.family_chosen.emit(root)

    def _on_submit(self, _text: str) -> None:
        """The next family that the filter leaves."""
        found = self.matching
        if found:
            at = found.index(self._selected) + 1 if self._selected in found else 0
            self.go_to(found[at % len(found)])
            self.family_chosen.emit(found[at % len(found)])

    def _on_hover(self, hit: OverviewHit | None) -> None:
        if self.drawing is None:
            return
        self.drawing.hovered = hit
        self.canvas.redraw()
        if hit is None:
            self._card.hide()
            return
        if hit.latent is None or hit.latent == hit.root:
            related = len(self.drawing.related(hit.root))
            name = self._names.get(hit.root, "")
            card = family_card(name, self._family(hit.root).size, related)
        else:
            family = self._family(hit.root).family
            card = self._facts.node_card(family, hit.latent, hit.latent in self._names)
        target = self.drawing.target(hit, self.canvas.viewing)
        # Of a disc larger than the view, what is seen of it.
        seen = target.intersected(QRectF(self.canvas.viewport().rect()))
        self._card.show_beside(seen.toAlignedRect(), card.title, card.lines, card.hint)

    def _on_click(self, hit: OverviewHit | None) -> None:
        if hit is None:
            self.select(None)
            return
        self._choose(hit.root)
        if hit.latent is not None:
            self.feature_chosen.emit(hit.latent)

    def _on_menu(self, place: QPoint | None, hit: OverviewHit | None) -> None:
        """Opens the menu of what is under the mouse, or by a key of the selected family’s root."""
        self._card.hide()
        if self.drawing is None:
            return
        if place is None and self.drawing.number_of(self._selected) is not None:
            hit = OverviewHit(self._selected or 0, self._selected)
        target, entries = QRectF(self.canvas.rect()), ()
        if hit is not None:
            self._choose(hit.root)
            latent = hit.root if hit.latent is None else hit.latent
            target = self.drawing.target(hit, self.canvas.viewing)
            label = self._facts.texts.get(latent, "")
            entries = self._entries(self._family(hit.root), latent, label)
        self._open_menu(self.canvas, place, target, entries)

    def _on_double_click(self, hit: OverviewHit | None) -> None:
        if hit is not None:
            self.family_wanted.emit(hit.root)

    def _on_walk(self, way: str) -> None:
        if self.drawing is None or not self._families:
            return
        at = self.drawing.number_of(self._selected)
        if way == "leave":
            self.select(None)
        elif way in ("fold", "end"):
            return
        elif at is None or way == "home":
            self._choose(self.matching[0] if self.matching else self._families[0].root)
        elif way == "open":
            self.family_wanted.emit(int(self.drawing.layout.roots[at]))
        else:
            centres, kept = self.drawing.layout.centres, self.drawing.kept_families
            other = neighbour_towards(centres, kept, at, way)
            self._choose(int(self.drawing.layout.roots[other]))
