"""The menu that chooses the columns of the runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.ui.train_panels.run_column_choice import RunColumnChoice
from saedesk.ui.train_panels.run_columns import SETTING, RunColumn
from saedesk.ui.widgets.plain_tooltip import escaped


class RunColumnMenu(QObject):
    """Changes the choice and tells it."""

    chosen = Signal()

    def __init__(
        self, choice: RunColumnChoice, known: dict[str, RunColumn], place: QWidget
    ) -> None:
        super().__init__(place)
        self._choice, self._known, self._place = choice, known, place

    def made(self) -> QMenu:
        """Every column with a check mark; settings in a menu of their own."""
        menu = QMenu(self._place)
        settings = QMenu("Settings", menu)
        shown = self._choice.shown
        for name, column in self._known.items():
            place = settings if name.startswith(SETTING) else menu
            action = place.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(name in shown)
            action.setToolTip(escaped(column.tooltip))
            action.setData(name)
            action.toggled.connect(self._on_column)
        menu.addMenu(settings)
        menu.addSeparator()
        menu.addAction("Back to the usual columns", self._usual)
        return menu

    @Slot(QPoint)
    def open(self, at: QPoint) -> None:
        """Shows the menu at a place of the screen."""
        menu = self.made()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    @Slot(bool)
    def _on_column(self, is_shown: bool) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._choice.show(str(action.data()), is_shown)
            self.chosen.emit()

    @Slot()
    def _usual(self) -> None:
        self._choice.reset()
        self.chosen.emit()
