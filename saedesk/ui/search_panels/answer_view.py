"""The results above, the reason for the chosen one below them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.session.settings import Settings
from saedesk.ui.search_panels.kept_splitter import KeptSplitter
from saedesk.ui.search_panels.result_area import ResultArea
from saedesk.ui.search_panels.score_explanation import ScoreExplanation
from saedesk.ui.theme import tokens

SETTING = "search why height"


class AnswerView(QWidget):
    """Gives the results whole rows and the explanation what is left, until somebody moves the line.

    What the explanation was given then is kept.
    """

    def __init__(
        self,
        results: ResultArea,
        explanation: ScoreExplanation,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._results, self._explanation = results, explanation
        self.splitter = KeptSplitter(
            Qt.Orientation.Vertical, "Results and why", settings, SETTING, kept=1
        )
        self.splitter.addWidget(results)
        self.splitter.addWidget(explanation)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.splitterMoved.connect(self._fit)
        results.count_changed.connect(self._on_count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.splitter.arrange()

    def _on_count(self) -> None:
        self._fit()
        self.splitter.arrange()

    def _fit(self, *_: object) -> None:
        """The results take whole rows; what a person gave them they may fill with a part of one."""
        if self.splitter.own_size is not None:
            self._results.fit(self.height() * 2)
            return
        room = self.height() - self._explanation.usual_height - tokens().line
        self._results.fit(room)
        self.splitter.set_usual(self.height() - tokens().line - self._results.maximumHeight())
