"""The errors a person can meet, each a sentence.

    KnownError                 the world is not as it should be; the sentence says what to do
    ├── BadInput               a file, row or value that came from outside
    │   └── BadCheckpoint      an SAE file that cannot be used
    │       └── MissingK       it does not say how many features a document has
    ├── BadSetting             a setting outside its range, named
    ├── ProjectProblem         a project folder that cannot be opened or written
    │   ├── ProjectIsOpenElsewhere
    │   └── DamagedArtifact    a file of the project is not what was written
    ├── ModelProblem           an embedding model that cannot be found or trusted
    ├── OutOfRoom              disk or memory
    └── NothingToSearch        the query is empty, or the sliders cancel it

Everything that is not a KnownError is a bug: the window shows it with a button that copies
the details, the command line prints one line and writes the details to the log.
"""

from __future__ import annotations


class KnownError(Exception):
    """A condition the program is not to blame for, said in one sentence for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(KnownError):
    """A file, row or value from outside cannot be used; the sentence names it."""


class BadCheckpoint(BadInput):
    """An SAE file is incomplete, of unknown form, unsafe, or of the wrong width."""


class MissingK(BadCheckpoint):
    """An SAE file does not say how many latents are active for a document; a person has to."""


class BadSetting(KnownError):
    """A setting is outside its range; the sentence names the setting and the range."""


class ProjectProblem(KnownError):
    """A project folder cannot be opened, read or written."""


class ProjectIsOpenElsewhere(ProjectProblem):
    """Another process holds the project; it can still be opened read-only."""


class DamagedArtifact(ProjectProblem):
    """A file of the project is missing or differs from what was written."""


class ModelProblem(KnownError):
    """An embedding model cannot be found, loaded or trusted."""


class OutOfRoom(KnownError):
    """Not enough disk or memory; the sentence has both numbers."""


class NothingToSearch(KnownError):
    """The query is empty or its features cancel out."""
