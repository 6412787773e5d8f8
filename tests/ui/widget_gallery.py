"""Paints every widget into one picture, to be looked at beside the pictures of the design.

Run by hand: `python tests/ui/widget_gallery.py OUT.png [--dark]`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import MeterBar, NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton, PrimaryButton
from saedesk.ui.widgets.chips import Chip, FilterChip, ScoreChip
from saedesk.ui.widgets.fields import ChoiceField, NumberField, SearchField, TextField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import LinkButton, TextLabel


def row(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(tokens().space[2])
    for widget in widgets:
        line.addWidget(widget)
    if stretch:
        line.addStretch(1)
    return line


def basic_column() -> QWidget:
    panel = QWidget()
    panel.setProperty("ground", "panel")
    panel.setFixedWidth(tokens().layout.training_form + 8)
    column = QVBoxLayout(panel)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(8)
    column.addLayout(row(TextLabel("Features", "head of a panel"), TextLabel("3,072", "body", "text2", tabular=True)))
    column.addWidget(SearchField("Filter by label or number", "Ctrl+F"))
    filled = SearchField("Filter")
    filled.setText("graph")
    column.addWidget(filled)
    chips = [FilterChip("All"), FilterChip("Starred 24"), FilterChip("No label 61"), FilterChip("Never active 9")]
    chips[0].setChecked(True)
    column.addLayout(row(*chips))
    column.addLayout(row(FilterChip("Year 2012 – 2024", removable=True), FilterChip("Survey articles", removable=True, icon="minus")))
    column.addLayout(row(Chip("training"), Chip("in use"), Chip("plain", "plain"), Chip("stale", "warn"), Chip("failed", "error")))
    column.addLayout(row(ScoreChip(0.92), ScoreChip(0.71), ScoreChip(0.48), ScoreChip(None)))
    column.addWidget(Hairline())
    column.addWidget(SectionHead("Settings", "2 differ from the preset"))
    width = 148
    column.addWidget(FieldRow("Architecture", ChoiceField(["TopK", "BatchTopK"]), field_width=width))
    features = FieldRow("Features", NumberField(1, 100000, 0, "16 × 384", 6144), "More features are finer and rarer. 4 to 24 times the length of a vector is usual; here 1,536 to 9,216.", width, always_help=True)
    features.set_differs(True)
    column.addWidget(features)
    column.addWidget(FieldRow("Batch size", NumberField(1, 100000, 0, "documents", 1024), field_width=width))
    column.addWidget(FieldRow("Learning rate", NumberField(0, 1, 7, "", 0.0001), field_width=width))
    column.addWidget(FieldRow("Held out", NumberField(0, 50, 1, "1,500", 5, suffix=" %"), field_width=width))
    wrong = NumberField(1, 100, 0, "", 50)
    column.addWidget(FieldRow("Active at once, k", wrong, field_width=width))
    wrong.set_error("k must be below the number of features, 32.")
    name = TextField("Name")
    column.addWidget(FieldRow("Name", name, field_width=width))
    name.set_error("A project of this name exists.")
    column.addWidget(ChoiceField(["driving sentence", "nothing"], "Mark"))
    column.addWidget(SegmentedControl(["Add to the query", "Clamp"]))
    column.addLayout(row(SegmentedControl(["Meaning", "Words", "Both"])))
    column.addStretch(1)
    return panel


def button_column() -> QWidget:
    panel = QWidget()
    panel.setProperty("ground", "surface")
    column = QVBoxLayout(panel)
    column.setContentsMargins(24, 16, 24, 16)
    column.setSpacing(12)
    column.addWidget(TextLabel("Feature 1907", "caption", "text2"))
    column.addLayout(row(TextLabel("Message passing on graphs", "page title"), GhostButton("pencil", "Rename")))
    column.addLayout(row(TextLabel("Named by a language model, changed by you on 12 November.", "body", "text2"), LinkButton("3 earlier labels")))
    focused = PrimaryButton("Open the demo", "play", large=True)
    off = DefaultButton("Import…", "upload")
    off.set_disabled_reason("Open a project first.")
    column.addLayout(row(focused, PrimaryButton("Steer a search", "sliders-horizontal"), DefaultButton("Pause", "pause"), DefaultButton("Stop and keep", "square"), off))
    star = GhostButton("star", "Star", colour="star", filled=True)
    column.addLayout(row(star, GhostButton("eye-off", "Hide"), GhostButton("ellipsis", "More"), GhostButton("copy", "Copy"), GhostButton("download", "Save")))
    column.addWidget(Hairline())
    column.addWidget(NumberStrip([("1.64 %", "Density, 492 documents", "x"), ("0.099", "Mean when active", ""), ("0.291", "Strongest", ""), ("0.93", "Label score, 0.88 – 0.96", "")]))
    column.addWidget(Hairline())
    column.addWidget(SectionHead("How strongly it fires", "Counts on a logarithmic scale", GhostButton("copy", "Copy"), GhostButton("download", "Save"), note_role="body", note_right=False))
    column.addWidget(TextLabel("Gated message functions for molecular property prediction", "title of a document", wrap=True))
    column.addWidget(TextLabel("Predicting quantum-mechanical properties of small molecules by density functional theory is accurate but costly. A message network whose edge functions are gated by bond type passes information along the molecular graph for six rounds before a set-to-set readout.", "text of a document", wrap=True))
    column.addWidget(TextLabel("Predicting quantum-mechanical properties of small molecules is costly. A message network whose edge functions are gated by bond type passes information along the molecular graph for six rounds and reaches chemical accuracy on eleven of thirteen targets.", "excerpt", "text2", wrap=True, max_lines=2))
    column.addWidget(TextLabel("Selectable text in the excerpt role", "excerpt", selectable=True))
    column.addWidget(MeterBar(0.35))
    column.addStretch(1)
    panel.focused = focused
    return panel


def gallery() -> QWidget:
    page = QWidget()
    page.setProperty("ground", "canvas")
    page.resize(1440, 900)
    line = QHBoxLayout(page)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(0)
    line.addWidget(basic_column())
    buttons = button_column()
    line.addWidget(buttons, 1)
    page.focused = buttons.focused
    return page


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out", type=Path)
    options.add_argument("--dark", action="store_true")
    chosen = options.parse_args()
    application = QApplication([])
    Theme.current().set_mode("dark" if chosen.dark else "light")
    page = gallery()
    page.show()
    page.activateWindow()
    page.focused.setFocus()
    for _ in range(5):
        application.processEvents()
    page.grab().save(str(chosen.out))


if __name__ == "__main__":
    main()
