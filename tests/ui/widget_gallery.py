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

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import MeterBar, NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton, PrimaryButton
from saedesk.ui.widgets.check_marks import CheckBox, RadioButton
from saedesk.ui.widgets.chips import Chip, FilterChip, ScoreChip
from saedesk.ui.widgets.curve_plot import Curve, CurvePlot, Forecast
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.fields import ChoiceField, NumberField, SearchField, TextField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.histogram import ActivationHistogram
from saedesk.ui.widgets.message_bar import MessageBar
from saedesk.ui.widgets.plots import PlotHead
from saedesk.ui.widgets.progress_ring import ProgressRing
from saedesk.ui.widgets.rank_links import RankLinks
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.steering_slider import SteeringSlider, signed
from saedesk.ui.widgets.text_label import LinkButton, TextLabel
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall

HELP = (
    "More features are finer and rarer. 4 to 24 times the length of a vector is usual; "
    "here 1,536 to 9,216."
)
DOCUMENT = (
    "Predicting quantum-mechanical properties of small molecules is costly. A message network "
    "whose edge functions are gated by bond type passes information along the molecular graph "
    "for six rounds and reaches chemical accuracy on eleven of thirteen targets."
)


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
    column.addLayout(
        row(
            TextLabel("Features", "head of a panel"),
            TextLabel("3,072", "body", "text2", tabular=True),
        )
    )
    column.addWidget(SearchField("Filter by label or number", "Ctrl+F"))
    filled = SearchField("Filter")
    filled.setText("graph")
    column.addWidget(filled)
    chips = [
        FilterChip("All"),
        FilterChip("Starred 24"),
        FilterChip("No label 61"),
        FilterChip("Never active 9"),
    ]
    chips[0].setChecked(True)
    column.addLayout(row(*chips))
    column.addLayout(
        row(
            FilterChip("Year 2012 – 2024", removable=True),
            FilterChip("Survey articles", removable=True, icon="minus"),
        )
    )
    column.addLayout(
        row(
            Chip("training"),
            Chip("in use"),
            Chip("plain", "plain"),
            Chip("stale", "warn"),
            Chip("failed", "error"),
        )
    )
    column.addLayout(row(ScoreChip(0.92), ScoreChip(0.71), ScoreChip(0.48), ScoreChip(None)))
    column.addWidget(Hairline())
    column.addWidget(SectionHead("Settings", "2 differ from the preset"))
    width = 148
    column.addWidget(
        FieldRow("Architecture", ChoiceField(["TopK", "BatchTopK"]), field_width=width)
    )
    features = FieldRow(
        "Features", NumberField(1, 100000, 0, "16 × 384", 6144), HELP, width, always_help=True
    )
    features.set_differs(True)
    column.addWidget(features)
    column.addWidget(
        FieldRow("Batch size", NumberField(1, 100000, 0, "documents", 1024), field_width=width)
    )
    column.addWidget(FieldRow("Learning rate", NumberField(0, 1, 7, "", 0.0001), field_width=width))
    column.addWidget(
        FieldRow("Held out", NumberField(0, 50, 1, "1,500", 5, suffix=" %"), field_width=width)
    )
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
    column.addLayout(
        row(TextLabel("Message passing on graphs", "page title"), GhostButton("pencil", "Rename"))
    )
    column.addLayout(
        row(
            TextLabel("Named by a language model, changed by you on 12 November.", "body", "text2"),
            LinkButton("3 earlier labels"),
        )
    )
    focused = PrimaryButton("Open the demo", "play", large=True)
    off = DefaultButton("Import…", "upload")
    off.set_disabled_reason("Open a project first.")
    column.addLayout(
        row(
            focused,
            PrimaryButton("Steer a search", "sliders-horizontal"),
            DefaultButton("Pause", "pause"),
            DefaultButton("Stop and keep", "square"),
            off,
        )
    )
    star = GhostButton("star", "Star", colour="star", filled=True)
    column.addLayout(
        row(
            star,
            GhostButton("copy", "Copy"),
            GhostButton("ellipsis", "More"),
            GhostButton("copy", "Copy"),
            GhostButton("download", "Save"),
        )
    )
    column.addWidget(Hairline())
    column.addWidget(
        NumberStrip(
            [
                ("1.64 %", "Density, 492 documents", "x"),
                ("0.099", "Mean when active", ""),
                ("0.291", "Strongest", ""),
                ("0.93", "Label score, 0.88 – 0.96", ""),
            ]
        )
    )
    column.addWidget(Hairline())
    column.addWidget(
        SectionHead(
            "How strongly it fires",
            "Counts on a logarithmic scale",
            GhostButton("copy", "Copy"),
            GhostButton("download", "Save"),
            note_role="body",
            note_right=False,
        )
    )
    column.addWidget(
        TextLabel(
            "Gated message functions for molecular property prediction",
            "title of a document",
            wrap=True,
        )
    )
    column.addWidget(TextLabel(DOCUMENT, "text of a document", wrap=True))
    column.addWidget(TextLabel(DOCUMENT, "excerpt", "text2", wrap=True, max_lines=2))
    column.addWidget(TextLabel("Selectable text in the excerpt role", "excerpt", selectable=True))
    column.addWidget(MeterBar(0.35))
    off_mark = CheckBox("Cannot be used", True)
    off_mark.setEnabled(False)
    column.addLayout(row(CheckBox("Normalise", True), CheckBox("Shuffle"), off_mark))
    column.addLayout(row(RadioButton("Balanced", checked=True), RadioButton("Quick look")))
    column.addStretch(1)
    panel.focused = focused
    return panel


