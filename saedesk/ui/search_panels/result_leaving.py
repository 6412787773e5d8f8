"""Taking a search and its results away: to the clipboard, to a file, as a line or a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.jobs.exports.result_rows import (
    AskedFor,
    ResultTexts,
    results_in_words,
    write_results,
)
from saedesk.jobs.search_documents import SearchAnswer
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_script import AskedSearch, command_line, python_lines
from saedesk.jobs.table_writers import safe_text
from saedesk.search.family_steering import FamilySlider
from saedesk.session.search_history import search_book
from saedesk.session.session import Message, Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.export_panels.file_formats import file_kinds, with_ending
from saedesk.ui.widgets.dialogs import choose_file

COPIED = {
    "command": "The command line is copied; in a terminal it gives these results again.",
    "python": "The script is copied; it gives these results again.",
}


class ResultLeaving(QObject):
    """Works on what the search of a session shows now."""

    done = Signal(str)
    """A sentence: what is on the clipboard now."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._window = session, parent

    @property
    def _answer(self) -> SearchAnswer | None:
        search = self._session.search
        return None if search is None else search.answer

    def copy_titles(self, titles: str) -> None:
        """Puts titles on the clipboard, one in a line."""
        count = titles.count("\n") + 1
        told = "The title is copied." if count == 1 else f"{count} titles are copied."
        self._copy(titles, told)

    def _copy(self, text: str, told: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.done.emit(told)

    def copy_results(self) -> None:
        """Puts the results on the clipboard, as a table that spreadsheets understand."""
        answer = self._answer
        if answer is not None and answer.steered:
            rows = results_in_words(answer.steered, self._texts_of(answer))
            lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
            count = len(rows)
            told = "The result is copied" if count == 1 else f"{count} results are copied"
            text = "\n".join("\t".join(line) for line in lines)
            self._copy(text, f"{told} as a table.")

    def copy_script(self, kind: str) -> None:
        """Puts what asks for these results again on the clipboard: "command" or "python"."""
        session, search = self._session, self._session.search
        if search is None or session.project is None or not search.state.asks_something:
            return
        write = command_line if kind == "command" else python_lines
        settings, kept = search.state.settings, search.state.kept_request
        request = kept.with_plan(settings.plan)
        asked = AskedSearch(session.project, request, session.sae, settings.families)
        try:
            text = self._written(write, asked, kept)
        except KnownError as error:
            session.message.emit(Message("warning", error.sentence))
            return
        self._copy(text, COPIED[kind])

    def _written(
        self, write: Callable[[AskedSearch], str], asked: AskedSearch, kept: SearchRequest
    ) -> str:
        """The script; by the name of the search where it is saved and fits into no line."""
        try:
            return write(asked)
        except KnownError:
            saved = search_book(self._session).name_of(kept)
            if not saved:
                raise
            return write(replace(asked, saved=saved))

    def save_results(self, path: Path) -> None:
        """Writes the results that are shown to a file; what goes wrong becomes a message.

        At once, not behind the tasks that run: the search is done, and its results are few.
        """
        session, search, answer = self._session, self._session.search, self._answer
        if search is None or answer is None or session.project is None:
            return
        path = with_ending(path, "results")
        sae = "" if session.sae is None else session.sae.hash
        asked = AskedFor.of(session.project, search.state.request(), sae, search.state.turned)
        try:
            count = write_results(path, answer.steered, self._texts_of(answer), asked)
        except KnownError as error:
            session.message.emit(Message("error", error.sentence))
        else:
            session.exchange.written.emit(path, f"{path.name} is written, {count:,} rows.")

    def choose_and_save(self) -> None:
        """Asks for a file and writes the results to it."""
        kinds = file_kinds("results")
        path = choose_file(
            self._window, "Save the results", kinds, save=True, suggested="results.csv"
        )
        if path is not None:
            self.save_results(path)

    def _texts_of(self, answer: SearchAnswer) -> ResultTexts:
        """What all features and families are called that results or sliders name."""
        book, names = self._session.book, TargetNames(self._session)
        parts = [part for result in answer.steered for part in result.contributions]
        plan, givers = answer.plan, [result.place_of for result in answer.steered]
        turned = [target for target, _ in (*plan.strengths, *plan.places, *plan.less)]
        named = {*(part.target for part in parts), *turned, *givers}
        families = [one for one in named if isinstance(one, FamilySlider)]
        if self._session.search is not None:
            families += self._session.search.state.families
        latents = {*(part.latent for part in parts), *named}.difference(families, [None])
        return ResultTexts(
            {i: book.text(i) for i in latents if isinstance(i, int) and book is not None},
            {family.root: names(family) for family in families},
        )


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    # A spreadsheet would run a text that it takes for a formula.
    return safe_text(text) if isinstance(value, str) else text
