"""A quick look into a folder: what lies in it, nearest first, as far as a moment allows."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 3
MOST_ENTRIES = 500
LONGEST_SECONDS = 0.2


class FolderLook:
    """Looks into folders three levels down, within one budget of entries and seconds.

    The window waits for it, so it rather knows too little than takes long.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries_left = MOST_ENTRIES
        self._until = time.monotonic() + LONGEST_SECONDS
        self.saw_all = True
        """Whether nothing was left out so far, for whatever reason."""

    @property
    def is_over(self) -> bool:
        """Whether the budget is used up."""
        return self._entries_left <= 0 or time.monotonic() > self._until

    def folders(self) -> Iterator[list[Path]]:
        """The files of one folder after the other, the folder itself first."""
        waiting = deque([(self._folder, 0)])
        while waiting:
            folder, depth = waiting.popleft()
            if self.is_over:
                self.saw_all = False
                return
            files, below = self._entries_of(folder)
            if depth < DEEPEST:
                waiting.extend((one, depth + 1) for one in below)
            elif below:
                self.saw_all = False
            yield files

    def _entries_of(self, folder: Path) -> tuple[list[Path], list[Path]]:
        files, below = [], []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self.is_over:
                        self.saw_all = False
                        break
                    self._entries_left -= 1
                    if entry.is_file():
                        files.append(Path(entry.path))
                    elif entry.is_dir() and not entry.name.startswith("."):
                        below.append(Path(entry.path))
        except OSError:
            self.saw_all = False
        return files, below
