"""Sections of the right column about other features: direction, firing, family, absorption."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.session.family_book import family_book
from saedesk.session.family_search import family_with, open_family_of
from saedesk.session.session import Session
from saedesk.ui.features_panels.neighbour_rows import (
    LIFT,
    NEAREST,
    OPPOSED,
    SHARE,
    absorption_rows,
    direction_rows,
    family_rows,
    together_rows,
)
from saedesk.ui.features_panels.share_rows import ShareRow, ShareRows
from saedesk.ui.features_panels.surroundings import Near
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.segmented import SegmentedControl

_DIRECTION = (
    "Cosine between the decoder directions: 1 is the same direction, 0 none in common, below 0 "
    "against each other."
)
_TOGETHER = (
    "Lift: how many times as often both fire as they would by chance. Share: in how many of this "
    "feature’s documents the other one fires too."
)
_FAMILY = "Above it what is more general, below it what is more special; by weight of the edge."
_ABSORBED = (
    "More special features in whose documents this one should fire and is silent: they may have "
    "taken its place there. The share is that of the silent documents."
)
_ABSORBS = "More general features that are silent in documents of this one, though they fit."


def section(head: QWidget, body: QWidget, is_first: bool = False) -> QWidget:
    """A head, a body, and a hairline above unless it is the first."""
    made, space = QWidget(), tokens().space
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, space[2])
    column.setSpacing(0)
    if not is_first:
        column.addWidget(Hairline())
        column.addSpacing(space[2] + 2)
    column.addWidget(head)
    column.addSpacing(space[1])
    column.addWidget(body)
    return made


class NeighbourSections(QObject):
    """Shows what is near a feature; a click on a row selects that feature."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._near: Near | None = None
        self.nearest = ShareRows("By direction")
        self.together = ShareRows("Firing together")
        self.family = ShareRows("Family")
        self.absorbed_by = ShareRows("May be absorbed by")
        self.absorbs = ShareRows("May absorb")
        self.side = SegmentedControl([NEAREST, OPPOSED], NEAREST, "By direction")
        self.measure = SegmentedControl([LIFT, SHARE], LIFT, "Firing together by")
        for switch in (self.side, self.measure):
            switch.changed.connect(self._on_switch)
        self.open_family = GhostButton("network", "Show the family in Families")
        self.open_family.clicked.connect(self._on_open_family)
        direction = SectionHead("By direction", "", self.side)
        direction.title.set_explanation(_DIRECTION)
        together = SectionHead("Firing together", "", self.measure)
        together.title.set_explanation(_TOGETHER)
        self.sections = {
            "nearest": section(direction, self.nearest, is_first=True),
            "together": section(together, self.together),
            "family": section(_head("Family", "weight", _FAMILY, self.open_family), self.family),
            "absorbed by": section(
                _head("May be absorbed by", "silent", _ABSORBED), self.absorbed_by
            ),
            "absorbs": section(_head("May absorb", "silent", _ABSORBS), self.absorbs),
        }
        for rows in (self.nearest, self.together, self.family, self.absorbed_by, self.absorbs):
            rows.chosen.connect(session.select_feature)

    def show_near(self, near: Near) -> None:
        """Show another answer, or the same with the labels of the moment."""
        book = self._session.book
        if book is None:
            return
        self._near = near
        around = near.neighbours
        self._fill("nearest", self.nearest, direction_rows(book, around, self.side.current))
        self._fill("together", self.together, together_rows(book, around, self.measure.current))
        self._fill("family", self.family, family_rows(book, around))
        self._name_family(near.latent)
        absorbed = absorption_rows(book, near.absorption.absorbed_by, is_general=True)
        self._fill("absorbed by", self.absorbed_by, absorbed)
        absorbs = absorption_rows(book, near.absorption.absorbs, is_general=False)
        self._fill("absorbs", self.absorbs, absorbs)

    def _name_family(self, latent: int) -> None:
        root = family_with(self._session, latent)
        name = "" if root is None else f" “{family_book(self._session).name(root)}”"
        told = f"Show the family{name} in Families"
        set_plain_tooltip(self.open_family, told)
        self.open_family.setAccessibleName(told)

    @Slot()
    def _on_open_family(self) -> None:
        # Not that of what is shown: the answer about a newer one may be on its way.
        if self._session.feature is not None:
            open_family_of(self._session, self._session.feature)

    def _fill(self, name: str, shown: ShareRows, rows: list[ShareRow]) -> None:
        shown.set_rows(rows)
        self.sections[name].setVisible(bool(rows))

    @Slot(str)
    def _on_switch(self, _: str) -> None:
        if self._near is not None:
            self.show_near(self._near)


def _head(title: str, note: str, explanation: str, *actions: QWidget) -> SectionHead:
    head = SectionHead(title, note, *actions)
    head.note.set_explanation(explanation)
    return head
