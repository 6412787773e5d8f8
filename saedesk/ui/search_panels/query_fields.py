"""What one searches with and how: the kind, a field for each kind, and the ways to compare."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from saedesk.session.session import Session
from saedesk.ui.search_panels.document_field import DocumentField
from saedesk.ui.search_panels.query_kind import DOCUMENTS, FEATURE, TEXT, QueryKind
from saedesk.ui.search_panels.query_target import TargetField
from saedesk.ui.search_panels.query_text_field import QueryTextField
from saedesk.ui.search_panels.query_ways import QueryWays
from saedesk.ui.theme import tokens

PAUSE_MS = 450
"""A pause in typing that starts the search."""
WIDEST_FIELD = 20
"""Widest query field, in units of 32 device-independent pixels."""
HINT = "What are you looking for?"
HINT_OF_WORDS = "Words, and “phrases in quotation marks”"


class QueryFields(QWidget):
    """Shows the field of the kind that is chosen; Enter or a short pause in typing searches."""

    text_submitted = Signal(str, bool)
    """What is searched for, and whether a person said with Enter that it is all typed."""
    typed = Signal(str)
    """What stands in the field of texts, with every letter that a person types."""
    mode_changed = Signal()
    """A person chose another kind, or it was shown."""
    history_wanted = Signal()
    """Down was pressed in an empty field."""
    results_wanted = Signal()
    """Down was pressed in a text."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_showing = self._has_features = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        self.mode = QueryKind()
        height = tokens().query_field_height
        self.field = QueryTextField(HINT, "Ctrl+F", "Query", height, role="lead")
        self.finder = DocumentField(session, height)
        self.target = TargetField(session)
        self.ways = QueryWays()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.mode)
        for field in self._all():
            field.setMaximumWidth(WIDEST_FIELD * tokens().space[8])
            field.installEventFilter(self)
            row.addWidget(field, 100)
        row.addSpacing(tokens().space[1])
        row.addWidget(self.ways)
        row.addStretch(1)
        self.mode.changed.connect(self._on_mode)
        self.field.text_changed.connect(self._on_text)
        self.field.submitted.connect(self._on_enter)
        self.field.undo_wanted.connect(self._on_undo)
        self.field.redo_wanted.connect(self._on_redo)
        self.field.down_pressed.connect(self._on_down)
        self.fit(False)

    def _all(self) -> tuple[QLineEdit, ...]:
        return (self.field, self.finder, self.target)

    @property
    def current(self) -> QLineEdit:
        """The field that is shown."""
        return dict(zip((TEXT, DOCUMENTS, FEATURE), self._all(), strict=True))[self.mode.current]

    @property
    def is_typing(self) -> bool:
        """Whether somebody types and has not paused yet."""
        return self._pause.isActive()

    @property
    def has_keyboard(self) -> bool:
        """Whether the keyboard is in one of the fields."""
        return any(field.hasFocus() for field in self._all())

    def take_keyboard(self) -> None:
        """Puts the keyboard into the query, its text selected."""
        self.current.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.current.selectAll()

    def fit(self, has_features: bool) -> None:
        """Shows the field of the kind, and the kinds that there are."""
        self._has_features = has_features
        self.mode.set_kinds((TEXT, DOCUMENTS, FEATURE) if has_features else (TEXT, DOCUMENTS))
        for field in self._all():
            field.setVisible(field is self.current)
        self.ways.fit(self.mode.current, has_features)

    def set_mode(self, mode: str) -> None:
        """Shows another kind; the keyboard goes along."""
        if mode != self.mode.current:
            had_keyboard = self.has_keyboard
            self.mode.set_current(mode)
            self.fit(self._has_features)
            if had_keyboard:
                self.take_keyboard()
            self.mode_changed.emit()

    def show_text(self, text: str) -> None:
        """Shows a text that is searched for already."""
        self._is_showing = True
        self.field.setText(text)
        self._is_showing = False

    def show_words(self, are_looked_for: bool) -> None:
        """Says in the empty field what can be typed where words are looked for."""
        self.field.setPlaceholderText(HINT_OF_WORDS if are_looked_for else HINT)

    def stop(self) -> None:
        """Forgets what was typed without a pause."""
        self._pause.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_key and watched is not self.field and isinstance(watched, QLineEdit):
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Down and not watched.text():
                self.history_wanted.emit()
                return True
        return False

    def _on_mode(self, _: str) -> None:
        self.fit(self._has_features)
        self.take_keyboard()
        self.mode_changed.emit()

    def _on_text(self, text: str) -> None:
        if self._is_showing:
            return
        if text.strip():
            self._pause.start()
        else:
            self._submit(False)
        self.typed.emit(text)

    def _on_pause(self) -> None:
        self._submit(False)

    def _on_enter(self, _text: str = "") -> None:
        self._submit(True)

    def _on_down(self) -> None:
        if not self.field.text().strip():
            self.history_wanted.emit()
            return
        if self.is_typing:
            self._submit(True)
        self.results_wanted.emit()

    def _on_undo(self) -> None:
        if self.is_typing:
            # What was typed is a step too, which redo brings back.
            self._submit(False)
        self._session.undo.undo()

    def _on_redo(self) -> None:
        if not self.is_typing:
            self._session.undo.redo()

    def _submit(self, is_final: bool) -> None:
        self._pause.stop()
        self.text_submitted.emit(self.field.text(), is_final)
