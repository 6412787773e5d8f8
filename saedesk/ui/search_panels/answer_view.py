"""The results above, the reason for the chosen one below them."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.ui.search_panels.result_area import ResultArea
from saedesk.ui.search_panels.score_explanation import ScoreExplanation
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hairline import Hairline


class AnswerView(QWidget):
    """Gives the results whole rows and the explanation what is left."""

    def __init__(
        self, results: ResultArea, explanation: ScoreExplanation, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._results, self._explanation = results, explanation
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(results)
        column.addWidget(Hairline())
        column.addWidget(explanation, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        taken = self._explanation.minimumHeight() + tokens().line
        self._results.fit(self.height() - taken)
