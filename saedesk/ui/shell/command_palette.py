"""Everything by typing: features, families, documents and commands in one list."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.shell.action_table import ACTIONS
from saedesk.ui.shell.document_finder import DocumentFinder, FoundDocuments
from saedesk.ui.shell.overlay import CardFoot, Overlay
from saedesk.ui.shell.palette_families import family_rows, open_family
from saedesk.ui.shell.palette_field import PROMPT
from saedesk.ui.shell.palette_list import TEXT_LEFT, PaletteList
from saedesk.ui.shell.palette_rows import FeatureIndex, PaletteRow, matching_commands
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import (
    draw_hairline,
    draw_key_cap,
    draw_line_of_text,
    key_cap_width,
    text_width,
)

SEARCH, SHOW_DOCUMENTS = "search for", "show documents"
_HINTS = ((("↑", "↓"), "choose"), (("Enter",), "open"), ((">",), "commands only"))


class CommandPalette(Overlay):
    """Opened with Ctrl+K; `>` at the beginning leaves only commands."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._actions = actions
        self._index: FeatureIndex | None = None
        self._documents: FoundDocuments | None = None
        self.field = _PaletteEdit()
        self.list = PaletteList()
        self._finder = DocumentFinder(session, self)
        self.column.addWidget(_SearchRow(self.field))
        inner = QVBoxLayout()
        inner.setContentsMargins(0, tokens().space[1], 0, tokens().space[1])
        inner.addWidget(self.list)
        self.column.addLayout(inner, 1)
        self.column.addWidget(_HintFoot())
        self.setAccessibleName("Find")
        self.field.textChanged.connect(self._on_text)
        self.field.moved.connect(self.list.move)
        self.field.opened.connect(self._open_chosen)
        self.field.searched.connect(self._search_for_typed)
        self.field.left.connect(self.close_card)
        self.list.opened.connect(self._open)
        self._finder.found.connect(self._on_documents)
        session.sae_changed.connect(self._on_sae_changed)
        session.project_changed.connect(self.close_card)

    # -- opening and closing -----------------------------------------------------------------

    def open(self, text: str = "") -> None:
        """Opens empty, or with a text already typed."""
        self._documents = None
        self.field.setText(text)
        self._show_rows()
        super().open()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def close_card(self) -> None:
        """Closes and forgets what was typed."""
        self._finder.stop()
        super().close_card()

    def card_height(self) -> int:
        rows = self.list.height_of_rows() + 2 * tokens().space[1]
        return tokens().space[8] + tokens().space[5] + rows + tokens().space[8] + tokens().space[2]

    # -- what is found -----------------------------------------------------------------------

    @Slot()
    def _on_sae_changed(self) -> None:
        self._index = None
        book = self._session.book
        if book is not None:
            book.labels_changed.connect(self._on_labels_changed)

    @Slot(object)
    def _on_labels_changed(self, _: object) -> None:
        self._index = None

    def _features(self) -> FeatureIndex | None:
        book, sae = self._session.book, self._session.sae
        if self._index is None and book is not None and sae is not None:
            texts = (book.text(latent) for latent in range(sae.n_latents))
            self._index = FeatureIndex.of(texts, sae.statistics.density)
        return self._index

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._documents = None
        if text.startswith(">"):
            self._finder.stop()
        else:
            self._finder.ask(text.strip())
        self._show_rows()

    @Slot(object)
    def _on_documents(self, found: FoundDocuments) -> None:
        if self.isVisible():
            self._documents = found
            self._show_rows()

    def _show_rows(self) -> None:
        text = self.field.text()
        only_commands = text.startswith(">")
        typed = text.removeprefix(">").strip()
        rows: list[PaletteRow] = []
        if not only_commands:
            rows += _section("Features", self._feature_rows(typed))
            rows += _section("Families", family_rows(self._session, typed))
            rows += _section("Documents", self._document_rows(typed))
        rows += _section("Commands", self._command_rows(typed, only_commands))
        self.list.set_rows(rows or [PaletteRow("head", "Nothing was found")])
        self.place()
        self.update()

    def _feature_rows(self, typed: str) -> list[PaletteRow]:
        index, book = self._features() if typed else None, self._session.book
        if index is None or book is None:
            return []
        return [
            PaletteRow(
                "feature",
                index.texts[latent],
                "component",
                latent,
                value=_percent(float(index.densities[latent])),
                starred=book.is_starred(latent),
                typed=typed,
            )
            for latent in index.find(typed)
        ]

    def _document_rows(self, typed: str) -> list[PaletteRow]:
        if self._documents is None or not typed:
            return []
        return [
            PaletteRow("document", found.heading, "file-text", found.id, found.note, typed=typed)
            for found in self._documents.documents
        ]

    def _command_rows(self, typed: str, every: bool) -> list[PaletteRow]:
        usable = [
            entry
            for entry in ACTIONS
            if entry.name != "find"
            and self._actions[entry.name].isEnabled()
            and self._actions[entry.name].isVisible()
        ]
        pairs = [(entry.name, entry.title) for entry in usable]
        most = len(usable) if every or not typed else 6
        names = matching_commands(pairs, typed, most)
        rows = [
            PaletteRow(
                "command",
                entry.title,
                entry.icon,
                entry.name,
                shortcut=entry.shortcuts[0] if entry.shortcuts else "",
                typed=typed,
            )
            for entry in usable
            if entry.name in names
        ]
        return rows if every or not typed else self._asking_rows(typed) + rows

    def _asking_rows(self, typed: str) -> list[PaletteRow]:
        """Commands that do something with the typed text."""
        rows = []
        if self._session.search is not None:
            rows.append(PaletteRow("command", f"Search for “{typed}”", "search", SEARCH,
                                   shortcut="Ctrl+Enter", typed=typed))  # fmt: skip
        if self._session.project is not None:
            rows.append(PaletteRow("command", f"Show documents with “{typed}”", "list-filter",
                                   SHOW_DOCUMENTS, typed=typed))  # fmt: skip
        return rows

    # -- opening what was found --------------------------------------------------------------

    @Slot()
    def _open_chosen(self) -> None:
        if self.list.chosen is not None:
            self._open(self.list.chosen)

    @Slot()
    def _search_for_typed(self) -> None:
        typed = self.field.text().removeprefix(">").strip()
        if typed and self._session.search is not None:
            self._open(PaletteRow("command", "", key=SEARCH, typed=typed))

    @Slot(object)
    def _open(self, row: PaletteRow) -> None:
        session = self._session
        self.close_card()
        if row.kind == "feature":
            session.show_feature(row.key)
        elif row.kind == "family":
            open_family(session, row)
        elif row.kind == "document":
            session.show_document(row.key)
        elif row.key == SEARCH:
            session.show("search")
            if session.search is not None:
                session.search.set_text(row.typed, final=True)
        elif row.key == SHOW_DOCUMENTS:
            session.show_documents(DocumentFilter(words=row.typed))
        elif row.kind == "command":
            self._actions[str(row.key)].trigger()


