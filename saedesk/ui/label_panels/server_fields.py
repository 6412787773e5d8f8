"""Whom to ask: the private mode, the server, its key and its model."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from saedesk.jobs.model_endpoint import OFFERED_ENDPOINTS
from saedesk.jobs.model_keys import SecretKey
from saedesk.ui.label_panels.label_words import (
    NO_KEY_WORDS,
    PRIVATE,
    PRIVATE_HELP,
    plain_http_host,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.fields import ChoiceField, FieldRow, TextField
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

OTHER = "Another address"
FIELD_WIDTH = 312
_URLS = {one.name: one.url for one in OFFERED_ENDPOINTS}


class ServerFields(QWidget):
    """The fields; what they mean is asked of the network elsewhere."""

    changed = Signal()
    models_wanted = Signal()
    forget_wanted = Signal()

    def __init__(self, private: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.private = CheckBox(PRIVATE, private)
        self.server = ChoiceField([*_URLS, OTHER], accessible_name="Server")
        self.address = TextField("https://…/v1", accessible_name="Address")
        self.address.setText(OFFERED_ENDPOINTS[0].url)
        self.allow_http = CheckBox("")
        self.key = TextField("", accessible_name="Key")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.forget = LinkButton("Forget the key", tooltip="Also takes it out of the keyring.")
        self.forget.hide()
        self.key_note = TextLabel(NO_KEY_WORDS, "caption", "text3", wrap=True)
        self.model = TextField("As its server calls it", accessible_name="Model")
        self.look = DefaultButton("Look for models")
        self.model_note = TextLabel("", "caption", "text3", wrap=True, max_lines=4)
        self.offered = ChoiceField(accessible_name="Models of the server")
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        space = tokens().space
        self._offered_row = FieldRow("Its models", self.offered, "", FIELD_WIDTH)
        self._offered_row.hide()
        help_ = TextLabel(PRIVATE_HELP, "caption", "text3", wrap=True)
        key_line = QHBoxLayout()
        key_line.addWidget(self.key_note, 1)
        key_line.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addWidget(self.private)
        column.addWidget(help_)
        column.addSpacing(space[2])
        self._address_row = FieldRow("Address", self.address, "", FIELD_WIDTH)
        rows: list[QWidget | QHBoxLayout] = [
            FieldRow("Server", self.server, "", FIELD_WIDTH),
            self._address_row,
            self.allow_http,
            FieldRow("Key", self.key, "", FIELD_WIDTH),
            key_line,
            FieldRow("Model", self._model_line(), "", FIELD_WIDTH),
            self.model_note,
            self._offered_row,
        ]
        for row in rows:
            if isinstance(row, QHBoxLayout):
                column.addLayout(row)
                continue
            if isinstance(row, FieldRow):
                row.layout().setContentsMargins(0, space[1], 0, 0)
            column.addWidget(row)

    def _model_line(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.model, 1)
        row.addWidget(self.look)
        return holder

    def _connect(self) -> None:
        self.server.changed.connect(self._on_server)
        self.address.text_changed.connect(self._on_address)
        self.allow_http.toggled.connect(self._on_change)
        self.private.toggled.connect(self._on_change)
        self.key.text_changed.connect(self._on_change)
        self.model.text_changed.connect(self._on_change)
        self.offered.changed.connect(self.model.setText)
        self.look.clicked.connect(self.models_wanted)
        self.forget.clicked.connect(self.forget_wanted)

    # -- what is chosen ----------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address."""
        return self.address.text().strip()

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The host that may be asked without encryption, if any."""
        host = plain_http_host(self.url)
        return (host,) if host and self.allow_http.isChecked() else ()

    def new_key(self) -> SecretKey | None:
        """The key that was typed; raises BadSetting for what cannot be one."""
        return SecretKey(self.key.text()) if self.key.text().strip() else None

    def unencrypted(self) -> str:
        """Why the address is not asked; "" where nothing is against it."""
        host = plain_http_host(self.url)
        if not host or self.allowed_hosts or self.private.isChecked():
            return ""
        return f"Plain http to {host} could be read on the way. Use https, or allow it below."

    # -- what is shown -----------------------------------------------------------------------

    def take_key_away(self, note: str) -> None:
        """The typed key is kept elsewhere: the field is emptied, a sentence says where it is."""
        blocked = self.key.blockSignals(True)
        self.key.clear()
        self.key.blockSignals(blocked)
        self.show_key(note, is_kept=True)

    def show_key(self, note: str, *, is_kept: bool) -> None:
        """Say where the key is."""
        self.key_note.setText(note or NO_KEY_WORDS)
        self.key.setPlaceholderText("A key is kept" if is_kept else "")
        self.forget.setVisible(is_kept)

    def show_models(self, names: tuple[str, ...]) -> None:
        """Offer the models of the server; the first is taken where none was named."""
        count = "1 model" if len(names) == 1 else f"{len(names):,} models"
        told = f"The server offers {count}." if names else "The server has no model yet."
        self.show_model_note(told)
        self._offered_row.setVisible(bool(names))
        self.offered.set_items(names, self.model.text())
        if names and not self.model.text().strip():
            self.model.setText(names[0])

    def show_model_note(self, note: str, *, is_error: bool = False) -> None:
        """Say something about the models."""
        self.model_note.set_colour("error" if is_error else "text3")
        self.model_note.setText(note)
        self.model_note.setVisible(bool(note))

    @Slot(str)
    def _on_server(self, name: str) -> None:
        if name in _URLS:
            self.address.setText(_URLS[name])
        else:
            self.address.clear()
            self.address.setFocus()

    @Slot(str)
    def _on_address(self, text: str) -> None:
        known = next((name for name, url in _URLS.items() if url == text.strip()), OTHER)
        blocked = self.server.blockSignals(True)
        self.server.setCurrentText(known)
        self.server.blockSignals(blocked)
        # What is known of one server is not true of another.
        self.allow_http.setChecked(False)
        self._offered_row.hide()
        self.show_model_note("")
        self.show_key("", is_kept=False)
        self._on_change()

    @Slot()
    def _on_change(self, *_: object) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        host = plain_http_host(self.url)
        self.allow_http.setText(f"Let plain http go to {host}")
        self.allow_http.setAccessibleName(self.allow_http.text())
        self.allow_http.setVisible(bool(host) and not self.private.isChecked())
        self.address.set_error(self.unencrypted() or None)
        self.model_note.setVisible(bool(self.model_note.text()))
