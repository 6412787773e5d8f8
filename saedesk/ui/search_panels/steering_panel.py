"""The steering panel: how far the query has moved, and a slider for each of its features."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.search.steering_plan import Target
from saedesk.session.family_book import family_book
from saedesk.session.family_search import add_family
from saedesk.session.live_search import SHOWN_FEATURES, LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.steering_settings import Slid
from saedesk.ui.search_panels.family_row import FamilyRow
from saedesk.ui.search_panels.feature_completion import FeatureField
from saedesk.ui.search_panels.feature_names import named_families, named_features
from saedesk.ui.search_panels.left_behind import LeftBehind
from saedesk.ui.search_panels.missing_features import MissingFeatures
from saedesk.ui.search_panels.slider_list import SliderList
from saedesk.ui.search_panels.slider_scale import SliderScale
from saedesk.ui.search_panels.steering_head import SteeringHead
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.search_panels.unsteered_note import hint_of
from saedesk.ui.search_panels.wanted_sliders import WantedSliders, wanted_sliders
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea


class SteeringPanel(QWidget):
    """Sliders over the features of the query and those that a person added."""

    keyboard_left = Signal()
    """The slider that had the keyboard went, or does nothing any more, and no other has it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._book: object = None
        self._all_shown = False
        self._added: tuple[Slid, ...] = ()
        self._fresh: Slid | None = None
        """What a slider was added for that has not been shown to anybody yet."""
        self._shown: WantedSliders | None = None
        self._around: tuple[object, ...] | None = None
        """Whether there is a scale, the hint, and whether words alone are searched for."""
        self._to_reveal: SteeringRow | None = None
        self._families_are_stale = True
        self._list = SliderList(session)
        self._hint, self.unsteered = self._list.hint, self._list.unsteered
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pages = QStackedLayout(self)
        self._missing = MissingFeatures(session)
        self._sliders = QWidget()
        self._pages.addWidget(self._missing)
        self._pages.addWidget(self._sliders)
        self._build(QVBoxLayout(self._sliders))
        for signal in (session.sae_changed, session.project_changed, session.runs_changed):
            signal.connect(self._on_search_replaced)
        families = family_book(session)
        families.families_changed.connect(self._refresh_families)
        families.measures_changed.connect(self._refresh_families)
        self._on_search_replaced()
        self._refresh_families()

    # -- what it is made of --------------------------------------------------------------------

    def _build(self, column: QVBoxLayout) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = SteeringHead(self._session)
        self.head.laid_out_anew.connect(self._fit_list)
        self.meter, self.reset_all = self.head.meter, self.head.reset_all
        column.addWidget(self.head)
        # The list is as high as its rows and gives way where there is no room for them.
        self._scroll = ScrollArea(self._list, "panel", "Sliders")
        self._list.reached.connect(self._scroll.ensureWidgetVisible)
        column.addWidget(self._scroll, 1000)
        self.scale = SliderScale()
        column.addWidget(self.scale)
        column.addSpacing(space[2])
        column.addStretch(1)
        self.left_behind = LeftBehind()
        column.addWidget(self.left_behind)
        column.addWidget(Hairline())
        bottom = QHBoxLayout()
        bottom.setContentsMargins(side, space[2], side, space[2])
        bottom.setSpacing(space[2])
        self.field = FeatureField()
        self.field.chosen.connect(self._add)
        self.field.family_chosen.connect(self._add_family)
        self.weaker = DefaultButton("", trailing_icon="chevron-down")
        self.weaker.clicked.connect(self._toggle_weaker)
        bottom.addWidget(self.field, 1)
        bottom.addWidget(self.weaker)
        column.addLayout(bottom)

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        session = self._session
        self._pages.setCurrentWidget(self._missing if session.sae is None else self._sliders)
        self._missing.refresh()
        if session.book is not self._book:
            self._book = session.book
            if session.book is not None:
                session.book.labels_changed.connect(self._refresh_names)
                session.book.labels_changed.connect(self._on_names)
            self._refresh_names()
        if session.search is not self._search:
            self._search = session.search
            self._list.set_search(self._search)
            self.head.set_search(self._search)
            if self._search is not None:
                self._search.state_changed.connect(self._on_state)
                self._search.query_changed.connect(self._on_query)
                self._search.answered.connect(self._on_answered)
                self._search.failed.connect(self.meter.show_failure)
                self._search.let_go.connect(self.left_behind.let_go)
                self._search.slider_wanted.connect(self._on_slider_wanted)
                self._search.calibrations.calibrated.connect(self._on_calibrated)
            self.left_behind.start_with(
                SearchState() if self._search is None else self._search.state
            )
            self._shown = None
            self._note_added(self._wanted())
            self._on_query(None if self._search is None else self._search.query)
            self._list.show_effects()

    def _refresh_names(self) -> None:
        self.field.set_features(named_features(self._session))

    def _refresh_families(self) -> None:
        # While thresholds are moved in Families, nobody looks at them here.
        self._families_are_stale = not self.isVisible()
        if self._families_are_stale:
            return
        self.field.set_families(named_families(self._session))
        self._on_names()

    def _on_names(self) -> None:
        self._shown = None
        self._rebuild()

    def _on_query(self, query: object) -> None:
        if self._search is not None:
            self.left_behind.settle(self._search.state)
        if query is None:
            self.head.show_answer(None)
            self._list.show_effects()
        self._all_shown = False
        self._rebuild()

    def _on_answered(self, _answer: object) -> None:
        self._list.show_effects()
        self._list.show_calibrations()
        self.scale.set_marks(self._list.has_marks)

    def _on_calibrated(self, target: Target) -> None:
        self._list.show_calibration(target)
        self.scale.set_marks(self._list.has_marks)

    def _note_added(self, wanted: WantedSliders) -> None:
        fresh = [one for one in wanted.put_there if one not in self._added]
        self._added = wanted.put_there
        self._fresh = fresh[-1] if fresh else None

    @property
    def rows(self) -> list[SteeringRow]:
        """The rows of features: the added ones, then those of the query."""
        return self._list.rows

    @property
    def family_rows(self) -> list[FamilyRow]:
        """The rows of families."""
        return self._list.family_rows

    def _row_of(self, wanted: Slid | None) -> SteeringRow | None:
        if wanted is None:
            return None
        rows = self.rows if wanted.kind == "feature" else self.family_rows
        return next((row for row in rows if row.latent == wanted.latent), None)

    def take_keyboard(self) -> bool:
        """Puts the keyboard on the first slider, or into the field that adds one."""
        if not self._sliders.isVisible():
            return False
        rows = self._list.all_rows()
        first = rows[0].control if rows else self.field
        first.setFocus(Qt.FocusReason.TabFocusReason)
        if rows:
            self._scroll.ensureWidgetVisible(rows[0])
        return True

    def focus_added(self) -> bool:
        """Puts the keyboard on a slider that was just added; returns whether there is one."""
        row = self._row_of(self._fresh)
        self._fresh = None
        if row is None or not self._sliders.isVisible():
            return False
        row.control.setFocus(Qt.FocusReason.OtherFocusReason)
        # It has its place only after the layout.
        self._to_reveal = row
        QTimer.singleShot(0, self, self._reveal)
        return True

    def _on_slider_wanted(self, slid: Slid) -> None:
        """Somebody adds what has a slider: that one is wanted, also among the weaker ones."""
        self._fresh = slid
        if self._row_of(slid) is None:
            self._all_shown = True
            self._rebuild()
        if self.isVisible():
            self.focus_added()

    def _reveal(self) -> None:
        row, self._to_reveal = self._to_reveal, None
        if row in self._list.all_rows():
            self._scroll.ensureWidgetVisible(row)

    def _on_state(self, state: SearchState) -> None:
        is_held = self._search is not None and self._search.is_dragging
        self.left_behind.show_state(state, is_held=is_held)
        wanted, place = self._wanted(), self._list.place_of_keyboard
        self._note_added(wanted)
        if wanted != self._shown:
            self._rebuild()
        self._list.show_values()
        self._show_around()
        if not self._list.keep_keyboard(place):
            self.keyboard_left.emit()
        if self._fresh is not None and self.isVisible():
            self.focus_added()

    # -- rows ----------------------------------------------------------------------------------

    def _wanted(self) -> WantedSliders:
        if self._search is None or self._session.sae is None:
            return WantedSliders()
        return wanted_sliders(self._search, every=self._all_shown)

    def _rebuild(self) -> None:
        wanted = self._wanted()
        if wanted != self._shown:
            self._shown = wanted
            self.scale.set_end(self._list.fill(wanted.families, wanted.added, wanted.own))
            self._set_tab_order()
        self._refresh_weaker()
        self._list.show_values()
        self._around = None
        self._show_around()

    def _show_around(self) -> None:
        """What stands around the sliders, and their room, where it became something else."""
        by_words = self._search is not None and self._search.state.by_words_alone
        self.scale.set_marks(self._list.has_marks)
        around = (self._list.has_directions and not by_words, hint_of(self._search), by_words)
        if around == self._around:
            return
        self._around = around
        self.scale.setVisible(around[0])
        self._hint.setText(around[1])
        self._fit_list()
        QTimer.singleShot(0, self, self._align_scale)

    def _set_tab_order(self) -> None:
        sliders = [part for row in self._list.all_rows() for part in row.focus_order()]
        chain = [*self.head.focus_order(), *sliders, self.field, self.weaker]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _refresh_weaker(self) -> None:
        search = self._search
        active = 0 if search is None or search.query is None else len(search.query.latents)
        hidden = active - SHOWN_FEATURES
        self.weaker.setVisible(hidden > 0)
        self.weaker.set_text("Fewer" if self._all_shown else f"{hidden} weaker")

    # -- what a person does ----------------------------------------------------------------------

    def _add(self, latent: int) -> None:
        if self._search is None:
            return
        self._search.add_feature(latent)
        self._on_slider_wanted(Slid("feature", latent))

    def _add_family(self, root: int) -> None:
        if add_family(self._session, root):
            self._on_slider_wanted(Slid("family", root))

    def _toggle_weaker(self) -> None:
        self._all_shown = not self._all_shown
        self._rebuild()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._families_are_stale:
            self._refresh_families()

    # -- geometry --------------------------------------------------------------------------------

    def _fit_list(self) -> None:
        """The list is as high as its rows, the sentence in it as high as it is when wrapped."""
        column = self._list.column
        height = column.sizeHint().height()
        if column.hasHeightForWidth():
            height = column.totalHeightForWidth(self.width())
        self._scroll.setMaximumHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_list()
        QTimer.singleShot(0, self, self._align_scale)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            QTimer.singleShot(0, self, self._align_scale)
        return super().event(event)

    def _align_scale(self) -> None:
        rows = self._list.all_rows()
        if not rows:
            return
        left, right = rows[0].track_ends()
        x = rows[0].mapTo(self, QPoint(0, 0)).x() - self.scale.x()
        self.scale.set_track(x + left, x + right)
        self.scale.set_cut(self._scroll.verticalScrollBar().maximum() > 0)
