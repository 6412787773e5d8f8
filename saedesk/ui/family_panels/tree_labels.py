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
EDGE_ROOM = 16.0
"""Between the end of a label and the nodes of the next level, for the curves."""
MOST_STRETCH = 2.6
"""How much farther apart rows may stand than they need; a small family fills some of its room."""
FEWEST_ROWS = 8
"""Rows that are shown however little room there is."""
FEWEST_LEVELS = 2
TRIES = 12
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

    def bounds_at(self, scale: float) -> QRectF:
        """All nodes and labels at a scale; labels keep their size while places move apart."""
        edge = self.radii + tokens().space[1]
        right = np.maximum(self.label_rects[:, 2], np.where(self.hidden > 0, self.edge_starts, 0))
        right, half = right / scale, np.maximum(edge, self.label_rects[:, 3]) / scale
        edge = edge / scale
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
    rows, levels, placed = _folded(whole, texts, room, closed)
    if opened:
        # What was in view before something was opened stays what it was.
        shown = visible_nodes(whole, rows, opened, closed, levels)
        placed = _placed(whole, shown, texts, room)
    return placed


def _folded(
    whole: FamilyTree, texts: Mapping[int, str], room: QSizeF, closed: Collection[int]
) -> tuple[int, int, PlacedTree]:
    """How many rows and levels fit into a room, and the tree with them."""
    rows, levels = int(room.height() / _row_height(1)), _levels(room.width())
    for _ in range(TRIES):
        shown = visible_nodes(whole, rows, (), closed, levels)
        placed = _placed(whole, shown, texts, room)
        # Dense features are large, and some words long, so that fewer of them fit than of others.
        too_high = placed.height > room.height() + 1 and rows > FEWEST_ROWS
        too_wide = placed.bounds_at(1.0).width() > room.width() + 1 and levels > FEWEST_LEVELS
        if not (too_high or too_wide):
            break
        if too_high:
            rows = max(FEWEST_ROWS, min(rows - 1, int(rows * room.height() / placed.height)))
        levels = min(levels, int(placed.tree.depths.max()) + 1) - too_wide
    return rows, levels, placed


def _levels(width: float) -> int:
    """How many levels can have labels that are read."""
    node = 2 * tokens().space[3]
    return max(
        FEWEST_LEVELS, 1 + int((width - LAST_LABEL - node) / (NARROWEST_LABEL + EDGE_ROOM + node))
    )


def _placed(
    whole: FamilyTree, shown: np.ndarray, texts: Mapping[int, str], room: QSizeF
) -> PlacedTree:
    """The nodes of a mask (n,) with their labels."""
    tree = whole.part(shown)
    hidden = _hidden(whole, shown)
    more = np.array([_more_width(count) for count in hidden])
    radii = node_radii(tree.densities)
    columns, offsets, ends = _columns(tree, radii, texts, more, room)
    places = np.zeros((len(tree), 2))
    places[:, 0] = columns[tree.depths]
    offset = offsets[tree.depths]
    widths = _label_widths(tree, places[:, 0] + offset, ends, more)
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
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n_levels,) three times: x of each level, how far right of it labels begin, and where those
    of nodes with children end; of the last level where all labels end."""
    levels = int(tree.depths.max()) + 1
    reach = np.zeros(levels)
    np.maximum.at(reach, tree.depths, radii)
    offsets = reach + tokens().space[2]
    needed, least = _needed(tree, texts, more)
    around = offsets[:-1] + EDGE_ROOM + reach[1:]
    # `bounds_at` leaves a margin around the root.
    width = room.width() - tokens().space[1]
    left = width - reach[0] - offsets[-1] - needed[:-1].sum() - around.sum()
    texts_there = [texts.get(int(i), "") for i in tree.latents[tree.depths == levels - 1]]
    wanted = min(lines_width(texts_there, MEASURED_AS) + 2, WIDEST_LAST)
    last = max(min(LAST_LABEL, wanted), min(left, wanted))
    end = width - reach[0] - offsets[-1] - last
    if least.sum() + around.sum() > end:
        # Wider than the room in any case: then no word is cut for its sake.
        last = wanted
    starts = reach[0] + column_starts(needed[:-1], around, end, least, WIDEST_PITCH)
    whole = max(width, starts[-1] + offsets[-1] + last)
    return starts, offsets, np.append(starts[1:] - reach[1:] - EDGE_ROOM, whole)


def _needed(
    tree: FamilyTree, texts: Mapping[int, str], more: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n_levels,) and (n_levels − 1,): widths with which labels of nodes with children need two
    lines, and the least with which no word of theirs is cut."""
    needed = np.full(int(tree.depths.max()) + 1, NARROWEST_LABEL)
    least = needed.copy()
    for place in np.flatnonzero(~tree.leaves()):
        text, depth = texts.get(int(tree.latents[place]), ""), tree.depths[place]
        wide = _two_lines(text)
        word = lines_width([f"{one}…" for one in text.split()] or [""], MEASURED_AS) + 2
        sign = more[place] + (tokens().space[3] if more[place] else 0)
        needed[depth] = max(needed[depth], min(wide, WIDEST_NEEDED) + sign)
        least[depth] = max(least[depth], min(word, wide, WIDEST_NEEDED) + sign)
    return needed, least[:-1]


def _two_lines(text: str) -> float:
    """The least width at which a text needs two lines."""
    words = text.split()
    cuts = range(1, max(2, len(words)))
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in cuts]
    return min(lines_width(pair, MEASURED_AS) for pair in halves) + 2


def _label_widths(
    tree: FamilyTree, starts: np.ndarray, ends: np.ndarray, more: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) twice: the widest a label may be in one line, and in two.

    starts: (n,) where labels begin; ends: (n_levels,) where they end before the next level.
    """
    sign = np.where(more > 0, more + tokens().space[3], 0)
    before_next = ends[tree.depths] - starts - sign
    is_end = tree.leaves()
    # A leaf has its row for itself, up to the end.
    to_the_end = ends[-1] - starts - sign
    one = np.where(is_end, to_the_end, before_next)
    wide = np.maximum(before_next + EDGE_ROOM / 2, WIDEST_LAST)
    two = np.where(is_end, np.minimum(one, wide), one)
    return one, two


def _line_counts(tree: FamilyTree) -> tuple[np.ndarray, ...]:
    """(n,) lines that labels may have, tried in this order until all rows fit.

    Beside a node with children there is room for two, as its children need it too.
    """
    twos, ones = np.full(len(tree), 2), np.ones(len(tree), np.int64)
    return twos, np.where(tree.leaves(), ones, twos)


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
