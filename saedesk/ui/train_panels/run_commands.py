"""What a person can do with a run, and the menu that offers it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.errors import KnownError
from saedesk.session.session import Message, Session
from saedesk.ui.train_panels.deletion_question import may_delete
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.training_run import Run

DELETED = (
    "The SAE and the features found with it leave the project. Documents, vectors and other runs "
    "stay."
)
DELETED_LOADED = (
    "The SAE and the features found with it leave the project. Documents, vectors, other runs and "
    "the file it was loaded from stay."
)


class RunCommands(QObject):
    """Acts on the session and the book; what cannot be done becomes a message."""

    settings_wanted = Signal(object)
    """Run: its settings are to be copied to the form."""

    def __init__(self, session: Session, book: RunBook, place: QWidget) -> None:
        super().__init__(place)
        self._session, self._book, self._place = session, book, place

    def fill(self, menu: QMenu, run: Run, copy_row: Callable[[], None]) -> None:
        """Adds all that can be done with a run to its menu."""
        id, is_stopped = run.id, run.unfinished is not None
        if is_stopped:
            go_on = menu.addAction("Continue", lambda: self.go_on(id))
            go_on.setEnabled(self._may_change() and run.state == "stopped")
        else:
            use = menu.addAction("Use this SAE", lambda: self.use(id))
            use.setEnabled(run.record is not None and not run.in_use)
        if not run.is_loaded:
            menu.addAction("Show only this run", lambda: self._book.show_only(id))
            copy = menu.addAction("Copy the settings to the form", lambda: self.copy_settings(id))
            copy.setEnabled(bool(run.config))
        menu.addAction("Copy the row", copy_row)
        menu.addSeparator()
        if run.record is not None and not run.analysed:
            analyse = menu.addAction("Find its features", lambda: self.analyse(id))
            analyse.setEnabled(self._may_change() and not self._book.is_lane_busy)
        if run.record is not None:
            menu.addAction("Export this SAE…", lambda: self.export(id))
        delete = menu.addAction(
            "Delete checkpoint…" if is_stopped else "Delete…", lambda: self.delete(id)
        )
        delete.setEnabled(self._may_delete(run))

    @Slot(object)
    def activate(self, id: object) -> None:
        """Puts a run in use, or lets a stopped one go on."""
        run = self._book.run(id)  # type: ignore[arg-type]
        if run is not None and run.unfinished is not None:
            self.go_on(run.id)
        else:
            self.use(id)

    def use(self, id: object) -> None:
        """Puts a run in use where that is possible; finds its features first where they lack."""
        run = self._book.run(id)  # type: ignore[arg-type]
        if run is None or run.record is None or run.in_use:
            return
        self._session.use_sae(run.record)
        if not run.analysed and self._may_change() and not self._book.is_lane_busy:
            self._session.analyse(run.record)

    def copy_settings(self, id: int) -> None:
        """Has the settings of a run put into the form."""
        run = self._book.run(id)
        if run is not None:
            self.settings_wanted.emit(run)

    def go_on(self, id: int) -> None:
        """Lets a stopped run go on from its checkpoint."""
        run = self._book.run(id)
        if run is None:
            return
        try:
            self._book.go_on(run)
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))

    def analyse(self, id: int) -> None:
        """Finds and labels the features of a run."""
        run = self._book.run(id)
        if run is not None and run.record is not None:
            self._session.analyse(run.record)

    def export(self, id: int) -> None:
        """Asks for whom and where, then writes the SAE as a folder."""
        from saedesk.ui.train_panels.sae_export_dialog import open_export_dialog

        run = self._book.run(id)
        if run is not None and run.record is not None:
            open_export_dialog(self._session, run.record, self._place)

    def delete(self, id: int) -> None:
        """Asks, then takes a run, or the checkpoint of a stopped one, out of the project."""
        run = self._book.run(id)
        if run is None or not self._may_delete(run):
            return
        name = run.name if run.is_loaded else f"{run.name[:1].lower()}{run.name[1:]}"
        if run.record is None:
            details = f"The {run.step:,} steps trained so far leave the project."
            if may_delete(self._place, f"Delete the checkpoint of {name}", details):
                self._book.forget(run)
            return
        details = DELETED_LOADED if run.is_loaded else DELETED
        if may_delete(self._place, f"Delete {name}", details):
            self._session.remove_sae(run.record)

    def _may_change(self) -> bool:
        project = self._session.project
        return project is not None and not project.read_only

    def _may_delete(self, run: Run) -> bool:
        """Not one that is trained, nor one whose features are just being found."""
        if run.unfinished is not None:
            return self._may_change() and run.state == "stopped"
        being_analysed = not run.analysed and self._book.is_lane_busy
        return self._may_change() and run.record is not None and not being_analysed
