"""What the picture of who fires with whom shows: asked in the query lane, named in the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saedesk.features.families.block_counts import MeanShares, counts_among, mean_shares
from saedesk.features.families.block_order import (
    BlockOrder,
    order_around,
    order_of_all,
    side_by_side,
)
from saedesk.features.families.bridges import Bridges, bridges_among, bridges_from
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.task_control import TaskControl

MOST_FAMILIES = 200
"""Families that have a cell each; beyond, a cell would have less than two pixels."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Counted cells, without names."""

    chosen: int | None
    """Root of the family in the middle of it; None for all families."""
    order: BlockOrder | None
    """None where each cell stands for a whole family."""
    families: tuple[FeatureFamily, ...]
    """Those that are shown, in order."""
    together: np.ndarray
    """(n, n) int64: documents of both features; (0, 0) where cells stand for families."""
    means: MeanShares | None
    """Of whole families."""
    bridges: Bridges


@dataclass(frozen=True)
class BlocksQuestion:
    """Counts what fires together around a family, or in all of them."""

    families: tuple[FeatureFamily, ...]
    """Largest first."""
    chosen: int | None

    def __call__(self, details: FeatureDetails, control: TaskControl) -> Blocks:
        activations = details.sae.activations
        by_root = {one.root: one for one in self.families}
        shown = self.families[:MOST_FAMILIES]
        order: BlockOrder | None
        if self.chosen is not None:
            bridges = bridges_from(activations, self.families, self.chosen, control)
            nearest = [by_root[bridge.other] for bridge in bridges.found]
            order = order_around(by_root[self.chosen], nearest)
        else:
            bridges = bridges_among(activations, shown, control)
            order = order_of_all(self.families)
        if order is None:
            means = mean_shares(activations, shown, control)
            at = side_by_side(means.shares)
            means = replace(means, shares=means.shares[np.ix_(at, at)])
            shown = tuple(shown[i] for i in at.tolist())
            return Blocks(None, None, shown, np.zeros((0, 0), np.int64), means, bridges)
        shown = tuple(by_root[block.root] for block in order.blocks)
        together = counts_among(activations, order.latents, control)
        return Blocks(self.chosen, order, shown, together, None, bridges)


