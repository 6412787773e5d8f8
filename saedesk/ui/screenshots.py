"""Pictures of the workspaces, drawn by the real window without a display.

    python -m saedesk.ui.screenshots PROJECT OUT

The person's own settings are neither read nor written.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtWidgets import QApplication, QLineEdit

from saedesk.errors import KnownError
from saedesk.session.family_book import family_book
from saedesk.session.session import Message, Session
from saedesk.session.settings import Settings
from saedesk.ui.application import delete_now, make_application
from saedesk.ui.main_window import MainWindow
from saedesk.ui.screenshot_choices import (
    best_family,
    best_feature,
    branch_of,
    question,
    shows_moves,
    steerings,
)
from saedesk.ui.shell.workspace_table import WORKSPACES
from saedesk.ui.theme import Theme

LIMIT_SECONDS = 170
"""For all pictures together; loading the embedding model is most of it."""
QUIET_MS = 300
"""The window counts as finished when nothing has run for so long: longer than any delay with
which a panel waits for the typing to stop."""


def save_screenshots(
    project_folder: Path,
    out: Path,
    *,
    themes: Sequence[str] = ("light", "dark"),
    size: tuple[int, int] = (1440, 900),
) -> list[Path]:
    """Draw every workspace with a project, in every theme; returns the files.

    Raises KnownError when the project cannot be opened or the time is up.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    make_application()
    mode_before = Theme.current().mode
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="saedesk-screenshots-") as settings:
        studio = _Studio(Settings(Path(settings)))
        try:
            return studio.draw(project_folder, out, themes, size)
        finally:
            studio.close()
            Theme.current().set_mode(mode_before)


class _Studio:
    """A session and a window that are only looked at."""

    def __init__(self, settings: Settings) -> None:
        self._session = Session(settings)
        self._window = MainWindow(self._session)
        self._errors: list[str] = []
        self._clock = QElapsedTimer()
        self._clock.start()
        self._session.message.connect(self._on_message)

    def draw(
        self, folder: Path, out: Path, themes: Sequence[str], size: tuple[int, int]
    ) -> list[Path]:
        """All pictures."""
        session, window = self._session, self._window
        window.resize(*size)
        window.show()
        if not session.open_project(folder):
            raise KnownError(self._errors[-1] if self._errors else f"{folder} cannot be opened.")
        preparations: dict[str, Callable[[], None]] = {
            "corpus": self._prepare_corpus,
            "features": self._prepare_features,
            "families": self._prepare_families,
            "search": self._prepare_search,
        }
        made = []
        for entry in WORKSPACES:
            window.show_workspace(entry.name)
            self._settle()
            preparations.get(entry.name, self._settle)()
            window.show_workspace(entry.name)
            self._settle()
            for theme in themes:
                Theme.current().set_mode(theme)
                self._settle()
                window.message.hide()
                path = out / f"{entry.name}-{theme}.png"
                focused = window.focusWidget()
                if isinstance(focused, QLineEdit):
                    focused.deselect()
                if not window.grab().save(str(path)):
                    raise KnownError(f"{path} cannot be written.")
                made.append(path)
        return made

    def close(self) -> None:
        """End the session; nothing of it is kept."""
        self._window.asks_before_closing = False
        self._window.close()
        delete_now(self._window)
        delete_now(self._session)

    # -- something worth seeing --------------------------------------------------------------

    def _prepare_corpus(self) -> None:
        project, sae = self._session.project, self._session.sae
        assert project is not None
        wanted = None
        latent = best_feature(self._session)
        if sae is not None and latent is not None:
            rows, values = sae.activations.latent(latent)
            wanted = int(self._session.document_ids(rows[[int(np.argmax(values))]])[0])
        else:
            ids = project.documents.find(limit=1)
            wanted = int(ids[0]) if len(ids) else None
        self._session.select_document(wanted)

    def _prepare_features(self) -> None:
        self._session.select_feature(best_feature(self._session))

    def _prepare_families(self) -> None:
        book = family_book(self._session)
        chosen = best_family(book)
        if chosen is not None:
            book.select(chosen.root)
            self._session.select_feature(branch_of(chosen))

    def _prepare_search(self) -> None:
        session = self._session
        search = session.search
        if search is None:
            return
        search.set_text(question(session))
        self._settle()
        for values in steerings(session):
            if search.answer is not None and shows_moves(search.answer):
                return
            search.reset()
            for latent, value in values:
                search.set_value(latent, value)
            self._settle()

    # -- waiting -----------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let the window work until nothing has run for a while."""
        quiet = QElapsedTimer()
        quiet.start()
        while quiet.elapsed() < QUIET_MS:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if self._session.compute.tasks or self._session.query.tasks:
                quiet.restart()
            if self._clock.elapsed() > 1000 * LIMIT_SECONDS:
                raise KnownError(f"Drawing the workspaces took more than {LIMIT_SECONDS} seconds.")

    def _on_message(self, message: Message) -> None:
        if message.kind == "error":
            self._errors.append(message.sentence)


def main(arguments: Sequence[str]) -> int:
    """Draw for the command line: 0, or 1 with a sentence on stderr."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m saedesk.ui.screenshots PROJECT OUT\n")
        return 2
    # A loop in C that never comes back to Python cannot be asked to stop.
    faulthandler.dump_traceback_later(LIMIT_SECONDS + 20, exit=True)
    try:
        made = save_screenshots(Path(arguments[0]), Path(arguments[1]))
    except KnownError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1
    finally:
        faulthandler.cancel_dump_traceback_later()
    sys.stdout.writelines(f"{path}\n" for path in made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