def training_curves(rng: np.random.Generator) -> tuple[list[Curve], Forecast]:
    def curve(name: str, floor: float, series: int, last: int, focus: bool) -> Curve:
        x = np.arange(1, last, 4.0)
        noise = rng.normal(0, 0.0005, len(x))
        return Curve(name, x, floor + 1.2 / np.sqrt(1 + x / 8) + noise, series, focus)

    x = np.linspace(2600, 3800, 20)
    y = 0.08 + 1.2 / np.sqrt(1 + x / 8)
    wide = (x - 2600) * 6e-6
    runs = [("Run 5", 0.13, 1, 1700, False), ("Run 6", 0.085, 2, 1700, False)]
    curves = [curve(*run) for run in [*runs, ("Run 7", 0.08, 0, 2600, True)]]
    return curves, Forecast(x, y, y - wide, y + wide)


def plot_column() -> QWidget:
    panel = QWidget()
    panel.setProperty("ground", "surface")
    column = QVBoxLayout(panel)
    column.setContentsMargins(24, 16, 24, 16)
    rng = np.random.default_rng(0)
    curves, forecast = training_curves(rng)
    plot = CurvePlot(y_title="Share of variance", skip_start=True, value_text=lambda v: f"{v:.3f}")
    plot.set_curves(curves, forecast)
    column.addWidget(PlotHead("FVU, held-out", "what the features miss, lower is better", plot))
    column.addWidget(plot, 2)
    values = rng.exponential(0.08, 600) + 0.02
    values = values[values < 0.3]
    counts, edges = np.histogram(values, 40, (0.02, 0.3))
    histogram = ActivationHistogram()
    histogram.set_data(edges, counts, len(values), np.quantile(values, [0.5, 0.9, 0.99]))
    column.addWidget(
        PlotHead("How strongly it fires", "Counts on a logarithmic scale", histogram, "body")
    )
    column.addWidget(histogram, 2)
    waterfall = ContributionWaterfall()
    parts = [
        ("Self-supervised representations", 0.214, "up"),
        ("Light curves of stars", 0.171, "typed"),
        ("Exoplanet transits", 0.148, "typed"),
        ("Robustness to noise", 0.052, "typed"),
        ("Anomaly detection", 0.031, "up"),
        ("Transit survey catalogues", -0.012, "down"),
        ("26 other features", 0.041, "rest"),
        ("Not explained by features", 0.067, "rest"),
    ]
    waterfall.set_contributions([Contribution(*part, key=part[0]) for part in parts], 0.712)
    column.addWidget(waterfall)
    panel.shown = (plot, histogram)
    return panel


