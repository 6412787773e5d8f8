"""Labels by a language model: asks in the lanes, holds the keys, shows labels as they come."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from saedesk.jobs.model_endpoint import PRIVATE_MODE, check_endpoint, is_surely_here
from saedesk.jobs.model_keys import KeyChain, SecretKey
from saedesk.session.message import SAE, Message
from saedesk.session.task_lane import Stopped, Task
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.jobs.label_with_model import (
        LabelEstimate,
        LabelWithModelRequest,
        LabelWithModelResult,
        ModelLabelStep,
    )
    from saedesk.project.project_folder import Project
    from saedesk.session.feature_book import FeatureBook
    from saedesk.session.session import Session

REFRESH_MS = 300
"""New labels are shown together, so often."""
_LOOKS_S = 0.05
Result = TypeVar("Result")


@dataclass(frozen=True)
class FoundModels:
    """What a server offers."""

    names: tuple[str, ...]
    key_note: str
    """What became of the key, a sentence; "" where there is none."""


@dataclass(frozen=True)
class Foreseen:
    """What a run would take; exactly this request can be started."""

    request: LabelWithModelRequest
    estimate: LabelEstimate
    documents: int
    """In the project."""
    key_note: str


class ModelLabels(QObject):
    """Runs the job that asks a language model; one for a session, with its keys."""

    private_changed = Signal(bool)
    """Private mode was turned on or off."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._keys = KeyChain()
        self._notes: dict[str, str] = {}
        self._asking: dict[Task, LabelWithModelRequest] = {}

    @property
    def is_private(self) -> bool:
        """Whether only models on this computer may be asked."""
        return self._session.settings.get(PRIVATE_MODE) is not False

    def set_private(self, private: bool) -> None:
        """Keep in the settings whether only models on this computer may be asked.

        What is being asked of another computer at the moment ends.
        """
        if private == self.is_private:
            return
        self._session.settings.set(PRIVATE_MODE, private)
        self.private_changed.emit(private)
        for task, request in self._asking.items():
            if private and not is_surely_here(request.endpoint):
                task.cancel()

    # -- for the query lane ------------------------------------------------------------------

    def find_models(
        self,
        url: str,
        allowed_hosts: tuple[str, ...],
        new_key: SecretKey | None,
        control: TaskControl,
    ) -> FoundModels:
        """Ask a server what it has; keeps a new key. Raises BadSetting or ModelProblem."""
        look = partial(self._find_models, url, allowed_hosts, self.is_private, new_key)
        return _waited_for(look, control)

    def _find_models(
        self, url: str, allowed_hosts: tuple[str, ...], private: bool, new_key: SecretKey | None
    ) -> FoundModels:
        from saedesk.jobs.language_model_client import models_of

        endpoint = check_endpoint(url, private=private, allowed_hosts=allowed_hosts)
        self._keep(endpoint.origin, new_key)
        key = self._keys.key_of(endpoint.origin)
        return FoundModels(models_of(endpoint, key), self._note(endpoint.origin, key))

    def foresee(
        self, request: LabelWithModelRequest, new_key: SecretKey | None, control: TaskControl
    ) -> Foreseen:
        """What a run would take; keeps a new key, and sends nothing.

        Raises BadSetting, ModelProblem, or BadInput where the SAE is not analysed.
        """
        from saedesk.jobs import label_with_model

        project = self._session.opened_project()
        origin = _waited_for(lambda: request.checked_endpoint().origin, control)
        estimate = label_with_model.estimate(project, request)
        if new_key is not None:
            _waited_for(partial(self._keep, origin, new_key), control)
        note = self._notes.get(origin, "")
        return Foreseen(request, estimate, project.documents.count(), note)

    def forget_key(self, url: str, allowed_hosts: tuple[str, ...], control: TaskControl) -> str:
        """Take the key of a server out of memory and keyring; a sentence that says so."""

        def forget() -> str:
            origin = check_endpoint(url, allowed_hosts=allowed_hosts).origin
            self._keys.forget(origin)
            self._notes.pop(origin, None)
            return f"No key is kept for {origin}."

        return _waited_for(forget, control)

    def _keep(self, origin: str, key: SecretKey | None) -> None:
        if key is not None:
            note = self._keys.keep(origin, key)
            self._notes[origin] = note or f"The key of {origin} is in the system’s keyring."

    def _note(self, origin: str, key: SecretKey | None) -> str:
        if key is None:
            return ""
        return self._notes.setdefault(
            origin, f"The key of {origin} from the system’s keyring is used."
        )

    # -- on the compute lane -----------------------------------------------------------------

    def start(self, request: LabelWithModelRequest) -> Task:
        """Ask; labels are in the book as they come. Raises KnownError where nothing is open."""
        session, project = self._session, self._session.writable_project()
        assert session.book is not None
        run = _Run(session, session.book, request)
        task = session.run(
            f"Asking {request.model}",
            partial(self._work, project, request),
            run.tell_result,
            can_pause=True,
        )
        task.published.connect(run.take)
        task.ended.connect(run.end)
        self._asking[task] = request
        task.ended.connect(self._on_ended)
        return task

    @Slot(object)
    def _on_ended(self, _: object) -> None:
        task = self.sender()
        if isinstance(task, Task):
            self._asking.pop(task, None)

    def _work(
        self, project: Project, request: LabelWithModelRequest, control: TaskControl
    ) -> LabelWithModelResult:
        from saedesk.jobs import label_with_model

        def key() -> SecretKey | None:
            return self._keys.key_of(request.checked_endpoint().origin)

        return label_with_model.run(project, request, control, key=_waited_for(key, control))


