"""Looking at an SAE of another library before it is loaded; runs beside the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.errors import KnownError
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.task_lane import Failed, Succeeded, Task
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.sae.formats.foreign_format import SaeDescription


@dataclass(frozen=True)
class SeenSae:
    """What lies at a place."""

    choices: tuple[Path, ...]
    """All SAEs there, sorted; one at least."""
    chosen: Path
    """The one that was looked at."""
    description: SaeDescription | None
    """None where it is one of several and cannot be used."""
    sentence: str = ""
    """Why it cannot be used."""


@dataclass(frozen=True)
class LookAtPath:
    """Describes the SAE at a path, or the first of several; raises BadCheckpoint for a single."""

    path: Path
    choices: tuple[Path, ...] = ()
    """Those there, where they are known; `path` is then one of them."""

    def __call__(self, control: TaskControl) -> SeenSae:
        from saedesk.sae.formats.any_format import find_saes, inspect_sae

        choices = self.choices or find_saes(self.path) or (self.path,)
        control.checkpoint()
        chosen = self.path if self.path in choices else choices[0]
        try:
            return SeenSae(choices, chosen, inspect_sae(chosen))
        except KnownError as error:
            if len(choices) == 1:
                raise
            return SeenSae(choices, chosen, None, error.sentence)


@dataclass(frozen=True)
class LookOnHub:
    """Describes an SAE by its name on the hub: “owner/name” or “owner/name/folder”."""

    name: str
    allow_download: bool

    def __call__(self, control: TaskControl) -> SeenSae:
        from saedesk.sae.formats.any_format import hub_sae

        path = hub_sae(self.name, allow_download=self.allow_download)
        control.checkpoint()
        return LookAtPath(path)(control)


class SaeLooker(QObject):
    """Looks at one SAE at a time; what was asked before is forgotten."""

    seen = Signal(object)
    """SeenSae."""
    failed = Signal(str)
    """A sentence why there is nothing to see; "" where a person stopped it."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fetching: Task | None = None
        self._question = LaneQuestion(session, "Looking at an SAE", self)
        self._question.answered.connect(self.seen)
        self._question.failed.connect(self.failed)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._question.is_open or self._fetching is not None

    def look_at(self, path: Path, choices: tuple[Path, ...] = ()) -> None:
        """Looks at a file or folder of this computer."""
        self.drop()
        self._question.ask(LookAtPath(path, choices))

    def look_on_hub(self, name: str, *, may_download: bool) -> None:
        """Looks at an SAE by its name on the hub.

        A download can take minutes: it has its place among the tasks, in the footer.
        """
        self.drop()
        if not may_download:
            self._question.ask(LookOnHub(name, allow_download=False))
            return
        work = LookOnHub(name, allow_download=True)
        self._fetching = self._session.run(f"Fetching {name}", work)
        self._fetching.ended.connect(self._on_fetched)

    @Slot()
    def drop(self) -> None:
        """Forgets what was asked."""
        self._question.drop()
        if self._fetching is not None:
            self._fetching.cancel()
            self._fetching = None

    @Slot(object)
    def _on_fetched(self, outcome: object) -> None:
        if self.sender() is not self._fetching:
            return
        self._fetching = None
        if isinstance(outcome, Succeeded):
            self.seen.emit(outcome.result)
        else:
            self.failed.emit(outcome.sentence if isinstance(outcome, Failed) else "")


def error_of_k(text: str, found: SaeDescription) -> str | None:
    """What is wrong with a k that a person typed; None where it is right or not asked for."""
    number = text.replace(",", "").strip()
    if not found.asks_for_k or (number.isdecimal() and 1 <= int(number) <= found.n_latents):
        return None
    return (
        f"Say how many features describe a document: a whole number from 1 to {found.n_latents:,}."
    )


def shown_choices(choices: tuple[Path, ...]) -> list[str]:
    """The paths from where they part, for a list to choose from."""
    if len(choices) < 2:
        return [path.name for path in choices]
    shared = 0
    for parts in zip(*(path.parts for path in choices), strict=False):
        if len(set(parts)) > 1:
            break
        shared += 1
    return [str(Path(*path.parts[shared:])) if path.parts[shared:] else "." for path in choices]
