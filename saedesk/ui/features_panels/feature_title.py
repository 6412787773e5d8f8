"""The head of a feature's page: number, label edited in place, who named it, what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from saedesk.project.label_store import FeatureLabel
from saedesk.session.session import Session
from saedesk.ui.feature_names import NO_LABEL_YET
from saedesk.ui.features_panels.label_history import LabelHistory, provenance_text
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.text_label import LinkButton, TextLabel
from saedesk.ui.widgets.title_editing import TitleField, TitleLabel

LONGEST_LABEL = 200


class FeatureTitle(QWidget):
    """Shows one feature; writes its label and its star through the session's book."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._latent: int | None = None
        self.history: LabelHistory | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.number = TextLabel("", "caption", "text2", tabular=True)
        self.title = TitleLabel()
        self.title.double_clicked.connect(self.edit)
        self.pencil = GhostButton("pencil", "Edit the label (F2)")
        self.pencil.clicked.connect(self.edit)
        self.field = TitleField("A label for this feature", role="page title", height=32)
        self.field.setMaxLength(LONGEST_LABEL)
        self.field.kept.connect(self._keep)
        self.field.given_up.connect(self.give_up)
        self.field.hide()
        self.provenance = TextLabel("", "body", "text2", elide=True)
        self.provenance.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.earlier = LinkButton("", tooltip="All labels this feature ever had")
        self.earlier.clicked.connect(self._open_history)
        self._build(self._make_actions())

    def _make_actions(self) -> QHBoxLayout:
        self.star = GhostButton("star", "Star this feature")
        self.star.clicked.connect(self._toggle_star)
        self.hide_button = GhostButton("eye-off", "Hide this feature")
        self.hide_button.clicked.connect(self._toggle_hidden)
        self.copy = GhostButton("ellipsis", "Copy the label or the number")
        self.copy.clicked.connect(self._open_menu)
        self.steer = DefaultButton(
            "Steer a search",
            "sliders-horizontal",
            "Puts a slider for this feature into Search",
        )
        self.steer.clicked.connect(self._steer)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.star)
        row.addWidget(self.hide_button)
        row.addWidget(self.copy)
        row.addSpacing(tokens().space[2])
        row.addWidget(self.steer)
        return row

    def _build(self, actions: QHBoxLayout) -> None:
        space = tokens().space
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(space[1] + 1)
        line.addWidget(self.title)
        # The icon stands in the middle of the first line, however many there are.
        holder = QVBoxLayout()
        holder.setContentsMargins(0, 2, 0, 0)
        holder.addWidget(self.pencil)
        holder.addStretch(1)
        line.addLayout(holder)
        line.addWidget(self.field, 1)
        line.addStretch(0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.number)
        words.addSpacing(2)
        words.addLayout(line)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(space[4])
        top.addLayout(words, 1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 3, 0, 0)
        right.addLayout(actions)
        right.addStretch(1)
        top.addLayout(right)
        under = QHBoxLayout()
        under.setContentsMargins(0, 0, 0, 0)
        under.setSpacing(space[1] + 1)
        under.addWidget(self.provenance)
        under.addWidget(self.earlier)
        under.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(top)
        column.addLayout(under)

    # -- what is shown -----------------------------------------------------------------------

    def show_feature(self, latent: int) -> None:
        """Show another feature; an edit that is under way is kept first."""
        if self.is_editing:
            self._keep()
        self._latent = latent
        self.number.setText(f"Feature {latent}")
        self.refresh_label()
        self.refresh_star()

    def refresh_label(self) -> None:
        """Show label and provenance again."""
        book, latent = self._session.book, self._latent
        if book is None or latent is None:
            return
        has_label = book.has_label(latent)
        self.title.setText(book.text(latent) if has_label else NO_LABEL_YET)
        self.title.set_colour("text1" if has_label else "text3")
        self.title.set_role("page title", italic=not has_label)
        self.pencil.set_disabled_reason(read_only_reason(self._session))
        labels, in_force = book.history(latent), book.label(latent)
        others = sum(1 for label in labels if in_force is None or label.id != in_force.id)
        self.provenance.setText(provenance_text(labels, in_force))
        newest = bool(labels) and in_force is not None and labels[0].id == in_force.id
        word = "earlier" if newest else "other"
        self.earlier.setText(f"{others} {word} label" + ("" if others == 1 else "s"))
        self.earlier.setAccessibleName(self.earlier.text())
        self.earlier.updateGeometry()
        self.earlier.setVisible(others > 0)
        self.provenance.setVisible(bool(self.provenance.text()))

    def refresh_star(self) -> None:
        """Show again whether the feature is starred or hidden."""
        book, latent = self._session.book, self._latent
        if book is None or latent is None:
            return
        starred = book.is_starred(latent)
        self.star.set_icon("star", "star" if starred else "lineControl", filled=starred)
        words = "Take the star away" if starred else "Star this feature"
        self.star.set_tooltip(words)
        self.star.setAccessibleName(words)
        self.star.set_disabled_reason(read_only_reason(self._session))
        hidden = book.mark(latent).hidden
        words = "Show this feature in the list again" if hidden else "Hide this feature"
        self.hide_button.set_icon("eye-off", "accentText" if hidden else "text2")
        self.hide_button.set_tooltip(words)
        self.hide_button.setAccessibleName(words)
        self.hide_button.set_disabled_reason(read_only_reason(self._session))

    # -- editing -----------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        """Whether the label is being edited."""
        return not self.field.isHidden()

    @Slot()
    def edit(self) -> None:
        """Edit the label in place."""
        book, latent = self._session.book, self._latent
        if book is None or latent is None or self.is_editing:
            return
        if not may_write(self._session):
            return
        self.field.setText(book.text(latent) if book.has_label(latent) else "")
        self._show_field(True)
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def _keep(self) -> None:
        if not self.is_editing:
            return
        text = self.field.text()
        self.give_up()
        self.set_label(text)

    @Slot()
    def give_up(self) -> None:
        """End an edit without keeping it."""
        had_keyboard = self.field.hasFocus()
        self._show_field(False)
        if had_keyboard:
            self.pencil.setFocus(Qt.FocusReason.MouseFocusReason)

    def _show_field(self, shown: bool) -> None:
        self.field.setVisible(shown)
        self.title.setVisible(not shown)
        self.pencil.setVisible(not shown)

    @Slot(str)
    def set_label(self, text: str) -> None:
        """Write a label; says so when the project refuses."""
        book, latent = self._session.book, self._latent
        if book is not None and latent is not None and may_write(self._session):
            book.set_label(latent, text)

    @Slot(object)
    def use_label(self, label: FeatureLabel) -> None:
        """Put a label of the history in force again; says so when the project refuses."""
        book = self._session.book
        if book is not None and label.latent == self._latent and may_write(self._session):
            book.use_label(label)

    @Slot()
    def _toggle_star(self) -> None:
        book, latent = self._session.book, self._latent
        if book is None or latent is None or not may_write(self._session):
            return
        book.set_star(latent, not book.is_starred(latent))

    @Slot()
    def _toggle_hidden(self) -> None:
        book, latent = self._session.book, self._latent
        if book is None or latent is None or not may_write(self._session):
            return
        book.set_hidden([latent], not book.mark(latent).hidden)

    # -- other actions -----------------------------------------------------------------------

    @Slot()
    def _open_history(self) -> None:
        book, latent = self._session.book, self._latent
        if book is None or latent is None:
            return
        in_force = book.label(latent)
        number = -1 if in_force is None else in_force.id
        self.history = LabelHistory(book.history(latent), number, book.scores_of, self)
        self.history.wanted.connect(self.use_label)
        self.history.open_under(self.earlier)

    @Slot()
    def _open_menu(self) -> None:
        book, latent = self._session.book, self._latent
        if book is None or latent is None:
            return
        copy = QGuiApplication.clipboard().setText
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if book.has_label(latent):
            menu.addAction("Copy the label", partial(copy, book.text(latent)))
        menu.addAction("Copy the number", partial(copy, str(latent)))
        menu.popup(self.copy.mapToGlobal(self.copy.rect().bottomLeft()))

    @Slot()
    def _steer(self) -> None:
        if self._latent is not None:
            self._session.steer_with(self._latent)
