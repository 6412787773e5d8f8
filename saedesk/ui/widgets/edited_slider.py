"""What sliders share: an edit begins with a move and ends however the hand leaves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget


class EditedSlider(QAbstractSlider):
    """Tells the end of an edit also where the mouse or key is let go somewhere else.

    A key that is pressed here may be released after the keyboard went to another widget, and what
    is hidden or disabled hears no release at all.
    """

    editing_finished = Signal(bool)
    """Whether the hand may go on at once, as from key to key and from notch to notch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_edited = self._goes_on = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._finish_if_edited()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._drop_hold()
        self._finish_if_edited()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self._drop_hold()
            self._finish_if_edited()

    def _drop_hold(self) -> None:
        """The mouse no longer holds the thumb."""
        raise NotImplementedError

    def _begin(self) -> None:
        self._is_edited = True

    def _finish(self, *, goes_on: bool = False) -> None:
        self._is_edited, self._goes_on = False, goes_on
        self.editing_finished.emit(goes_on)

    def _take_hold(self) -> None:
        """The mouse takes the thumb: what keys have done before is over."""
        if self._goes_on:
            self._finish()

    def _finish_if_edited(self) -> None:
        if self._is_edited:
            self._finish()
