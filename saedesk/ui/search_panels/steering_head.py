"""The head of the steering panel: presets, how far the query moved, the mode, two settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.jobs.search_documents import SearchAnswer
from saedesk.search.steering_plan import Mode
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings
from saedesk.ui.search_panels.distance_meter import USUAL_CAP, DistanceMeter
from saedesk.ui.search_panels.steering_presets import SteeringPresets
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

MODES: dict[str, Mode] = {"Add to the query": "add", "Clamp": "clamp"}
ABOUT_MODES = (
    "Add to the query: what is turned is added, and what the features do not explain of the query "
    "is kept. At rest nothing changes.\n"
    "Clamp: the way of saerch.ai and its paper. The features of the query are set, chosen from "
    "again and decoded; what they do not explain is lost, so about half of the results change as "
    "soon as anything is turned."
)
CHOICES = 8
"""Width of what is chosen beside its caption, in units of 32 device-independent pixels."""
RESET_SLIDERS = "Put all sliders back to the query as typed; the mode and the cap stay"
RESET_LIMITS = "Add to the query again, without a cap and without the optimisation"
NO_RESET = "All sliders stand where the query as typed has them, or are locked"
ABOUT_COMPARISON = "Keep these sliders as A and go on turning as B, to compare the results of both"


class SteeringHead(QWidget):
    """What stands above the sliders; it tells the search what is chosen here."""

    laid_out_anew = Signal()
    """Something appeared or went."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search: LiveSearch | None = None
        self._told_reset: tuple[str, str] | None = None
        self.presets = SteeringPresets(session)
        self.compare = GhostButton("git-compare", ABOUT_COMPARISON)
        self.compare.clicked.connect(self._on_compare)
        self.more = GhostButton("ellipsis", "Presets, cap and encoding")
        self.more.clicked.connect(self._open_menu)
        self.reset_all = GhostButton("rotate-ccw", RESET_SLIDERS)
        self.reset_all.clicked.connect(self._on_reset)
        self.meter = DistanceMeter()
        self.meter.cap_moved.connect(self._on_cap)
        self.meter.let_go.connect(self._on_let_go)
        self.mode = SegmentedControl(list(MODES), None, "Mode")
        self.mode.changed.connect(self._on_mode)
        set_plain_tooltip(self.mode, ABOUT_MODES)
        self.settings = SegmentedControl(["A", "B"], "B", "Setting")
        self.settings.changed.connect(self._on_setting)
        set_plain_tooltip(self.settings, "Which of two settings the sliders show and turn")
        self.both = GhostButton("columns-3", "Results of both side by side", checkable=True)
        self.both.clicked.connect(self._on_both)
        self.end = GhostButton("x", "End the comparison; the setting that is shown stays")
        self.end.clicked.connect(self._on_end)
        self._build()

    def _build(self) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        column = QVBoxLayout(self)
        column.setContentsMargins(side, space[2] + 2, side, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(space[1])
        head.addWidget(TextLabel("Steering", "head of a panel"))
        head.addSpacing(space[2])
        head.addStretch(1)
        head.addWidget(self.presets.choice, 100)
        for button in (self.compare, self.more, self.reset_all):
            head.addWidget(button)
        column.addLayout(head)
        column.addWidget(self.presets.naming)
        column.addSpacing(space[2])
        column.addWidget(self.meter)
        column.addSpacing(space[2])
        column.addWidget(Hairline())
        column.addSpacing(space[2])
        column.addWidget(self._mode_row())
        self._compare_row = self._comparison_row()
        column.addWidget(self._compare_row)
        column.addSpacing(space[1])

    def _mode_row(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        label = TextLabel("Mode", "body", "text2")
        label.set_explanation(ABOUT_MODES)
        row.addWidget(label)
        row.addStretch(1)
        self.mode.setFixedWidth(CHOICES * tokens().space[8])
        row.addWidget(self.mode)
        return made

    def _comparison_row(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, tokens().space[2], 0, 0)
        row.setSpacing(tokens().space[1])
        row.addWidget(TextLabel("Compare", "body", "text2"))
        row.addStretch(1)
        edge = self.end.width() + tokens().space[1]
        self.settings.setFixedWidth(CHOICES * tokens().space[8] - 2 * edge)
        for choice in (self.settings, self.both, self.end):
            row.addWidget(choice)
        made.hide()
        return made

    def focus_order(self) -> list[QWidget]:
        """What takes the keyboard, in the order of the Tab key."""
        first = [self.presets.choice, self.compare, self.more, self.reset_all]
        return [*first, self.meter, self.mode, self.settings, self.both, self.end]

    # -- what is shown -------------------------------------------------------------------------

    def set_search(self, search: LiveSearch | None) -> None:
        """Tell another search what is chosen, and show what it has."""
        self._search = search
        self.presets.set_search(search)
        if search is not None:
            search.state_changed.connect(self.show_state)
            search.answered.connect(self._on_answer)
        self.show_state(SearchState() if search is None else search.state)
        self.show_answer(None if search is None else search.answer)

    def show_answer(self, answer: SearchAnswer | None) -> None:
        """Show how far the query has moved."""
        self.meter.show_answer(answer)

    def show_state(self, state: SearchState) -> None:
        """Show what is chosen."""
        plan, there = state.plan, state.comparison
        self.meter.show_cap(plan.cap)
        words = next(word for word, mode in MODES.items() if mode == plan.mode)
        if self.mode.current != words:
            self.mode.set_current(words)
        self._show_reset(state.settings)
        if there is not None:
            self.settings.set_current(there.in_force)
            self.both.setChecked(there.side_by_side)
        reason = "" if state.asks_something else "Search for something first"
        if there is not None:
            reason = "Two settings are compared already"
        if self.compare.isEnabled() != (not reason):
            self.compare.set_disabled_reason(reason)
        if self._compare_row.isVisibleTo(self) != (there is not None):
            self._compare_row.setVisible(there is not None)
            self.laid_out_anew.emit()
        self.presets.show_state(state)

    def _on_answer(self, answer: SearchAnswer) -> None:
        by_words = self._search is not None and self._search.state.by_words_alone
        if by_words:
            self.meter.show_unsteered()
        else:
            self.meter.show_answer(answer)

    def _show_reset(self, settings: SteeringSettings) -> None:
        """First the sliders go back, then what limits them."""
        told = RESET_SLIDERS if settings.can_be_reset else RESET_LIMITS
        reason = "" if settings.can_be_reset or settings.has_limits else NO_RESET
        if (told, reason) != self._told_reset:
            self._told_reset = (told, reason)
            self.reset_all.set_tooltip(told)
            self.reset_all.set_disabled_reason(reason)

    # -- what a person does ----------------------------------------------------------------------

    def make_menu(self) -> QMenu:
        """Presets, the cap and the encoding."""
        menu = QMenu(self)
        self.presets.fill_menu(menu)
        menu.addSeparator()
        state = SearchState() if self._search is None else self._search.state
        cap = menu.addAction(f"Keep a cosine of at least {state.plan.cap or USUAL_CAP:.2f}")
        cap.setCheckable(True)
        cap.setChecked(state.plan.cap is not None)
        cap.triggered.connect(self._on_cap_switched)
        encoding = menu.addAction("Optimise the encoding, so that values asked for come back")
        encoding.setCheckable(True)
        encoding.setChecked(state.plan.optimise)
        encoding.triggered.connect(self._on_optimise)
        for action in (cap, encoding):
            action.setEnabled(self._search is not None)
        return menu

    def _open_menu(self) -> None:
        menu = self.make_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _on_reset(self) -> None:
        if self._search is not None:
            self._search.reset()

    def _on_cap(self, cap: float | None, final: bool) -> None:
        if self._search is not None:
            self._search.set_cap(cap, final=final)

    def _on_let_go(self, goes_on: bool) -> None:
        if self._search is not None:
            self._search.end_drag(goes_on=goes_on)

    def _on_cap_switched(self, wanted: bool) -> None:
        self._on_cap(USUAL_CAP if wanted else None, True)

    def _on_optimise(self, wanted: bool) -> None:
        if self._search is not None:
            self._search.set_optimise(wanted)

    def _on_mode(self, words: str) -> None:
        if self._search is not None:
            self._search.set_mode(MODES[words])

    def _on_compare(self) -> None:
        if self._search is not None:
            had_keyboard = self.compare.hasFocus()
            self._search.keep_as_a()
            if had_keyboard:
                self.settings.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_setting(self, _name: str) -> None:
        if self._search is not None:
            self._search.switch_settings()

    def _on_both(self, both: bool) -> None:
        if self._search is not None:
            self._search.show_side_by_side(both)

    def _on_end(self) -> None:
        if self._search is not None:
            had_keyboard = self.end.hasFocus()
            self._search.end_comparison()
            if had_keyboard:
                self.compare.setFocus(Qt.FocusReason.OtherFocusReason)
