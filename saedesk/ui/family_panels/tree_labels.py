"""Room for the labels of a family's tree: columns, rows, and what is folded away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSizeF

from saedesk.ui.family_panels.family_layout import (
    FamilyTree,
    column_starts,
    row_centres,
    visible_nodes,
)
from saedesk.ui.family_panels.family_marks import lines_width, wrapped
from saedesk.ui.family_panels.node_sizes import node_radii
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import text_width

WIDEST_PITCH = 272.0
"""From one level to the next."""
NARROWEST_LABEL, WIDEST_NEEDED = 64.0, 150.0
"""Room for the labels of one level where it is narrow."""
LAST_LABEL = 92.0
WIDEST_LAST = 200.0
"""Room that the labels of the last level have at least, and at most before levels are set apart."""
WIDEST_LABEL = 300.0
EDGE_ROOM = 26.0
"""Between the end of a label and the nodes of the next level, for the curves."""
MOST_STRETCH = 2.6
"""How much farther apart rows may stand than they need; a small family fills some of its room."""
FEWEST_ROWS = 8
"""Rows that are shown however little room there is."""
TRIES = 8
MEASURED_AS = "head of a section"
"""Labels are measured as wide as they are when they are selected, so that nothing jumps."""


@dataclass(frozen=True, eq=False)
class PlacedTree:
    """The visible part of a family with places, labels and what each node hides."""

    tree: FamilyTree
    places: np.ndarray
    """(n, 2) float64: centres of the nodes at scale 1."""
    radii: np.ndarray
    """(n,) float64."""
    lines: tuple[tuple[str, ...], ...]
    """Of each label, one or two."""
    label_rects: np.ndarray
    """(n, 4) float64: left, top, right, bottom in pixels from the centre of the node."""
    hidden: np.ndarray
    """(n,) int64: features below each node that are not shown and would be, were it opened."""
    more_widths: np.ndarray
    """(n,) float64: of the sign that says how many are hidden; 0 without one."""
    edge_starts: np.ndarray
    """(n,) float64: where edges to children begin, in pixels from the centre of the node."""
    height: float
    """Of all rows together."""

    @property
    def bounds(self) -> QRectF:
        """All nodes and labels."""
        edge = self.radii + tokens().space[1]
        right = np.maximum(self.label_rects[:, 2], np.where(self.hidden > 0, self.edge_starts, 0))
        half = np.maximum(edge, self.label_rects[:, 3])
        low = (self.places[:, 0] - edge).min(), (self.places[:, 1] - half).min()
        high = (self.places[:, 0] + right).max(), (self.places[:, 1] + half).max()
        return QRectF(low[0], low[1], high[0] - low[0], high[1] - low[1])

    def node_rect(self, place: int) -> QRectF:
        """A node with its label."""
        x, y = self.places[place]
        radius, (_left, top, right, bottom) = self.radii[place], self.label_rects[place]
        top, bottom = min(top, -radius), max(bottom, radius)
        return QRectF(x - radius, y + top, right + radius, bottom - top)


def place_tree(
    whole: FamilyTree,
    texts: Mapping[int, str],
    room: QSizeF,
    opened: Collection[int] = (),
    closed: Collection[int] = (),
    everything: bool = False,
) -> PlacedTree:
    """Lay out a family for a room; what does not fit is folded, unless `everything` is asked for.

    texts: label of each feature. opened, closed: features a person unfolded and folded.
    """
    if everything:
        return _placed(whole, visible_nodes(whole, len(whole), closed=closed), texts, room)
    rows, levels = int(room.height() / _row_height(1)), _levels(room.width())
    shown = visible_nodes(whole, rows, opened, closed, levels)
    placed = _placed(whole, shown, texts, room)
    for _ in range(TRIES):
        # Dense features are large, so that fewer of them fit than of others.
        if placed.height <= room.height() + 1 or opened or rows <= FEWEST_ROWS:
            break
        rows = max(FEWEST_ROWS, min(rows - 1, int(rows * room.height() / placed.height)))
        shown = visible_nodes(whole, rows, opened, closed, levels)
        placed = _placed(whole, shown, texts, room)
    return placed


def _levels(width: float) -> int:
    """How many levels can have labels that are read."""
    node = 2 * tokens().space[3]
    return max(2, 1 + int((width - LAST_LABEL - node) / (NARROWEST_LABEL + EDGE_ROOM + node)))


def _placed(
    whole: FamilyTree, shown: np.ndarray, texts: Mapping[int, str], room: QSizeF
) -> PlacedTree:
    """The nodes of a mask (n,) with their labels."""
    tree = whole.part(shown)
    hidden = _hidden(whole, shown)
    more = np.array([_more_width(count) for count in hidden])
    radii = node_radii(tree.densities)
    columns, offsets = _columns(tree, radii, texts, more, room)
    places = np.zeros((len(tree), 2))
    places[:, 0] = columns[tree.depths]
    offset = offsets[tree.depths]
    widths = _label_widths(tree, places[:, 0] + offset, columns, more, room)
    lines: tuple[tuple[str, ...], ...] = ()
    total = 0.0
    for most in _line_counts(tree):
        lines = _lines(tree, texts, widths, most)
        heights = np.array([_row_height(len(one)) for one in lines])
        heights = np.maximum(heights, 2 * radii + tokens().space[1])
        places[:, 1], total = row_centres(tree, heights, room.height(), MOST_STRETCH)
        if total <= room.height() + 1:
            break
    wide = np.array([lines_width(one, MEASURED_AS) + 1 for one in lines])
    line = tokens().line_height[tokens().type["small"]]
    half = np.array([len(one) * line / 2 for one in lines])
    rects = np.column_stack([offset, -half, offset + wide, half])
    starts = offset + wide + tokens().space[1] + 2
    starts = starts + np.where(more > 0, more + tokens().space[1], 0)
    return PlacedTree(tree, places, radii, lines, rects, hidden, more, starts, total)


def _row_height(lines: int) -> float:
    line = tokens().line_height[tokens().type["small"]]
    return lines * line + (tokens().space[1] + 2)


def _hidden(whole: FamilyTree, shown: np.ndarray) -> np.ndarray:
    """(n_shown,) int64: children not shown, with all that is below them."""
    below = whole.sums(np.ones(len(whole), np.int64))
    hidden = np.zeros(len(whole), np.int64)
    gone = np.flatnonzero(~shown & shown[whole.parents])
    np.add.at(hidden, whole.parents[gone], below[gone])
    return hidden[shown]


def _more_width(count: int) -> float:
    return text_width(f"+{count:,}", "chip") + tokens().space[3] if count else 0.0


def _columns(
    tree: FamilyTree,
    radii: np.ndarray,
    texts: Mapping[int, str],
    more: np.ndarray,
    room: QSizeF,
) -> tuple[np.ndarray, np.ndarray]:
    """x of each level, and how far right of it labels begin."""
    levels = int(tree.depths.max()) + 1
    reach = np.zeros(levels)
    np.maximum.at(reach, tree.depths, radii)
    offsets = reach + tokens().space[2]
    needed = np.full(levels, NARROWEST_LABEL)
    for place in np.flatnonzero(~tree.leaves()):
        wide = _two_lines(texts.get(int(tree.latents[place]), "")) + more[place]
        depth = tree.depths[place]
        needed[depth] = max(needed[depth], min(wide, WIDEST_NEEDED + more[place]))
    around = offsets[:-1] + EDGE_ROOM
    left = room.width() - reach[0] - offsets[-1] - needed[:-1].sum() - around.sum()
    texts_there = [texts.get(int(i), "") for i in tree.latents[tree.depths == levels - 1]]
    wanted = min(lines_width(texts_there, MEASURED_AS) + 2, WIDEST_LAST)
    last = max(LAST_LABEL, min(left, wanted))
    starts = column_starts(
        needed[:-1],
        around,
        room.width() - reach[0] - offsets[-1] - last,
        NARROWEST_LABEL,
        WIDEST_PITCH,
    )
    return reach[0] + starts, offsets


def _two_lines(text: str) -> float:
    """The least width at which a text needs two lines."""
    words = text.split()
    cuts = range(1, max(2, len(words)))
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in cuts]
    return min(lines_width(pair, MEASURED_AS) for pair in halves) + 2


def _label_widths(
    tree: FamilyTree, starts: np.ndarray, columns: np.ndarray, more: np.ndarray, room: QSizeF
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) twice: the widest a label may be in one line, and in two."""
    following = np.append(columns, columns[-1] + WIDEST_PITCH)[tree.depths + 1]
    space = tokens().space
    sign = np.where(more > 0, more + space[3], 0)
    before_next = following - starts - EDGE_ROOM - sign
    to_the_end = np.maximum(room.width() - starts - space[1], LAST_LABEL)
    is_end = tree.leaves()
    last = tree.depths == tree.depths.max()
    inner = np.where(last, np.minimum(to_the_end - sign, WIDEST_LABEL), before_next)
    # A leaf has its row for itself, up to the end.
    one = np.where(is_end, np.minimum(to_the_end - sign, WIDEST_LABEL), inner)
    wide = np.maximum(before_next + EDGE_ROOM / 2, WIDEST_LAST)
    two = np.where(is_end, np.minimum(one, wide), np.minimum(one, inner))
    return one, two


def _line_counts(tree: FamilyTree) -> tuple[np.ndarray, ...]:
    """(n,) lines that labels may have, tried in this order until all rows fit."""
    twos, ones = np.full(len(tree), 2), np.ones(len(tree), np.int64)
    return twos, np.where(tree.leaves(), ones, twos), ones


def _lines(
    tree: FamilyTree,
    texts: Mapping[int, str],
    widths: tuple[np.ndarray, np.ndarray],
    most: np.ndarray,
) -> tuple[tuple[str, ...], ...]:
    made = []
    for place, latent in enumerate(tree.latents.tolist()):
        count = int(most[place])
        width = float(widths[count - 1][place])
        made.append(tuple(wrapped(texts.get(latent, ""), MEASURED_AS, width, count)))
    return tuple(made)
