"""The bar over the list while several features are selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.features_panels.feature_actions import FeatureActions
from saedesk.ui.features_panels.tag_field import TagField
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import TextLabel


class SelectionBar(QWidget):
    """How many are selected, and what can be done to all of them."""

    ended = Signal()
    """One row is to be selected again."""
    tagged = Signal()
    """A tag was given or given up; the keyboard goes back to the list."""

    def __init__(
        self,
        session: Session,
        actions: FeatureActions,
        latents: Callable[[], list[int]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._latents = session, actions, latents
        self.setProperty("ground", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Selected features")
        self.count = TextLabel("", "label", "text1", tabular=True)
        self.star = GhostButton("star", "Star the selected features (Space)")
        self.star.clicked.connect(self._on_star)
        self.hide_button = GhostButton("eye-off", "Hide the selected features (H)")
        self.hide_button.clicked.connect(self._on_hide)
        self.tag = GhostButton("tag", "Tag the selected features (T)")
        self.tag.clicked.connect(self.open_tag_field)
        self.clear = GhostButton("circle-x", "Clear the labels of the selected features")
        self.clear.clicked.connect(self._on_clear)
        self.end = GhostButton("x", "Select one feature only (Escape)")
        self.end.clicked.connect(self.ended)
        self.field = TagField()
        self.field.chosen.connect(self._on_tag)
        self.field.given_up.connect(self._close_tag_field)
        self._build()
        self.show_selection()

    def _build(self) -> None:
        pad, space = tokens().padding.side_panel, tokens().space
        row = QHBoxLayout()
        row.setContentsMargins(pad, space[1], pad - space[1], space[1])
        row.setSpacing(2)
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.star, self.hide_button, self.tag, self.clear, self.end):
            row.addWidget(button)
        self._field_row = QWidget()
        line = QHBoxLayout(self._field_row)
        line.setContentsMargins(pad, 0, pad, space[2])
        line.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._field_row)
        column.addWidget(Hairline())
        self._field_row.hide()

    @Slot()
    def show_selection(self) -> None:
        """Show how many features are selected now; one alone needs no bar."""
        latents, book = self._latents(), self._session.book
        is_tagging = not self._field_row.isHidden()
        self.setVisible(book is not None and (len(latents) > 1 or (is_tagging and bool(latents))))
        if self.isHidden() or book is None:
            self._field_row.hide()
            return
        self.count.setText(f"{len(latents):,} selected")
        reason = read_only_reason(self._session)
        for button in (self.star, self.hide_button, self.tag, self.clear):
            button.set_disabled_reason(reason)
        hidden = all(book.mark(latent).hidden for latent in latents)
        self.hide_button.set_icon("eye" if hidden else "eye-off")
        what = "Show the selected features again" if hidden else "Hide the selected features"
        self.hide_button.set_tooltip(f"{what} (H)")
        starred = all(book.is_starred(latent) for latent in latents)
        self.star.set_icon("star", "star" if starred else "text2", filled=starred)

    @Slot()
    def open_tag_field(self) -> None:
        """Let a tag be typed for the selected features."""
        book = self._session.book
        if book is None or read_only_reason(self._session):
            return
        self.field.set_tags(book.tags())
        self._field_row.show()
        self.show_selection()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
            return
        super().keyPressEvent(event)

    @Slot()
    def _on_star(self) -> None:
        self._actions.toggle_star(self._latents())

    @Slot()
    def _on_hide(self) -> None:
        self._actions.toggle_hidden(self._latents())

    @Slot()
    def _on_clear(self) -> None:
        self._actions.clear_labels(self._latents())

    @Slot(str)
    def _on_tag(self, tag: str) -> None:
        self._actions.add_tag(self._latents(), tag)
        self._close_tag_field()

    @Slot()
    def _close_tag_field(self) -> None:
        self._field_row.hide()
        self.show_selection()
        self.tagged.emit()
