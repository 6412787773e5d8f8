"""What an SAE file holds, for a person to decide on: library, size, notes, settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.project.atomic_files import megabytes
from saedesk.sae.architectures import architectures
from saedesk.sae.formats.foreign_format import SaeDescription
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.fact_grid import Fact, FactGrid
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.train_panels.foreign_settings import ForeignSettings, settings_lines
from saedesk.ui.train_panels.input_texts import input_text
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

SETTINGS_HEIGHT = 148
NOTE_LINES = 4
SMALLEST_IN_MEGABYTES = 100_000


class SaeDescriptionCard(QWidget):
    """Shows a description; the settings are folded away."""

    folded = Signal()
    """The settings were shown or hidden, so that the card has another height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts = FactGrid()
        self.notes = TextLabel("", "caption", "text2", wrap=True, align=Qt.AlignmentFlag.AlignTop)
        self.notes.set_max_lines(3 * NOTE_LINES)
        self.fold = FoldButton()
        self.settings = ForeignSettings()
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(tokens().space[5], 0, tokens().space[3], 0)
        inner.addWidget(self.settings)
        inner.addStretch(1)
        self._area = ScrollArea(page, "surface", "Settings as the library wrote them")
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRingFilter(self._area, tokens().radius.control)
        self._area.setFixedHeight(SETTINGS_HEIGHT)
        self._area.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[2])
        column.addWidget(self.facts)
        column.addWidget(self.notes)
        column.addWidget(self.fold)
        column.addWidget(self._area)
        self.fold.toggled.connect(self._on_fold)

    def show_description(self, found: SaeDescription) -> None:
        """Shows what was found."""
        self.facts.set_facts(facts_of(found))
        self.notes.setText("\n".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        count = len(settings_lines(found.settings))
        self.fold.setVisible(count > 0)
        plural = "setting" if count == 1 else "settings"
        self.fold.set_text(f"{count:,} {plural} as {found.format} wrote them")
        self.fold.setChecked(False)
        self.settings.set_settings(found.settings)

    @Slot(bool)
    def _on_fold(self, is_open: bool) -> None:
        self._area.setVisible(is_open)
        self.folded.emit()


def facts_of(found: SaeDescription) -> list[Fact]:
    """Library, architecture, size, k and what is done to a vector first."""
    kind = architectures().get(found.architecture)
    facts = [
        Fact("Library", found.format, str(found.path)),
        Fact("Architecture", kind.title),
        Fact(
            "Size",
            f"{found.n_latents:,} features of {found.d_in:,} dimensions, {_size(found.size_bytes)}",
            "The vectors of the project have to have as many dimensions.",
        ),
    ]
    if found.k is not None:
        facts.append(Fact("Active at once, k", f"{found.k:,}"))
    facts.append(Fact("Takes apart", input_text(found.input_normalisation)))
    return facts


def _size(nbytes: int) -> str:
    return megabytes(nbytes) if nbytes >= SMALLEST_IN_MEGABYTES else f"{nbytes / 1e3:.0f} kB"
