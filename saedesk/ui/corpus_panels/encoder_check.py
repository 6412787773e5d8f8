"""Questions to the lane about encoders: which there are, and whether a named one fits."""

from __future__ import annotations

from saedesk.embedding.known_models import KnownModel, is_on_this_computer, known_models
from saedesk.errors import KnownError
from saedesk.jobs.vectors_of_model import model_named
from saedesk.task_control import TaskControl

NOT_HERE = (
    "No encoder “{}” is on this computer. Choose one of those that are, or the folder with its "
    "files, or leave this empty."
)
FITS = "It is on this computer. What you type in Search is embedded with it."


def list_encoders(control: TaskControl) -> tuple[KnownModel, ...]:
    """The encoders on this computer."""
    return known_models()


class EncoderCheck:
    """Whether an encoder is on this computer and gives vectors of a width."""

    def __init__(self, name: str, width: int) -> None:
        self._name, self._width = name, width

    def __call__(self, control: TaskControl) -> str:
        """A sentence why it cannot be the one; "" where nothing speaks against it."""
        if not is_on_this_computer(self._name):
            return NOT_HERE.format(self._name[:120])
        control.checkpoint()
        try:
            model_named(self._name, self._width)
        except KnownError as error:
            return error.sentence
        return ""
