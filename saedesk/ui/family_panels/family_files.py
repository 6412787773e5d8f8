"""Files that the families can become, and published ones they can be compared with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.jobs.exports.export_request import ExportRequest
from saedesk.session.session import Session
from saedesk.ui.export_panels.file_formats import file_kinds, with_ending
from saedesk.ui.widgets.dialogs import choose_file

_JSON = (("JSON", "*.json"),)


class FamilyFiles(QObject):
    """Asks for a file, and writes or reads it."""

    comparison_wanted = Signal(object)
    """Path of a file with published families."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._widget = session, parent

    def make_menu(self) -> QMenu:
        """What can be written and read."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Save as a table, GraphML or JSON…", self.ask_where)
        menu.addAction("Save in the published form…", self.ask_where_published)
        menu.addSeparator()
        menu.addAction("Compare with a published file…", self.ask_what_to_read)
        return menu

    def ask_where(self) -> None:
        """Ask for a file and write all families to it; its ending says how."""
        kinds = file_kinds("families")
        path = self._ask("Save the families", kinds, "families.csv")
        if path is not None:
            self.save(with_ending(path, "families"))

    def ask_where_published(self) -> None:
        """Ask for a file and write all families to it as O'Neill et al. 2024 published theirs."""
        path = self._ask("Save the families", _JSON, "clean_families.json")
        if path is not None:
            self.save(path.with_suffix(".json"), published=True)

    def save(self, path: Path, *, published: bool = False) -> None:
        """Write all families to a file."""
        if self._session.sae is not None:
            sae = self._session.sae.hash
            request = ExportRequest("families", path, sae, published=published)
            self._session.exchange.export_table(request)

    def ask_what_to_read(self) -> None:
        """Ask for a file of published families to compare with."""
        path = choose_file(self._widget, "Open published families", _JSON)
        if path is not None:
            self.comparison_wanted.emit(path)

    def _ask(self, title: str, kinds: tuple[tuple[str, str], ...], name: str) -> Path | None:
        return choose_file(self._widget, title, kinds, save=True, suggested=name)