@dataclass(frozen=True)
class MapBlock:
    """Rows (and columns) of one family, side by side."""

    root: int
    name: str
    start: int
    stop: int
    size: int
    """Features of the whole family."""


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale of shares."""

    low: float
    """Shares up to here have the colour of the ground."""
    high: float
    """Shares from here on have the strongest colour."""
    ticks: tuple[tuple[float, str], ...]
    """Shares with their text in percent."""

    def places(self, shares: np.ndarray) -> np.ndarray:
        """From 0 at the low end to 1 at the high one; NaN stays."""
        with np.errstate(divide="ignore"):
            found = np.log(shares / self.low) / np.log(self.high / self.low)
        return np.clip(found, 0.0, 1.0)


FEATURE_SCALE = Scale(0.01, 0.6, ((0.01, "1"), (0.03, "3"), (0.1, "10"), (0.3, "30"), (0.6, "60")))
"""Of single features; the edges of families begin at 10 %."""
FAMILY_SCALE = Scale(0.01, 0.3, ((0.01, "1"), (0.03, "3"), (0.1, "10"), (0.3, "30")))
"""Of means over whole families, which are smaller; below the low end is chance."""


@dataclass(frozen=True, eq=False)
class MapCells:
    """The picture, as it is drawn; n rows and columns in the same order."""

    keys: tuple[int, ...]
    """(n,): latents, or roots where cells stand for families."""
    names: tuple[str, ...]
    shares: np.ndarray
    """(n, n) float64, row by column; NaN where there is nothing to show."""
    together: np.ndarray
    """(n, n) int64: documents of both, and of one on the diagonal; (0, 0) for families."""
    blocks: tuple[MapBlock, ...]
    chosen: int | None = None
    """Root of the family whose block is framed."""

    @property
    def of_families(self) -> bool:
        """Whether a cell stands for two families instead of two features."""
        return not len(self.together)

    @property
    def scale(self) -> Scale:
        """From share to colour."""
        return FAMILY_SCALE if self.of_families else FEATURE_SCALE

    def block_at(self, row: int) -> MapBlock:
        """The block a row belongs to."""
        return next(block for block in self.blocks if block.start <= row < block.stop)


NO_CELLS = MapCells((), (), np.zeros((0, 0)), np.zeros((0, 0), np.int64), ())


def named_cells(
    found: Blocks, feature_name: Callable[[int], str], family_name: Callable[[int], str]
) -> MapCells:
    """The picture with the names of the moment."""
    if found.means is not None:
        roots = tuple(one.root for one in found.families)
        names = tuple(family_name(root) for root in roots)
        blocks = tuple(
            MapBlock(one.root, name, at, at + 1, len(one.members))
            for at, (one, name) in enumerate(zip(found.families, names, strict=True))
        )
        return MapCells(roots, names, found.means.shares, found.together, blocks)
    assert found.order is not None
    latents, starts = found.order.latents.tolist(), found.order.starts
    blocks = tuple(
        MapBlock(block.root, family_name(block.root), starts[at], starts[at + 1], block.size)
        for at, block in enumerate(found.order.blocks)
    )
    documents = np.diag(found.together)
    shares = found.together / np.maximum(1, documents)[:, None]
    np.fill_diagonal(shares, np.nan)
    names = tuple(feature_name(latent) for latent in latents)
    return MapCells(tuple(latents), names, shares, found.together, blocks, found.chosen)


def summary_text(cells: MapCells, families: int) -> str:
    """What is in the picture: "90 features of 8 families, in family order"."""
    if cells.of_families:
        shown = len(cells.keys)
        some = f"The {shown:,} largest of {families:,}" if shown < families else f"All {shown:,}"
        return f"{some} families, alike ones side by side"
    n, of = len(cells.keys), len(cells.blocks)
    return f"{_counted(n, 'feature')} of {_counted(of, 'family', 'families')}, in family order"


def caption_text(cells: MapCells) -> str:
    """What a colour means."""
    if cells.of_families:
        return "Mean over pairs of features of the row’s and the column’s family"
    return "Share of the row’s documents in which the column fires too"


def percent_text(share: float) -> str:
    """ "46 %", "3.1 %", "0.04 %"; a little finer than elsewhere, as the scale is."""
    percent = 100 * share
    if percent >= 9.95 or percent == 0:
        return f"{percent:.0f} %"
    return f"{percent:.1f} %" if percent >= 0.095 else f"{percent:.2f} %"


def cell_lines(cells: MapCells, row: int, column: int) -> tuple[str, str, str, str]:
    """Of a cell: the name of its row, that of its column, the share, and what it is a share of."""
    first, second = cells.names[row], cells.names[column]
    if cells.of_families:
        share = cells.shares[row, column]
        number = "–" if np.isnan(share) else percent_text(float(share))
        where = "inside the family" if row == column else "of a row feature’s documents"
        return first, "" if row == column else second, number, f"on average {where}"
    together, of = int(cells.together[row, column]), int(cells.together[row, row])
    if row == column:
        return first, "", f"{of:,}", "documents in which it fires"
    share_of = f"{together:,} of {_counted(of, 'document')}"
    return first, second, percent_text(together / max(1, of)), share_of


def cell_table(cells: MapCells) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Heads and rows of all cells of two different features, or families, that fire together."""
    n = len(cells.keys)
    pairs = [(i, j) for i in range(n) for j in range(n) if cells.shares[i, j] > 0]
    if cells.of_families:
        heads: Sequence[str] = ("row_root", "row_family", "column_root", "column_family", "share")
        return heads, [
            (
                cells.keys[i],
                cells.names[i],
                cells.keys[j],
                cells.names[j],
                float(cells.shares[i, j]),
            )
            for i, j in pairs
        ]
    families = [cells.block_at(row).name for row in range(n)]
    heads = (
        *("row_feature", "row_label", "row_family"),
        *("column_feature", "column_label", "column_family"),
        *("documents_of_row", "documents_of_both", "share"),
    )
    return heads, [
        (
            *(cells.keys[i], cells.names[i], families[i]),
            *(cells.keys[j], cells.names[j], families[j]),
            int(cells.together[i, i]),
            int(cells.together[i, j]),
            float(cells.shares[i, j]),
        )
        for i, j in pairs
    ]


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
