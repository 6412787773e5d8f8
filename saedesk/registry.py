"""A name -> thing table that other packages can add to."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from saedesk.errors import BadSetting

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind by name: built-ins and entry points of other distributions.

    `group` is the entry-point group, e.g. "saedesk.architectures"; entry points are read on
    first use. A name taken twice raises ValueError, because the later one would hide the first.
    """

    def __init__(self, kind: str, group: str) -> None:
        self._kind = kind
        self._group = group
        self._things: dict[str, T] = {}
        self._entry_points_read = False

    def add(self, name: str, thing: T) -> T:
        """Register `thing` under `name` and return it."""
        if name in self._things:
            raise ValueError(f"two {self._kind}s are called {name!r}")
        self._things[name] = thing
        return thing

    def get(self, name: str) -> T:
        """The thing called `name`; raises BadSetting naming those there are."""
        self._read_entry_points()
        if name not in self._things:
            known = ", ".join(sorted(self._things))
            raise BadSetting(f"There is no {self._kind} called “{name}”. There are: {known}.")
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        self._read_entry_points()
        return iter(sorted(self._things))

    def _read_entry_points(self) -> None:
        if self._entry_points_read:
            return
        self._entry_points_read = True
        for entry in entry_points(group=self._group):
            self.add(entry.name, entry.load())
