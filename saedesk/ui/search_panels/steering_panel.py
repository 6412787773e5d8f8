"""The steering panel: how far the query has moved, and a slider for each of its features."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.features.latent_statistics import QUANTILES
from saedesk.session.live_search import SHOWN_FEATURES, LiveSearch, SearchState
from saedesk.session.session import Session
from saedesk.ui.search_panels.distance_meter import DistanceMeter
from saedesk.ui.search_panels.feature_completion import FeatureField
from saedesk.ui.search_panels.feature_names import NamedFeature
from saedesk.ui.search_panels.slider_scale import SliderScale, common_scale
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

LOW, HIGH = QUANTILES.index(0.05), QUANTILES.index(0.95)


class SteeringPanel(QWidget):
    """Sliders over the features of the query and those that a person added."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._book: object = None
        self._all_shown = False
        self._added: tuple[int, ...] = ()
        self._fresh: int | None = None
        """A feature whose slider was added and has not been shown to anybody yet."""
        self._shown: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._to_reveal: SteeringRow | None = None
        self.rows: list[SteeringRow] = []
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pages = QStackedLayout(self)
        self._missing = self._make_missing()
        self._sliders = QWidget()
        self._pages.addWidget(self._missing)
        self._pages.addWidget(self._sliders)
        self._build(QVBoxLayout(self._sliders))
        for signal in (session.sae_changed, session.project_changed, session.runs_changed):
            signal.connect(self._on_search_replaced)
        self._on_search_replaced()

    # -- what it is made of --------------------------------------------------------------------

    def _make_missing(self) -> EmptyPanel:
        missing = EmptyPanel("", "Train an SAE", "play")
        missing.sentence.setFixedWidth(tokens().space[8] * 9)
        missing.activated.connect(self._fill)
        return missing

    def _build(self, column: QVBoxLayout) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(side, space[2] + 2, side, 0)
        top.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(TextLabel("Steering", "head of a panel"), 1)
        self.reset_all = GhostButton("rotate-ccw", "Put all sliders back to the query as typed")
        self.reset_all.clicked.connect(self._reset_all)
        head.addWidget(self.reset_all)
        top.addLayout(head)
        top.addSpacing(space[2] + 2)
        self.meter = DistanceMeter()
        top.addWidget(self.meter)
        top.addSpacing(space[2] + 1)
        top.addWidget(Hairline())
        column.addLayout(top)
        # The list is as high as its rows and gives way where there is no room for them.
        column.addWidget(self._make_list(), 1000)
        self.scale = SliderScale()
        column.addWidget(self.scale)
        column.addSpacing(space[2])
        column.addStretch(1)
        column.addWidget(Hairline())
        bottom = QHBoxLayout()
        bottom.setContentsMargins(side, space[2], side, space[2])
        bottom.setSpacing(space[2])
        self.field = FeatureField()
        self.field.chosen.connect(self._add)
        self.weaker = DefaultButton("", trailing_icon="chevron-down")
        self.weaker.clicked.connect(self._toggle_weaker)
        bottom.addWidget(self.field, 1)
        bottom.addWidget(self.weaker)
        column.addLayout(bottom)

    def _make_list(self) -> ScrollArea:
        space = tokens().space
        content = QWidget()
        content.setProperty("ground", "panel")
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(space[2], space[2], space[2], space[1])
        self._list.setSpacing(0)
        self._added_head = TextLabel("Added features", "caption", "text2")
        self._query_head = TextLabel("Features of the query", "caption", "text2")
        for head in (self._added_head, self._query_head):
            head.setContentsMargins(space[2], space[1], 0, 0)
        self._line = QWidget()
        line = QVBoxLayout(self._line)
        line.setContentsMargins(space[2], space[2], space[2], space[1])
        line.addWidget(Hairline())
        self._hint = TextLabel("", "body", "text2", wrap=True)
        self._hint.setContentsMargins(space[2], 0, space[2], 0)
        self._list.addWidget(self._added_head)
        self._list.addWidget(self._line)
        self._list.addWidget(self._query_head)
        self._list.addWidget(self._hint)
        self._scroll = ScrollArea(content, "panel", "Sliders")
        return self._scroll

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        session = self._session
        self._pages.setCurrentWidget(self._missing if session.sae is None else self._sliders)
        self._say_what_is_missing()
        if session.book is not self._book:
            self._book = session.book
            if session.book is not None:
                session.book.labels_changed.connect(self._on_labels)
            self._refresh_names()
        if session.search is not self._search:
            self._search = session.search
            if self._search is not None:
                self._search.state_changed.connect(self._on_state)
                self._search.query_changed.connect(self._on_query)
                self._search.answered.connect(self.meter.show_answer)
                self._search.failed.connect(self._on_failed)
            self._shown = None
            self._note_added(() if self._search is None else self._search.state.added)
            self._on_query(None if self._search is None else self._search.query)
            if self._search is not None:
                self.meter.show_answer(self._search.answer)

    def _say_what_is_missing(self) -> None:
        project = self._session.project
        record = None if project is None else project.current("saes")
        if record is None:
            self._missing.set_text(
                "Sliders need features. Train an SAE to take queries apart; until then the "
                "search is plain.",
                "Train an SAE",
                "play",
            )
        else:
            self._missing.set_text(
                "The features of this SAE are not counted yet; until then the search is plain.",
                "Find the features",
                "play",
            )

    def _fill(self) -> None:
        project = self._session.project
        if project is None or project.current("saes") is None:
            self._session.show("train")
        else:
            self._session.analyse()

    def _refresh_names(self) -> None:
        sae, book = self._session.sae, self._session.book
        if sae is None or book is None:
            self.field.set_features([])
            return
        density = sae.statistics.density
        self.field.set_features(
            [NamedFeature(i, book.text(i), float(density[i])) for i in range(sae.n_latents)]
        )

    def _on_labels(self, _latents: object) -> None:
        self._refresh_names()
        self._shown = None
        self._rebuild()

    def _on_query(self, query: object) -> None:
        if query is None:
            self.meter.show_answer(None)
        self._all_shown = False
        self._rebuild()

    def _on_failed(self, _sentence: str) -> None:
        self.meter.show_failure()

    def _note_added(self, added: tuple[int, ...]) -> None:
        fresh = [latent for latent in added if latent not in self._added]
        self._added = added
        self._fresh = fresh[-1] if fresh else None

    def focus_added(self) -> bool:
        """Puts the keyboard on a slider that was just added; returns whether there is one."""
        row = next((row for row in self.rows if row.latent == self._fresh), None)
        self._fresh = None
        if row is None or not self._sliders.isVisible():
            return False
        row.slider.setFocus(Qt.FocusReason.OtherFocusReason)
        # It has its place only after the layout.
        self._to_reveal = row
        QTimer.singleShot(0, self, self._reveal)
        return True

    def _reveal(self) -> None:
        row, self._to_reveal = self._to_reveal, None
        if row in self.rows:
            self._scroll.ensureWidgetVisible(row)

    def _on_state(self, state: SearchState) -> None:
        self._note_added(state.added)
        if self._shown is None or state.added != self._shown[0]:
            self._rebuild()
        self._show_values()
        if self._fresh is not None and self.isVisible():
            self.focus_added()

    # -- rows ----------------------------------------------------------------------------------

    def _wanted(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        search = self._search
        if search is None or self._session.sae is None:
            return (), ()
        added = search.state.added
        latents = () if search.query is None else tuple(int(i) for i in search.query.latents)
        latents = tuple(i for i in latents if i not in added)
        return added, latents if self._all_shown else latents[:SHOWN_FEATURES]

    def _rebuild(self) -> None:
        added, own = wanted = self._wanted()
        if wanted != self._shown:
            self._shown = wanted
            self._fill_rows(added, own)
        has_query = self._search is not None and self._search.query is not None
        self._added_head.setVisible(bool(added))
        self._line.setVisible(bool(added))
        self._query_head.setVisible(bool(own))
        self._hint.setVisible(not own)
        self.scale.setVisible(bool(added or own))
        self._hint.setText(
            "No feature of the dictionary is active in this query."
            if has_query
            else "The features of a query appear here, the strongest first."
        )
        self._refresh_weaker()
        self._show_values()
        self._fit_list()
        QTimer.singleShot(0, self, self._align_scale)

    def _fill_rows(self, added: tuple[int, ...], own: tuple[int, ...]) -> None:
        sae, book = self._session.sae, self._session.book
        assert (sae is not None and book is not None) or not (added or own)
        for row in self.rows:
            self._list.removeWidget(row)
        while len(self.rows) > len(added) + len(own):
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(added) + len(own):
            self.rows.append(self._new_row())
        if sae is None or book is None:
            return
        for at, latent in enumerate((*added, *own)):
            ends = sae.statistics.quantiles[latent, [LOW, HIGH]]
            natural = (float(ends[0]), float(ends[1])) if np.isfinite(ends).all() else None
            is_added = at < len(added)
            self.rows[at].show_feature(latent, book.text(latent), natural, is_added)
            # Added rows stand under the first head, the others under the third widget on.
            self._list.insertWidget(at + (1 if is_added else 3), self.rows[at])
            self.rows[at].show()
        highest = sae.statistics.quantiles[[*added, *own], HIGH]
        self.scale.set_end(common_scale(float(np.nanmax(highest, initial=0.0))))
        for row in self.rows:
            row.slider.set_range(-self.scale.end, self.scale.end)
        self._set_tab_order()

    def _new_row(self) -> SteeringRow:
        row = SteeringRow()
        row.moved.connect(self._on_moved)
        row.released.connect(self._on_released)
        row.reset_wanted.connect(self._on_reset)
        row.remove_wanted.connect(self._on_remove)
        row.opened.connect(self._session.show_feature)
        return row

    def _set_tab_order(self) -> None:
        chain = [self.reset_all, *(row.slider for row in self.rows), self.field, self.weaker]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _show_values(self) -> None:
        search = self._search
        if search is None:
            return
        for row in self.rows:
            typed = search.typed_value(row.latent)
            row.show_value(typed, typed + search.state.plan.strength(row.latent))
        changed = not search.state.plan.at_rest
        reason = "" if changed else "All sliders stand where the query as typed has them"
        if self.reset_all.isEnabled() != changed:
            self.reset_all.set_disabled_reason(reason)

    def _refresh_weaker(self) -> None:
        search = self._search
        active = 0 if search is None or search.query is None else len(search.query.latents)
        hidden = active - SHOWN_FEATURES
        self.weaker.setVisible(hidden > 0)
        self.weaker.set_text("Fewer" if self._all_shown else f"{hidden} weaker")

    # -- what a person does ----------------------------------------------------------------------

    def _on_moved(self, latent: int, value: float) -> None:
        if self._search is not None:
            self._search.set_value(latent, value, final=False)

    def _on_released(self, latent: int, value: float) -> None:
        if self._search is not None:
            self._search.set_value(latent, value, final=True)

    def _on_reset(self, latent: int) -> None:
        if self._search is not None:
            self._search.reset(latent)

    def _on_remove(self, latent: int) -> None:
        if self._search is not None:
            self._search.remove_feature(latent)

    def _reset_all(self) -> None:
        if self._search is not None:
            self._search.reset()

    def _add(self, latent: int) -> None:
        if self._search is None:
            return
        self._search.add_feature(latent)
        self._fresh = latent
        self.focus_added()

    def _toggle_weaker(self) -> None:
        self._all_shown = not self._all_shown
        self._rebuild()

    # -- geometry --------------------------------------------------------------------------------

    def _fit_list(self) -> None:
        """The list is as high as its rows, the sentence in it as high as it is when wrapped."""
        height = self._list.sizeHint().height()
        if self._list.hasHeightForWidth():
            height = self._list.totalHeightForWidth(self.width())
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
        if not self.rows:
            return
        left, right = self.rows[0].track_ends()
        x = self.rows[0].mapTo(self, QPoint(0, 0)).x() - self.scale.x()
        self.scale.set_track(x + left, x + right)
        self.scale.set_cut(self._scroll.verticalScrollBar().maximum() > 0)