def _section(head: str, rows: list[PaletteRow]) -> list[PaletteRow]:
    return [PaletteRow("head", head), *rows] if rows else []


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


class _PaletteEdit(QLineEdit):
    """The line one types in; the keys of the list go to the list."""

    moved = Signal(int)
    opened = Signal()
    searched = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("bare", "true")
        self.setPlaceholderText(PROMPT)
        self.setAccessibleName(PROMPT)
        font = Theme.current().font("body")
        font.setPixelSize(tokens().type["head"])
        self.setFont(font)
        self.setFixedHeight(tokens().space[8] + tokens().space[1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.searched if held else self.opened).emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _SearchRow(QWidget):
    def __init__(self, field: QLineEdit) -> None:
        super().__init__()
        self.setFixedHeight(tokens().space[8] + tokens().space[5])
        row = QVBoxLayout(self)
        row.setContentsMargins(TEXT_LEFT - 2, 0, tokens().space[8] * 2, tokens().line)
        row.addWidget(field)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        space, size = tokens().space, tokens().icon
        paint_icon(painter, "search", QRect(space[5], 0, size, self.height()), "text2")
        width, height = key_cap_width("Esc"), space[5] - 2
        right, top = self.width() - space[4], (self.height() - height) // 2
        draw_key_cap(painter, QRect(right - width, top, width, height), "Esc")
        bottom = self.height() - tokens().line
        draw_hairline(painter, 1, bottom, self.width() - 1, bottom)


class _HintFoot(CardFoot):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        space, height = tokens().space, tokens().space[5] - 2
        left, top = space[5], (self.height() - height) // 2
        for keys, words in _HINTS:
            for key in keys:
                width = key_cap_width(key)
                draw_key_cap(painter, QRect(left, top, width, height), key)
                left += width + tokens().grid
            left += tokens().grid
            line = QRect(left, 0, self.width() - left, self.height())
            draw_line_of_text(painter, line, words, "caption", "text2")
            left += text_width(words, "caption") + space[4]
