"""One feature to steer with: what a person does with its lock, its slider and its menus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from saedesk.session.steering_settings import Way
from saedesk.ui.search_panels.slider_menu import fill_slider_menu
from saedesk.ui.search_panels.slider_words import LESS_STEPS
from saedesk.ui.search_panels.steering_row_view import SteeringRowView
from saedesk.ui.widgets.plain_tooltip import escaped

_WAY_KEYS: dict[int, Way] = {
    Qt.Key.Key_P: "places",
    Qt.Key.Key_D: "direction",
    Qt.Key.Key_Minus: "less",
}
_NEIGHBOURS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class SteeringRow(SteeringRowView):
    """A row of the steering panel; every signal names its slider.

    On the slider, 1 to 9 give places, P, D and − choose how it is turned, L locks it, Page Up and
    Page Down go to the sliders beside it.
    """

    moved = Signal(object, str, float, bool)
    """Slid, way, the new value, and whether nothing is held; else `let_go` follows."""
    let_go = Signal(bool)
    """What was being moved is no longer held; whether the hand may go on at once."""
    reset_wanted = Signal(object)
    remove_wanted = Signal(object)
    opened = Signal(object)
    """Somebody wants to read about it."""
    alone_wanted = Signal(object)
    """Somebody wants to search with it alone."""
    lock_wanted = Signal(object, bool)
    way_wanted = Signal(object, str)
    entered = Signal(object)
    """Somebody is at the slider, with the keyboard or the mouse."""
    neighbour_wanted = Signal(object, int)
    """The slider before (−1) or after (1) is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connect()

    def _connect(self) -> None:
        self.lock.clicked.connect(self._on_lock)
        self.way.clicked.connect(self._open_ways)
        self.slider.value_changed.connect(self._on_position)
        self.slider.editing_finished.connect(self.let_go)
        for steps in (self.places, self.less):
            steps.step_changed.connect(self._on_step)
            steps.editing_finished.connect(self.let_go)
        for slider in (self.slider, self.places, self.less):
            slider.installEventFilter(self)
        self._reset.clicked.connect(self._on_reset)
        self._remove.clicked.connect(self._on_remove)

    # -- what a person does ----------------------------------------------------------------------

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._label_place().contains(event.position().toPoint()):
            self.opened.emit(self.slid)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.entered.emit(self.slid)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.make_menu(everything=True).popup(event.globalPos())

    def make_menu(self, *, everything: bool) -> QMenu:
        """The ways in which it can be turned, or `everything` that can be done with the row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_slider_menu(menu, self, everything)
        return menu

    def add_choices(self, menu: QMenu) -> None:
        """What else can be chosen for the row; a feature has nothing."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), escaped(self.tooltip_at(event.pos())), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            has_focus = event.type() == QEvent.Type.FocusIn
            self.slider.setProperty("ground_behind", "selection" if has_focus else "panel")
            self.update()
            if has_focus:
                self.entered.emit(self.slid)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event)
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        """Keys that mean the same whichever slider is shown."""
        key = Qt.Key(event.key())
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if not plain:
            return False
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.moved.emit(self.slid, "places", float(key - Qt.Key.Key_0), True)
        elif key in _WAY_KEYS:
            self.want_way(_WAY_KEYS[key])
        elif key == Qt.Key.Key_L:
            self._on_lock()
        elif key in _NEIGHBOURS:
            self.neighbour_wanted.emit(self.slid, _NEIGHBOURS[key])
        else:
            return False
        return True

    def want_way(self, way: Way) -> None:
        """Asks to be turned in another way, where that is offered."""
        if way != "less" or self.may_be_less:
            self.way_wanted.emit(self.slid, way)
            self.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_ways(self) -> None:
        self.entered.emit(self.slid)
        menu = self.make_menu(everything=False)
        menu.popup(self.way.mapToGlobal(self.way.rect().bottomLeft()))

    def _on_position(self, position: float) -> None:
        self.moved.emit(self.slid, "direction", position, False)

    def _on_step(self, _step: int) -> None:
        way = self.view.way
        value = float(self.places.step) if way == "places" else self.less.step / LESS_STEPS
        self.moved.emit(self.slid, way, value, False)

    def _on_lock(self) -> None:
        self.lock_wanted.emit(self.slid, not self.view.is_locked)

    def _on_reset(self) -> None:
        # At rest there is no button: its keyboard would go to another row.
        if self._reset.hasFocus():
            self.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reset_wanted.emit(self.slid)

    def _on_remove(self) -> None:
        self.remove_wanted.emit(self.slid)
