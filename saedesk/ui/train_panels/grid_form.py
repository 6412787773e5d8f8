"""Several runs at once: every combination of the sizes, k and architectures that are listed."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.errors import BadSetting
from saedesk.jobs.training_request import TrainRequest, grid_of
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import SaeConfig, describe
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.architecture_choice import architecture_titles
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.train_panels.number_list import list_text, numbers_in
from saedesk.ui.train_panels.settings_form import FIELD_WIDTH
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.flow_layout import FlowLayout
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.text_field import TextField
from saedesk.ui.widgets.text_label import TextLabel

MOST_RUNS = 24
"""More runs than this hide one another in the plots and want an evening of their own."""
ABOUT = (
    "Trains every combination of what is listed here; all see the same documents in the same "
    "order, and what stays empty is taken from the settings above."
)
LARGEST_K = 512
"""No k with a comma between its thousands: “16,128” are two."""


class GridForm(QWidget):
    """Lists of numbers and architectures; in force while it is folded out."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold = FoldButton()
        self._fold.set_text("Several at once")
        self.sizes = TextField("768, 1,536", accessible_name="Several numbers of features")
        self.ks = TextField("8, 16, 32", accessible_name="Several k")
        self.chips = {
            name: FilterChip(title, tooltip=architectures().get(name).about)
            for title, name in architecture_titles().items()
        }
        self.summary = TextLabel("", "caption", "text2", wrap=True)
        self._largest = next(i.high or 0 for i in describe(SaeConfig) if i.name == "n_latents")
        self._lay_out()
        self._fold.toggled.connect(self._on_fold)
        for field in (self.sizes, self.ks):
            field.text_changed.connect(self._on_edit)
            field.editingFinished.connect(self._on_finished)
        for chip in self.chips.values():
            chip.toggled.connect(self._on_toggle)

    def _lay_out(self) -> None:
        space = tokens().space
        pitch = tokens().row_height.form_pitch - tokens().control_height
        self._rows = {
            "n_latents": FieldRow("Features", self.sizes, "", FIELD_WIDTH),
            "k": FieldRow("Active at once, k", self.ks, "", FIELD_WIDTH),
        }
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, space[2])
        inner.setSpacing(pitch)
        about = TextLabel(ABOUT, "caption", "text3", wrap=True)
        words = QVBoxLayout()
        words.setContentsMargins(FieldRow.DOT_ROOM, 0, 0, 0)
        words.addWidget(about)
        inner.addLayout(words)
        for row in self._rows.values():
            inner.addWidget(row)
        lower = QVBoxLayout()
        lower.setContentsMargins(FieldRow.DOT_ROOM, 0, 0, 0)
        lower.setSpacing(space[2])
        lower.addWidget(TextLabel("Architectures", "body"))
        flow = FlowLayout()
        for chip in self.chips.values():
            flow.addWidget(chip)
        lower.addLayout(flow)
        lower.addWidget(self.summary)
        inner.addLayout(lower)
        self._body.hide()
        fold = QVBoxLayout()
        fold.setContentsMargins(FieldRow.DOT_ROOM - space[1], 0, 0, 0)
        fold.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addLayout(fold)
        column.addWidget(self._body)

    # -- what it says ------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether several runs are asked for."""
        return self._fold.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Folds it out, or in."""
        self._fold.setChecked(is_open)

    def requests(self, base: TrainRequest) -> tuple[TrainRequest, ...]:
        """The runs asked for, `base` alone while it is folded in or empty.

        Raises BadSetting with a sentence where the lists cannot be read or trained.
        """
        if not self.is_open:
            return (base,)
        sizes = numbers_in(self.sizes.text(), "Features", self._largest)
        ks = numbers_in(self.ks.text(), "k", LARGEST_K)
        names = [name for name, chip in self.chips.items() if chip.isChecked()]
        found = grid_of(base, n_latents=sizes, k=ks, architectures=names)
        if len(found) > MOST_RUNS:
            raise BadSetting(
                f"These are {len(found):,} runs; at most {MOST_RUNS} are trained at once. Take "
                "some of the values away."
            )
        return found

    def show_requests(self, requests: tuple[TrainRequest, ...], error: str = "") -> None:
        """Says in a sentence how many runs these are, or what is wrong with the lists."""
        in_sizes, in_ks = error.startswith("Features must be"), error.startswith("k must be")
        self._set_error(self.sizes, error if in_sizes else "")
        self._set_error(self.ks, error if in_ks else "")
        rest = "" if in_sizes or in_ks else error
        self.summary.set_colour("error" if rest else "text2")
        self.summary.setText(rest or ("" if error else _summary(requests)))

    @staticmethod
    def _set_error(field: TextField, sentence: str) -> None:
        if (field.error or "") != sentence:
            field.set_error(sentence or None)

    # -- edits -------------------------------------------------------------------------------

    @Slot()
    def _on_finished(self) -> None:
        """Writes the numbers as they were understood."""
        for field, label, largest in (
            (self.sizes, "Features", self._largest),
            (self.ks, "k", LARGEST_K),
        ):
            try:
                told = list_text(numbers_in(field.text(), label, largest))
            except BadSetting:
                continue
            if told != field.text():
                field.setText(told)

    def _on_edit(self, _: str) -> None:
        self.edited.emit()

    def _on_toggle(self, _: bool) -> None:
        self.edited.emit()

    def _on_fold(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self.edited.emit()


def _summary(requests: tuple[TrainRequest, ...]) -> str:
    """“4 runs: 768 or 1,536 features, k 8 or 16.”."""
    if len(requests) < 2:
        return "One run so far. List several numbers or architectures."
    every = architectures()
    kinds = list(dict.fromkeys(every.get(request.architecture).title for request in requests))
    sizes = dict.fromkeys(request.config.n_latents for request in requests)
    found = [getattr(request.config, "k", None) for request in requests]
    ks = dict.fromkeys(k for k in found if k is not None)
    parts = [] if len(kinds) < 2 else [_either(kinds)]
    parts.append(f"{_either([f'{size:,}' for size in sizes])} features")
    parts += [f"k {_either([f'{k:,}' for k in ks])}"] if ks else []
    return f"{len(requests)} runs: {', '.join(parts)}."


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
