"""How the architectures compare where the answer is known: the stored values of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import BadInput
from saedesk.sae.known_answer.known_answer_data import known_answer_sets
from saedesk.sae.known_answer.known_answer_results import (
    KnownAnswerResult,
    Spread,
    stored_results,
)
from saedesk.sae.known_answer.known_answer_runs import BOUNDS, RANDOM_DICTIONARY, TRUE_DICTIONARY
from saedesk.sae.known_answer.recovery_scores import METRICS, MetricInfo
from saedesk.ui.shell.overlay import Overlay
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

WIDTH = 720
NAME_WIDTH = 176
SHOWN = ("mcc_of_codes", "mcc_of_dictionary", "recovered_share", "fvu", "l0")
ABOUT = (
    "Real corpora have no list of their true features, so these SAEs were trained on data that was "
    "made from known ones: what they find can be compared with what is there. MCC, the mean "
    "correlation of found and true, and the share recovered should be near 1, the FVU near 0; "
    "“true dictionary” is the most that can be reached, “random dictionary” what chance gives."
)
COMMAND = (
    "Means of {runs} runs, the best of a column in bold; a number’s tooltip has its 95 % interval. "
    "“saedesk benchmark --known-answer” measures them again on this computer."
)


class KnownAnswerCard(Overlay):
    """A table of architectures and measures for each of the data sets."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("How do the architectures compare?")
        space = tokens().space
        self.column.setContentsMargins(space[6], space[5], space[6], space[5])
        self.column.setSpacing(space[3])
        head = QHBoxLayout()
        head.addWidget(TextLabel("How do the architectures compare?", "head of a view"), 1)
        self._close = GhostButton("x", "Close (Escape)")
        self._close.clicked.connect(self.close_card)
        head.addWidget(self._close)
        self.column.addLayout(head)
        self.column.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        self._page = QWidget()
        self._tables = QVBoxLayout(self._page)
        self._tables.setContentsMargins(0, 0, space[3], 0)
        self._tables.setSpacing(space[5])
        self.column.addWidget(ScrollArea(self._page, "raised", "Results by data set"), 1)
        self.foot = TextLabel("", "caption", "text3", wrap=True)
        self.column.addWidget(self.foot)
        self._fill()

    def _fill(self) -> None:
        try:
            results = stored_results()
        except BadInput as error:
            self._tables.addWidget(TextLabel(error.sentence, "body", "text2", wrap=True))
            return
        titles = {one.name: one for one in known_answer_sets()}
        for name in dict.fromkeys(result.data_set for result in results):
            part = [result for result in results if result.data_set == name]
            known = titles.get(name)
            table = _Table(known.title if known else name, known.description if known else "", part)
            self._tables.addWidget(table)
        self._tables.addStretch(1)
        runs = max(spread.runs for result in results for spread in result.values.values())
        self.foot.setText(COMMAND.format(runs=runs))

    def open(self) -> None:
        super().open()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def card_width(self) -> int:
        return WIDTH

    def card_height(self) -> int:
        width = WIDTH - 2 * tokens().space[6]
        words = TextLabel(ABOUT, "body", wrap=True).heightForWidth(width)
        fixed = words + self.foot.heightForWidth(width) + tokens().control_height
        gaps = 2 * tokens().space[5] + 3 * tokens().space[3]
        return fixed + gaps + self._page.sizeHint().height()


class _Table(QWidget):
    """One data set: a row for each architecture, the bounds at the ends."""

    def __init__(
        self,
        title: str,
        description: str,
        results: Sequence[KnownAnswerResult],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens().space[4])
        self._grid.setVerticalSpacing(tokens().space[1])
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        head = TextLabel(title, "head of a section")
        head.set_explanation(description)
        self._grid.addWidget(head, 0, 0, 1, len(SHOWN) + 1)
        metrics = [metric for metric in METRICS if metric.name in SHOWN]
        self._best = {metric.name: _best(results, metric) for metric in metrics}
        for at, metric in enumerate(metrics, start=1):
            label = TextLabel(metric.title, "column head", "text2", align=_RIGHT)
            label.set_explanation(metric.help)
            self._grid.addWidget(label, 1, at)
            self._grid.setColumnStretch(at, 1)
        self._grid.addWidget(Hairline(), 2, 0, 1, len(SHOWN) + 1)
        for row, result in enumerate(_ordered(results), start=3):
            self._add(row, result, metrics)

    def _add(self, row: int, result: KnownAnswerResult, metrics: Sequence[MetricInfo]) -> None:
        is_bound = result.architecture in BOUNDS
        colour = "text3" if is_bound else "text1"
        self._grid.addWidget(TextLabel(result.title, "body", colour), row, 0)
        said = []
        for at, metric in enumerate(metrics, start=1):
            spread = result.values[metric.name]
            is_best = not is_bound and spread.mean == self._best[metric.name]
            text = _number(spread, metric)
            role = "head of a section" if is_best else "body"
            label = TextLabel(text, role, colour, tabular=True, align=_RIGHT)
            label.set_explanation(f"{_with_interval(spread, metric)}. {metric.help}")
            said.append(f"{metric.title} {text}")
            self._grid.addWidget(label, row, at)
        self._grid.itemAtPosition(row, 0).widget().setAccessibleDescription(", ".join(said))


def _ordered(results: Sequence[KnownAnswerResult]) -> list[KnownAnswerResult]:
    """The upper bound, the architectures by what they recover, the lower bound."""
    place = {TRUE_DICTIONARY: 0, RANDOM_DICTIONARY: 2}
    return sorted(
        results,
        key=lambda one: (place.get(one.architecture, 1), -one.values["mcc_of_codes"].mean),
    )


def _best(results: Sequence[KnownAnswerResult], metric: MetricInfo) -> float | None:
    """The best mean of an architecture; None for a measure that has no good end."""
    means = [
        one.values[metric.name].mean
        for one in results
        if one.architecture not in (TRUE_DICTIONARY, RANDOM_DICTIONARY)
    ]
    if metric.name == "l0" or not means:
        return None
    return min(means) if metric.name == "fvu" else max(means)


def _number(spread: Spread, metric: MetricInfo) -> str:
    return f"{spread.mean:.2f}" if metric.name == "l0" else f"{spread.mean:.3f}"


def _with_interval(spread: Spread, metric: MetricInfo) -> str:
    half = spread.half_width
    text = _number(spread, metric)
    return text if half is None else f"{text} ± {half:.3f}"


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
