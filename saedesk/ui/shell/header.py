"""The header: the project, its documents, the SAE in use, the palette field, undo, theme."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.loaded_sae import architecture_title
from saedesk.project.manifest import ArtifactRecord
from saedesk.session.session import Message, Session
from saedesk.ui.shell.palette_field import PaletteField
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import (
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    shade,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

_NAME_ROLE = "head of a panel"
_WIDEST_NAME = 260
_SAE_WIDTH = 276
_GAP_BEFORE_FIELD = 60


class ProjectButton(QAbstractButton):
    """The name of the project; opens the menu of projects."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(tokens().hit_target)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.control)
        self.set_name("")

    def set_name(self, name: str, place: str = "") -> None:
        """Shows the project's name; its folder is in the tooltip."""
        self.setText(name or "saedesk")
        self.setAccessibleName(f"Project {name}" if name else "Projects")
        set_plain_tooltip(self, place or "Open, make and find projects")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = min(text_width(self.text(), _NAME_ROLE), _WIDEST_NAME)
        chevron = tokens().icon + tokens().space[1]
        return QSize(width + chevron + 2 * tokens().space[1], tokens().hit_target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            ground = "pressed" if self.isDown() else "hover"
            draw_rounded(painter, self.rect(), tokens().radius.control, ground)
        left, chevron = tokens().space[1], tokens().icon
        room = self.width() - 2 * left - chevron - left
        line = QRect(left, 0, room, self.height())
        draw_line_of_text(painter, line, self.text(), _NAME_ROLE)
        place = QRect(self.width() - left - chevron, 0, chevron, self.height())
        paint_icon(painter, "chevron-down", place, "text2", tokens().icon_sizes.inline)


class Header(QWidget):
    """One row over the work area."""

    find_wanted = Signal()

    def __init__(
        self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._records: list[ArtifactRecord] = []
        self.setFixedHeight(tokens().layout.header)
        self.project_button = ProjectButton()
        self.documents = TextLabel("", "body", "text3")
        self.documents.set_explanation("How many documents the project has.")
        self.saes = ChoiceField(prefix="SAE", accessible_name="SAE in use")
        self.saes.setFixedWidth(_SAE_WIDTH)
        self._line = Hairline(Qt.Orientation.Vertical)
        self._line.setFixedHeight(tokens().space[5])
        self.field = PaletteField(self)
        self.field.clicked.connect(self.find_wanted)
        self.undo = _ActionButton(actions["undo"])
        self.redo = _ActionButton(actions["redo"])
        self.theme = GhostButton("moon", "Dark colours")
        self.drawer = _ActionButton(actions["toggle_drawer"])
        self._lay_out()
        self.saes.activated.connect(self._on_sae_chosen)
        for signal in (
            session.project_changed,
            session.documents_changed,
            session.runs_changed,
            session.sae_changed,
        ):
            signal.connect(self.refresh)
        Theme.current().changed.connect(self._show_theme)
        self._show_theme()
        self.set_drawer_offered(False)
        self.refresh()

    def _lay_out(self) -> None:
        space = tokens().space
        self._left = QWidget(self)
        left = QHBoxLayout(self._left)
        left.setContentsMargins(space[3], 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.project_button)
        left.addSpacing(space[1])
        left.addWidget(self.documents)
        left.addSpacing(space[4])
        left.addWidget(self._line)
        left.addSpacing(space[4])
        left.addWidget(self.saes)
        self._right = QWidget(self)
        right = QHBoxLayout(self._right)
        right.setContentsMargins(0, 0, space[3], 0)
        right.setSpacing(space[1])
        right.addWidget(self.undo)
        right.addWidget(self.redo)
        right.addSpacing(2)
        line = Hairline(Qt.Orientation.Vertical)
        line.setFixedHeight(space[5])
        right.addWidget(line)
        right.addWidget(self.theme)
        right.addWidget(self.drawer)

    def set_drawer_offered(self, offered: bool) -> None:
        """Shows the button of the right column where it is a drawer."""
        self.drawer.setVisible(offered)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("canvas"))
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)

    def refresh(self) -> None:
        """Shows the project and its SAEs as they are now."""
        project = self._session.project
        if project is None:
            self.project_button.set_name("")
            self.documents.setText("No project open")
        else:
            self.project_button.set_name(project.name, str(project.folder))
            count = project.documents.count()
            self.documents.setText(f"{count:,} {'document' if count == 1 else 'documents'}")
        self._records = [] if project is None else list(reversed(project.artifacts("saes")))
        current = None if project is None else project.current("saes")
        names = [describe(record) for record in self._records]
        shown = next(
            (describe(r) for r in self._records if current and r.hash == current.hash), None
        )
        self.saes.set_items(names, shown)
        if current is not None:
            at = next((i for i, r in enumerate(self._records) if r.hash == current.hash), -1)
            blocked = self.saes.blockSignals(True)
            self.saes.setCurrentIndex(at)
            self.saes.blockSignals(blocked)
        set_plain_tooltip(
            self.saes, "The SAE whose features are shown and steered. Train makes and loads others."
        )
        self.saes.setVisible(bool(self._records))
        self._line.setVisible(bool(self._records))
        self._place()

    def _place(self) -> None:
        """The field in the middle of the window, or right of the SAE; never over the buttons."""
        left, right = self._left.sizeHint().width(), self._right.sizeHint().width()
        self._left.setGeometry(0, 0, left, self.height() - 1)
        self._right.setGeometry(self.width() - right, 0, right, self.height() - 1)
        wanted = self.field.sizeHint().width()
        has_sae = bool(self._records)
        gap = _GAP_BEFORE_FIELD if has_sae else tokens().space[6]
        start = max((self.width() - wanted) // 2, left + gap)
        end = self.width() - right - tokens().space[4]
        if start + wanted > end:
            start = max(left + tokens().space[4], end - wanted)
        width = max(self.field.minimumSizeHint().width(), min(wanted, end - start))
        top = (self.height() - self.field.height()) // 2
        self.field.setGeometry(start, top, width, self.field.height())

    def _on_sae_chosen(self, index: int) -> None:
        try:
            self._session.use_sae(self._records[index])
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))
            self.refresh()

    def _show_theme(self) -> None:
        dark = Theme.current().is_dark
        self.theme.set_icon("sun" if dark else "moon")
        self.theme.set_tooltip("Light colours" if dark else "Dark colours")
        self.theme.setAccessibleName("Light colours" if dark else "Dark colours")


class _ActionButton(GhostButton):
    """A ghost button that follows an action: icon, text, whether it can be used."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(str(action.property("icon name")), action.toolTip(), parent=parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
        self.set_tooltip(str(self._action.property("tip")))
        self.setAccessibleName(self._action.text())


def describe(record: ArtifactRecord) -> str:
    """“Run 2 · TopK · k 32 · 3,072 features”."""
    summary = record.summary
    parts = [str(summary.get("name", record.hash)), architecture_title(record)]
    if summary.get("k"):
        parts.append(f"k {summary['k']}")
    if summary.get("n_latents"):
        parts.append(f"{int(summary['n_latents']):,} features")
    return " · ".join(parts)
