"""What people do to the families of the SAE in use: each change is a step to undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from saedesk.errors import KnownError
from saedesk.features.families import family_editing
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import edge_weight
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.plain_table import one_line
from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.session.family_commands import FamilyEditsCommand
from saedesk.session.session import Message, Session


class FamilyEditor(QObject):
    """The part of `FamilyBook` that writes; the edits are stored in the project at once."""

    selected_changed = Signal(object)
    """The root of the selected family, or None."""
    refused = Signal(str)
    """A sentence: why something could not be done."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._sae: LoadedSae | None = None
        self._edits: dict[int, FamilyEdit] = {}
        self._by_root: dict[int, ShownFamily] = {}
        self._selected: int | None = None
        self._kept = FamilySettings(), FeatureFilter()

    def name(self, root: int) -> str:
        """What the family of a root is called."""
        raise NotImplementedError

    def _show(self) -> None:
        """Show the families with the edits as they are now."""
        raise NotImplementedError

    def family(self, root: int) -> ShownFamily | None:
        """The family of a root, hidden or not; None where there is none."""
        return self._by_root.get(root)

    @property
    def kept_settings(self) -> FamilySettings:
        """What the stored families were made with; the defaults before there are any."""
        return self._kept[0]

    @property
    def kept_filter(self) -> FeatureFilter:
        """The filter that the stored families were made with."""
        return self._kept[1]

    @property
    def hidden_count(self) -> int:
        """How many families are hidden, shown now or not."""
        return sum(one.hidden for one in self._by_root.values())

    @property
    def selected(self) -> int | None:
        """Root of the selected family. While thresholds are tried it may be among no families."""
        return self._selected

    def select(self, root: int | None) -> None:
        """Select a family by its root, or none."""
        if root != self._selected:
            self._selected = root
            self.selected_changed.emit(root)

    # -- edits, each a step to undo ------------------------------------------------------------

    def rename(self, root: int, text: str) -> None:
        """Give a family a name; "" takes it away, so that its label is shown again."""
        name = one_line(text)
        if len(name) > LONGEST_FAMILY_NAME:
            self._refuse(f"The name of a family has at most {LONGEST_FAMILY_NAME} characters.")
        elif root in self._by_root:
            title = f"Name of the family “{self.name(root)}”"
            self._push(title, family_editing.renaming(self._edits, root, name))

    def merge(self, roots: Iterable[int]) -> None:
        """Make one family of several, below the most general of their roots."""
        families = self._families_of(roots)
        if self._sae is not None:
            counts = np.asarray(self._sae.statistics.count)
            title = f"Merge {len(families):,} families"
            self._edit(title, family_editing.merging, families, counts, self._weight)

    def split(self, root: int, child: int) -> None:
        """Make a feature of a family, with all below it, a family of its own."""
        if (family := self._by_root.get(root)) is not None:
            self._edit("Split a family", family_editing.splitting, family, child)

    def set_pinned(self, roots: Iterable[int], pinned: bool) -> None:
        """Keep families as they are now whatever the thresholds, or no longer."""
        families = self._families_of(roots)
        title = f"{'Pin' if pinned else 'Unpin'} {_families_text(len(families))}"
        self._edit(title, family_editing.pinning, families, pinned)

    def set_hidden(self, roots: Iterable[int], hidden: bool) -> None:
        """Hide families, or show them again."""
        families = self._families_of(roots)
        title = f"{'Hide' if hidden else 'Show'} {_families_text(len(families))}"
        self._edit(title, family_editing.hiding, families, hidden)

    def restore(self, roots: Iterable[int]) -> None:
        """Undo all merging and splitting of families, however long ago it was done."""
        families = self._families_of(roots)
        title = f"Restore {_families_text(len(families))}"
        self._edit(title, family_editing.restoring, families)

    def _families_of(self, roots: Iterable[int]) -> list[ShownFamily]:
        return [self._by_root[root] for root in dict.fromkeys(roots) if root in self._by_root]

    def _weight(self, a: int, b: int) -> float:
        """Of an edge between two features, whether they were counted together or not."""
        assert self._sae is not None
        activations = self._sae.activations
        rows = activations.latent(a)[0], activations.latent(b)[0]
        together = np.array(len(np.intersect1d(*rows, assume_unique=True)))
        rarer, denser = sorted(len(one) for one in rows)
        weight = edge_weight(together, np.array(rarer), np.array(denser), self._kept[0])
        return float(weight)

    def _edit(self, title: str, editing: Callable[..., family_editing.Edits], *what: Any) -> None:
        try:
            self._push(title, editing(self._edits, *what))
        except KnownError as error:
            self._refuse(error.sentence)

    def _push(self, title: str, after: family_editing.Edits) -> None:
        if after:
            before = {root: self._edits.get(root) for root in after}
            self._session.undo.push(FamilyEditsCommand(self, title, before, after))

    def store_edits(self, edits: Mapping[int, FamilyEdit | None]) -> bool:
        """For the commands: whether these edits could be written."""
        assert self._sae is not None
        try:
            self._session.opened_project().family_edits.put(self._sae.hash, edits)
        except KnownError as error:
            self._refuse(error.sentence)
            return False
        for root, edit in edits.items():
            self._edits.pop(root, None)
            if edit is not None:
                self._edits[root] = edit
        self._show()
        self._follow_merge()
        self._measure_soon()
        return True

    def _measure_soon(self) -> None:
        """What was edited is measured again once nothing more is edited."""
        raise NotImplementedError

    def _follow_merge(self) -> None:
        """The selected family is another one, or none, once it is no family of its own."""
        if self._selected is not None and self._selected not in self._by_root:
            edit = self._edits.get(self._selected)
            self.select(None if edit is None else edit.merged_into)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self.refused.emit(sentence)
        self._session.message.emit(Message("warning", sentence))


def _families_text(count: int) -> str:
    return f"{count:,} famil" + ("y" if count == 1 else "ies")
