"""The bridges from a family, or between all: which families have documents in common."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.families.bridges import Bridge, Bridges
from saedesk.report.number_texts import share_text
from saedesk.ui.features_panels.share_rows import ShareRow, ShareRows
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

MOST_ROWS = 6
SMALLEST_SHARE = 0.01
"""Below one document in a hundred there is nothing to cross."""
LONGEST_BAR = 0.85
"""Of the room: the longest bar is no whole, and does not look like one."""
LONGEST_OF_TWO = 18
"""Characters of a name where two stand in a row; the tooltip has the whole."""
_OF_ONE = (
    "Share of this family’s documents that belong to the other family too. A document belongs to "
    "a family when its root fires, or two of its other features; features of both families do not "
    "count for the other one."
)
_OF_ALL = (
    "Share of the smaller family’s documents that belong to the larger one too; of families "
    "without a feature in common. A document belongs to a family when its root fires, or two of "
    "its other features."
)


class FamilyBridges(QWidget):
    """The broadest bridges; a click on one hands out the family it leads to."""

    family_chosen = Signal(int)
    """Root of a family."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = SectionHead("Bridges from this family", "documents in common")
        self.rows = ShareRows("Bridges")
        self.nothing = TextLabel("", "body", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        column.addWidget(self.head)
        column.addWidget(self.rows)
        column.addWidget(self.nothing)
        self.rows.chosen.connect(self._choose)

    def show_bridges(self, found: Bridges, is_of_one: bool, name: Callable[[int], str]) -> None:
        """Show other bridges, from one family or between all, with the names of the moment."""
        kept = [one for one in found.found if one.share >= SMALLEST_SHARE][:MOST_ROWS]
        most = max((one.share for one in kept), default=1.0)
        self.head.set_title("Bridges from this family" if is_of_one else "Broadest bridges")
        self.head.note.set_explanation(_OF_ONE if is_of_one else _OF_ALL)
        self.rows.set_rows([_row(one, found, is_of_one, most, name) for one in kept])
        self.rows.setVisible(bool(kept))
        self.nothing.setVisible(not kept)
        whose = "This family shares" if is_of_one else "No two families share"
        with_whom = "hardly any documents with others." if is_of_one else "many documents."
        self.nothing.setText(f"{whose} {with_whom}")

    def _choose(self, root: object) -> None:
        assert isinstance(root, int)
        self.family_chosen.emit(root)


def _row(
    one: Bridge, found: Bridges, is_of_one: bool, most: float, name: Callable[[int], str]
) -> ShareRow:
    names = name(one.root), name(one.other)
    text = names[1] if is_of_one else " – ".join(_short(text) for text in names)
    said = f"{one.together:,} of {one.documents:,} documents of “{names[0]}”"
    if found.documents_read < found.documents:
        said += f", among {found.documents_read:,} drawn from {found.documents:,}"
    key = one.other if is_of_one else one.root
    return ShareRow(
        key,
        text,
        share_text(one.share),
        LONGEST_BAR * one.share / max(most, 1e-12),
        tooltip=f"{said} belong to “{names[1]}” too",
    )


def _short(text: str) -> str:
    """So that two names have room in one row."""
    return text if len(text) <= LONGEST_OF_TWO else text[: LONGEST_OF_TWO - 1].rstrip(" ,") + "…"
