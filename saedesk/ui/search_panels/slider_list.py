"""The sliders of a search: families and features that were added, then those of the query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.latent_statistics import QUANTILES
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_request import Match
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import Target
from saedesk.session.family_book import family_book
from saedesk.session.family_search import FamilySliders, change_slider
from saedesk.session.live_search import LiveSearch
from saedesk.session.session import Session
from saedesk.session.steering_settings import Slid, SteeringSettings, Way, codes_of
from saedesk.ui.search_panels.family_ranges import FamilyRanges
from saedesk.ui.search_panels.family_row import FamilyRow
from saedesk.ui.search_panels.slider_scale import common_scale
from saedesk.ui.search_panels.slider_words import SliderView
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.search_panels.unsteered_note import WORDS_ALONE, UnsteeredNote
from saedesk.ui.search_panels.wanted_sliders import weight_alone
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.keyboard_place import has_keyboard
from saedesk.ui.widgets.text_label import TextLabel

LOW, HIGH = QUANTILES.index(0.05), QUANTILES.index(0.95)
Row = TypeVar("Row", bound=SteeringRow)


class SliderList(QWidget):
    """Three groups of rows under their heads; what is moved goes to the search."""

    reached = Signal(object)
    """The row to which a key went."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._ranges = FamilyRanges()
        self.rows: list[SteeringRow] = []
        """Of features: the added ones, then those of the query."""
        self.family_rows: list[FamilyRow] = []
        self.setProperty("ground", "panel")
        self._build()
        FamilySliders(session, self)

    def _build(self) -> None:
        space = tokens().space
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space[2], space[2], space[2], space[1])
        self.column.setSpacing(0)
        self._family_head = TextLabel("Families", "caption", "text2")
        self._added_head = TextLabel("Added features", "caption", "text2")
        self._query_head = TextLabel("Features of the query", "caption", "text2")
        for head in (self._family_head, self._added_head, self._query_head):
            head.setContentsMargins(space[2], space[1], 0, 0)
        self._family_line, self._line = _line(), _line()
        self.unsteered = UnsteeredNote()
        self.unsteered.match_wanted.connect(self._on_match)
        self.column.addWidget(self.unsteered)
        self.hint = TextLabel("", "body", "text2", wrap=True)
        self.hint.setContentsMargins(space[2], 0, space[2], 0)
        for part in (
            self._family_head,
            self._family_line,
            self._added_head,
            self._line,
            self._query_head,
            self.hint,
        ):
            self.column.addWidget(part)

    def set_search(self, search: LiveSearch | None) -> None:
        """Tell another search what is moved."""
        self._search = search

    def all_rows(self) -> list[SteeringRow]:
        """All rows from the top."""
        return [*self.family_rows, *self.rows]

    @property
    def has_directions(self) -> bool:
        """Whether a slider is turned by direction, which has a scale."""
        return any(row.view.way == "direction" for row in self.all_rows())

    @property
    def has_marks(self) -> bool:
        """Whether such a slider is marked where results are replaced."""
        return any(row.slider.is_marked for row in self.all_rows() if row.view.way == "direction")

    @property
    def place_of_keyboard(self) -> int | None:
        """Which row from the top has the keyboard; None where none has."""
        rows = enumerate(self.all_rows())
        return next((place for place, row in rows if has_keyboard(row)), None)

    def keep_keyboard(self, place: int | None) -> bool:
        """Leaves the keyboard in the row at a place, or in the last one.

        Returns whether it had none or could keep it: no slider may be left, or do anything.
        """
        rows = self.all_rows()
        if place is None or has_keyboard(self):
            return True
        if rows:
            rows[min(place, len(rows) - 1)].control.setFocus(Qt.FocusReason.OtherFocusReason)
        return has_keyboard(self)

    # -- what is shown -----------------------------------------------------------------------

    def fill(
        self, families: Sequence[FamilySlider], added: Sequence[int], own: Sequence[int]
    ) -> float:
        """Shows these sliders; returns the value at the right end of all of them."""
        sae, book = self._session.sae, self._session.book
        for row in self.all_rows():
            self.column.removeWidget(row)
        _keep(self.rows, len(added) + len(own), self._new_row)
        _keep(self.family_rows, len(families), self._new_family_row)
        if sae is None or book is None:
            return common_scale(0.0)
        ends = [self._fill_families(sae, families)]
        for at, latent in enumerate((*added, *own)):
            low, high = sae.statistics.quantiles[latent, [LOW, HIGH]].tolist()
            natural = (low, high) if np.isfinite([low, high]).all() else None
            is_added = at < len(added)
            self.rows[at].show_feature(latent, book.text(latent), natural, is_added)
            if is_added:
                self._insert(self._added_head, at, self.rows[at])
            else:
                self._insert(self._query_head, at - len(added), self.rows[at])
            ends.append(high if natural else 0.0)
        ends.append(weight_alone(self._search))
        self._family_head.setVisible(bool(families))
        self._family_line.setVisible(bool(families))
        self._added_head.setVisible(bool(added))
        self._line.setVisible(bool(added))
        self._query_head.setVisible(bool(own))
        self.hint.setVisible(not own)
        end = common_scale(max(ends))
        for row in self.all_rows():
            row.slider.set_range(-end, end)
        return end

    def _fill_families(self, sae: LoadedSae, families: Sequence[FamilySlider]) -> float:
        book, highest = family_book(self._session), 0.0
        for at, slider in enumerate(families):
            natural = self._ranges.of(slider, sae)
            self.family_rows[at].show_family(slider, book.name(slider.root), natural)
            self._insert(self._family_head, at, self.family_rows[at])
            highest = max(highest, natural[1] if natural else 0.0)
        return highest

    def _insert(self, head: QWidget, at: int, row: SteeringRow) -> None:
        self.column.insertWidget(self.column.indexOf(head) + 1 + at, row)
        row.show()

    def show_values(self) -> None:
        """Move the sliders to where the search has them."""
        if self._search is None:
            return
        reason = WORDS_ALONE if self._search.state.by_words_alone else ""
        self.unsteered.setVisible(bool(reason))
        self.unsteered.show_ways(has_encoder=not self._search.text_problem)
        codes = {} if self._search.query is None else codes_of(self._search.query)
        settings = self._search.state.settings
        for row in self.all_rows():
            row.show_reason(reason)
            row.show_view(_view(settings, row.slid, codes))

    def show_effects(self) -> None:
        """Beside every value what came of it in the newest answer."""
        search = self._search
        for row in self.all_rows() if search is not None else ():
            row.show_effect(search.value_after(row.slid), search.replaced_by(row.slid))

    def show_calibrations(self) -> None:
        """Marks of what is known of the sliders; the others are asked for."""
        search = self._search
        if search is None:
            return
        targets = [self._target(row.slid) for row in self.all_rows()]
        for row, target in zip(self.all_rows(), targets, strict=True):
            row.show_calibration(None if target is None else search.calibrations.of(target))
        search.calibrations.want([target for target in targets if target is not None])

    def show_calibration(self, target: Target) -> None:
        """Marks of a slider of which they are known now."""
        for row in self.all_rows():
            if self._search is not None and self._target(row.slid) == target:
                row.show_calibration(self._search.calibrations.of(target))

    def _target(self, slid: Slid) -> Target | None:
        return None if self._search is None else self._search.state.settings.target(slid)

    # -- rows --------------------------------------------------------------------------------

    def _new_row(self) -> SteeringRow:
        return self._connected(SteeringRow())

    def _new_family_row(self) -> FamilyRow:
        row = self._connected(FamilyRow())
        row.change_wanted.connect(self._on_family_change)
        return row

    def _connected(self, row: Row) -> Row:
        row.moved.connect(self._on_moved)
        row.let_go.connect(self._on_let_go)
        row.reset_wanted.connect(self._on_reset)
        row.remove_wanted.connect(self._on_remove)
        row.opened.connect(self._on_opened)
        row.alone_wanted.connect(self._on_alone)
        row.lock_wanted.connect(self._on_lock)
        row.way_wanted.connect(self._on_way)
        row.entered.connect(self._on_entered)
        row.neighbour_wanted.connect(self._on_neighbour)
        return row

    def _on_moved(self, slid: Slid, way: Way, value: float, final: bool) -> None:
        search = self._search
        if search is None:
            return
        if way == "places":
            search.set_places(slid, int(value), final=final)
        elif way == "less":
            search.set_less(slid, value, final=final)
        else:
            search.set_position(slid, value, final=final)

    def _on_let_go(self, goes_on: bool) -> None:
        if self._search is not None:
            self._search.end_drag(goes_on=goes_on)

    def _on_reset(self, slid: Slid) -> None:
        if self._search is not None:
            self._search.put_to_rest(slid)

    def _on_remove(self, slid: Slid) -> None:
        if self._search is None:
            return
        if slid.kind == "family":
            self._search.remove_family(slid.latent)
        else:
            self._search.remove_feature(slid.latent)

    def _on_lock(self, slid: Slid, is_locked: bool) -> None:
        if self._search is not None:
            self._search.set_lock(slid, is_locked)

    def _on_way(self, slid: Slid, way: Way) -> None:
        if self._search is not None:
            self._search.set_way(slid, way)

    def _on_alone(self, slid: Slid) -> None:
        if self._search is not None:
            self._search.set_target(self._target(slid))

    def _on_entered(self, slid: Slid) -> None:
        target = self._target(slid)
        if self._search is not None and target is not None:
            self._search.calibrations.want_first(target)

    def _on_neighbour(self, slid: Slid, step: int) -> None:
        rows = self.all_rows()
        at = next((i for i, row in enumerate(rows) if row.slid == slid), -1) + step
        if 0 <= at < len(rows):
            rows[at].control.setFocus(Qt.FocusReason.OtherFocusReason)
            self.reached.emit(rows[at])

    def _on_match(self, match: Match) -> None:
        if self._search is not None:
            self._search.set_match(match)

    def _on_family_change(self, root: int, part: str, weighting: str) -> None:
        change_slider(self._session, root, part, weighting)  # type: ignore[arg-type]

    def _on_opened(self, slid: Slid) -> None:
        if slid.kind == "family":
            family_book(self._session).select(slid.latent)
            self._session.show("families")
        else:
            self._session.show_feature(slid.latent)


def _view(settings: SteeringSettings, slid: Slid, codes: Mapping[int, float]) -> SliderView:
    typed = settings.value_in(slid, codes)
    return SliderView(
        settings.way(slid),
        typed,
        typed + settings.strength(slid),
        settings.places(slid),
        settings.places_left(slid),
        settings.less(slid),
        slid in settings.locked,
    )


def _line() -> QWidget:
    made, space = QWidget(), tokens().space
    column = QVBoxLayout(made)
    column.setContentsMargins(space[2], space[2], space[2], space[1])
    column.addWidget(Hairline())
    return made


def _keep(rows: list[Row], count: int, make: Callable[[], Row]) -> None:
    """Makes a list of rows so long, with as few new ones as it can."""
    while len(rows) > count:
        row = rows.pop()
        row.hide()
        row.deleteLater()
    while len(rows) < count:
        rows.append(make())
