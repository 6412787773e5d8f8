"""Features: the list of all features, the page of one, and what surrounds it."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.features_panels.feature_aside import FeatureAside
from saedesk.ui.features_panels.feature_list import FeatureList
from saedesk.ui.features_panels.feature_page import FeaturePage
from saedesk.ui.features_panels.write_permission import may_write
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.keyboard_place import has_keyboard

_NO_PROJECT = "Features are what a sparse autoencoder finds in documents. Open a project first."
_NO_SAE = (
    "Features are what a sparse autoencoder finds in the documents. Train one to read and label "
    "them here."
)
_NOT_ANALYSED = (
    "The features of this SAE have not been looked for in the documents yet. It takes a minute, "
    "and then each of them can be read here."
)


class FeatureColumns(NamedTuple):
    """What stands side by side."""

    list: FeatureList
    page: FeaturePage
    aside: FeatureAside


class FeaturesWorkspace(QWidget):
    """List, page and right column; below 1360 pixels the right column is a drawer."""

    drawer_changed = Signal()
    """The right column became a drawer, or a column again."""

    @classmethod
    def in_pieces(
        cls, session: Session, parent: QWidget | None = None
    ) -> Generator[None, None, FeaturesWorkspace]:
        """Make the workspace column by column, for whoever has something to do in between."""
        listed = FeatureList(session)
        yield
        page = FeaturePage(session)
        yield
        aside = FeatureAside(session)
        yield
        made = cls(session, parent, FeatureColumns(listed, page, aside))
        yield
        if parent is not None:
            made.resize(parent.size())
        # A picture of one pixel lays out what is hidden: a third of the time to show it.
        made.grab(QRect(0, 0, 1, 1))
        return made

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        columns: FeatureColumns | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._is_narrow: bool | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        columns = columns or FeatureColumns(
            FeatureList(session), FeaturePage(session), FeatureAside(session)
        )
        self.list, self.page, self.aside = columns
        self.list.opened.connect(self.page.focus_documents)
        self.list.rename_wanted.connect(self.page.title.edit)
        self._build()
        session.project_changed.connect(self._refresh)
        session.sae_changed.connect(self._on_sae)
        session.runs_changed.connect(self._refresh)
        self._on_sae()
        self._set_narrow(False)

    def _build(self) -> None:
        self.empty = EmptyPanel("")
        self.empty.activated.connect(self._fill)
        self._content = QWidget()
        row = QHBoxLayout(self._content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._line = Hairline(Qt.Orientation.Vertical)
        row.addWidget(self.list)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(self.page, 1)
        row.addWidget(self._line)
        row.addWidget(self.aside)
        self.aside.setFixedWidth(tokens().layout.aside)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._content)
        self._stack.addWidget(self.empty)

    # -- the right column --------------------------------------------------------------------

    @property
    def has_drawer(self) -> bool:
        """Whether the right column is a drawer at the width of the moment."""
        return bool(self._is_narrow) and self._stack.currentWidget() is self._content

    @property
    def is_drawer_visible(self) -> bool:
        """Whether the right column is shown."""
        return not self.aside.isHidden()

    def set_drawer_visible(self, visible: bool) -> None:
        """Show or hide the right column."""
        self.aside.setVisible(visible)
        self._line.setVisible(visible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window()
        width = self.width() + tokens().layout.rail if window is self else window.width()
        self._set_narrow(width < tokens().layout.narrow_below)

    def _set_narrow(self, narrow: bool) -> None:
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        layout = tokens().layout
        # Narrow windows leave the list the width of the smallest column, 280.
        width = layout.feature_list - 7 * tokens().space[2] if narrow else layout.feature_list
        self.list.setFixedWidth(width)
        self.set_drawer_visible(not narrow)
        self.drawer_changed.emit()

    # -- keyboard ----------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Put the keyboard into the list; where there is none, no key does anything yet."""
        is_list = self._stack.currentWidget() is self._content
        (self.list.table if is_list else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_filter(self) -> None:
        """Put the keyboard into the filter of the list."""
        if self._stack.currentWidget() is self._content:
            self.list.focus_filter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.focus_filter()
        elif event.key() == Qt.Key.Key_F2 and self._session.feature is not None:
            self.page.title.edit()
        else:
            super().keyPressEvent(event)

    # -- empty states ------------------------------------------------------------------------

    @Slot()
    def _on_sae(self) -> None:
        book = self._session.book
        if book is not None:
            book.labels_changed.connect(self.aside.show_labels)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        project = self._session.project
        if self._session.sae is not None:
            # Who waited here for the features finds the keyboard in their list.
            waited = self._stack.currentWidget() is self.empty and has_keyboard(self)
            self._stack.setCurrentWidget(self._content)
            if waited:
                self.focus_first()
        elif project is None:
            self._show_empty(_NO_PROJECT, "")
        elif project.current("saes") is None:
            self._show_empty(_NO_SAE, "Train an SAE")
        else:
            self._show_empty(_NOT_ANALYSED, "Find the features")
        self.drawer_changed.emit()

    def _show_empty(self, sentence: str, button: str) -> None:
        if has_keyboard(self):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.empty.set_text(sentence, button)
        self.empty.button.set_disabled_reason("")
        self._stack.setCurrentWidget(self.empty)

    @Slot()
    def _fill(self) -> None:
        project = self._session.project
        if project is None:
            return
        if project.current("saes") is None:
            self._session.show("train")
            return
        if not may_write(self._session):
            return
        # A button that is dimmed hands the keyboard to the rail.
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        task = self._session.analyse()
        self.empty.button.set_disabled_reason("The features are being looked for.")
        task.ended.connect(self._on_analysed)

    @Slot(object)
    def _on_analysed(self, _: object) -> None:
        self._refresh()
