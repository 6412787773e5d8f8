"""Saved searches, steering presets and the last searches of the open project.

What a person saves, renames or deletes is a step that can be undone; what was asked last is
remembered by itself, in the project alone, or only while it is open where it cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand

from saedesk.errors import BadInput, KnownError
from saedesk.jobs.search_request import SearchRequest, uses_features
from saedesk.jobs.search_request_json import (
    plan_from_json,
    plan_to_json,
    request_from_json,
    request_to_json,
)
from saedesk.project.project_folder import Project
from saedesk.project.saved_searches import LAST_SEARCHES, PastSearch, SavedKind, SavedSearch
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.message import Message
from saedesk.session.saved_sliders import asked_in, sliders_in, with_sliders, without_sliders
from saedesk.session.search_state import SETTLED_MS, SearchState
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings


def search_book(session: Session) -> SearchBook:
    """The book of a session, which is made when it is first asked for."""
    return session.findChild(SearchBook) or SearchBook(session)


class SearchBook(QObject):
    """Writes through the stores of the open project; what is refused is raised as KnownError."""

    saved_changed = Signal()
    """A search or preset was saved, changed, renamed or deleted, or another project is open."""
    history_changed = Signal()
    """`history` is another one."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._unwritten: list[PastSearch] = []
        self._waiting: dict[str, Any] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self.settle)
        session.project_changed.connect(self._on_project_changed)

    # -- saved searches and presets ----------------------------------------------------------

    @property
    def searches(self) -> tuple[SavedSearch, ...]:
        """The saved searches, oldest first."""
        return self._saved("search")

    @property
    def presets(self) -> tuple[SavedSearch, ...]:
        """The saved steering presets, oldest first."""
        return self._saved("preset")

    def save_search(
        self, name: str, request: SearchRequest, sliders: SteeringSettings | None = None
    ) -> int:
        """Save a search under a name, with what it is steered by; returns its number.

        Raises KnownError.
        """
        content = request_to_json(request)
        if sliders is not None and sliders != SteeringSettings():
            content = with_sliders(content, sliders)
        return self._save("search", name, content)

    def save_preset(
        self, name: str, plan: SteeringPlan, more: Mapping[str, Any] | None = None
    ) -> int:
        """Save how a search is steered, with what else the window wants to know of it."""
        return self._save("preset", name, {**(more or {}), "plan": plan_to_json(plan)})

    def request_of(self, saved: SavedSearch | PastSearch) -> SearchRequest:
        """What a search asks; raises BadInput where its features are those of another SAE."""
        request = request_from_json(saved.content)
        if uses_features(request):
            self._check_sae(saved.sae)
        return request

    def state_of(self, saved: SavedSearch | PastSearch) -> SearchState:
        """What a person had set to ask it; raises BadInput as `request_of` does."""
        request = self.request_of(saved)
        content = saved.content if saved.sae == self._sae else without_sliders(saved.content)
        return SearchState.of(request, sliders_in(content, request.plan, "This search"))

    def name_of(self, request: SearchRequest) -> str:
        """The name under which the very search is saved; "" where it is not."""
        content, needs_sae = request_to_json(request), uses_features(request)
        for saved in self.searches:
            is_of_sae = saved.sae == self._sae or not (saved.sae and needs_sae)
            if is_of_sae and without_sliders(saved.content) == content:
                return saved.name
        return ""

    def plan_of(self, preset: SavedSearch) -> SteeringPlan:
        """How a preset steers; raises BadInput where its features are those of another SAE."""
        self._check_sae(preset.sae)
        return plan_from_json(preset.content.get("plan", {}))

    def change(self, number: int, content: Mapping[str, Any]) -> None:
        """Let a name stand for another search or preset. Raises KnownError."""
        project = self._session.writable_project()
        before, sae = project.saved_searches.of(number), self._sae
        project.saved_searches.change(number, content, sae)
        self._push(
            f"Change “{before.name}”",
            lambda open_: open_.saved_searches.change(number, content, sae),
            lambda open_: open_.saved_searches.change(number, before.content, before.sae),
        )

    def rename(self, number: int, name: str) -> None:
        """Give a search or preset another name. Raises KnownError."""
        project = self._session.writable_project()
        before, name = project.saved_searches.of(number).name, name.strip()
        if name == before:
            return
        project.saved_searches.rename(number, name)
        self._push(
            f"Rename “{before}”",
            lambda open_: open_.saved_searches.rename(number, name),
            lambda open_: open_.saved_searches.rename(number, before),
        )

    def delete(self, number: int) -> None:
        """Forget a search or preset. Raises KnownError."""
        project = self._session.writable_project()
        saved = project.saved_searches.of(number)
        project.saved_searches.delete(number)
        self._push(
            f"Delete the {saved.kind} “{saved.name}”",
            lambda open_: open_.saved_searches.delete(number),
            lambda open_: open_.saved_searches.restore(saved),
        )

    # -- the last searches -------------------------------------------------------------------

    @property
    def history(self) -> tuple[PastSearch, ...]:
        """What was searched for last, the newest first."""
        project = self._session.project
        written = () if project is None else tuple(project.search_history.all())
        return (*self._unwritten, *written)[:LAST_SEARCHES]

    def remember(self, request: SearchRequest, sliders: SteeringSettings | None = None) -> None:
        """Remember a search once it stands for a while; a newer one takes its place.

        Sliders that turn nothing are none to remember.
        """
        if request.text.strip() or request.like or request.target is not None:
            content = request_to_json(request)
            is_turned = sliders is not None and not sliders.at_rest
            self._waiting = with_sliders(content, sliders) if sliders and is_turned else content
            self._timer.start()
        else:
            self._waiting = None
            self._timer.stop()

    @Slot()
    def settle(self) -> None:
        """Remember now what is waiting."""
        self._timer.stop()
        content, self._waiting = self._waiting, None
        project = self._session.project
        if content is None or project is None:
            return
        try:
            project.check_writable()
            self._leave_out_of_written(project, content)
            project.search_history.add(content, self._sae)
        except KnownError:
            # Read-only, or an import is writing: remembered while the project is open.
            number = min((one.id for one in self._unwritten), default=0) - 1
            now = datetime.now(UTC).isoformat(timespec="seconds")
            asks = asked_in(content)
            others = [one for one in self._unwritten if asked_in(one.content) != asks]
            self._unwritten = [PastSearch(number, self._sae, content, now), *others]
        self.history_changed.emit()

    def _leave_out_of_written(self, project: Project, content: Mapping[str, Any]) -> None:
        """One question is remembered once, as it was steered last: turns are no searches."""
        asks, known = asked_in(content), project.search_history.all()
        again = [x.id for x in known if x.sae == self._sae and asked_in(x.content) == asks]
        project.search_history.forget(again)

    def forget(self, numbers: Sequence[int]) -> None:
        """Forget some of the last searches, by their numbers. Raises KnownError."""
        self._forget([one for one in self.history if one.id in set(numbers)], "Forget a search")

    def clear_history(self) -> None:
        """Forget all of the last searches. Raises KnownError."""
        self._waiting = None
        self._forget(list(self.history), "Forget the last searches")

    def _forget(self, gone: list[PastSearch], title: str) -> None:
        unwritten = [one for one in gone if one.id < 0]
        written = [one for one in gone if one.id >= 0]
        if written:
            numbers = [one.id for one in written]
            self._session.writable_project().search_history.forget(numbers)
        self._unwritten = [one for one in self._unwritten if one not in unwritten]
        if not written:
            self.history_changed.emit()
            return
        self._push(
            title,
            lambda open_: open_.search_history.forget(numbers),
            lambda open_: open_.search_history.restore(written),
        )

    # -- for the steps -----------------------------------------------------------------------

    def do(self, write: Callable[[Project], object]) -> None:
        """Write something again; a sentence says why not where that fails."""
        try:
            write(self._session.writable_project())
        except KnownError as error:
            self._session.message.emit(Message("warning", error.sentence))
        self._tell()

    def _save(self, kind: SavedKind, name: str, content: Mapping[str, Any]) -> int:
        store = self._session.writable_project().saved_searches
        number = store.save(kind, name.strip(), content, self._sae)
        saved = store.of(number)
        self._push(
            f"Save the {kind} “{saved.name}”",
            lambda open_: open_.saved_searches.restore(saved),
            lambda open_: open_.saved_searches.delete(number),
        )
        return number

    def _push(
        self, title: str, again: Callable[[Project], object], back: Callable[[Project], object]
    ) -> None:
        """What a step does is written already, so that it could be refused before."""
        self._session.undo.push(_Step(self, title, again, back))
        self._tell()

    def _tell(self) -> None:
        self.saved_changed.emit()
        self.history_changed.emit()

    def _saved(self, kind: SavedKind) -> tuple[SavedSearch, ...]:
        project = self._session.project
        return () if project is None else tuple(project.saved_searches.all(kind))

    @property
    def _sae(self) -> str:
        return "" if self._session.sae is None else self._session.sae.hash

    def _check_sae(self, sae: str) -> None:
        if sae and sae != self._sae:
            raise BadInput(
                "Its features are those of another SAE. Choose that one at the top, then try again."
            )

    @Slot()
    def _on_project_changed(self) -> None:
        self._timer.stop()
        self._waiting, self._unwritten = None, []
        self._tell()


class _Step(QUndoCommand):
    """A change that is written before it is pushed."""

    def __init__(
        self,
        book: SearchBook,
        title: str,
        again: Callable[[Project], object],
        back: Callable[[Project], object],
    ) -> None:
        super().__init__(title)
        self._book, self._again, self._back = book, again, back
        self._is_written = True

    def redo(self) -> None:
        if self._is_written:
            self._is_written = False
        else:
            self._book.do(self._again)

    def undo(self) -> None:
        self._book.do(self._back)
