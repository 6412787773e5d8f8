"""Looking at an SAE of another library before it is loaded; runs beside the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.sae.formats.foreign_format import SaeDescription


@dataclass(frozen=True)
class SeenSae:
    """What lies at a place."""

    choices: tuple[Path, ...]
    """All SAEs there, sorted; one at least."""
    description: SaeDescription
    """Of the one that was looked at."""


@dataclass(frozen=True)
class LookAtPath:
    """Describes the SAE at a path, or the first of several; raises BadCheckpoint."""

    path: Path
    choices: tuple[Path, ...] = ()
    """Those there, where they are known; `path` is then one of them."""

    def __call__(self, control: TaskControl) -> SeenSae:
        from saedesk.sae.formats.any_format import find_saes, inspect_sae

        choices = self.choices or find_saes(self.path) or (self.path,)
        control.checkpoint()
        chosen = self.path if self.path in choices else choices[0]
        return SeenSae(choices, inspect_sae(chosen))


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
