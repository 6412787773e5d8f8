"""The left panel of Train: presets, settings, forecast, and the button that starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import BadSetting, KnownError
from saedesk.jobs.forecast_training import forecast_training
from saedesk.jobs.training_request import TrainRequest
from saedesk.sae.architecture_settings import config_in
from saedesk.sae.training_forecast import Forecast
from saedesk.sae.training_presets import Preset, presets
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.asked_runs import new_ones, what_to_know
from saedesk.ui.train_panels.computing_device import device_text, measure_product
from saedesk.ui.train_panels.forecast_box import ForecastBox
from saedesk.ui.train_panels.forecast_texts import NO_FORECAST, forecast_texts
from saedesk.ui.train_panels.grid_form import GridForm
from saedesk.ui.train_panels.preset_list import PresetEntry, PresetList
from saedesk.ui.train_panels.remarks import Note
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.settings_form import SettingsForm
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import about_text
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

if TYPE_CHECKING:
    from saedesk.ui.train_panels.known_answer_card import KnownAnswerCard

USUAL_PRESET = 1
MS_AFTER_TYPING = 150
NO_VECTORS = "Training needs the vectors of the documents. Make or import them in Corpus."


class NewRunPanel(QWidget):
    """Asks what to train; starts nothing while a setting is wrong."""

    started = Signal()
    """A training was started, or queued."""

    def __init__(self, session: Session, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, book
        self._presets: tuple[Preset, ...] = ()
        self._preset = USUAL_PRESET
        self._size = (0, 0)
        self._knows_speed = False
        self._measuring = LaneQuestion(session, "Measuring the speed of this computer", self)
        self._measuring.answered.connect(self._on_speed)
        self._comparison: KnownAnswerCard | None = None
        self.load = DefaultButton(
            "Load an SAE…",
            tooltip="Takes an SAE that was trained elsewhere, from a file, a folder or the hub.",
        )
        self.preset_list = PresetList()
        self.form = SettingsForm()
        self.grid = GridForm()
        self.forecast = ForecastBox()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MS_AFTER_TYPING)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self.load.clicked.connect(self._on_load)
        self.preset_list.chosen.connect(self._on_preset)
        self.form.edited.connect(self._on_edit)
        self.form.choice.comparison_wanted.connect(self.show_comparison)
        self.grid.edited.connect(self._on_edit)
        self.forecast.button.clicked.connect(self.start)
        self.forecast.menu.addAction("Back to the preset", self._back_to_preset)
        self.forecast.menu.addAction("How do the architectures compare?", self.show_comparison)
        keys = QShortcut(QKeySequence("Ctrl+Return"), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.start)
        self.forecast.button.set_tooltip(
            "Train an SAE with these settings; after it, its features are found and labelled "
            "(Ctrl+Enter)."
        )
        book.changed.connect(self.refresh)
        session.vectors_changed.connect(self._load_presets)
        session.prober.changed.connect(self.refresh)
        self._load_presets()

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(tokens().layout.training_form)
        # The form scrolls under the head, with room for the dots at its left.
        room = side - self.form_margin
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(room, 0, side, 0)
        inner.setSpacing(0)
        held = QHBoxLayout()
        held.setContentsMargins(self.form_margin, space[1] // 2, 0, 0)
        held.addWidget(self.preset_list)
        inner.addLayout(held)
        inner.addSpacing(space[4])
        inner.addWidget(self.form)
        inner.addWidget(self.grid)
        inner.addSpacing(space[3])
        inner.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(side, space[2] + 2, side, space[2] + 2)
        title = TextLabel("New run", "head of a panel")
        title.setFixedHeight(tokens().control_height)
        head.addWidget(title, 1)
        head.addWidget(self.load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        self._area = ScrollArea(page, "panel", "Settings of the new run")
        self._area.verticalScrollBar().rangeChanged.connect(self._on_scroll_range)
        self._inner = inner
        column.addWidget(self._area, 1)
        column.addWidget(Hairline())
        column.addWidget(self.forecast)

    @Slot(int, int)
    def _on_scroll_range(self, _: int, largest: int) -> None:
        """Fields stay where they are when a scroll bar takes part of the margin."""
        margins = self._inner.contentsMargins()
        bar = self._area.verticalScrollBar().sizeHint().width() if largest else 0
        margins.setRight(tokens().padding.side_panel - bar)
        self._inner.setContentsMargins(margins)

    @property
    def form_margin(self) -> int:
        """The room that rows of the form keep at their left for a dot."""
        return 10

    # -- what is asked for -------------------------------------------------------------------

    def request(self) -> TrainRequest:
        """The training as the form stands; raises BadSetting with a sentence."""
        preset = self._presets[self._preset].name if self._presets else ""
        return TrainRequest(self.form.config(), self.form.architecture, self.form.device, preset)

    def requests(self) -> tuple[TrainRequest, ...]:
        """All trainings that are asked for: one, or those of the lists; raises BadSetting."""
        return self.grid.requests(self.request())

    @Slot()
    def start(self) -> None:
        """Starts the training, or queues it; does nothing while a setting is wrong."""
        self.form.commit()
        self.refresh()
        project = self._session.project
        if project is None or not self.forecast.button.isEnabled():
            return
        try:
            self._book.start_all(new_ones(project, self._book, self.requests()))
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))
            return
        # The button rests now, and would pass the keyboard on to some field.
        self.started.emit()
        self.refresh()

    def copy_settings(self, run: Run) -> None:
        """Puts the settings of a run into the form."""
        if run.is_loaded or (run.record is None and not run.config):
            return
        named = self._preset_of(run)
        if named is not None:
            self._preset = named
            self.preset_list.set_current(named)
            self.form.set_preset(self._presets[named].config, fill=False)
        name = str(run.record.inputs.get("architecture", "")) if run.record else None
        if run.unfinished is not None:
            name = run.unfinished.request.architecture
        self.form.set_values(run.config, name or None)
        self.refresh()

    def _preset_of(self, run: Run) -> int | None:
        wanted = "" if run.record is None else run.record.summary.get("preset", "")
        if run.unfinished is not None:
            wanted = run.unfinished.request.preset
        names = [preset.name for preset in self._presets]
        return names.index(wanted) if wanted in names else None

    def focus_first(self) -> None:
        """Gives the keyboard to the chosen preset."""
        self.preset_list.focus_current()

    # -- following ---------------------------------------------------------------------------

    @Slot()
    def _load_presets(self) -> None:
        project = self._session.project
        record = None if project is None else project.current("vectors")
        if record is None:
            self._presets, self._size = (), (0, 0)
            self.refresh()
            return
        size = (int(record.summary["documents"]), int(record.summary["dimensions"]))
        if size != self._size:
            self._size, self._presets = size, presets(*size)
            self._preset = USUAL_PRESET
            self._show_presets()
            self.preset_list.set_current(self._preset)
            self.form.set_remarks({"n_latents": self._times, "held_out_share": self._held_out})
            self.form.set_preset(self._presets[self._preset].config)
        self.refresh()

    def load_project(self) -> None:
        """Another project is open: its presets take the place of the old ones."""
        self._size = (0, 0)
        self._load_presets()

    @Slot()
    def refresh(self) -> None:
        """Shows errors, forecast, sentences and the state of the button."""
        self._timer.stop()
        project = self._session.project
        for part in (self.preset_list, self.form, self.grid):
            part.setVisible(bool(self._presets))
        if project is None or not self._presets:
            self.forecast.show_forecast(NO_FORECAST, [Note(NO_VECTORS)])
            self.forecast.button.set_disabled_reason(NO_VECTORS)
            return
        if not self._knows_speed and not self._measuring.is_open:
            self._measuring.ask(measure_product)
        self._probe()
        focus = self._book.focus
        goes_on_first = focus is not None and focus.state == "stopped"
        self.forecast.button.set_primary(not goes_on_first or project.read_only)
        wrong = self.form.refresh()
        self._show_presets()
        requests: tuple[TrainRequest, ...] = ()
        if not wrong:
            try:
                requests = self.requests()
            except BadSetting as error:
                wrong = error.sentence
            self.grid.show_requests(requests, wrong)
        self._show_button(len(requests))
        if wrong:
            said = self.form.shows_error() or self.grid.is_open
            self.forecast.show_forecast(NO_FORECAST, [] if said else [Note(wrong)])
            self.forecast.button.set_disabled_reason(wrong)
            return
        self._show_forecast(requests)

    def _show_button(self, runs: int) -> None:
        what = f"{runs} runs" if runs > 1 else ""
        if self._book.is_lane_busy:
            text = f"Add {what} to the queue" if what else "Add to the queue"
        else:
            text = f"Train {what}" if what else "Train"
        self.forecast.button.set_text(text, "play")

    def _show_forecast(self, requests: tuple[TrainRequest, ...]) -> None:
        project = self._session.project
        assert project is not None
        sentences, reason = what_to_know(project, self._book, requests)
        asked = new_ones(project, self._book, requests) or requests
        told = [self._forecast(request) for request in asked]
        known = [forecast for forecast in told if forecast is not None]
        texts = forecast_texts(known, device_text(requests[0].device))
        if self._session.prober.is_running:
            texts = replace(texts, source="looking at the corpus …")
        self.forecast.show_forecast(texts, [Note(said) for said in sentences])
        self.forecast.button.set_disabled_reason(reason)

    def _probe(self) -> None:
        """A quick fit makes the forecast surer; it is made while nothing else is to be done."""
        if self._knows_speed and self.isVisible():
            self._session.prober.ask(self._session.project, self._session.compute)

    def showEvent(self, event: QShowEvent) -> None:
        """The forecast is made surer once somebody looks at it."""
        super().showEvent(event)
        self.refresh()

    def _forecast(self, request: TrainRequest) -> Forecast | None:
        """None, too, while the speed of the computer is being measured."""
        project = self._session.project
        if project is None or not self._knows_speed:
            return None
        return forecast_training(project, request.config, request.architecture)

    @Slot()
    def _on_load(self) -> None:
        from saedesk.ui.train_panels.sae_loading_dialog import open_loading_dialog

        open_loading_dialog(self._session, None, self)

    @Slot()
    def show_comparison(self) -> None:
        """What each architecture finds again where the answer is known."""
        from saedesk.ui.train_panels.known_answer_card import KnownAnswerCard

        if self._comparison is None:
            self._comparison = KnownAnswerCard(self.window())
        self._comparison.open()

    @Slot(object)
    def _on_speed(self, _: object) -> None:
        self._knows_speed = True
        self.refresh()

    def _show_presets(self) -> None:
        project = self._session.project
        if project is None:
            return
        entries = []
        architecture = self.form.architecture
        for preset in self._presets:
            config = config_in(architecture, preset.config)
            told = self._forecast(TrainRequest(config, architecture))
            time = "" if told is None else about_text(told.seconds)
            numbers = f"{preset.config.n_latents:,} features, k {preset.config.k}"
            entries.append(PresetEntry(preset.name, numbers, time, preset.reason))
        self.preset_list.set_entries(entries)

    # -- edits -------------------------------------------------------------------------------

    @Slot(int)
    def _on_preset(self, index: int) -> None:
        self._preset = index
        self.form.set_preset(self._presets[index].config)
        self.refresh()

    @Slot()
    def _back_to_preset(self) -> None:
        self._on_preset(self._preset)

    @Slot()
    def _on_edit(self) -> None:
        self._timer.start()

    def _times(self, latents: Any) -> str:
        """How many times the length of a vector the dictionary has."""
        width = self._size[1]
        if not width or latents < width / 4:
            return ""
        return f"{latents / width:.2g} × {width}"

    def _held_out(self, share: Any) -> str:
        return f"{round(share * self._size[0]):,}" if 0 <= share <= 1 else ""
