"""How many documents lie at or above a threshold, and what can be made of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from saedesk.errors import KnownError
from saedesk.features.activation_thresholds import count_at_or_above, documents_at_or_above
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.features_panels.number_texts import activation_text, documents_text, share_text
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.selection_panels.selections_dialog import open_selections_dialog
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.text_field import TextField
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_HOW = "Drag the mark under the bars, or press Shift with ← or → while the bars have the keyboard."


class ThresholdRow(QWidget):
    """Counts while the threshold moves; shows the documents in Corpus or saves them."""

    saved = Signal(int)
    """The number of a new selection."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._latent: int | None = None
        self._threshold: float | None = None
        self.count = TextLabel("", "body", "text2", tabular=True, elide=True)
        self.count.set_explanation(_HOW)
        self.show_button = LinkButton("Show these documents", tooltip="In the table of Corpus")
        self.show_button.clicked.connect(self._show)
        self.menu_button = DefaultButton("Selections", trailing_icon="chevron-down")
        self.menu_button.clicked.connect(self.open_menu)
        self.name = TextField("Name of the selection", accessible_name="Name of the selection")
        self.name.setMinimumWidth(tokens().space[8] * 6)
        self.name.returnPressed.connect(self._save)
        self.save_button = DefaultButton("Save")
        self.save_button.clicked.connect(self._save)
        self.cancel_button = DefaultButton("Cancel")
        self.cancel_button.clicked.connect(self._end_naming)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens().space[2], 0, 0)
        row.setSpacing(tokens().space[3])
        row.addWidget(self.count, 1)
        for widget in (self.show_button, self.menu_button):
            row.addWidget(widget)
        row.addWidget(self.name, 1)
        row.addWidget(self.save_button)
        row.addWidget(self.cancel_button)
        self._end_naming()

    def show_threshold(self, latent: int, threshold: float | None) -> None:
        """Count for another feature or threshold; None for all its documents."""
        sae = self._session.sae
        if sae is None:
            return
        if latent != self._latent:
            self._end_naming()
        self._latent, self._threshold = latent, threshold
        values = sae.activations.latent(latent)[1]
        if threshold is None:
            self.count.setText(f"All {documents_text(len(values))} in which it fires")
            return
        count = count_at_or_above(values, threshold)
        self.count.setText(
            f"{self._threshold_text()}: {count:,} of {documents_text(len(values))} "
            f"({share_text(count / max(1, len(values)))})"
        )

    def open_menu(self) -> QMenu:
        """Offer to save the documents, and the selections that were saved."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        save = menu.addAction("Save these documents as a selection…", self._begin_naming)
        save.setEnabled(not read_only_reason(self._session))
        selections = self._session.selections.selections
        if selections:
            menu.addAction("Rename or delete selections…", self._open_dialog)
            menu.addSeparator()
        for selection in selections:
            words = f"{selection.name}, {documents_text(selection.n_documents)}"
            action = menu.addAction(words.replace("&", "&&"), self._show_selection)
            action.setData(selection.id)
        menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.name.isVisible():
            self._end_naming()
            self.menu_button.setFocus()
            return
        super().keyPressEvent(event)

    def _documents(self) -> DocumentFilter | None:
        sae = self._session.sae
        if sae is None or self._latent is None:
            return None
        threshold = 0.0 if self._threshold is None else self._threshold
        ids = sae.vectors.document_ids
        return DocumentFilter(
            document_ids=documents_at_or_above(sae.activations, ids, self._latent, threshold),
            documents_where="" if self._threshold is None else self._threshold_text(),
        )

    def _threshold_text(self) -> str:
        """“0.211 or more”."""
        return f"{activation_text(self._threshold or 0.0)} or more"

    @Slot()
    def _show(self) -> None:
        wanted = self._documents()
        if wanted is not None:
            self._session.show_documents(wanted)

    @Slot()
    def _show_selection(self) -> None:
        action = self.sender()
        try:
            self._session.selections.show(int(action.data()))  # type: ignore[attr-defined]
        except KnownError as error:
            self._session.tell(error.sentence)

    @Slot()
    def _open_dialog(self) -> None:
        open_selections_dialog(self._session, self)

    @Slot()
    def _begin_naming(self) -> None:
        book = self._session.book
        if book is None or self._latent is None:
            return
        name = book.text(self._latent) or f"Feature {self._latent}"
        if self._threshold is not None:
            name += f", {self._threshold_text()}"
        self.name.setText(name)
        self._set_naming(True)
        self.name.setFocus()
        self.name.selectAll()

    @Slot()
    def _end_naming(self) -> None:
        self._set_naming(False)

    def _set_naming(self, is_naming: bool) -> None:
        for widget in (self.name, self.save_button, self.cancel_button):
            widget.setVisible(is_naming)
        for widget in (self.show_button, self.menu_button):
            widget.setVisible(not is_naming)
        self.name.set_error(None)

    @Slot()
    def _save(self) -> None:
        wanted = self._documents()
        if wanted is None or wanted.document_ids is None:
            return
        origin: dict[str, object] = {"feature": self._latent, "threshold": self._threshold}
        assert self._session.sae is not None
        origin["sae"] = self._session.sae.record.hash
        try:
            number = self._session.selections.save(self.name.text(), wanted.document_ids, origin)
        except KnownError as error:
            self.name.set_error(error.sentence)
            self._session.tell(error.sentence)
            return
        self._end_naming()
        self.menu_button.setFocus()
        self.saved.emit(number)
