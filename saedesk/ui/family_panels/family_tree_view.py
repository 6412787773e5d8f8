"""The picture of one family: from the general at the left to the special at the right."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSizeF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.ui.family_panels.drawing_menu import DrawingMenu
from saedesk.ui.family_panels.family_cards import CountOf, FamilyFacts
from saedesk.ui.family_panels.family_drawing_export import FamilySheet, edge_rows
from saedesk.ui.family_panels.family_layout import (
    FamilyTree,
    next_node,
    reading_order,
    tree_of,
)
from saedesk.ui.family_panels.family_legend import FamilyLegend, groups_for
from saedesk.ui.family_panels.family_scene import FamilyCanvas
from saedesk.ui.family_panels.folded_note import FoldedNote
from saedesk.ui.family_panels.node_colours import NodeColours
from saedesk.ui.family_panels.node_menu import FeatureDrawing
from saedesk.ui.family_panels.tree_drawing import EDGE, MORE, NODE, TreeDrawing, TreeHit, node_scale
from saedesk.ui.family_panels.tree_labels import place_tree
from saedesk.ui.family_panels.zoom_buttons import ZoomButtons
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hover_card import HoverCard

FIRST_SCALES = (1.0, 1.0)
"""A tree that is larger than its room shows its root first instead of being small."""


class FamilyTreeView(FeatureDrawing):
    """Shows a family; what does not fit is folded behind a number and unfolds with a click.

    Arrow keys walk along the edges, Enter opens the family of a feature, Space folds and unfolds,
    plus, minus and 0 zoom, Escape takes the choice back.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.family: ShownFamily | None = None
        self._facts = FamilyFacts({}, np.zeros(0))
        self._roots: Collection[int] | None = None
        self._smallest, self._selected = 0.0, None
        self._opened: set[int] = set()
        self._closed: set[int] = set()
        self._everything = False
        self._whole: FamilyTree | None = None
        self.drawing: TreeDrawing | None = None
        self.canvas = FamilyCanvas("Tree of the family", True, FIRST_SCALES)
        self.buttons = ZoomButtons(self.canvas)
        self.legend = FamilyLegend()
        self.folded = FoldedNote()
        self._card = HoverCard(self.canvas)
        self.menu = DrawingMenu(self, self.sheet, self.fit)
        self._lay_out()
        self.canvas.hovered.connect(self._on_hover)
        self.canvas.clicked.connect(self._on_click)
        self.canvas.double_clicked.connect(self._on_double_click)
        self.canvas.walked.connect(self._on_walk)
        self.canvas.menu_wanted.connect(self._on_menu)
        self.canvas.viewing_changed.connect(self._on_viewing)
        self.canvas.resized.connect(self._relay)
        self.folded.show_all.clicked.connect(self._on_unfold)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.folded)
        column.addWidget(self.legend)
        self.setFocusProxy(self.canvas)

    def show_family(
        self,
        family: ShownFamily,
        texts: Mapping[int, str],
        densities: np.ndarray,
        colours: NodeColours | None = None,
        edge_stability: Mapping[tuple[int, int], float] | None = None,
        count_of: CountOf | None = None,
        roots: Collection[int] | None = None,
    ) -> None:
        """Shows a family; what was folded, chosen and in view stays where it is the same one.

        texts: label of each feature; densities: (n_latents,) share of all documents;
        edge_stability: by parent and child, share of samples with that edge; count_of: documents
        in which two features fire, of a feature and itself those in which it fires; roots:
        features that are roots of families, without it any may be.
        """
        is_same = self.family is not None and self.family.root == family.root
        if not is_same:
            self._opened, self._closed, self._everything = set(), set(), False
            self._selected = None
        self.family, self._roots = family, roots
        self._facts = FamilyFacts(texts, densities, colours, edge_stability or {}, count_of)
        self._grow(keep_view=is_same)

    def set_smallest_density(self, share: float) -> None:
        """Hides rarer features and all that is below them."""
        if share != self._smallest:
            self._smallest = share
            self._grow(keep_view=True)

    def select(self, latent: int | None) -> None:
        """Marks a feature without telling anybody; unfolds what it is hidden in."""
        self._selected = latent
        if self._whole is None or self.drawing is None:
            return
        place = None if latent is None else self._whole.place_of(latent)
        if place is not None and self.drawing.place_of(latent) is None:
            while place > 0:
                place = int(self._whole.parents[place])
                self._opened.add(int(self._whole.latents[place]))
                self._closed.discard(int(self._whole.latents[place]))
            self._relay()
        self._mark()

    @property
    def selected(self) -> int | None:
        """The feature that is marked."""
        return self._selected

    def fit(self) -> None:
        """Shows the whole tree."""
        self.canvas.fit_whole()

    def sheet(self) -> FamilySheet:
        """The whole visible tree as a page to be copied or saved."""
        assert self.family is not None
        assert self.drawing is not None
        self.drawing.hovered = None
        texts, root = self._facts.texts, self.family.root
        title = self.family.name or texts.get(root, "")
        rows = edge_rows([self.family], {root: title}, texts, self._facts.densities)
        return FamilySheet(title, self.drawing, self.legend, rows)

    def _grow(self, keep_view: bool) -> None:
        if self.family is None:
            return
        self._whole = tree_of(self.family.family, self._facts.densities, self._smallest)
        weights, is_measured = self._whole.weights[1:], bool(self._facts.edge_stability)
        self.legend.set_groups(groups_for(weights, self._facts.colours, is_measured))
        self.legend.set_scale(node_scale(self.canvas.viewing.scale))
        self._relay(keep_view)

    def _relay(self, keep_view: bool = True) -> None:
        """Lays the tree out for the room there is."""
        if self._whole is None:
            return
        self._card.hide()
        room, edge = self.canvas.viewport().size(), tokens().space[2]
        placed = place_tree(
            self._whole,
            self._facts.texts,
            QSizeF(room.width() - edge, room.height() - edge),
            self._opened,
            self._closed,
            self._everything,
        )
        self.drawing = TreeDrawing(placed, self._facts.colours, self._facts.edge_stability)
        self.folded.show_counts(len(placed.tree), len(self._whole))
        self._mark_drawing()
        self.canvas.set_drawing(self.drawing, keep_view)
        self.buttons.refresh()

    def _mark(self) -> None:
        assert self.drawing is not None
        assert self.family is not None
        self._mark_drawing()
        if self.drawing.place_of(self._selected) is not None and self._selected is not None:
            self.canvas.reveal(self.drawing.node_rect(self._selected))
            family, is_root = self.family.family, self._is_root(self._selected)
            told = self._facts.node_card(family, self._selected, is_root).told
            self.canvas.setAccessibleDescription(told)
        self.canvas.redraw()

    def _mark_drawing(self) -> None:
        assert self.drawing is not None
        self.drawing.selected, self.drawing.chosen_share = self._selected, None
        place = self.drawing.place_of(self._selected)
        if place:
            tree = self.drawing.tree
            pair = int(tree.latents[tree.parents[place]]), int(tree.latents[place])
            self.drawing.chosen_share = self._facts.share(*pair, float(tree.weights[place]))

    def _is_root(self, latent: int) -> bool:
        return self._roots is None or latent in self._roots

    def _choose(self, latent: int) -> None:
        self.select(latent)
        self.feature_chosen.emit(latent)

    def _on_viewing(self) -> None:
        self._card.hide()
        self.legend.set_scale(node_scale(self.canvas.viewing.scale))

    def _on_hover(self, hit: TreeHit | None) -> None:
        if self.drawing is None or self.family is None:
            return
        self.drawing.hovered = hit
        self.canvas.redraw()
        if hit is None:
            self._card.hide()
            return
        family, latent = self.family.family, hit.latent
        if hit.kind == NODE:
            is_other = latent in (self._roots or ()) and latent != self.family.root
            card = self._facts.node_card(family, latent, is_other)
        elif hit.kind == EDGE:
            card = self._facts.edge_card(family, latent)
        else:
            place = self.drawing.tree.place_of(latent)
            card = self._facts.more_card(latent, int(self.drawing.placed.hidden[place]))
        target = self.drawing.target(hit, self.canvas.viewing)
        self._card.show_beside(target.toAlignedRect(), card.title, card.lines, card.hint)

    def _on_click(self, hit: TreeHit | None) -> None:
        if hit is None:
            self.select(None)
        elif hit.kind == MORE:
            self._fold(hit.latent)
        else:
            self._choose(hit.latent)

    def _on_menu(self, place: QPoint | None, hit: TreeHit | None) -> None:
        """Opens the menu of what is under the mouse, or by a key of the selected feature."""
        self._card.hide()
        if self.drawing is None or self.family is None:
            return
        latent = self._selected if place is None else None
        if hit is not None and hit.kind == NODE:
            latent = hit.latent
            self._choose(latent)
        target, entries = QRectF(self.canvas.rect()), ()
        if latent is not None and self.drawing.place_of(latent) is not None:
            target = self.drawing.target(TreeHit(NODE, latent), self.canvas.viewing)
            entries = self._entries(self.family, latent, self._facts.texts.get(latent, ""))
        self._open_menu(self.canvas, place, target, entries)

    def _on_double_click(self, hit: TreeHit | None) -> None:
        if hit is not None and hit.kind == NODE:
            self._want(hit.latent)

    def _want(self, latent: int) -> None:
        if self._is_root(latent):
            self.family_wanted.emit(latent)

    def _fold(self, latent: int) -> None:
        """Shows the children of a feature, or hides all that is below it."""
        assert self.drawing is not None
        place = self.drawing.tree.place_of(latent)
        if place is None:
            return
        if self.drawing.placed.hidden[place]:
            self._closed.discard(latent)
            self._opened.add(latent)
        elif len(self.drawing.tree.children_of(place)):
            self._opened.discard(latent)
            self._closed.add(latent)
        self._relay()
        self._mark()

    def _on_unfold(self) -> None:
        self._everything, self._closed = True, set()
        self._relay(keep_view=False)
        self.canvas.setFocus()

    def _on_walk(self, way: str) -> None:
        if self.drawing is None:
            return
        tree, place = self.drawing.tree, self.drawing.place_of(self._selected)
        if way == "leave":
            self.select(None)
        elif place is None or way == "home":
            self._choose(int(tree.latents[0]))
        elif way == "open":
            self._want(int(tree.latents[place]))
        elif way == "fold":
            self._fold(int(tree.latents[place]))
        elif way == "end":
            self._choose(int(tree.latents[reading_order(tree)[-1]]))
        else:
            self._walk(place, way)

    def _walk(self, place: int, way: str) -> None:
        assert self.drawing is not None
        latent = int(self.drawing.tree.latents[place])
        is_folded = self.drawing.placed.hidden[place] > 0
        if way == "right" and is_folded and not len(self.drawing.tree.children_of(place)):
            self._fold(latent)
        placed = self.drawing.placed
        other = next_node(placed.tree, placed.places[:, 1], place, way)
        self._choose(int(placed.tree.latents[other]))