def slider_row(name: str, typed: float, value: float) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(TextLabel(name, "label"))
    slider = SteeringSlider(name)
    slider.set_typed(typed)
    slider.set_strength(value)
    slider.set_natural(0.02, 0.26)
    colour = slider.direction() if slider.is_changed else "text2"
    shown = TextLabel(
        signed(value), "head of a section" if slider.is_changed else "body", colour, tabular=True
    )
    column.addLayout(row(slider, shown, stretch=False))
    holder.slider = slider
    return holder


def steering_column() -> QWidget:
    panel = QWidget()
    panel.setProperty("ground", "panel")
    panel.setFixedWidth(tokens().layout.steering)
    column = QVBoxLayout(panel)
    column.setContentsMargins(16, 16, 16, 16)
    rows = [
        ("Exoplanet transits", 0.241, 0.241),
        ("Transit survey catalogues", 0.14, -0.08),
        ("Cost of labelling", 0.09, 0.0),
        ("Self-supervised representations", 0.06, 0.21),
    ]
    sliders = [slider_row(*entry) for entry in rows]
    for slider in sliders:
        column.addWidget(slider)
    bar = MessageBar()
    bar.show_message("The index was rebuilt for 1,204 new documents.", "info", "Show them")
    warn = MessageBar()
    warn.show_message("12 rows were left out of the import.", "warn", "Show the rows")
    wrong = MessageBar()
    wrong.show_message("The disk is full: free 2 GB and go on.", "error", "Try again")
    for message in (bar, warn, wrong):
        column.addWidget(message)
    ring = ProgressRing()
    ring.set_share(0.67)
    meter = MeterBar(0.67, tokens().bar.footer)
    column.addLayout(
        row(
            ring,
            TextLabel("Training run 7", "label"),
            meter,
            TextLabel("67 %", "label", tabular=True),
            stretch=False,
        )
    )
    links = RankLinks()
    links.set_links([(0, 2), (1, 9), (2, 5), (3, None), (4, 1), (5, 7), (6, 0), (None, 3), (8, 4)])
    links.set_emphasis(selected=0)
    links.setFixedHeight(300)
    empty = EmptyPanel(
        "Features appear here once an SAE has been trained and analysed.", "Train an SAE", "play"
    )
    empty.sentence.setFixedWidth(240)
    column.addLayout(row(links, empty, stretch=False))
    column.addStretch(1)
    panel.focused = sliders[-1].slider
    return panel


def gallery(page_number: int = 1) -> QWidget:
    page = QWidget()
    page.setProperty("ground", "canvas")
    page.resize(1440, 900)
    line = QHBoxLayout(page)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(0)
    left = basic_column() if page_number == 1 else steering_column()
    right = button_column() if page_number == 1 else plot_column()
    line.addWidget(left)
    line.addWidget(Hairline(Qt.Orientation.Vertical))
    line.addWidget(right, 1)
    page.focused = right.focused if page_number == 1 else left.focused
    page.shown = getattr(right, "shown", None)
    return page


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out", type=Path)
    options.add_argument("--dark", action="store_true")
    options.add_argument("--page", type=int, default=1)
    chosen = options.parse_args()
    application = QApplication([])
    Theme.current().set_mode("dark" if chosen.dark else "light")
    page = gallery(chosen.page)
    page.show()
    page.activateWindow()
    page.focused.setFocus()
    for _ in range(5):
        application.processEvents()
    if page.shown:
        page.shown[1].show_bin(22)
    application.processEvents()
    page.grab().save(str(chosen.out))


if __name__ == "__main__":
    main()
