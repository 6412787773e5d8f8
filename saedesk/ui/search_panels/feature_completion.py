"""The field that puts any feature beside those of the query, found by its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import TextField
from saedesk.ui.widgets.painting import LEFT, RIGHT, draw_line_of_text, draw_rounded

MOST_SHOWN = 12
"""Suggestions in the list; more letters bring the others."""


@dataclass(frozen=True)
class NamedFeature:
    """A feature that can be found."""

    latent: int
    label: str
    density: float
    """Share of documents in which it is active, 0 to 1."""


class FeatureNames:
    """All features by their labels, folded once so that every letter is answered at once."""

    def __init__(self, features: Sequence[NamedFeature]) -> None:
        self._features = sorted(features, key=lambda feature: -feature.density)
        self._folded = [feature.label.casefold() for feature in self._features]

    def find(self, text: str, count: int = MOST_SHOWN) -> list[NamedFeature]:
        """Features whose labels hold every word, labels that begin with the text first."""
        words = text.casefold().split()
        if not words:
            return []
        begins, holds = [], []
        for at, label in enumerate(self._folded):
            if all(word in label for word in words):
                (begins if label.startswith(words[0]) else holds).append(self._features[at])
                if len(begins) >= count:
                    break
        return [*begins, *holds][:count]


class _Suggestions(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.found: list[NamedFeature] = []

    def show_found(self, found: list[NamedFeature]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        feature = self.found[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return feature.label
        return feature if role == Qt.ItemDataRole.UserRole else None


class _SuggestionDelegate(QStyledItemDelegate):
    """Label at the left, share of documents at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(tokens().space[8] * 6, tokens().control_height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        feature = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            draw_rounded(painter, place, tokens().radius.check, "selection")
        line = place.adjusted(tokens().space[2], 0, -tokens().space[2], 0)
        share = f"{feature.density:.1%}".replace("%", " %")
        used = draw_line_of_text(painter, line, share, "caption", "text3", RIGHT, tabular=True)
        line.setRight(int(line.right() - used - tokens().space[3]))
        draw_line_of_text(painter, line, feature.label, "body", "text1", LEFT)


class FeatureField(TextField):
    """Typing finds features; Enter or a click on one adds it."""

    chosen = Signal(int)
    """The latent of the chosen feature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a feature", "plus", "Add a feature", parent=parent)
        self._names = FeatureNames([])
        self._model = _Suggestions(self)
        popup = QListView()
        popup.setProperty("popup", "true")
        popup.setUniformItemSizes(True)
        popup.setAccessibleName("Features found")
        completer = QCompleter(self._model, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(MOST_SHOWN)
        completer.setPopup(popup)
        popup.setItemDelegate(_SuggestionDelegate(popup))
        popup.setMouseTracking(True)
        completer.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]
        self.setCompleter(completer)
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self._on_return)

    def set_features(self, features: Sequence[NamedFeature]) -> None:
        """Sets the features that can be found."""
        self._names = FeatureNames(features)

    @property
    def found(self) -> list[NamedFeature]:
        """What the list shows for the text."""
        return self._model.found

    def _on_edited(self, text: str) -> None:
        self._model.show_found(self._names.find(text))

    def _on_activated(self, index: QModelIndex) -> None:
        feature = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(feature, NamedFeature):
            self._choose(feature)

    def _on_return(self) -> None:
        popup = self.completer().popup()
        if popup.isVisible() and popup.currentIndex().isValid():
            # The completer gets the same key and chooses it too; a feature is added once.
            self._on_activated(popup.currentIndex())
        elif self.text().strip() and self._model.found:
            self._choose(self._model.found[0])

    def _choose(self, feature: NamedFeature) -> None:
        self.chosen.emit(feature.latent)
        # The completer still writes the chosen label into the field after this.
        QTimer.singleShot(0, self, self._start_anew)

    def _start_anew(self) -> None:
        self.clear()
        self.completer().popup().hide()
        self._model.show_found([])
