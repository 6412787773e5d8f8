"""Documents by words or key: looked up on the query lane, a moment after the typing stops."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from saedesk.corpus.document import FieldType
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_keys import ids_with_key
from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.session.task_lane import Succeeded, Task
from saedesk.task_control import TaskControl
from saedesk.ui.document_words import is_mute, shown_heading

MOST_DOCUMENTS = 6
LOOKED_AT = 200
"""Documents whose titles are looked at: title matches come first."""
WAIT_MS = 90


@dataclass(frozen=True)
class FoundDocument:
    """One document for a list."""

    id: int
    heading: str
    note: str
    """Its year or category; its key where that was looked for."""
    is_key: bool = False
    """Whether the document has no words and its key stands for the heading."""


@dataclass(frozen=True)
class FoundDocuments:
    """The answer to one text."""

    typed: str
    documents: tuple[FoundDocument, ...]


class DocumentFinder(QObject):
    """Asks for the newest text only; `found` carries FoundDocuments."""

    found = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task | None = None
        self._typed = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._ask)
        session.lanes_replaced.connect(self._forget)

    def ask(self, typed: str) -> None:
        """Look for documents with these words, soon."""
        self.stop()
        self._typed = typed
        if typed.strip() and self._session.project is not None:
            self._timer.start()

    @Slot()
    def stop(self) -> None:
        """Drop what was asked."""
        self._timer.stop()
        self._typed = ""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @Slot()
    def _forget(self) -> None:
        self._timer.stop()
        self._task = None

    @Slot()
    def _ask(self) -> None:
        project = self._session.project
        if project is not None:
            self._task = Task("Looking for documents", _Look(project, self._typed))
            self._task.ended.connect(self._on_ended)
            self._session.query.submit(self._task)

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        if isinstance(outcome, Succeeded) and outcome.result.typed == self._typed:
            self.found.emit(outcome.result)


class _Look:
    def __init__(self, project: Project, typed: str) -> None:
        self._project, self._typed = project, typed

    def __call__(self, control: TaskControl) -> FoundDocuments:
        documents = self._project.documents
        ids = documents.find(DocumentFilter(words=self._typed), limit=LOOKED_AT)
        control.checkpoint()
        rows = documents.rows(ids)
        words = self._typed.lower().replace('"', " ").split()
        rows.sort(key=lambda row: not all(word in row.title.lower() for word in words))
        note = _note_field(self._project)
        made = [
            FoundDocument(row.id, shown_heading(row), _note(row.fields.get(note[0]), note[1]))
            if note
            else FoundDocument(row.id, shown_heading(row), "")
            for row in rows[:MOST_DOCUMENTS]
        ]
        control.checkpoint()
        return FoundDocuments(self._typed, self._with_keys(made))

    def _with_keys(self, by_words: list[FoundDocument]) -> tuple[FoundDocument, ...]:
        """A document of exactly this key comes first, others whose keys begin so come last."""
        ids = ids_with_key(self._project.database, self._typed.strip(), MOST_DOCUMENTS)
        found = {row.id: row for row in self._project.documents.rows(ids)}
        exact = [i for i in found if found[i].key.casefold() == self._typed.strip().casefold()]
        by_key = {
            i: FoundDocument(
                i, shown_heading(row), "" if row.heading == row.key else row.key[:40], is_mute(row)
            )
            for i, row in found.items()
        }
        words = [one for one in by_words if one.id not in exact]
        known = {one.id for one in words}
        rest = [by_key[i] for i in by_key if i not in exact and i not in known]
        return (*(by_key[i] for i in exact), *words, *rest)[:MOST_DOCUMENTS]


def _note_field(project: Project) -> tuple[str, FieldType] | None:
    """The field shown at the right: the first date, else the first category."""
    for wanted in (FieldType.DATE, FieldType.CATEGORY):
        for field in project.documents.fields():
            if field.type == wanted:
                return field.name, wanted
    return None


def _note(value: object, type_: FieldType) -> str:
    if value is None:
        return ""
    return str(value)[:4] if type_ == FieldType.DATE else str(value)[:40]