class _Run(QObject):
    """Follows one task: brings its labels into the book and tells its end."""

    def __init__(self, session: Session, book: FeatureBook, request: LabelWithModelRequest) -> None:
        super().__init__(session)
        self._session, self._book, self._request = session, book, request
        self._before = {latent: label.id for latent, label in book.labels.items()}
        self._new: set[int] = set()
        self._named: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._show_new)

    @Slot(object)
    def take(self, step: ModelLabelStep) -> None:
        """A feature is finished."""
        if step.outcome.label is not None or step.outcome.scores:
            self._new.add(step.outcome.latent)
            self._named.add(step.outcome.latent)
            if not self._timer.isActive():
                self._timer.start()

    @Slot()
    def _show_new(self) -> None:
        new, self._new = self._new, set()
        if self._book is self._session.book:
            self._book.read_labels_again(new)

    def tell_result(self, result: LabelWithModelResult) -> None:
        """Say what the run came to."""
        is_complete = not (result.failures or result.left)
        kind = "info" if is_complete else "warning"
        told = Message(kind, result_sentence(result, self._request), about=(SAE,))  # type: ignore[arg-type]
        self._session.message.emit(told)

    @Slot(object)
    def end(self, outcome: object) -> None:
        """The task is over; also after a cancel, what is finished is shown."""
        self._timer.stop()
        if self._book is self._session.book and self._session.project is not None:
            self._book.reload()
            # Every label is scored without a chat model too.
            self._session.edited_labels.score(self._named)
            if isinstance(outcome, Stopped):
                named = features_named(self._count())
                self._session.tell(
                    f"Asking {self._request.model} was cancelled. {named}; the others can be "
                    "asked about later.",
                    (SAE,),
                )
        self.deleteLater()

    def _count(self) -> int:
        return sum(
            label.author == self._request.model and label.id != self._before.get(latent)
            for latent, label in self._book.labels.items()
        )


def result_sentence(result: LabelWithModelResult, request: LabelWithModelRequest) -> str:
    """What a run came to."""
    parts = [f"{features_named(result.labelled)} by {request.model}"]
    if request.score:
        judged = "label is judged" if result.scored == 1 else "labels are judged"
        parts.append(f"{result.scored:,} {judged}")
    used = f"{result.tokens_in + result.tokens_out:,} tokens were used"
    parts.append(used if result.money is None else f"{used}, {result.money:,.4f} of money")
    told = [", ".join(parts) + "."]
    if result.failures:
        told.append(failures_sentence([why for _, why in result.failures]))
    if result.left:
        told.append(f"{result.left:,} were not come to. {result.stopped}".strip())
    return " ".join(told)


def failures_sentence(reasons: list[str]) -> str:
    """How many features failed, and the most frequent reason."""
    many = len(reasons)
    (reason, count), *_ = Counter(reasons).most_common(1)
    features = "1 feature failed" if many == 1 else f"{many:,} features failed"
    return f"{features}: {reason}" if count == many else f"{features}, {count:,} of them: {reason}"


def features_named(count: int) -> str:
    """“3 features are named”."""
    return "1 feature is named" if count == 1 else f"{count:,} features are named"


def _waited_for(work: Callable[[], Result], control: TaskControl) -> Result:
    """What `work` returns; on a thread of its own, so that a cancel is heard meanwhile.

    A keyring may wait for its owner's password, and the name of a server for an answer.
    """
    came: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def do() -> None:
        try:
            came.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            came.put((None, error))

    threading.Thread(target=do, name="waits for others", daemon=True).start()
    while True:
        control.checkpoint()
        try:
            result, error = came.get(timeout=_LOOKS_S)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]
