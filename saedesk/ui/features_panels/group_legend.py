"""What the lines over a histogram stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.features.activation_histogram import GroupCounts
from saedesk.ui.features_panels.number_texts import documents_text, share_text
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.flow_layout import FlowLayout
from saedesk.ui.widgets.painting import LEFT, draw_line_of_text, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

LONGEST_NAME = 40


def group_colour(at: int, group: GroupCounts) -> QColor:
    """The others and the documents without a value are grey."""
    if group.others or not group.name:
        return Theme.current().colour("text3")
    return Theme.current().series(at)


class GroupLegend(QWidget):
    """A line and a name for each group, with its numbers in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, tokens().space[1])
        self._flow.setSpacing(tokens().space[4])
        self.entries: list[_Entry] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_groups(self, groups: Sequence[GroupCounts]) -> None:
        """Show other groups; none for an empty list."""
        for entry in self.entries:
            self._flow.removeWidget(entry)
            entry.deleteLater()
        self.entries = [_Entry(at, group) for at, group in enumerate(groups)]
        for entry in self.entries:
            self._flow.addWidget(entry)
        self.setVisible(bool(groups))
        self.setAccessibleName("; ".join(entry.told for entry in self.entries))


class _Entry(QWidget):
    def __init__(self, at: int, group: GroupCounts) -> None:
        super().__init__()
        self._at, self._group = at, group
        name = group.name or "No value"
        self.text = name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "…"
        share = share_text(group.active / max(1, group.documents))
        self.told = (
            f"{name}: fires in {group.active:,} of {documents_text(group.documents)} ({share})"
        )
        set_plain_tooltip(self, self.told)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        height = tokens().line_height[tokens().type["small"]]
        return QSize(self._left() + text_width(self.text, "caption") + 2, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QRectF(0, self.height() / 2 - 1, tokens().space[3] + 2, 2)
        painter.fillRect(line, group_colour(self._at, self._group))
        place = self.rect().adjusted(self._left(), 0, 2, 0)
        draw_line_of_text(painter, place, self.text, "caption", "text2", LEFT)

    @staticmethod
    def _left() -> int:
        return tokens().space[4] + 2
